//! What was said between a peer and its clients, and how a person reads it.

use std::{collections::VecDeque, fmt, time::Duration};

use postrider_engine::Moment;

/// Lines that are remembered; older ones are dropped. Enough for five days of retries of a few mails.
pub const MOST_LINES: usize = 10_000;

/// Characters of a line that are remembered.
const LONGEST_LINE: usize = 500;

/// Who said a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Speaker {
    /// The client: the engine, or whatever sends to this peer.
    Client,
    /// The peer.
    Peer,
    /// Nobody: it is what happened.
    Event,
}

/// A line of a dialogue. Content is told by its size.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Line {
    /// When it was said.
    pub at: Moment,
    /// Over which connection, counted from 1.
    pub connection: u64,
    /// By whom.
    pub speaker: Speaker,
    /// What, without the end of the line.
    pub text: String,
}

impl Line {
    pub(super) fn new(at: Moment, connection: u64, speaker: Speaker, text: &str) -> Self {
        Line { at, connection, speaker, text: text.chars().take(LONGEST_LINE).collect() }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let who = match self.speaker {
            Speaker::Client => "C:",
            Speaker::Peer => "S:",
            Speaker::Event => "--",
        };
        write!(f, "#{} {who} {}", self.connection, self.text)
    }
}

/// All lines that are remembered.
#[derive(Debug, Default)]
pub(super) struct Dialogue(VecDeque<Line>);

impl Dialogue {
    pub fn note(&mut self, line: Line) {
        if self.0.len() == MOST_LINES {
            self.0.pop_front();
        }
        self.0.push_back(line);
    }

    pub fn lines(&self) -> Vec<Line> {
        self.0.iter().cloned().collect()
    }
}

/// The lines, one below the other, each with the time since the first.
pub(in crate::testing) fn told(lines: &[Line]) -> String {
    let Some(first) = lines.first() else { return "  nobody has connected\n".into() };
    lines.iter().map(|line| format!("  {} {line}\n", Since(first.at.until(line.at)))).collect()
}

/// `+5d 04:00:30.000`
struct Since(Duration);

impl fmt::Display for Since {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, millis) = (self.0.as_secs(), self.0.subsec_millis());
        let (days, h, m, s) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
        write!(f, "+{days}d {h:02}:{m:02}:{s:02}.{millis:03}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dialogue_is_told_with_the_time_since_its_beginning() {
        let line = |at, text| Line::new(Moment(at), 1, Speaker::Client, text);
        let told = told(&[line(1000, "EHLO a"), line(1000 + 97_230_004, "QUIT")]);
        assert_eq!(told, "  +0d 00:00:00.000 #1 C: EHLO a\n  +1d 03:00:30.004 #1 C: QUIT\n");
    }

    #[test]
    fn a_dialogue_that_goes_on_for_ever_does_not_grow_for_ever() {
        let mut dialogue = Dialogue::default();
        for n in 0..MOST_LINES as u64 + 5 {
            dialogue.note(Line::new(Moment(n), 1, Speaker::Peer, &"x".repeat(2 * LONGEST_LINE)));
        }
        let lines = dialogue.lines();
        assert_eq!((lines.len(), lines[0].at, lines[0].text.len()), (MOST_LINES, Moment(5), LONGEST_LINE));
    }
}
