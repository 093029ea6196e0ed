//! `format=flowed` (RFC 3676): paragraphs whose lines another reader may break elsewhere.
//!
//! Rule: what flows comes back: `unflow` of `flow` is the text, blanks at the ends of its lines aside.

use std::{
    borrow::Cow,
    convert::Infallible,
    iter::{Peekable, Scan},
    str::SplitInclusive,
};

use super::wrap::pieces;

/// What ends the text and begins the signature.
pub(super) const SIGNATURE: &str = "-- ";

/// The parameters of `format=flowed`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flowed {
    /// `DelSp=yes`: the blank at the end of a line that flows is no part of the text, so that lines may break without a blank, as
    /// those of Chinese and Japanese do.
    pub del_sp: bool,
}

/// A line of the text, or a paragraph that has flowed together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line<'t> {
    /// How often it is quoted.
    pub(super) depth: usize,
    /// Where it begins.
    pub(super) at: usize,
    pub(super) text: Cow<'t, str>,
}

/// Lines as they are, and where each begins.
type Lines<'t> = Scan<SplitInclusive<'t, char>, usize, fn(&mut usize, &'t str) -> Option<(usize, &'t str)>>;

/// The lines of this text, without their ends, and where each begins.
pub(super) fn lines(text: &str) -> Lines<'_> {
    text.split_inclusive('\n').scan(0, |next, line| {
        let at = *next;
        *next += line.len();
        let line = line.strip_suffix('\n').unwrap_or(line);
        Some((at, line.strip_suffix('\r').unwrap_or(line)))
    })
}

/// The lines of a text that flows.
pub(super) struct Paragraphs<'t> {
    lines: Peekable<Lines<'t>>,
    flowed: Flowed,
}

/// The lines of this text, as paragraphs.
pub(super) fn paragraphs(text: &str, flowed: Flowed) -> Paragraphs<'_> {
    Paragraphs { lines: lines(text).peekable(), flowed }
}

impl<'t> Iterator for Paragraphs<'t> {
    type Item = Line<'t>;

    fn next(&mut self) -> Option<Line<'t>> {
        let (at, first) = self.lines.next()?;
        let (depth, first) = split(first);
        if !flows(first) {
            return Some(Line { depth, at, text: first.into() });
        }
        let cut = usize::from(self.flowed.del_sp);
        let mut text = first[..first.len() - cut].to_owned();
        // What is quoted otherwise, or a signature, is not part of the paragraph.
        let goes_on = |line: &(usize, &str)| split(line.1).0 == depth && split(line.1).1 != SIGNATURE;
        while let Some((_, line)) = self.lines.next_if(goes_on) {
            let (_, rest) = split(line);
            if !flows(rest) {
                text.push_str(rest);
                break;
            }
            text.push_str(&rest[..rest.len() - cut]);
        }
        Some(Line { depth, at, text: text.into() })
    }
}

/// Another line follows that is part of this paragraph.
fn flows(line: &str) -> bool {
    line.ends_with(' ') && line != SIGNATURE
}

/// How often a line is quoted, and the line without the blank with which it is stuffed.
fn split(line: &str) -> (usize, &str) {
    let rest = line.trim_start_matches('>');
    (line.len() - rest.len(), rest.strip_prefix(' ').unwrap_or(rest))
}

/// The text of a body that flows: each paragraph is one line, behind its quote marks and a blank.
///
/// ```
/// use postrider_convert::text::{unflow, Flowed};
/// assert_eq!(unflow("> one \n> two\n From me\n", Flowed::default()), "> one two\nFrom me\n");
/// ```
pub fn unflow(text: &str, flowed: Flowed) -> String {
    let mut plain = String::with_capacity(text.len());
    for Line { depth, text, .. } in paragraphs(text, flowed) {
        plain.extend(std::iter::repeat_n('>', depth));
        let text = if text == SIGNATURE { SIGNATURE } else { text.trim_end_matches(' ') };
        if depth > 0 && !text.is_empty() {
            plain.push(' ');
        }
        plain.push_str(text);
        plain.push('\n');
    }
    plain
}

/// A body that flows, of this text, each of whose lines is a paragraph. Its lines have at most `column` columns where their words
/// let them; RFC 3676 wants 78 or less.
///
/// ```
/// use postrider_convert::text::{flow, Flowed};
/// assert_eq!(flow("> one two\n>> three\nFrom me\n", 6, Flowed::default()), "> one \n> two\n>> three\n From \nme\n");
/// ```
pub fn flow(text: &str, column: usize, flowed: Flowed) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 16);
    for line in text.lines() {
        let (depth, content) = split(line);
        let (depth, content) = if depth == 0 { (0, line) } else { (depth, content) };
        let content = if content == SIGNATURE { content } else { content.trim_end_matches(' ') };
        // The blank behind the quote marks, and that at the end.
        let room = match column.saturating_sub(depth + 2 + usize::from(flowed.del_sp)) {
            // Marks that leave no room for words are not repeated.
            room if room < column / 2 => usize::MAX,
            room => room,
        };
        let mut start = 0;
        let Ok(()) = pieces(content, room, |piece| {
            if piece.start > 0 && may_flow(&content[start..piece.start], flowed) {
                put(&mut out, depth, &content[start..piece.start]);
                out.push_str(if flowed.del_sp { " \n" } else { "\n" });
                start = piece.start;
            }
            Ok::<(), Infallible>(())
        });
        put(&mut out, depth, &content[start..]);
        out.push('\n');
    }
    out
}

/// A line of the body may end behind this.
fn may_flow(piece: &str, flowed: Flowed) -> bool {
    flowed.del_sp || (piece.ends_with(' ') && piece != SIGNATURE)
}

/// One line, stuffed if it has to be.
fn put(out: &mut String, depth: usize, line: &str) {
    out.extend(std::iter::repeat_n('>', depth));
    let is_stuffed = match depth {
        0 => line.starts_with([' ', '>']) || line.starts_with("From "),
        _ => !line.is_empty(),
    };
    if is_stuffed {
        out.push(' ');
    }
    out.push_str(line);
}
