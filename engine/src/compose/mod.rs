//! What a program sends: mail that it composes, octets that it has already, a draft of its own making.
//!
//! Rule: whatever becomes a draft here has been checked; nothing that a program passes as a value can end a header field or
//! a command line.

mod attachment;
mod body;
mod delivery;
mod error;
mod fields;
mod ids;
mod list;
mod mailbox;
mod media;
mod newmail;
mod parts;
mod plain;
mod raw;
#[cfg(test)]
mod tests_list;
#[cfg(test)]
mod tests_plain;

pub use attachment::{Attachment, MAX_ATTACHMENT, MAX_FILE_NAME};
pub use body::{BodySource, MadeBody};
pub(crate) use delivery::mailbox_key;
pub use delivery::{When, MAX_ENVID, MAX_ORCPT};
pub use error::{ComposeError, RawProblem};
pub(crate) use ids::own as own_id;
pub use ids::{MAX_ID, MAX_LOCATION};
pub use mailbox::{Mailbox, MailboxError, MailboxList, MAX_NAME};
pub use newmail::{Importance, NewMail};
pub(crate) use raw::Addressing;
pub use raw::RawMail;

use crate::{Door, Draft, Moment};

/// A mail that is composed or given raw has fewer octets than this. Few hosts take more than a tenth of it; it bounds what
/// one mistaken program can put into memory and queue.
pub const MAX_MAIL: u64 = 1024 * 1024 * 1024;
/// Recipients of one mail: above the largest lists, which are better sent as mails of their own.
pub const MAX_RECIPIENTS: usize = 1_000_000;
/// Octets of a header that is composed: as much as our own sessions take, so that the next host of our kind takes it, too.
pub const MAX_COMPOSED_HEADER: usize = crate::session::settings::HEADER;
/// Octets of a text, a page or a calendar: no reader reads more; data is for attachments.
pub const MAX_TEXT: usize = 64 * 1024 * 1024;
/// Attachments of one mail: far above real ones, and below what makes parsers give up.
pub const MAX_ATTACHMENTS: usize = 1000;
/// Fields that a program adds by name: far above real ones.
pub const MAX_FIELDS: usize = 1000;

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
