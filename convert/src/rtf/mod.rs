//! Rich Text Format (RTF 1.9.1), and the compressed form in which Exchange and Outlook carry it.

mod blocks;
pub mod compressed;
mod decode;
mod destination;
mod groups;
mod model;
mod original;
mod page;
mod plain;
mod reader;
mod tables;
#[cfg(test)]
mod tests;
pub mod token;
mod words;
pub(crate) mod write;

pub use model::{Alignment, Break, Paragraph, Picture, PictureKind, Position, Style};
pub use original::{original, Original};
pub use page::to_html;
pub use plain::to_text;
pub use tables::{Colour, Family, Font, Tables};
pub use write::{encapsulate_html, from_html, from_text};
