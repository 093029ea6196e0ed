//! RTF, written.

mod encapsulate;
pub(crate) mod escape;
mod markup;
mod page;
#[cfg(test)]
mod tests;

pub use encapsulate::{encapsulate_html, from_text};
pub use page::from_html;
