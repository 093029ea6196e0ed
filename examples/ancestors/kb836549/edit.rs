//! The work of a sink, which is the same in the engine and in the ancestor's design: it reads the whole mail, takes its
//! time, and puts a line on top that says who it was, and the checksum of all it saw.
//!
//! Rule: what is below a line is what the sink of that line saw, octet for octet; so a mail tells by itself who edited it,
//! in which order, and whether an edit got lost.

use std::time::Duration;

use super::mail::{draw, sum, AttemptId};

const EDIT: &[u8] = b"X-Edit: ";

/// Who edits, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The name of the event.
    pub event: String,
    /// The sink and its generation.
    pub label: String,
}

/// The line of this sink for a mail that it sees like this.
pub fn line(event: &str, label: &str, seen: &[u8]) -> String {
    format!("X-Edit: {event} {label} {:016x}\r\n", sum(seen))
}

/// How long a sink takes after it has read, and after it has written.
pub fn pauses(event: &str, label: &str, seen: &[u8]) -> [Duration; 2] {
    let of = AttemptId::found_in(seen).map(|(id, _)| id);
    let one = |which: &str| Duration::from_micros(draw(6000, (of, event, label, which)));
    [one("read"), one("written")]
}

/// Who has edited this mail, the first first, and what was edited.
///
/// # Errors
/// A line that does not say what is below it.
pub fn undone(mut content: &[u8]) -> Result<(Vec<Edit>, &[u8]), String> {
    let mut edits = Vec::new();
    while content.starts_with(EDIT) {
        let end = content.windows(2).position(|here| here == b"\r\n").ok_or("a line without an end")?;
        let line = String::from_utf8_lossy(&content[EDIT.len()..end]).into_owned();
        content = &content[end + 2..];
        let words: Vec<&str> = line.split(' ').collect();
        let &[event, label, seen] = words.as_slice() else { return Err(format!("half a line: {line:?}")) };
        if seen != format!("{:016x}", sum(content)) {
            return Err(format!("{label} at {event} saw something else than what is below its line"));
        }
        edits.insert(0, Edit { event: event.to_owned(), label: label.to_owned() });
    }
    Ok((edits, content))
}
