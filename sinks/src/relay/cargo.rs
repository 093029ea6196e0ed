//! Reads content part by part, from memory or from its side file.
//!
//! Rule: however large a mail is, one part of it is in hand; a file that is shorter than its mail is an error, not a
//! shorter mail.

use std::{io, ops::Range, sync::Arc};

use postrider_engine::{Content, Piece, SideFile};

use super::settings::CONTENT_CHUNK;

/// Content on its way out.
pub(super) struct Cargo<'a> {
    pieces: &'a [Piece],
    /// Octets of the first piece that are out already.
    done: u64,
    buffer: Vec<u8>,
}

impl<'a> Cargo<'a> {
    /// All of the content, from its first octet.
    pub fn new(content: &'a Content) -> Self {
        Cargo { pieces: content.pieces(), done: 0, buffer: Vec::new() }
    }

    /// The next part: at least one octet, at most `at_most` and [`CONTENT_CHUNK`]; `None` at the end.
    ///
    /// # Errors
    /// Those of reading a side file.
    pub async fn next(&mut self, at_most: u64) -> io::Result<Option<&[u8]>> {
        while let Some((piece, others)) = self.pieces.split_first() {
            let left = piece.len().saturating_sub(self.done);
            if left == 0 {
                (self.pieces, self.done) = (others, 0);
                continue;
            }
            let length = usize::try_from(left.min(at_most)).unwrap_or(usize::MAX).min(CONTENT_CHUNK);
            let from = self.done;
            self.done += length as u64;
            return match piece {
                Piece::Memory(octets) => Ok(octets.get(from as usize..).and_then(|rest| rest.get(..length))),
                Piece::Side(file, range) => {
                    let start = range.start + from;
                    let buffer = std::mem::take(&mut self.buffer);
                    self.buffer = read(Arc::clone(file), start..start + length as u64, buffer).await?;
                    Ok(Some(&self.buffer))
                }
            };
        }
        Ok(None)
    }
}

/// Reads a range of a side file on a thread that may wait for the disk. The buffer comes back full.
async fn read(file: Arc<dyn SideFile>, range: Range<u64>, mut buffer: Vec<u8>) -> io::Result<Vec<u8>> {
    let reading = tokio::task::spawn_blocking(move || {
        buffer.resize((range.end - range.start) as usize, 0);
        let mut filled = 0;
        while filled < buffer.len() {
            match file.read_at(range.start + filled as u64, &mut buffer[filled..])? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                n => filled += n,
            }
        }
        Ok(buffer)
    });
    reading.await.map_err(io::Error::other)?
}

#[cfg(test)]
mod tests {
    use super::{super::tests::side_file, *};

    #[tokio::test]
    async fn parts_are_never_above_their_limit_and_make_the_whole() {
        let mut content = Content::new("header\r\n\r\n");
        content.push(Piece::Memory(Vec::new().into()));
        content.push(Piece::Side(side_file(b"0123456789"), 2..9));
        let (mut cargo, mut all) = (Cargo::new(&content), Vec::new());
        while let Some(part) = cargo.next(4).await.unwrap() {
            assert!((1..=4).contains(&part.len()));
            all.extend_from_slice(part);
        }
        assert_eq!(all, b"header\r\n\r\n2345678");
    }

    #[tokio::test]
    async fn a_side_file_that_is_too_short_is_an_error() {
        let content = Content::from_pieces(vec![Piece::Side(side_file(b"01"), 0..3)]);
        assert_eq!(Cargo::new(&content).next(9).await.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }
}
