//! Lines of a bounded width.
//!
//! Rule: a line breaks at blanks and between ideographs, nowhere else: a word that is longer than the line stands alone in its
//! own, so that no address is cut. Width is what a terminal shows (UAX #11), not octets.

use std::{convert::Infallible, ops::Range};

use unicode_width::UnicodeWidthStr;

/// How wide this text is shown.
pub(crate) fn width(text: &str) -> usize {
    if text.is_ascii() {
        text.len()
    } else {
        text.width()
    }
}

/// Hands on the lines into which this one is broken, without the blanks at which it is.
pub(crate) fn fold<E>(line: &str, column: usize, mut each: impl FnMut(&str) -> Result<(), E>) -> Result<(), E> {
    pieces(line, column, |piece| each(&line[piece]))
}

/// Where each of these lines stands in it.
pub(super) fn pieces<E>(
    line: &str,
    column: usize,
    mut each: impl FnMut(Range<usize>) -> Result<(), E>,
) -> Result<(), E> {
    if line.len() <= column || width(line) <= column {
        return each(0..line.len());
    }
    // Where the piece begins, where its last word ends, and how wide it is up to there.
    let (mut start, mut end, mut taken) = (0, 0, 0);
    for (from, to) in Units::of(line) {
        let wide = width(&line[from..to]);
        if end > start && taken + (from - end) + wide > column {
            each(start..end)?;
            (start, taken) = (from, wide);
        } else {
            taken += (from - end) + wide;
        }
        end = to;
    }
    each(start..line.len())
}

/// This text in lines that are not wider than `column` if their words let them. Quote marks at the beginning of a line stand
/// before each of its lines.
///
/// ```
/// use postrider_convert::text;
/// assert_eq!(text::wrap("> one two three\n", 10), "> one two\n> three\n");
/// ```
pub fn wrap(text: &str, column: usize) -> String {
    let mut wrapped = String::with_capacity(text.len() + text.len() / 32);
    for line in text.split_inclusive('\n') {
        let content = line.trim_end_matches(['\n', '\r']);
        let end = &line[content.len()..];
        let (marks, rest) = content.split_at(marks(content));
        let room = column.saturating_sub(marks.len());
        // Marks that leave no room for words are words.
        let room = if room < column / 2 { usize::MAX } else { room };
        wrapped.push_str(marks);
        let mut is_first = true;
        let Ok(()) = fold(rest, room, |piece| {
            if !is_first {
                wrapped.push_str(if end.is_empty() { "\n" } else { end });
                wrapped.push_str(marks);
            }
            is_first = false;
            wrapped.push_str(piece);
            Ok::<(), Infallible>(())
        });
        wrapped.push_str(end);
    }
    wrapped
}

/// Octets of quote marks, with the blanks among them and the one behind.
fn marks(line: &str) -> usize {
    let mut marks = 0;
    for (at, octet) in line.bytes().enumerate() {
        match octet {
            b'>' => marks = at + 1,
            b' ' if at == marks && marks > 0 => {}
            _ => break,
        }
    }
    if marks > 0 && line[marks..].starts_with(' ') {
        marks += 1;
    }
    marks
}

/// What no line breaks within.
struct Units<'l> {
    line: &'l str,
    at: usize,
    /// Where the word ends in which `at` is, and from where on it is one whole.
    word: usize,
    whole: usize,
}

impl<'l> Units<'l> {
    fn of(line: &'l str) -> Self {
        Units { line, at: 0, word: 0, whole: 0 }
    }

    /// The next word. `None`: the line is at its end.
    fn next_word(&mut self) -> Option<()> {
        let rest = &self.line[self.at..];
        self.at += rest.len() - rest.trim_start_matches(' ').len();
        let rest = &self.line[self.at..];
        if rest.is_empty() {
            return None;
        }
        let word = rest.split(' ').next().unwrap_or(rest);
        self.word = self.at + word.len();
        self.whole = if word.is_ascii() {
            self.at
        } else {
            // An address is one whole, from its scheme on.
            word.find("://").map_or(self.word, |colon| {
                let scheme = word[..colon].trim_end_matches(|one: char| one.is_ascii_alphanumeric() || one == '+');
                self.at + scheme.len()
            })
        };
        Some(())
    }
}

impl Iterator for Units<'_> {
    type Item = (usize, usize);

    fn next(&mut self) -> Option<(usize, usize)> {
        if self.at >= self.word {
            self.next_word()?;
        }
        let from = self.at;
        if from < self.whole {
            let part = &self.line[from..self.whole];
            let mut before = None;
            for (at, one) in part.char_indices() {
                if before.is_some_and(|before| may_break(before, one)) {
                    self.at = from + at;
                    return Some((from, self.at));
                }
                before = Some(one);
            }
            // The address begins a line of its own if it must.
            if self.whole < self.word && before.is_some_and(is_ideograph) {
                self.at = self.whole;
                return Some((from, self.at));
            }
        }
        self.at = self.word;
        Some((from, self.word))
    }
}

/// A line may break between these two.
fn may_break(before: char, behind: char) -> bool {
    is_ideograph(before) && is_ideograph(behind) && !"「『（【《〈［｛“‘".contains(before) && !ends_words(behind)
}

/// It stands at no line's beginning.
fn ends_words(one: char) -> bool {
    "、。，．」』）】》〉］｝！？：；・ーゝゞ々〜ぁぃぅぇぉっゃゅょァィゥェォッャュョ".contains(one)
}

/// Each of them is a word, more or less, or a sign among them.
fn is_ideograph(one: char) -> bool {
    matches!(one, '\u{2E80}'..='\u{A4CF}' | '\u{AC00}'..='\u{D7A3}' | '\u{F900}'..='\u{FAFF}' | '\u{FF01}'..='\u{FF9F}'
        | '\u{20000}'..='\u{3FFFF}')
}
