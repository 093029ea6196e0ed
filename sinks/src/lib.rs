//! Stock of Postrider: spools and other plug-ins. They know the engine's rules and no actor.
#![cfg_attr(test, allow(clippy::disallowed_methods))] // tests play the spool and the queue

pub mod badmail;
mod discard;
pub mod disk;
#[cfg(feature = "maildir")]
pub mod drop_folder;
#[cfg(feature = "stock")]
pub mod events;
#[cfg(feature = "maildir")]
pub mod inbox;
mod keep;
pub mod maildir;
#[cfg(feature = "maildir")]
mod mailfile;
mod memory;
#[cfg(any(feature = "maildir", feature = "stock"))]
mod mime;
#[cfg(feature = "maildir")]
pub mod pickup;
mod refuse;
pub mod relay;

pub use badmail::BadMailFolder;
pub use discard::Discard;
pub use keep::Keep;
pub use maildir::MaildirSettings;
pub use memory::{Memory, MemoryControl};
pub use refuse::Refuse;
pub use relay::{Relay, RelaySettings};
#[cfg(feature = "maildir")]
pub use {
    drop_folder::{DropFolder, DropSettings},
    inbox::Inbox,
    maildir::Maildir,
};
