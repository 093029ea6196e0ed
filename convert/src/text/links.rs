//! The addresses in a line of text.
//!
//! Rule: what becomes a link is what a reader would have copied: without the full stop behind it, with the brackets that belong to
//! it. It leads to where nothing is run.

use std::ops::Range;

use linkify::{LinkFinder, LinkKind};

/// Schemes that make an address a link.
const SCHEMES: [&str; 3] = ["http://", "https://", "ftp://"];
const WWW: &str = "www.";
const MAILTO: &str = "mailto:";

/// An address in a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Link {
    /// Where it stands.
    pub(super) place: Range<usize>,
    /// What stands before it in its target.
    pub(super) scheme: &'static str,
}

/// What finds them.
pub(super) struct Links(LinkFinder);

impl Links {
    pub(super) fn new() -> Links {
        let mut finder = LinkFinder::new();
        finder.kinds(&[LinkKind::Url, LinkKind::Email]).url_must_have_scheme(false);
        Links(finder)
    }

    /// Those in this line, in their order.
    pub(super) fn of<'t>(&'t self, line: &'t str) -> impl Iterator<Item = Link> + 't {
        let mut end = 0;
        self.0.links(line).filter_map(move |found| {
            let place = found.start()..found.end();
            // The end of one may have reached into the next.
            if place.start < end {
                return None;
            }
            let link = match found.kind() {
                LinkKind::Email => mail(line, place, end),
                _ => address(line, place)?,
            };
            end = link.place.end;
            Some(link)
        })
    }
}

fn begins(text: &str, with: &str) -> bool {
    text.get(..with.len()).is_some_and(|found| found.eq_ignore_ascii_case(with))
}

fn address(line: &str, place: Range<usize>) -> Option<Link> {
    let text = &line[place.clone()];
    let scheme = match text {
        _ if SCHEMES.iter().any(|scheme| begins(text, scheme)) => "",
        _ if begins(text, WWW) => "http://",
        _ => return None,
    };
    // Where words have no blanks between them, their signs end an address.
    let length = text.find(['。', '，', '、', '！', '？', '；', '：', '）', '」', '』', '】', '》', '\u{3000}']);
    let end = length.map_or(place.end, |length| place.start + length);
    Some(Link { place: place.start..end, scheme })
}

/// An address of mail. Its scheme and what it asks for may stand around it, but not in what is a link already.
fn mail(line: &str, place: Range<usize>, taken: usize) -> Link {
    let Range { mut start, mut end } = place;
    let before = start.checked_sub(MAILTO.len()).filter(|from| *from >= taken && line.is_char_boundary(*from));
    let has_scheme = before.is_some_and(|from| begins(&line[from..], MAILTO));
    if has_scheme {
        start -= MAILTO.len();
        let rest = &line[end..];
        if rest.starts_with('?') {
            let ends = |one: char| one.is_whitespace() || one.is_control() || matches!(one, '<' | '>' | '"' | ')');
            let asked = &rest[..rest.find(ends).unwrap_or(rest.len())];
            end += asked.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'']).len();
        }
    }
    Link { place: start..end, scheme: if has_scheme { "" } else { MAILTO } }
}
