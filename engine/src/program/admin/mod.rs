//! What an operator asks a running engine, by the same socket as programs: is all well, what waits and why, let it go.
//!
//! Rule: only the user that the engine runs as and root may ask; whoever may only open the socket may send, and no more.
//! What may be long is listed in portions, so no answer grows with the queue.

mod answer;
mod request;
#[cfg(test)]
mod tests;

pub use answer::{AdminAnswer, Audited, HeldLine, MailPlace, QueuedMail, QueuedRecipient, Sink};
pub(super) use request::KNOWN;
pub use request::{AdminRequest, WhichMail};

use super::{Code, Problem};
use crate::QueueId;

/// Lines of a portion, if nothing is said.
pub const USUAL_PORTION: usize = 100;
/// Lines of a portion at most.
pub const MOST_PORTION: usize = 1000;
/// Recipients that are named with a mail; how the others stand `status` tells.
pub const MOST_NAMED: usize = 100;
/// Octets of a text about one of them: so many fit into a line.
pub const MAX_SHORT_TEXT: usize = 400;
/// Strays that an audit names.
pub const MOST_STRAYS: usize = 1000;

/// Whether this user may ask, where the engine runs as `owner`. A user of whom nothing is known may not.
pub fn may_administer(user: Option<u32>, owner: u32) -> bool {
    user.is_some_and(|user| user == 0 || user == owner)
}

/// What anybody else hears.
pub fn not_permitted(owner: u32) -> Problem {
    let text = format_args!(
        "only root and the user that the engine runs as (user id {owner}) may ask this: do it as one of them, with sudo for example"
    );
    Problem::new(Code::NotPermitted, text)
}

/// This is what only operators ask.
pub(super) fn is_known(what: &str) -> bool {
    KNOWN.contains(&what)
}

/// How many lines a portion has for whoever asks for so many.
pub fn portion(asked: Option<usize>) -> usize {
    asked.unwrap_or(USUAL_PORTION).clamp(1, MOST_PORTION)
}

/// A portion of what is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Portion<T> {
    /// Some of it, by rising numbers.
    pub lines: Vec<T>,
    /// Ask again with this as `after`; `None`: that was all.
    pub next: Option<QueueId>,
}

impl<T> Portion<T> {
    /// These lines, and where it goes on.
    pub fn new(lines: Vec<T>, next: Option<QueueId>) -> Self {
        Portion { lines, next }
    }
}
