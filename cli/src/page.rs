//! What is written for people and for programs: lines on standard output.
//!
//! Rule: what came from outside never moves the cursor: controls are shown as `?`. JSON is one object a line, whole; for
//! people texts are cut.

use std::io::{self, BufWriter, ErrorKind, StdoutLock, Write};

use postrider::Moment;

use crate::{
    exit,
    failure::{Done, Failure},
};

/// Characters of a text that people read in a line.
const LONGEST: usize = 120;

/// Standard output.
pub struct Page(BufWriter<StdoutLock<'static>>);

impl Page {
    /// Nothing is written yet.
    pub fn new() -> Self {
        Page(BufWriter::new(io::stdout().lock()))
    }

    /// One line for people.
    pub fn line(&mut self, text: impl std::fmt::Display) -> Done {
        writeln!(self.0, "{}", text.to_string().trim_end()).map_err(|error| not_written(&error))
    }

    /// One line of JSON.
    pub fn json(&mut self, value: &serde_json::Value) -> Done {
        writeln!(self.0, "{value}").map_err(|error| not_written(&error))
    }

    /// All is written.
    pub fn end(mut self) -> Done {
        self.0.flush().map_err(|error| not_written(&error))
    }
}

/// A reader that has seen enough (`head`) is no failure.
fn not_written(error: &io::Error) -> Failure {
    match error.kind() {
        ErrorKind::BrokenPipe => Failure::new(exit::OK, ""),
        _ => Failure::new(exit::IO, format_args!("standard output cannot be written: {error}")),
    }
}

/// A value of the library as JSON.
pub fn value(of: &impl serde::Serialize) -> serde_json::Value {
    serde_json::to_value(of).unwrap_or_default() // all keys are texts, so it cannot fail
}

/// A text from outside, in one line and not too long.
pub fn shown(text: &str) -> String {
    let mut shown: String = harmless(text).take(LONGEST).collect();
    if text.chars().nth(LONGEST).is_some() {
        shown.push_str("...");
    }
    shown
}

/// A text of ours that quotes what is from outside, in one line and whole.
pub fn told(text: &str) -> String {
    harmless(text).collect()
}

fn harmless(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars().map(|c| if is_harmful(c) { '?' } else { c })
}

/// Controls, and what turns the direction of the text around it.
fn is_harmful(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Octets for people.
pub fn size(octets: u64) -> String {
    match octets {
        0..=9_999 => format!("{octets} B"),
        10_000..=9_999_999 => format!("{} kB", octets / 1000),
        _ => format!("{} MB", octets / 1_000_000),
    }
}

/// A number of things: `1 mail`, `2 mails`.
pub fn counted(count: usize, of: &str) -> String {
    format!("{count} {of}{}", if count == 1 { "" } else { "s" })
}

/// A time for people, in UTC, without the day of the week.
pub fn time(at: u64) -> String {
    let whole = Moment(at).rfc5322();
    let time = whole.split_once(", ").map_or(&*whole, |(_, time)| time);
    time.trim_end_matches(" +0000").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_from_outside_moves_no_cursor_and_has_an_end() {
        assert_eq!(shown("550 \u{1b}[2Jno\r\n\u{202e}such"), "550 ?[2Jno???such");
        assert_eq!(shown(&"ü".repeat(500)), format!("{}...", "ü".repeat(LONGEST)));
        assert_eq!(shown(&"x".repeat(LONGEST)), "x".repeat(LONGEST));
    }

    #[test]
    fn sizes_and_counts_are_for_people() {
        let sizes = [(0, "0 B"), (9_999, "9999 B"), (10_000, "10 kB"), (12_345_678, "12 MB")];
        sizes.into_iter().for_each(|(octets, text)| assert_eq!(size(octets), text));
        assert_eq!(time(1_795_156_274_000), "20 Nov 2026 06:31:14");
        assert_eq!((counted(1, "mail"), counted(2, "mail")), ("1 mail".into(), "2 mails".into()));
    }
}
