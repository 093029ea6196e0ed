//! TNEF (\[MS-OXTNEF\]): what Outlook and Exchange put into a `winmail.dat`, both ways.
//!
//! Rule: three steps, each of use without the next. [`read`] gives the model with all that the stream has, known or not;
//! [`Message`] tells what it means; [[`to_mime`]] makes the tree of parts of it that other programs read.

mod calendar;
mod contact;
mod cursor;
mod fields;
mod lines;
mod meaning;
pub mod mime;
mod model;
mod pack;
mod properties;
mod reader;
mod rtf_body;
pub mod tags;
#[cfg(test)]
pub(crate) mod tests;
mod time;
mod unpack;
mod writer;

pub use self::{
    meaning::{Envelope, Importance, Mailbox, Recipient, RecipientKind, Sensitivity},
    model::{Attachment, Attribute, Guid, Message, Name, NameKey, Property, Rendering, Value},
    pack::from_mime,
    reader::read,
    time::{Civil, FileTime},
    unpack::to_mime,
};
pub(crate) use self::{
    tags::SIGNATURE,
    unpack::{beside_text, BesideText},
};
