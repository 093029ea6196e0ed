//! TNEF (\[MS-OXTNEF\]): what Outlook and Exchange put into a `winmail.dat`, both ways.
//!
//! Rule: three steps, each of use without the next. [`read`] gives the model with all that the stream has, known or not;
//! [`Message`] tells what it means; [`to_mime`] makes the tree of parts of it that other programs read.

mod cursor;
mod model;
mod properties;
mod reader;
pub mod tags;
#[cfg(test)]
mod tests;
mod time;
mod writer;

pub use self::{
    model::{Attachment, Attribute, Guid, Message, Name, NameKey, Property, Rendering, Value},
    reader::read,
    time::{Civil, FileTime},
};
