//! RTF, written.

mod encapsulate;
pub(crate) mod escape;
mod markup;
#[cfg(test)]
mod tests;

pub use encapsulate::{encapsulate_html, from_text};
