//! Plain text: to a page, lines that flow (RFC 3676), and lines of a bounded width.
//!
//! Rule: text is text. Nothing in it becomes markup but what a reader would have taken for it: addresses, quotes, a signature.

mod flowed;
mod links;
mod page;
#[cfg(test)]
mod tests;
mod wrap;

pub use flowed::{flow, unflow, Flowed};
pub use page::{to_html, HtmlOptions};
pub use wrap::wrap;
pub(crate) use wrap::{fold, width};
