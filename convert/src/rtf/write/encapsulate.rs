//! HTML, put into RTF so that it comes out again as it was (\[MS-OXRTFEX\] 2.2.2), and so that who knows only RTF reads it.
//!
//! Rule: [`original`](crate::rtf::original) gives the source, with each end of a line as CRLF. What is drawn for others is marked so,
//! and each block is a paragraph for them.

use super::{
    escape,
    held_text::lines,
    lines::Lines,
    markup::{attribute, reference, referred, Piece, Pieces},
    numbers::Lists,
};
use crate::{
    html::{
        escape::is_safe_target,
        reading::element::{is_formatting, Role},
    },
    Allowance, ConvertError, Limits,
};

/// What stands before the HTML. Where the first text begins, an empty tag says that it is in the body.
const HTML_HEAD: &str = "{\\rtf1\\ansi\\ansicpg1252\\fromhtml1 \\deff0{\\fonttbl{\\f0\\fswiss Arial;}}{\\colortbl;\\red0\\green0\\blue255;}\\uc1\\pard\\plain\\deftab360 \\f0\\fs24 {\\*\\htmltag64}\r\n";
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
    let mut left = Allowance::new(limits);
    let mut writer = Writer::new(left.depth());
    left.make(writer.rtf.len())?;
    for piece in Pieces::new(html) {
        let before = writer.rtf.len();
        match piece {
            Piece::Text(text) if writer.is_of_head(text) => writer.tag(text),
            Piece::Text(text) => writer.text(text),
            Piece::Hidden(source) => writer.tag(source),
            Piece::Tag { source, name, is_end } => writer.element(source, name, is_end),
        }
        left.step(writer.rtf.len() - before)?;
        left.make(writer.rtf.len() - before)?;
    }
    let before = writer.rtf.len();
    writer.link_ends();
    writer.draw_owed();
    left.make(writer.rtf.len() - before)?;
    writer.rtf.push_str("}\r\n");
    Ok(writer.rtf.into_bytes())
}

/// Whether this is the head of the page, of which nothing is seen. The tags that end it and begin the body may be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Head {
    /// It is not, or no longer.
    Left,
    /// Text that stands here is the first of the body.
    Open,
    /// In an element of the head.
    Within,
}

impl Head {
    /// Behind this tag.
    fn behind(self, role: Role, name: &str, is_end: bool) -> Head {
        let is_look = matches!(role, Role::Break | Role::Link | Role::Image) || is_formatting(name.as_bytes());
        match (name, is_end) {
            ("head", false) => Head::Open,
            ("head", true) | ("body", _) | ("span", false) => Head::Left,
            _ if self == Head::Left || role.is_block() || is_look => Head::Left,
            _ if matches!(role, Role::Void | Role::Page) || role == Role::Gone && is_end => Head::Open,
            _ => Head::Within,
        }
    }
}

struct Writer {
    rtf: String,
    head: Head,
    has_link: bool,
    /// Elements in which ends of lines are seen.
    preserves: usize,
    /// The tag before this was one in which the first end of a line is not seen.
    is_first: bool,
    lines: Lines,
    lists: Lists,
}

impl Writer {
    fn new(depth: usize) -> Self {
        Writer {
            rtf: HTML_HEAD.to_owned(),
            head: Head::Left,
            has_link: false,
            preserves: 0,
            is_first: false,
            lines: Lines::new(),
            lists: Lists::new(depth),
        }
    }

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

    /// This text stands in the head.
    fn is_of_head(&mut self, text: &str) -> bool {
        let begins_body = self.head == Head::Open && text.contains(|one: char| !one.is_ascii_whitespace());
        if begins_body {
            self.head = Head::Left;
        }
        self.head != Head::Left
    }

    /// What ends the line before, and the cells.
    fn draw_owed(&mut self) {
        let owed = self.lines.take();
        if !owed.is_none() {
            self.draw(&format!("{}{}", owed.end, "\\tab".repeat(owed.tabs)));
        }
    }

    /// A line ends within its paragraph.
    fn end_line(&mut self) {
        self.draw_owed();
        self.lines.end_line();
    }

    /// Text that both see: its ends of lines are blanks, and its references characters.
    fn text(&mut self, text: &str) {
        let mut text = text;
        if self.preserves == 0 && self.lines.is_blank_gone() {
            let seen = text.trim_start_matches(|one: char| one.is_ascii_whitespace());
            self.tag(&text[..text.len() - seen.len()]);
            text = seen;
        }
        if text.is_empty() {
            return;
        }
        let is_first = std::mem::take(&mut self.is_first);
        for (at, line) in lines(text).enumerate() {
            if at > 0 {
                self.tag("\n");
                match (self.preserves, at) {
                    (0, _) => self.draw("  "),
                    (_, 1) if is_first && text.starts_with(['\r', '\n']) => {}
                    _ => self.end_line(),
                }
            }
            self.line(line);
        }
    }

    fn line(&mut self, line: &str) {
        if line.is_empty() {
            return;
        }
        self.draw_owed();
        self.lines.write();
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
        let role = Role::of(name.as_bytes());
        if role == Role::Link && is_end {
            self.link_ends();
        }
        self.tag(source);
        self.head = self.head.behind(role, &name, is_end);
        let preserves = role == Role::Pre || name == "textarea";
        self.is_first = preserves && !is_end;
        if preserves {
            self.lines.end_block();
            self.preserves = if is_end { self.preserves.saturating_sub(1) } else { self.preserves + 1 };
        }
        match role {
            Role::Link if !is_end => self.link_begins(attribute(source, "href").unwrap_or_default()),
            Role::Break => self.end_line(),
            Role::Cell | Role::Row | Role::Group | Role::Table => self.part_of_table(role, is_end),
            Role::List(_) | Role::Item => self.part_of_list(role, source, is_end),
            _ if role.is_block() => self.lines.end_block(),
            _ => self.look(&name, is_end),
        }
    }

    fn look(&mut self, name: &str, is_end: bool) {
        match name {
            "b" | "strong" => self.draw(if is_end { "\\b0" } else { "\\b" }),
            "i" | "em" => self.draw(if is_end { "\\i0" } else { "\\i" }),
            "u" => self.draw(if is_end { "\\ulnone" } else { "\\ul" }),
            "s" | "strike" | "del" => self.draw(if is_end { "\\strike0" } else { "\\strike" }),
            _ => {}
        }
    }

    /// A row is a line with its cells behind tabs.
    fn part_of_table(&mut self, role: Role, is_end: bool) {
        match (role, is_end) {
            (Role::Cell, false) => self.lines.begin_cell(),
            (Role::Cell, true) => self.lines.end_cell(),
            (Role::Table, false) => self.lines.begin_table(),
            _ => {
                let tabs = self.lines.end_row();
                if tabs > 0 {
                    self.draw(&"\\tab".repeat(tabs));
                }
            }
        }
    }

    fn part_of_list(&mut self, role: Role, source: &str, is_end: bool) {
        self.lines.end_item();
        match (role, is_end) {
            (Role::List(is_ordered), false) => self.lists.begin(source, is_ordered),
            (Role::List(is_ordered), true) => self.lists.end(is_ordered),
            (_, true) => {}
            (_, false) => {
                let marker = self.lists.marker(source);
                if !marker.is_empty() {
                    let owed = self.lines.take();
                    self.draw(&format!("{}{} {marker}", owed.end, "\\tab".repeat(owed.tabs)));
                    self.lines.mark();
                }
            }
        }
    }

    fn link_begins(&mut self, target: &str) {
        self.link_ends();
        if target.is_empty() || target.len() > LONGEST_TARGET || !is_safe_target(target) {
            return;
        }
        // A line that ends within the link would be part of it.
        self.draw_owed();
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
