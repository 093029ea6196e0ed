//! Reads mail that was delivered into a folder of this machine: a drop folder, or a Maildir.
//!
//! Rule: the Inbox never writes but to delete. A message is whole or not seen; it cannot be changed, and what is said of it
//! stays true or becomes an error; no name from outside leads out of the folder. All calls wait for the disk: in
//! asynchronous code they belong on a thread that may (`tokio::task::spawn_blocking`).
//!
//! It does not move mail from `new` to `cur`, and notes nothing: whether a user has *seen* a message is a matter between that
//! user and the program that shows mail. A program that works on messages has seen those that it has deleted.

mod body;
mod error;
mod folders;
mod head;
mod listing;
mod message;
#[cfg(test)]
mod tests;

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use postrider_engine::Address;

pub use body::{Attachment, MessageBody, MOST_DEPTH, MOST_PARAMETERS, MOST_PARTS, MOST_PART_HEADER};
pub use error::{InboxError, MessageError, MessageProblem};
pub use head::{AddressEntry, MessageEnvelope, MOST_HEADER};
pub use listing::{Deleted, Messages, MOST_LISTED};
pub use message::{Message, MessageFlags};

use folders::{Folders, Found};

/// Octets of a message that are read into memory, unless set otherwise: what a session takes by default (50 MiB), and some
/// more for the fields that hosts add.
pub const LARGEST: u64 = 64 * 1024 * 1024;

/// A folder with mail. Clones look at the same one.
///
/// ```no_run
/// use postrider_sinks::Inbox;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let inbox = Inbox::drop_folder("/var/spool/drop")?.only_for("orders@example.org".parse()?);
/// for message in inbox.messages()? {
///     let message = message?;
///     let body = message.read()?;
///     println!("{:?}: {:?}", message.subject(), body.text());
///     message.delete()?; // it is ours alone now, and cannot be used again
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Inbox {
    path: PathBuf,
    folders: Arc<Folders>,
    only_for: Option<Address>,
    largest: u64,
    quiet: Duration,
}

impl std::fmt::Debug for Inbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inbox").field("path", &self.path).field("only_for", &self.only_for).finish_non_exhaustive()
    }
}

impl Inbox {
    /// A folder with a file for each message: what `to = "drop:/path"` and the SMTP service of IIS write, with the lines of the
    /// envelope in front or without. Files whose names begin with a dot, empty files and folders are passed over.
    ///
    /// The folder is opened once: if it is moved, this goes with it.
    ///
    /// # Errors
    /// [`InboxError`]: it is not there, or may not be read.
    pub fn drop_folder(path: impl Into<PathBuf>) -> Result<Self, InboxError> {
        let path = path.into();
        let folders = Folders::of_drop_folder(&path)?;
        Ok(Self::over(path, folders))
    }

    /// A Maildir: `new` and `cur` of this folder. `tmp` and the folders of a Maildir++ are not looked into; each of these is
    /// a Maildir of its own. Nothing is made.
    ///
    /// # Errors
    /// [`InboxError`]: it is not there, is no Maildir, or may not be read.
    pub fn maildir(path: impl Into<PathBuf>) -> Result<Self, InboxError> {
        let path = path.into();
        let folders = Folders::of_maildir(&path)?;
        Ok(Self::over(path, folders))
    }

    fn over(path: PathBuf, folders: Folders) -> Self {
        Inbox { path, folders: Arc::new(folders), only_for: None, largest: LARGEST, quiet: Duration::ZERO }
    }

    /// Shows messages for this address alone: by the envelope in front, else by `To` and `Cc`. For drop folders, which all share.
    /// In a Maildir, where there is no envelope, mail by way of a list or of `Bcc` would not be seen.
    #[must_use]
    pub fn only_for(mut self, address: Address) -> Self {
        self.only_for = Some(address);
        self
    }

    /// Reads messages of so many octets at most into memory; [`LARGEST`] if nothing is said.
    #[must_use]
    pub fn largest(mut self, octets: u64) -> Self {
        self.largest = octets;
        self
    }

    /// Lists only files to which nobody has written for so long. For writers that do not write a file whole before it has its
    /// name; those of this crate do, and zero is the default.
    #[must_use]
    pub fn quiet_for(mut self, quiet: Duration) -> Self {
        self.quiet = quiet;
        self
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Lists the messages, the oldest first. Their names are taken now, [`MOST_LISTED`] at most; each is opened when its turn
    /// comes.
    ///
    /// # Errors
    /// [`InboxError`]: the folder cannot be read.
    pub fn messages(&self) -> Result<Messages, InboxError> {
        Messages::of(self, MOST_LISTED).map_err(InboxError::at(&self.path))
    }

    /// How many messages there are. Where only those for one address are shown their headers are read, of [`MOST_LISTED`] files
    /// at most, and those that cannot be read do not count.
    ///
    /// # Errors
    /// [`InboxError`]: the folder cannot be read.
    pub fn count(&self) -> Result<usize, InboxError> {
        if self.is_filtered() {
            return Ok(self.messages()?.filter(Result::is_ok).count());
        }
        let mut count = 0;
        self.each(|_| count += 1).map_err(InboxError::at(&self.path))?;
        Ok(count)
    }

    /// The message of this name, as [`Message::name`] said it.
    ///
    /// # Errors
    /// [`MessageError`]: there is none, or it cannot be read.
    pub fn get(&self, name: &str) -> Result<Message, MessageError> {
        let message = self.folders.find(name).and_then(|found| self.load(&found));
        let shown = message.and_then(|message| match self.shows(&message) {
            true => Ok(message),
            false => Err(MessageProblem::Gone),
        });
        shown.map_err(|problem| problem.of(name))
    }

    fn is_filtered(&self) -> bool {
        self.only_for.is_some()
    }

    fn shows(&self, message: &Message) -> bool {
        self.only_for.as_ref().is_none_or(|address| message.is_for(address))
    }

    fn load(&self, found: &Found) -> Result<Message, MessageProblem> {
        Message::load(&self.folders, found, self.largest)
    }

    fn each(&self, mut each: impl FnMut(Found)) -> io::Result<()> {
        let last = SystemTime::now().checked_sub(self.quiet);
        let is_quiet = |found: &Found| self.quiet.is_zero() || found.received() <= last;
        self.folders.each(|found| {
            if is_quiet(&found) {
                each(found);
            }
        })
    }
}
