//! What a program sends: mail that it composes, octets that it has already, a draft of its own making.
//!
//! Rule: whatever becomes a draft here has been checked; nothing that a program passes as a value can end a header field or
//! a command line.

mod error;

pub use error::ComposeError;

use crate::{Door, Draft, Moment};

/// What is made of something else when it is sent: the time, and what no other mail has.
#[derive(Clone, Copy, Debug)]
pub struct Making<'a> {
    /// The time: when the mail arrives, and its `Date` if it has none.
    pub now: Moment,
    /// Our name: the right side of a `Message-ID` that is made.
    pub host: &'a str,
    /// A number that no other mail has, and that nobody can guess: the left side.
    pub unique: u128,
}

/// What can be sent. Sending consumes it.
pub trait Outgoing: Send {
    /// The mail as the door takes it.
    ///
    /// # Errors
    /// [`ComposeError`]: what is wrong with it. It would be wrong the next time, too.
    fn into_draft(self, making: &Making<'_>) -> Result<Draft, ComposeError>;
}

impl Outgoing for Draft {
    /// As it is, but for where it came from and when.
    fn into_draft(mut self, making: &Making<'_>) -> Result<Draft, ComposeError> {
        if self.envelope.recipients.is_empty() {
            return Err(ComposeError::NoRecipient);
        }
        (self.envelope.door, self.envelope.arrived) = (Door::Library, making.now);
        Ok(self)
    }
}
