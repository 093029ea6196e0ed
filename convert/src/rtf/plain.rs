//! RTF → text: what a reader sees, without how it looks.
//!
//! Rule: paragraphs and lines end with one LF, cells of a row stand behind tabs, links have their target behind them where they
//! do not say it themselves.

use super::{
    model::{Break, Paragraph, Picture, Style, Visit},
    reader,
    tables::Tables,
};
use crate::{Allowance, ConvertError, Converted, Limits};

/// The text of this document.
///
/// # Errors
/// [`ConvertError`]: it is no RTF, or a limit is reached.
///
/// ```
/// use postrider_convert::{rtf, Limits};
/// let text = rtf::to_text(br"{\rtf1\ansi Gr\'fc\'dfe,\par {\b Ann}}", Limits::default())?;
/// assert_eq!(text.output, "Grüße,\nAnn");
/// # Ok::<(), postrider_convert::ConvertError>(())
/// ```
pub fn to_text(octets: &[u8], limits: Limits) -> Result<Converted<String>, ConvertError> {
    let (plain, flaws) = reader::read(octets, limits, Plain::default())?;
    Ok(Converted { output: plain.text, flaws })
}

#[derive(Default)]
struct Plain {
    text: String,
    /// Where the text of the link begins, and where it leads.
    link: Option<(usize, String)>,
}

impl Plain {
    fn push(&mut self, text: &str, left: &mut Allowance) -> Result<(), ConvertError> {
        left.make(text.len())?;
        self.text.push_str(text);
        Ok(())
    }

    /// The tab behind the last cell of a row is no cell.
    fn row_ends(&mut self) {
        if self.text.ends_with('\t') {
            self.text.pop();
        }
    }
}

impl Visit for Plain {
    fn text(&mut self, text: &str, _: &Style, _: &Tables, left: &mut Allowance) -> Result<(), ConvertError> {
        self.push(text, left)
    }

    fn ends(&mut self, what: Break, paragraph: &Paragraph, left: &mut Allowance) -> Result<(), ConvertError> {
        match what {
            Break::Cell(_) => self.push("\t", left),
            Break::Row(_) => {
                self.row_ends();
                self.push("\n", left)
            }
            // Within a cell lines cannot end.
            Break::Paragraph | Break::Line if paragraph.tables > 0 => self.push(" ", left),
            Break::Paragraph | Break::Line | Break::Page => self.push("\n", left),
        }
    }

    fn marker(&mut self, marker: &str, left: &mut Allowance) -> Result<(), ConvertError> {
        if marker.is_empty() {
            return Ok(());
        }
        self.push(marker, left)?;
        self.push(" ", left)
    }

    fn link_begins(&mut self, target: &str, _: &mut Allowance) -> Result<(), ConvertError> {
        self.link = Some((self.text.len(), target.to_owned()));
        Ok(())
    }

    fn link_ends(&mut self, left: &mut Allowance) -> Result<(), ConvertError> {
        let Some((from, target)) = self.link.take() else { return Ok(()) };
        let shown = self.text.get(from..).unwrap_or_default().trim();
        let said = target.strip_prefix("mailto:").unwrap_or(&target);
        // A place within the document leads nowhere in a text.
        if shown.contains(said) || target.starts_with('#') || target.is_empty() {
            return Ok(());
        }
        self.push(&format!(" <{target}>"), left)
    }

    fn picture(&mut self, _: Picture, _: &mut Allowance) -> Result<(), ConvertError> {
        Ok(())
    }
}
