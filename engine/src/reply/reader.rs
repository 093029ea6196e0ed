//! Reads a peer's replies: octets in, replies out.
//!
//! Rule: it takes one reply and leaves all that follows where it is; whatever a peer sends, it ends, within named
//! limits. Peers are taken as they are: a bare LF ends a line, and text or enhanced code may be missing.

use bytes::{Buf, BytesMut};
use memchr::memchr;
use thiserror::Error;

use super::{Enhanced, Reply};

/// Octets in a line of a peer's reply. RFC 5321, 4.5.3.1.5 gives 512; real servers write links and more into theirs.
pub const MAX_REPLY_LINE: usize = 2048;
/// Lines in one reply. The longest real ones are EHLO replies and policy texts, of less than 40.
pub const MAX_REPLY_LINES: usize = 128;
/// Octets of one reply in all.
pub const MAX_REPLY: usize = 32 * 1024;

/// Why what a peer sent is no reply. The dialogue cannot go on: it is not known where the next reply begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ReplyError {
    /// A line that does not begin with a code from 200 to 599 and then a blank, a hyphen or its end.
    #[error("the peer sent a line that is no reply")]
    Syntax,
    /// Lines of one reply with different codes (RFC 5321, 4.2.1).
    #[error("the lines of a reply have different codes")]
    CodesDiffer,
    /// A line above [`MAX_REPLY_LINE`].
    #[error("a line of a reply is too long")]
    LineTooLong,
    /// More than [`MAX_REPLY_LINES`] lines, or above [`MAX_REPLY`] octets.
    #[error("a reply is too long")]
    TooLong,
}

/// Reads replies one after the other. After an error it gives that error for ever.
#[derive(Debug, Default)]
pub struct ReplyReader {
    code: Option<u16>,
    enhanced: Option<Enhanced>,
    text: String,
    lines: usize,
    octets: usize,
    failed: Option<ReplyError>,
}

/// One line of a reply, taken apart.
struct Line<'a> {
    code: u16,
    goes_on: bool,
    text: &'a [u8],
}

impl ReplyReader {
    /// A reader before its first reply.
    pub fn new() -> Self {
        Self::default()
    }

    /// Some lines of a reply were read, but not its last: the peer may not be taken for idle.
    pub fn is_within_reply(&self) -> bool {
        self.code.is_some()
    }

    /// The next whole reply; `None` as long as octets are missing. What follows the reply stays in `input`.
    ///
    /// # Errors
    /// [`ReplyError`] when what came is no reply; from then on always.
    pub fn next(&mut self, input: &mut BytesMut) -> Option<Result<Reply, ReplyError>> {
        if let Some(error) = self.failed {
            return Some(Err(error));
        }
        let result = self.lines(input).transpose()?;
        self.failed = result.as_ref().err().copied();
        Some(result)
    }

    fn lines(&mut self, input: &mut BytesMut) -> Result<Option<Reply>, ReplyError> {
        loop {
            let Some(end) = memchr(b'\n', &input[..input.len().min(MAX_REPLY_LINE)]) else {
                return if input.len() < MAX_REPLY_LINE { Ok(None) } else { Err(ReplyError::LineTooLong) };
            };
            let whole = &input[..end];
            let goes_on = self.line(whole.strip_suffix(b"\r").unwrap_or(whole))?;
            self.octets += end + 1;
            input.advance(end + 1);
            if !goes_on {
                return Ok(self.finish());
            }
            if self.lines >= MAX_REPLY_LINES || self.octets > MAX_REPLY {
                return Err(ReplyError::TooLong);
            }
        }
    }

    /// Takes one line in; says whether another follows.
    fn line(&mut self, octets: &[u8]) -> Result<bool, ReplyError> {
        let line = split(octets).ok_or(ReplyError::Syntax)?;
        if self.code.is_some_and(|code| code != line.code) {
            return Err(ReplyError::CodesDiffer);
        }
        self.code = Some(line.code);
        // Controls go first: what is behind one must not read as another thing once it is a blank.
        let blank = |c: char| if c.is_control() { ' ' } else { c };
        let text: String = String::from_utf8_lossy(line.text).chars().map(blank).collect();
        let (enhanced, text) = split_enhanced(line.code, &text);
        self.enhanced = self.enhanced.or(enhanced);
        if self.lines > 0 {
            self.text.push('\n');
        }
        self.lines += 1;
        self.text.push_str(text.trim_end());
        Ok(line.goes_on)
    }

    /// Gives the reply and is as new.
    fn finish(&mut self) -> Option<Reply> {
        let done = std::mem::take(self);
        done.code.map(|code| Reply { code, enhanced: done.enhanced, text: done.text.into() })
    }
}

/// Code, sign and text of a line.
fn split(line: &[u8]) -> Option<Line<'_>> {
    let (digits, rest) = line.split_at_checked(3)?;
    let is_code = matches!(digits[0], b'2'..=b'5') && digits.iter().all(u8::is_ascii_digit);
    let code = digits.iter().fold(0, |code, digit| code * 10 + u16::from(digit.wrapping_sub(b'0')));
    let (goes_on, text) = match rest {
        [] => (false, rest),
        [b' ', text @ ..] => (false, text),
        [b'-', text @ ..] => (true, text),
        _ => return None,
    };
    is_code.then_some(Line { code, goes_on, text })
}

/// Takes the enhanced code off the front of the text, if there is one of the reply's own class (RFC 2034, 4).
fn split_enhanced(code: u16, text: &str) -> (Option<Enhanced>, &str) {
    let (first, behind) = text.split_once(' ').unwrap_or((text, ""));
    match parse_enhanced(first) {
        Some(found) if u16::from(found.0) == code / 100 => (Some(found), behind),
        _ => (None, text),
    }
}

/// `class.subject.detail`, one to three digits each (RFC 3463, 2).
fn parse_enhanced(text: &str) -> Option<Enhanced> {
    let number = |part: Option<&str>| {
        let part = part.filter(|part| part.len() <= 3 && part.bytes().all(|c| c.is_ascii_digit()))?;
        part.parse::<u16>().ok()
    };
    let mut parts = text.split('.');
    let (class, subject, detail) = (number(parts.next())?, number(parts.next())?, number(parts.next())?);
    parts.next().is_none().then_some(Enhanced(u8::try_from(class).ok()?, subject, detail))
}
