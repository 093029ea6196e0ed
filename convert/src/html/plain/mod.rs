//! HTML → text: what a reader sees, with its structure.
//!
//! Rule: the page is read once, from its beginning to its end, by the tokenizer of the HTML standard; what is written is kept, and
//! what is open is a stack of bounded height.

mod drawn;
mod flow;
mod grid;
mod indent;
mod links;
mod rules;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_bounds;

use super::reading::page;
use crate::{ConvertError, Converted, Limits};

/// Columns of a line, unless somebody says otherwise.
const COLUMN: usize = 78;

/// How text is made of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TextOptions {
    /// Columns of a line; a word that is longer, as an address may be, is never cut. `None`: a paragraph is one line.
    pub wrap: Option<usize>,
    /// Links have a number behind them, and their targets are listed at the end.
    pub has_footnotes: bool,
}

impl TextOptions {
    /// The same with lines of so many columns.
    #[must_use]
    pub fn with_wrap(self, wrap: Option<usize>) -> Self {
        TextOptions { wrap, ..self }
    }

    /// The same with or without footnotes.
    #[must_use]
    pub fn with_footnotes(self, has_footnotes: bool) -> Self {
        TextOptions { has_footnotes, ..self }
    }
}

impl Default for TextOptions {
    /// Lines of 78 columns, with footnotes.
    fn default() -> Self {
        TextOptions { wrap: Some(COLUMN), has_footnotes: true }
    }
}

/// The text of this page.
///
/// Each line ends with LF. Paragraphs, lists and headings have their gaps, quotes their `>`, links a number and their targets at the
/// end; tables with short cells have columns. What a browser would not show is not there.
///
/// # Errors
/// [`ConvertError`]: a limit is reached. Whatever the text is, it is a page.
///
/// ```
/// use postrider_convert::{html, Limits};
/// let page = "<p>See <a href='https://a.example/'>our page</a>.<ul><li>one<li>two</ul>";
/// let text = html::to_text(page, html::TextOptions::default(), Limits::default())?.output;
/// assert_eq!(text, "See our page [1].\n\n* one\n* two\n\n[1] https://a.example/\n");
/// # Ok::<(), postrider_convert::ConvertError>(())
/// ```
pub fn to_text(html: &str, options: TextOptions, limits: Limits) -> Result<Converted<String>, ConvertError> {
    let (writer, flaws) = page::read(html, rules::Writer::new(&options, limits))?;
    Ok(Converted { output: writer.finish()?, flaws })
}
