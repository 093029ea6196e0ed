//! RTF, written.

mod encapsulate;
pub(crate) mod escape;
mod held_text;
mod lines;
mod markup;
mod numbers;
mod page;
#[cfg(test)]
mod tests;

pub use encapsulate::encapsulate_html;
pub use held_text::from_text;
pub use page::from_html;
