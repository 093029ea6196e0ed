//! Text, put into RTF so that it comes out again as it was (\[MS-OXRTFEX\]), and so that who knows only RTF reads it.
//!
//! Rule: [`original`](crate::rtf::original) gives the text, with each end of a line as CRLF.

use super::escape;
use crate::{Allowance, ConvertError, Limits};

const TEXT_HEAD: &str = "{\\rtf1\\ansi\\ansicpg1252\\fromtext \\deff0{\\fonttbl{\\f0\\fmodern Courier New;}}\\uc1\\pard\\plain\\deftab360 \\f0\\fs20 ";

/// The RTF in which this text is, and which shows it. Lines may end with CRLF, LF or CR. A NUL has no place in RTF, and goes.
///
/// # Errors
/// [`ConvertError`]: a limit is reached.
///
/// ```
/// use postrider_convert::{rtf::{self, Original}, Limits};
/// let rtf = rtf::from_text("a\n\tb {c}", Limits::default())?;
/// assert_eq!(rtf::original(&rtf, Limits::default())?.output, Some(Original::Text("a\r\n\tb {c}".into())));
/// # Ok::<(), postrider_convert::ConvertError>(())
/// ```
pub fn from_text(text: &str, limits: Limits) -> Result<Vec<u8>, ConvertError> {
    let mut left = Allowance::new(limits);
    let mut rtf = TEXT_HEAD.to_owned();
    for (at, line) in lines(text).enumerate() {
        let before = rtf.len();
        if at > 0 {
            rtf.push_str("\\par\r\n");
        }
        escape::text(&mut rtf, line);
        left.step(line.len())?;
        left.make(rtf.len() - before)?;
    }
    rtf.push_str("}\r\n");
    Ok(rtf.into_bytes())
}

/// The lines of a text; what stands behind the last end is one, too.
pub(super) fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let Some(at) = text.find(['\r', '\n']) else { return rest.take() };
        let length = if text[at..].starts_with("\r\n") { 2 } else { 1 };
        rest = Some(&text[at + length..]);
        Some(&text[..at])
    })
}
