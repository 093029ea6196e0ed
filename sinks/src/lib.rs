//! Stock of Postrider: spools and other plug-ins. They know the engine's rules and no actor.
#![cfg_attr(test, allow(clippy::disallowed_methods))] // tests play the spool and the queue

pub mod badmail;
mod discard;
pub mod disk;
pub mod drop_folder;
pub mod events;
pub mod inbox;
mod keep;
pub mod maildir;
mod mailfile;
mod memory;
mod mime;
mod refuse;
pub mod relay;

pub use badmail::BadMailFolder;
pub use discard::Discard;
pub use drop_folder::{DropFolder, DropSettings};
pub use inbox::Inbox;
pub use keep::Keep;
pub use maildir::{Maildir, MaildirSettings};
pub use memory::{Memory, MemoryControl};
pub use refuse::Refuse;
pub use relay::{Relay, RelaySettings};
