//! The text of a page: what a reader without HTML sees.
//!
//! Rule: total and linear: whatever the page is, each octet is looked at a fixed number of times, and all markup goes.

use mail_parser::decoders::html::add_html_token;

/// Octets of a character reference that is looked for: the longest name has 32.
const MAX_REFERENCE: usize = 40;

/// What is left out with all that is in it.
const HIDDEN: [&str; 4] = ["script", "style", "template", "title"];
/// Before and behind these there is an empty line.
const PARAGRAPHS: [&str; 12] = ["p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "blockquote", "pre"];
/// These begin and end a line.
const LINES: [&str; 18] = [
    "div", "li", "tr", "dt", "dd", "dl", "section", "article", "header", "footer", "main", "nav", "aside", "form",
    "address", "caption", "figure", "hr",
];

/// The text of a page: block by block, with lists, the targets of links and the texts of images; scripts and styles are
/// left out. Lines end with LF.
pub(super) fn text_of(html: &str) -> String {
    let mut page = Page::default();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        page.text(&rest[..at]);
        rest = match markup(&rest[at..]) {
            Some((tag, behind)) => {
                page.tag(tag);
                behind.get(page.skip(tag, behind)..).unwrap_or("")
            }
            None => {
                page.text("<");
                &rest[at + 1..]
            }
        };
    }
    page.text(rest);
    page.finish()
}

/// The inside of a tag or comment and what stands behind it; `None`: this `<` is only a sign.
fn markup(text: &str) -> Option<(&str, &str)> {
    if let Some(comment) = text.strip_prefix("<!--") {
        let end = comment.find("-->").map_or(comment.len(), |at| at + 3);
        return Some(("", &comment[end..]));
    }
    let inside = &text[1..];
    let first = inside.bytes().next()?;
    if !(first.is_ascii_alphabetic() || matches!(first, b'/' | b'!' | b'?')) {
        return None;
    }
    let end = end_of_tag(inside);
    Some((&inside[..end], inside.get(end + 1..).unwrap_or("")))
}

/// Where the `>` is that is in no quotes of an attribute; the end if there is none.
fn end_of_tag(inside: &str) -> usize {
    let mut quote = None;
    let mut before = b' ';
    for (at, octet) in inside.bytes().enumerate() {
        match (octet, quote) {
            (b'>', None) => return at,
            (b'"' | b'\'', None) if before == b'=' => quote = Some(octet),
            (octet, Some(open)) if octet == open => quote = None,
            _ => {}
        }
        if !octet.is_ascii_whitespace() {
            before = octet;
        }
    }
    inside.len()
}

/// The name of a tag in lower case, and whether it closes.
fn name_of(tag: &str) -> (String, bool) {
    let (tag, closes) = tag.strip_prefix('/').map_or((tag, false), |tag| (tag, true));
    let end = tag.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(tag.len());
    (tag[..end].to_ascii_lowercase(), closes)
}

/// The value of an attribute, references resolved.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let mut rest = tag;
    loop {
        let at = find_ignoring_case(rest, name)?;
        let is_begin = rest[..at].ends_with(|c: char| c.is_ascii_whitespace());
        let behind = rest[at + name.len()..].trim_start();
        match behind.strip_prefix('=').filter(|_| is_begin) {
            Some(value) => return Some(resolved(value_of(value.trim_start()))),
            None => rest = &rest[at + name.len()..],
        }
    }
}

fn value_of(text: &str) -> &str {
    match text.chars().next() {
        Some(quote @ ('"' | '\'')) => text[1..].split(quote).next().unwrap_or(""),
        _ => text.split(|c: char| c.is_ascii_whitespace()).next().unwrap_or(""),
    }
}

/// Where ASCII `name` begins, whatever its case.
fn find_ignoring_case(text: &str, name: &str) -> Option<usize> {
    text.as_bytes().windows(name.len()).position(|window| window.eq_ignore_ascii_case(name.as_bytes()))
}

/// Text with its character references resolved, and without controls.
fn resolved(text: &str) -> String {
    let mut whole = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        whole.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.bytes().take(MAX_REFERENCE).position(|octet| octet == b';');
        let reference = end.map(|end| &rest[..=end]).filter(|reference| reference.is_ascii()).unwrap_or("&");
        add_html_token(&mut whole, reference.as_bytes(), false);
        rest = &rest[reference.len()..];
    }
    whole.push_str(rest);
    whole.retain(|c| !c.is_control() || c.is_ascii_whitespace());
    whole
}

/// Text as it grows.
#[derive(Default)]
struct Page {
    text: String,
    /// Line ends that stand before the next word: 1 ends a line, 2 make an empty one.
    breaks: usize,
    /// A blank stands before the next word.
    blank: bool,
    /// How deep in `pre`, where blanks and line ends are kept.
    pre: usize,
    /// The word before is the sign of a list's item: what follows stands on its line.
    is_marked: bool,
    /// The target of the link that is open, and where its text begins. Links do not nest.
    link: Option<(String, usize)>,
}

impl Page {
    fn text(&mut self, text: &str) {
        let text = resolved(text);
        if self.pre > 0 {
            return self.kept(&text);
        }
        for (index, word) in text.split(|c: char| c.is_ascii_whitespace()).enumerate() {
            self.blank |= index > 0;
            if !word.is_empty() {
                self.word(word);
            }
        }
    }

    fn kept(&mut self, text: &str) {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        if !text.is_empty() {
            self.word(&text);
        }
    }

    fn word(&mut self, word: &str) {
        if !self.text.is_empty() {
            let has = line_ends(&self.text, self.breaks);
            (has..self.breaks).for_each(|_| self.text.push('\n'));
            if self.blank && self.breaks == 0 && !self.text.ends_with([' ', '\n']) {
                self.text.push(' ');
            }
        }
        (self.breaks, self.blank, self.is_marked) = (0, false, false);
        self.text.push_str(word);
    }

    fn tag(&mut self, tag: &str) {
        let (name, closes) = name_of(tag);
        let name = name.as_str();
        if self.is_marked {
            // its own line has begun
        } else if PARAGRAPHS.contains(&name) {
            self.breaks = self.breaks.max(2);
        } else if LINES.contains(&name) {
            self.breaks = self.breaks.max(1);
        }
        match (name, closes) {
            ("br", _) => self.line_end(),
            ("hr", _) => self.rule(),
            ("td" | "th", false) => self.blank = true,
            ("li", false) => self.item(),
            ("pre", false) => self.pre += 1,
            ("pre", true) => self.pre = self.pre.saturating_sub(1),
            ("img", _) => self.image(tag),
            ("a", false) => self.link(tag),
            ("a", true) => self.end_link(),
            _ => {}
        }
    }

    fn line_end(&mut self) {
        if self.breaks > 0 || self.text.is_empty() {
            self.breaks = (self.breaks + 1).min(2);
        } else {
            self.breaks = 1;
        }
    }

    fn rule(&mut self) {
        self.word("---");
        self.breaks = 1;
    }

    fn item(&mut self) {
        self.word("-");
        (self.blank, self.is_marked) = (true, true);
    }

    fn image(&mut self, tag: &str) {
        let text = attribute(tag, "alt").unwrap_or_default();
        if !text.trim().is_empty() {
            self.text(&format!("[{}]", text.trim()));
        }
    }

    fn link(&mut self, tag: &str) {
        let target = attribute(tag, "href").unwrap_or_default();
        self.link = Some((target.split_whitespace().collect(), self.text.len()));
    }

    /// Tells the target behind its text, if the text does not show it.
    fn end_link(&mut self) {
        let Some((target, from)) = self.link.take() else { return };
        let shown = self.text.get(from..).unwrap_or("").trim();
        let bare = target.strip_prefix("mailto:").unwrap_or(&target);
        let is_told = bare.is_empty() || bare.starts_with('#') || shown.contains(bare) || is_script(bare);
        if !is_told {
            let told = format!("<{bare}>");
            self.blank |= !shown.is_empty();
            self.word(&told);
        }
    }

    /// How much of what stands behind this tag is not shown.
    fn skip(&self, tag: &str, behind: &str) -> usize {
        let (name, closes) = name_of(tag);
        if closes || !HIDDEN.contains(&name.as_str()) || tag.ends_with('/') {
            return 0;
        }
        let end = find_ignoring_case(behind, &format!("</{name}"));
        end.unwrap_or(behind.len())
    }

    fn finish(mut self) -> String {
        let lines: Vec<&str> = self.text.lines().map(|line| line.trim_end_matches([' ', '\t'])).collect();
        self.text = lines.join("\n").trim_matches('\n').to_owned();
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text
    }
}

/// How many line ends a text ends with, counted to `most`: the run may be long, and each word asks.
fn line_ends(text: &str, most: usize) -> usize {
    text.bytes().rev().take(most).take_while(|octet| *octet == b'\n').count()
}

fn is_script(target: &str) -> bool {
    ["javascript:", "data:", "cid:"]
        .iter()
        .any(|scheme| target.get(..scheme.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(scheme)))
}
