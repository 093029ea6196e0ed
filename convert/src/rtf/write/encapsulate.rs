//! HTML and text, put into RTF so that they come out again as they were (\[MS-OXRTFEX\] 2.2.2), and so that who knows only RTF reads them.
//!
//! Rule: [`original`](crate::rtf::original) gives the source, with each end of a line as CRLF. What is drawn for others is marked so.

use super::{
    escape,
    markup::{attribute, reference, referred, Piece, Pieces},
};
use crate::{html::escape::is_safe_target, Allowance, ConvertError, Limits};

/// What stands before the HTML. Where the first text begins, an empty tag says that it is in the body.
const HTML_HEAD: &str = "{\\rtf1\\ansi\\ansicpg1252\\fromhtml1 \\deff0{\\fonttbl{\\f0\\fswiss Arial;}}{\\colortbl;\\red0\\green0\\blue255;}\\uc1\\pard\\plain\\deftab360 \\f0\\fs24 {\\*\\htmltag64}\r\n";
const TEXT_HEAD: &str = "{\\rtf1\\ansi\\ansicpg1252\\fromtext \\deff0{\\fonttbl{\\f0\\fmodern Courier New;}}\\uc1\\pard\\plain\\deftab360 \\f0\\fs20 ";
/// Octets of the target of a link that is drawn.
const LONGEST_TARGET: usize = 2048;

/// The RTF in which this HTML is, and which shows its text. A NUL has no place in RTF, and goes.
///
/// # Errors
/// [`ConvertError`]: a limit is reached.
///
/// ```
/// use postrider_convert::{rtf::{self, Original}, Limits};
/// let html = "<p>Gr\u{fc}\u{df}e, <b>Ann</b>&nbsp;&amp; Bob</p>";
/// let rtf = rtf::encapsulate_html(html, Limits::default())?;
/// assert_eq!(rtf::original(&rtf, Limits::default())?.output, Some(Original::Html(html.into())));
/// assert_eq!(rtf::to_text(&rtf, Limits::default())?.output.trim(), "Gr\u{fc}\u{df}e, Ann\u{a0}& Bob");
/// # Ok::<(), postrider_convert::ConvertError>(())
/// ```
pub fn encapsulate_html(html: &str, limits: Limits) -> Result<Vec<u8>, ConvertError> {
    let mut writer = Writer { rtf: HTML_HEAD.to_owned(), is_head: false, has_link: false, preserves: 0 };
    let mut left = Allowance::new(limits);
    left.make(writer.rtf.len())?;
    for piece in Pieces::new(html) {
        let before = writer.rtf.len();
        match piece {
            Piece::Text(text) if writer.is_head => writer.tag(text),
            Piece::Text(text) => writer.text(text),
            Piece::Hidden(source) => writer.tag(source),
            Piece::Tag { source, name, is_end } => writer.element(source, name, is_end),
        }
        left.step(writer.rtf.len() - before)?;
        left.make(writer.rtf.len() - before)?;
    }
    writer.link_ends();
    writer.rtf.push_str("}\r\n");
    Ok(writer.rtf.into_bytes())
}

/// The RTF in which this text is, and which shows it. Lines may end with CRLF, LF or CR. A NUL has no place in RTF, and goes.
///
/// # Errors
/// [`ConvertError`]: a limit is reached.
///
/// ```
/// use postrider_convert::{rtf::{self, Original}, Limits};
/// let rtf = rtf::from_text("a\n\tb {c}", Limits::default())?;
/// assert_eq!(rtf::original(&rtf, Limits::default())?.output, Some(Original::Text("a\r\n\tb {c}".into())));
/// # Ok::<(), postrider_convert::ConvertError>(())
/// ```
pub fn from_text(text: &str, limits: Limits) -> Result<Vec<u8>, ConvertError> {
    let mut left = Allowance::new(limits);
    let mut rtf = TEXT_HEAD.to_owned();
    for (at, line) in lines(text).enumerate() {
        let before = rtf.len();
        if at > 0 {
            rtf.push_str("\\par\r\n");
        }
        escape::text(&mut rtf, line);
        left.step(line.len())?;
        left.make(rtf.len() - before)?;
    }
    rtf.push_str("}\r\n");
    Ok(rtf.into_bytes())
}

/// The lines of a text; what stands behind the last end is one, too.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let Some(at) = text.find(['\r', '\n']) else { return rest.take() };
        let length = if text[at..].starts_with("\r\n") { 2 } else { 1 };
        rest = Some(&text[at + length..]);
        Some(&text[..at])
    })
}

struct Writer {
    rtf: String,
    /// Nothing of it is seen.
    is_head: bool,
    has_link: bool,
    /// Elements in which ends of lines are seen.
    preserves: usize,
}

impl Writer {
    /// Source that RTF has no room for.
    fn tag(&mut self, source: &str) {
        if source.is_empty() {
            return;
        }
        self.rtf.push_str("{\\*\\htmltag ");
        for (at, line) in lines(source).enumerate() {
            if at > 0 {
                self.rtf.push_str("\\par\r\n");
            }
            escape::text(&mut self.rtf, line);
        }
        self.rtf.push('}');
    }

    /// What is there for those alone who read RTF.
    fn draw(&mut self, rtf: &str) {
        self.rtf.push_str("\\htmlrtf");
        self.rtf.push_str(rtf);
        self.rtf.push_str("\\htmlrtf0 ");
    }

    /// Text that both see: its ends of lines are blanks, and its references characters.
    fn text(&mut self, text: &str) {
        for (at, line) in lines(text).enumerate() {
            if at > 0 {
                self.tag("\n");
                self.draw(if self.preserves > 0 { "\\line" } else { "  " });
            }
            self.line(line);
        }
    }

    fn line(&mut self, line: &str) {
        let mut rest = line;
        while let Some(at) = rest.find('&') {
            escape::text(&mut self.rtf, &rest[..at]);
            rest = &rest[at..];
            let length = reference(rest).max(1);
            let (source, behind) = rest.split_at(length);
            rest = behind;
            match referred(source) {
                Some(one) => {
                    self.tag(source);
                    let mut drawn = String::from(" ");
                    escape::text(&mut drawn, one.encode_utf8(&mut [0; 4]));
                    self.draw(&drawn);
                }
                None => escape::text(&mut self.rtf, source),
            }
        }
        escape::text(&mut self.rtf, rest);
    }

    fn element(&mut self, source: &str, name: &str, is_end: bool) {
        let name = name.to_ascii_lowercase();
        if name == "a" && is_end {
            self.link_ends();
        }
        self.tag(source);
        match (&*name, is_end) {
            ("head", _) => self.is_head = !is_end,
            ("body", false) => self.is_head = false,
            ("a", false) => self.link_begins(attribute(source, "href").unwrap_or_default()),
            ("br", _) => self.draw("\\line"),
            ("pre" | "textarea", false) => self.preserves += 1,
            ("pre" | "textarea", true) => {
                self.preserves = self.preserves.saturating_sub(1);
                self.draw("\\par");
            }
            ("td" | "th", true) => self.draw("\\tab"),
            ("li", false) => self.draw(" \\bullet\\~"),
            ("b" | "strong", _) => self.draw(if is_end { "\\b0" } else { "\\b" }),
            ("i" | "em", _) => self.draw(if is_end { "\\i0" } else { "\\i" }),
            ("u", _) => self.draw(if is_end { "\\ulnone" } else { "\\ul" }),
            ("s" | "strike" | "del", _) => self.draw(if is_end { "\\strike0" } else { "\\strike" }),
            (
                "p" | "div" | "li" | "tr" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "blockquote" | "dt" | "dd",
                true,
            )
            | ("hr", _) => self.draw("\\par"),
            _ => {}
        }
    }

    fn link_begins(&mut self, target: &str) {
        self.link_ends();
        if target.is_empty() || target.len() > LONGEST_TARGET || !is_safe_target(target) {
            return;
        }
        let target: String = target.replace("&amp;", "&").chars().filter(|one| *one != '"').collect();
        self.rtf.push_str("\\htmlrtf{\\field{\\*\\fldinst{HYPERLINK \"");
        escape::text(&mut self.rtf, &target.replace('\\', "\\\\"));
        self.rtf.push_str("\"}}{\\fldrslt\\cf1\\ul\\htmlrtf0 ");
        self.has_link = true;
    }

    fn link_ends(&mut self) {
        if std::mem::take(&mut self.has_link) {
            self.rtf.push_str("\\htmlrtf}}\\htmlrtf0 ");
        }
    }
}
