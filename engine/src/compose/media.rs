//! What kind of thing an attachment is, and its octets as a part of a mail carries them.
//!
//! Rule: whatever the octets are, the encoded form has lines that every host passes on unchanged.

use bytes::Bytes;
use mail_builder::encoders::{Base64Encoder, QuotedPrintableEncoder};

use super::ComposeError;
use crate::MAX_HEADER_LINE;

/// A mail within a mail (RFC 2046, 5.2.1).
pub(super) const MESSAGE: &str = "message/rfc822";
/// What is known of nothing (RFC 2046, 4.5.1).
const OCTETS: &str = "application/octet-stream";
/// Octets of a media type: RFC 6838, 4.2 gives each half 127.
const MAX_MEDIA_TYPE: usize = 255;
/// Octets of a line of text that goes out as it is; what has longer ones is encoded (RFC 5322, 2.1.1).
const PLAIN_LINE: usize = 78;
/// Of so many octets of a text, one may be beyond ASCII for it still to be shorter, and readable, as quoted-printable.
const QUOTED_SHARE: usize = 5;

/// The type by the extension of the file name, else by the first octets, else unknown octets.
pub(super) fn type_of(name: &str, octets: &[u8]) -> String {
    let by_name = mime_guess::from_path(name).first_raw();
    let by_octets = || infer::get(octets).map(|kind| kind.mime_type());
    by_name.or_else(by_octets).filter(|kind| is_for_files(kind)).unwrap_or(OCTETS).to_owned()
}

/// Of composite types only a mail: what else there is may not be encoded, and nobody knows how to send it otherwise.
fn is_for_files(kind: &str) -> bool {
    kind == MESSAGE || (!kind.starts_with("message/") && checked_type("", kind).is_ok())
}

/// `type/subtype`, both tokens (RFC 2045, 5.1), in lower case. Composite types are not for attachments.
pub(super) fn checked_type(field: &'static str, text: &str) -> Result<String, ComposeError> {
    const WHAT: &str = "a media type: write it without parameters, as image/png";
    let is_good = |half: &str| !half.is_empty() && half.bytes().all(is_token);
    let halves = text.split_once('/').filter(|(kind, subtype)| is_good(kind) && is_good(subtype));
    match halves {
        Some((kind, _)) if text.len() <= MAX_MEDIA_TYPE && !kind.eq_ignore_ascii_case("multipart") => {
            Ok(text.to_ascii_lowercase())
        }
        _ => Err(ComposeError::value(field, text, WHAT)),
    }
}

/// The characters of a token (RFC 2045, 5.1).
pub(super) fn is_token(octet: u8) -> bool {
    octet.is_ascii_graphic() && !b"()<>@,;:\\\"/[]?=".contains(&octet)
}

/// Octets as a part has them.
#[derive(Clone, Debug)]
pub(super) struct Encoded {
    /// The value of `Content-Transfer-Encoding` (RFC 2045, 6).
    pub(super) how: &'static str,
    pub(super) octets: Bytes,
}

impl Encoded {
    /// Any octets, as base64.
    pub(super) fn base64(octets: &[u8]) -> Self {
        let mut encoded = Vec::with_capacity(octets.len().div_ceil(57) * 78);
        Base64Encoder::new().wrap_lines().encode_into(octets, &mut encoded);
        Encoded { how: "base64", octets: encoded.into() }
    }

    /// A text, with CRLF behind each line: as it is if it is plain, else quoted-printable, else, if that is neither
    /// readable nor shorter or the text has controls, base64.
    pub(super) fn text(text: &str) -> Self {
        let lines = with_crlf(text.as_bytes());
        let beyond = lines.iter().filter(|octet| **octet > 126).count();
        let is_control = |octet: &u8| octet.is_ascii_control() && !b"\t\r\n".contains(octet);
        if beyond * QUOTED_SHARE > lines.len() || lines.iter().any(is_control) {
            return Encoded::base64(&lines);
        }
        if beyond == 0 && lines.split(|octet| *octet == b'\n').all(is_plain_line) {
            return Encoded { how: "7bit", octets: lines.into() };
        }
        let mut encoded = Vec::with_capacity(lines.len() + lines.len() / 8);
        QuotedPrintableEncoder::new().preserve_line_breaks().encode_into(&lines, &mut encoded);
        Encoded { how: "quoted-printable", octets: encoded.into() }
    }

    /// A mail within a mail, which may not be encoded (RFC 2046, 5.2.1); `None`: its lines are not such that it can do
    /// without.
    pub(super) fn message(octets: &[u8]) -> Option<Self> {
        let lines = with_crlf(octets);
        let is_short = |line: &[u8]| line.strip_suffix(b"\r").unwrap_or(line).len() <= MAX_HEADER_LINE;
        if lines.contains(&0) || !lines.split(|octet| *octet == b'\n').all(is_short) {
            return None;
        }
        let how = if lines.is_ascii() { "7bit" } else { "8bit" };
        Some(Encoded { how, octets: lines.into() })
    }
}

/// Short, and without blanks at its end, which some hosts take off. Its CR is still there.
fn is_plain_line(line: &[u8]) -> bool {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    line.len() <= PLAIN_LINE && !line.ends_with(b" ") && !line.ends_with(b"\t")
}

/// The same with CRLF for each CRLF, CR or LF (RFC 5322, 2.3).
pub(super) fn with_crlf(octets: &[u8]) -> Vec<u8> {
    let mut whole = Vec::with_capacity(octets.len() + octets.len() / 32);
    let mut rest = octets;
    while let Some(at) = memchr::memchr2(b'\r', b'\n', rest) {
        whole.extend_from_slice(&rest[..at]);
        whole.extend_from_slice(b"\r\n");
        rest = rest[at..].strip_prefix(b"\r\n").unwrap_or(&rest[at + 1..]);
    }
    whole.extend_from_slice(rest);
    whole
}

/// The charset of an attached text, if it is sure.
pub(super) fn charset_of(media_type: &str, octets: &[u8]) -> Option<&'static str> {
    if !media_type.starts_with("text/") {
        None
    } else if octets.is_ascii() {
        Some("us-ascii")
    } else {
        std::str::from_utf8(octets).is_ok().then_some("utf-8")
    }
}
