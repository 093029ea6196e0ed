//! Dots that were doubled, as in SMTP (RFC 5321, 4.5.2), taken out of a file.
//!
//! Rule: nothing is cut off in silence. What stands behind the dot that ends the mail is a mistake of the file.

use super::{FileCode, FileProblem};

/// The octets without doubled dots and without the dot that ends them, if there is one.
pub(super) fn unstuffed(octets: &[u8]) -> Result<Vec<u8>, FileProblem> {
    let mut plain = Vec::with_capacity(octets.len());
    let mut rest = octets;
    let mut number = 1;
    while !rest.is_empty() {
        let end = memchr::memchr(b'\n', rest).map_or(rest.len(), |at| at + 1);
        let (line, behind) = rest.split_at(end);
        match line {
            b"." | b".\n" | b".\r\n" if is_blank(behind) => return Ok(plain),
            b"." | b".\n" | b".\r\n" => {
                let text =
                    "a dot alone ends the mail, and more stands behind it: double dots at the beginning of lines, \
                            or set dots = \"plain\" for this folder";
                return Err(FileProblem::new(FileCode::BehindTheDot, text).in_line(number));
            }
            [b'.', text @ ..] => plain.extend_from_slice(text),
            line => plain.extend_from_slice(line),
        }
        (rest, number) = (behind, number + 1);
    }
    Ok(plain)
}

/// Programs end files with empty lines.
fn is_blank(octets: &[u8]) -> bool {
    octets.iter().all(u8::is_ascii_whitespace)
}
