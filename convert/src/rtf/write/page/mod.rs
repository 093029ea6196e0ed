//! HTML → RTF: what the page shows, and how it looks.
//!
//! Rule: the page is read as it is for [`html::to_text`](crate::html::to_text), and says the same: what is left out there is left
//! out here. All text is escaped; the document is ASCII, and its groups are balanced, whatever the page is.

mod css;
mod draw;
mod line;
mod lists;
mod look;
mod out;
mod picture;
mod resources;
mod rows;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_bounds;

use self::{
    line::Line,
    lists::{Lists, Marker},
    look::Style,
    out::{Done, Out, Props},
    resources::Resources,
    rows::Rows,
};
use crate::{
    html::{
        reading::{
            page,
            style::is_blank,
            tag::{Attribute, Tag},
            target,
        },
        InlinePart, Page,
    },
    Allowance, ConvertError, Converted, Limits,
};

/// The document that shows this page. Its pictures are the PNG and JPEG parts of the page; others have their `alt`.
///
/// It holds the look of the page and not the page: [`encapsulate_html`](super::encapsulate_html) is for those who want its source
/// again.
///
/// # Errors
/// [`ConvertError`]: a limit is reached. Whatever the text is, it is a page.
///
/// ```
/// use postrider_convert::{html::Page, rtf, Limits};
/// let page = Page { html: "<p>Gr\u{fc}\u{df}e, <b>Ann</b><ul><li>one</ul>".into(), parts: Vec::new() };
/// let rtf = rtf::from_html(&page, Limits::default())?.output;
/// assert!(rtf.starts_with(b"{\\rtf1\\ansi"));
/// assert_eq!(rtf::to_text(&rtf, Limits::default())?.output, "Gr\u{fc}\u{df}e, Ann\n\u{2022} one\n");
/// # Ok::<(), postrider_convert::ConvertError>(())
/// ```
pub fn from_html(page: &Page, limits: Limits) -> Result<Converted<Vec<u8>>, ConvertError> {
    let writer = Writer {
        out: Out { rtf: String::new(), left: Allowance::new(limits) },
        line: Line::new(),
        paragraph: None,
        rows: Rows::default(),
        lists: Lists::default(),
        marker: None,
        owes_gap: false,
        is_top: true,
        resources: Resources::default(),
        parts: &page.parts,
    };
    let (writer, flaws) = page::read(&page.html, writer)?;
    Ok(Converted { output: writer.finish()?, flaws })
}

struct Writer<'p> {
    out: Out,
    line: Line,
    /// What holds for the paragraph that has begun.
    paragraph: Option<Props>,
    rows: Rows,
    lists: Lists,
    /// What stands before the item whose text has not begun.
    marker: Option<Marker>,
    /// A gap is owed before the next paragraph.
    owes_gap: bool,
    /// Nothing stands above, in the page or in the cell.
    is_top: bool,
    resources: Resources,
    parts: &'p [InlinePart],
}

impl Writer<'_> {
    fn finish(mut self) -> Result<Vec<u8>, ConvertError> {
        self.paragraph_ends()?;
        self.rows.table_ends(&mut self.out)?;
        let mut head = String::from("{\\rtf1\\ansi\\ansicpg1252\\uc1\\deff0");
        self.resources.write(&mut head);
        self.lists.write(&mut head);
        head.push_str("\\pard\\plain\n");
        self.out.left.make(head.len())?;
        // By no more than what is missing: the document may be large.
        self.out.rtf.reserve_exact(head.len() + "}\n".len());
        self.out.rtf.insert_str(0, &head);
        self.out.push("}\n")?;
        Ok(self.out.rtf.into_bytes())
    }

    /// Something of a paragraph follows, which looks so.
    fn paragraph_begins(&mut self, style: &Style) -> Done {
        if self.paragraph.is_some() {
            return Ok(());
        }
        let has_gap = std::mem::take(&mut self.owes_gap) && !self.is_top;
        let marker = self.marker.take();
        let item = marker.as_ref().map(|marker| marker.item);
        self.paragraph = Some(Props { block: style.block, has_gap, item, is_rule: false });
        self.is_top = false;
        match marker {
            Some(marker) => self.line.marker(&marker.text, &mut self.out.left),
            None => Ok(()),
        }
    }

    fn paragraph_ends(&mut self) -> Done {
        let content = self.line.end(&mut self.out.left)?;
        match self.paragraph.take() {
            Some(props) => self.rows.paragraph(&props, &content, &mut self.out),
            None => Ok(()),
        }
    }

    /// An item without text is an item nevertheless.
    fn item_ends(&mut self, style: &Style) -> Done {
        self.paragraph_ends()?;
        if self.marker.is_some() {
            self.paragraph_begins(style)?;
            self.paragraph_ends()?;
        }
        Ok(())
    }

    /// Part of a line, as it is.
    fn piece(&mut self, text: &str, style: &Style) -> Done {
        if text.is_empty() {
            return Ok(());
        }
        self.paragraph_begins(style)?;
        self.line.text(text, &style.chars, &mut self.out.left)
    }

    /// Text whose white space falls together.
    fn words(&mut self, text: &str, style: &Style) -> Done {
        let octets = text.as_bytes();
        let is_end = |at: usize| {
            // Words with one blank between them are written at once.
            is_blank(octets[at]) && (octets[at] != b' ' || octets.get(at + 1).is_none_or(|next| is_blank(*next)))
        };
        let mut at = 0;
        while at < octets.len() {
            if is_blank(octets[at]) {
                self.line.blank(&style.chars);
                at += 1;
                continue;
            }
            let end = (at..octets.len()).find(|at| is_end(*at)).unwrap_or(octets.len());
            self.piece(&text[at..end], style)?;
            at = end;
        }
        Ok(())
    }

    fn cell_begins(&mut self, tag: &Tag) -> Done {
        self.paragraph_ends()?;
        let (columns, rows) = tag.spans();
        (self.owes_gap, self.is_top) = (false, true);
        self.rows.cell_begins(columns, rows, &mut self.out)
    }

    fn table_begins(&mut self, tag: &Tag) -> Done {
        self.paragraph_ends()?;
        let border = tag.get(Attribute::Border).map(str::trim);
        let has_border = border.is_some_and(|border| border != "0" && !border.eq_ignore_ascii_case("none"));
        self.rows.table_begins(has_border, &mut self.out)
    }

    fn picture(&mut self, tag: &Tag, alt: &str, style: &Style) -> Result<bool, ConvertError> {
        let part = tag.get(Attribute::Src).and_then(|source| target::part(source.trim())).and_then(|id| {
            let id = id.replace("%40", "@");
            self.parts.iter().find(|part| part.content_id == id)
        });
        let Some((part, mut rtf)) = part.and_then(|part| Some((part, picture::head(part, tag, alt)?))) else {
            return Ok(false);
        };
        // Before a copy is made: pages may show a picture as often as they like.
        if self.out.left.room() < picture::length(part.octets.len()) {
            self.out.left.make(picture::length(part.octets.len()))?;
        }
        picture::body(&mut rtf, &part.octets);
        self.paragraph_begins(style)?;
        self.line.object(&rtf, &style.chars, &mut self.out.left)?;
        Ok(true)
    }
}
