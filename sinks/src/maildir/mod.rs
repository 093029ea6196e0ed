//! Maildirs: where they are and what can be set about them, and the target that delivers into them.

mod place;
mod settings;
#[cfg(feature = "maildir")]
mod target;

pub use place::{Place, PlaceError};
pub use settings::{LineEnds, MaildirSettings, Owner, Quota};
#[cfg(feature = "maildir")]
pub use target::Maildir;
