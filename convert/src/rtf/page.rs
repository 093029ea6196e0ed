//! RTF → HTML: text with how it looks, paragraphs, lists, tables, links, and pictures as inline parts.
//!
//! Rule: the page is made of what the visitor heard and of nothing that the document wrote as HTML: all text is escaped, links lead
//! nowhere where something is run. (HTML that was put into RTF comes out by [`original`](super::original).)

use std::fmt::Write;

use super::{
    blocks::Body,
    model::{Break, Paragraph, Picture, PictureKind, Position, Style, Visit},
    reader,
    tables::{Family, Font, Tables},
};
use crate::{
    html::{escape, InlinePart, Page},
    Allowance, ConvertError, Converted, Limits,
};

/// What stands around a page. It says its character set, whoever writes it to where.
const HEAD: &str = "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"></head><body>\n";
const FOOT: &str = "</body></html>\n";
/// Octets of tags that a piece of text may get.
const TAGS: usize = 64;

/// The page that this document is.
///
/// # Errors
/// [`ConvertError`]: it is no RTF, or a limit is reached.
///
/// ```
/// use postrider_convert::{rtf, Limits};
/// let page = rtf::to_html(br"{\rtf1\ansi Hello {\b Ann} & Bob}", Limits::default())?.output;
/// assert!(page.html.contains("<div>Hello <b>Ann</b> &amp; Bob</div>"));
/// # Ok::<(), postrider_convert::ConvertError>(())
/// ```
pub fn to_html(octets: &[u8], limits: Limits) -> Result<Converted<Page>, ConvertError> {
    let (mut writer, flaws) = reader::read(octets, limits, Writer { body: Body::new(HEAD), ..Writer::default() })?;
    writer.close();
    if !writer.line.is_empty() {
        let line = std::mem::take(&mut writer.line);
        writer.body.paragraph(&line, &Paragraph::default(), writer.marker.take().as_deref());
    }
    let mut html = writer.body.finish();
    html.push_str(FOOT);
    Ok(Converted { output: Page { html, parts: writer.parts }, flaws })
}

#[derive(Default)]
struct Writer {
    body: Body,
    /// The paragraph that is being written.
    line: String,
    /// How its last text looks, and the tags that are open for it.
    open: Option<Style>,
    tags: Vec<&'static str>,
    /// A link is open.
    link: Option<bool>,
    marker: Option<String>,
    parts: Vec<InlinePart>,
}

impl Writer {
    fn close(&mut self) {
        while let Some(tag) = self.tags.pop() {
            self.line.push_str(tag);
        }
        self.open = None;
    }

    fn open(&mut self, style: &Style, tables: &Tables) {
        let before = self.line.len();
        self.line.push_str("<span style=\"");
        let begun = self.line.len();
        css(&mut self.line, style, tables);
        if self.line.len() == begun {
            self.line.truncate(before);
        } else {
            self.line.push_str("\">");
            self.tags.push("</span>");
        }
        let tags = [
            (style.is_bold, "<b>", "</b>"),
            (style.is_italic, "<i>", "</i>"),
            (style.is_underlined && self.link != Some(true), "<u>", "</u>"),
            (style.is_struck, "<s>", "</s>"),
            (style.position == Position::Super, "<sup>", "</sup>"),
            (style.position == Position::Sub, "<sub>", "</sub>"),
        ];
        for (_, begin, end) in tags.into_iter().filter(|(is_on, _, _)| *is_on) {
            self.line.push_str(begin);
            self.tags.push(end);
        }
        self.open = Some(*style);
    }

    fn block(&mut self, line: &str, ends: Break, paragraph: &Paragraph) {
        match ends {
            Break::Cell(depth) => self.body.cell(line, depth),
            Break::Page => {
                if !line.is_empty() {
                    self.body.paragraph(line, paragraph, self.marker.take().as_deref());
                }
                self.body.rule();
            }
            _ => {
                let marker = self.marker.take();
                if line.is_empty() && paragraph.is_ruled && paragraph.tables == 0 {
                    self.body.rule();
                } else {
                    self.body.paragraph(line, paragraph, marker.as_deref());
                }
            }
        }
    }

    fn take_line(&mut self) -> String {
        self.close();
        std::mem::take(&mut self.line)
    }
}

/// What tags do not say. Nothing in it is special in an attribute.
fn css(css: &mut String, style: &Style, tables: &Tables) {
    // A text without a font of its own looks as its reader likes.
    if let Some(font) = style.font.and_then(|number| tables.font(number)) {
        family(css, font);
    }
    if let Some(size) = style.size {
        let _ = write!(css, "font-size:{}{}pt;", size / 2, if size % 2 == 0 { "" } else { ".5" });
        // a string can be written
    }
    for (name, number) in [("color", style.colour), ("background-color", style.background)] {
        if let Some(colour) = tables.colour(usize::from(number)).filter(|_| number > 0) {
            let _ = write!(css, "{name}:#{:02x}{:02x}{:02x};", colour.red, colour.green, colour.blue);
        }
    }
}

fn family(css: &mut String, font: &Font) {
    let family = match font.family {
        Family::Serif => "serif",
        Family::Sans => "sans-serif",
        Family::Monospace => "monospace",
        Family::Script => "cursive",
        Family::Decorative => "fantasy",
        Family::Unknown => "",
    };
    let is_kept = |one: &char| one.is_alphanumeric() || matches!(one, ' ' | '-' | '_');
    let has_name = font.name.contains(|one| is_kept(&one));
    if !has_name && family.is_empty() {
        return;
    }
    css.push_str("font-family:");
    if has_name {
        css.push('\'');
        css.extend(font.name.chars().filter(is_kept));
        css.push('\'');
        css.push_str(if family.is_empty() { "" } else { "," });
    }
    css.push_str(family);
    css.push(';');
}

impl Visit for Writer {
    fn text(&mut self, text: &str, style: &Style, tables: &Tables, left: &mut Allowance) -> Result<(), ConvertError> {
        let before = self.line.len();
        left.make(text.len())?;
        if self.open != Some(*style) {
            self.close();
            self.open(style, tables);
        }
        let is_first = before == 0;
        escape::text(&mut self.line, text, is_first);
        left.make((self.line.len() - before).saturating_sub(text.len()))
    }

    fn ends(&mut self, what: Break, paragraph: &Paragraph, left: &mut Allowance) -> Result<(), ConvertError> {
        left.make(TAGS)?;
        // Text was counted when it came; what is put around it is not always little.
        let before = self.body.weight() + self.line.len();
        match what {
            Break::Line => self.line.push_str("<br>\n"),
            Break::Row(depth) => self.body.row(depth),
            Break::Paragraph | Break::Page | Break::Cell(_) => {
                let mut line = self.take_line();
                self.block(&line, what, paragraph);
                // The next one has its room.
                line.clear();
                self.line = line;
            }
        }
        left.make(self.body.weight().saturating_sub(before))
    }

    fn marker(&mut self, marker: &str, _: &mut Allowance) -> Result<(), ConvertError> {
        self.marker = Some(marker.to_owned());
        Ok(())
    }

    fn link_begins(&mut self, target: &str, left: &mut Allowance) -> Result<(), ConvertError> {
        self.close();
        let is_safe = escape::is_safe_target(target);
        self.link = Some(is_safe);
        if is_safe {
            left.make(target.len() + TAGS)?;
            self.line.push_str("<a href=\"");
            escape::attribute(&mut self.line, target);
            self.line.push_str("\">");
        }
        Ok(())
    }

    fn link_ends(&mut self, _: &mut Allowance) -> Result<(), ConvertError> {
        self.close();
        if self.link.take() == Some(true) {
            self.line.push_str("</a>");
        }
        Ok(())
    }

    fn picture(&mut self, picture: Picture, left: &mut Allowance) -> Result<(), ConvertError> {
        left.make(TAGS)?;
        let media_type = match picture.kind {
            PictureKind::Png => "image/png",
            PictureKind::Jpeg => "image/jpeg",
            PictureKind::Emf => "image/emf",
            PictureKind::Wmf => "image/wmf",
            PictureKind::Bitmap | PictureKind::Unknown => "application/octet-stream",
        };
        let content_id = format!("picture{}@rtf", self.parts.len() + 1);
        let _ = write!(self.line, "<img src=\"cid:{content_id}\" alt=\"\"");
        // 15 twips are a pixel of the web.
        for (name, twips) in [("width", picture.width), ("height", picture.height)] {
            if twips > 0 {
                let _ = write!(self.line, " {name}=\"{}\"", twips / 15);
            }
        }
        self.line.push('>');
        self.parts.push(InlinePart { content_id, media_type, octets: picture.octets });
        Ok(())
    }
}
