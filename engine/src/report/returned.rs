//! What a report returns of the mail: all of it or its header, as the very octets that came in.

use memchr::memmem;

use crate::{Body, Content, Draft, Piece, Ret};

/// Octets of a returned header; what is longer is cut at the end of a line.
const HEADER: usize = 64 * 1024;

/// The third part of a report.
pub(super) struct Returned {
    whole: bool,
    /// The header may have UTF-8 in it (RFC 6532).
    global: bool,
    ascii: bool,
    content: Content,
}

impl Returned {
    /// The mail, or its header: if there is no `limit`, if the mail is larger, if the sender asked for no more, if it lies in
    /// a side file, or if its lines are none (BINARYMIME).
    pub(super) fn of(draft: &Draft, limit: Option<u64>) -> Self {
        let (envelope, content) = (&draft.envelope, &draft.content);
        let header = header(content);
        let in_memory = content.pieces().iter().all(|piece| matches!(piece, Piece::Memory(_)));
        let lines = envelope.body != Body::BinaryMime;
        let whole = envelope.ret != Some(Ret::Headers)
            && limit.is_some_and(|limit| content.len() <= limit)
            && in_memory
            && lines;
        let global = envelope.smtputf8 && !header.is_ascii();
        let content = if whole { content.clone() } else { Content::new(header) };
        Returned { whole, global, ascii: content.pieces().iter().all(is_ascii), content }
    }

    pub(super) fn is_whole(&self) -> bool {
        self.whole
    }

    pub(super) fn is_ascii(&self) -> bool {
        self.ascii
    }

    /// Its media type (RFC 6522, 4; RFC 6532, 3.7; RFC 6533, 6).
    pub(super) fn kind(&self) -> &'static str {
        match (self.whole, self.global) {
            (true, false) => "message/rfc822",
            (true, true) => "message/global",
            (false, false) => "text/rfc822-headers",
            (false, true) => "message/global-headers",
        }
    }

    /// The text is somewhere in it, also across the seams of its pieces.
    pub(super) fn contains(&self, text: &str) -> bool {
        let text = text.as_bytes();
        let overlap = text.len().saturating_sub(1);
        let mut seam = Vec::new();
        self.content.pieces().iter().any(|piece| {
            let Piece::Memory(octets) = piece else { return false };
            seam.extend_from_slice(&octets[..octets.len().min(overlap)]);
            let found = memmem::find(&seam, text).is_some() || memmem::find(octets, text).is_some();
            if octets.len() >= overlap {
                seam.clear();
                seam.extend_from_slice(&octets[octets.len() - overlap..]);
            }
            found
        })
    }

    /// The pieces of the mail itself, shared.
    pub(super) fn into_pieces(self) -> Vec<Piece> {
        self.content.pieces().to_vec()
    }
}

fn is_ascii(piece: &Piece) -> bool {
    matches!(piece, Piece::Memory(octets) if octets.is_ascii())
}

/// The header with its last CRLF, without the empty line. It is always in memory, at the front.
fn header(content: &Content) -> Vec<u8> {
    let mut head = Vec::new();
    for piece in content.pieces() {
        let Piece::Memory(octets) = piece else { break };
        head.extend_from_slice(&octets[..octets.len().min(HEADER - head.len())]);
    }
    let end = match memmem::find(&head, b"\r\n\r\n") {
        _ if head.starts_with(b"\r\n") => 0,
        Some(at) => at + 2,
        None => memmem::rfind(&head, b"\r\n").map_or(0, |at| at + 2),
    };
    head.truncate(end);
    head
}
