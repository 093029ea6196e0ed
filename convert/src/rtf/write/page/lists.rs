//! Lists: what stands before their items, and the tables at the beginning of a document that say how they count.
//!
//! Rule: each list with numbers is one that Word counts by itself, from where it begins; where there are too many, they are drawn
//! only. (One list with several beginnings would do for Word, but LibreOffice goes on counting in it.)

use std::fmt::Write;

use crate::html::reading::{
    lists::{Kind, List},
    tag::Tag,
};

/// Lists that count by themselves.
const MOST: usize = 200;
/// Levels that a list has.
const LEVELS: u8 = 9;
/// What stands before the items of a list without numbers, by its depth.
const BULLETS: [&str; 3] = ["\u{2022}", "\u{25E6}", "\u{25AA}"];

/// How a list counts: `\levelnfc`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Decimal = 0,
    UpperRoman = 1,
    LowerRoman = 2,
    UpperLetters = 3,
    LowerLetters = 4,
    Bullet = 23,
}

/// A list that is open.
#[derive(Clone, Copy, Debug)]
struct Open {
    list: List,
    /// `\ls`; 0: it does not count by itself.
    number: u16,
    /// The number that Word will give the next item.
    next: Option<i32>,
}

/// What stands before an item.
#[derive(Debug)]
pub(super) struct Marker {
    pub text: String,
    /// `\ls` and `\ilvl`.
    pub item: (u16, u8),
}

/// The lists of a document.
#[derive(Debug, Default)]
pub(super) struct Lists {
    open: Vec<Open>,
    /// How each counts, and from where.
    known: Vec<(Format, i32)>,
}

impl Lists {
    pub fn begin(&mut self, list: List) {
        self.open.push(Open { list, number: 0, next: None });
    }

    pub fn end(&mut self) {
        self.open.pop();
    }

    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    pub fn depth(&self) -> usize {
        self.open.len()
    }

    /// What stands before the item that begins with this tag. `None`: nothing.
    pub fn marker(&mut self, tag: &Tag) -> Option<Marker> {
        let level = self.open.len().saturating_sub(1);
        let mut open = self.open.pop().unwrap_or(Open { list: List::stray(), number: 0, next: None });
        let number = open.list.number(tag);
        let format = format(open.list.kind);
        if let Some(format) = format {
            // Where the page does not count as Word would, another list begins.
            if open.next != Some(number) && (format != Format::Bullet || open.number == 0) {
                open.number = self.begin_counting(format, number);
            }
            open.next = number.checked_add(1);
        }
        let text = match format {
            Some(Format::Bullet) => BULLETS[level.min(BULLETS.len() - 1)].to_owned(),
            _ => open.list.drawn(number).trim_end().to_owned(),
        };
        let level = u8::try_from(level).unwrap_or(LEVELS).min(LEVELS - 1);
        let item = (open.number, level);
        self.open.push(open);
        format.map(|_| Marker { text, item })
    }

    /// The number of a list that counts so from there; 0: there are too many.
    fn begin_counting(&mut self, format: Format, start: i32) -> u16 {
        // Those without numbers are all alike.
        let same = |(known, _): &(Format, i32)| format == Format::Bullet && *known == format;
        let at = self.known.iter().position(same).or_else(|| {
            (self.known.len() < MOST && (0..=i32::from(i16::MAX)).contains(&start)).then(|| {
                self.known.push((format, start));
                self.known.len() - 1
            })
        });
        at.and_then(|at| u16::try_from(at + 1).ok()).unwrap_or(0)
    }

    /// Both tables.
    pub fn write(&self, rtf: &mut String) {
        if self.known.is_empty() {
            return;
        }
        rtf.push_str("{\\*\\listtable");
        for (at, (format, start)) in self.known.iter().enumerate() {
            definition(rtf, *format, *start, at + 1);
        }
        rtf.push_str("}{\\*\\listoverridetable");
        for list in 1..=self.known.len() {
            let _ = write!(rtf, "{{\\listoverride\\listid{list}\\listoverridecount0\\ls{list}}}");
            // a string can be written
        }
        rtf.push('}');
    }
}

fn format(kind: Kind) -> Option<Format> {
    Some(match kind {
        Kind::None => return None,
        Kind::Bullet(_) => Format::Bullet,
        Kind::Decimal => Format::Decimal,
        Kind::Letters { is_upper: true } => Format::UpperLetters,
        Kind::Letters { is_upper: false } => Format::LowerLetters,
        Kind::Roman { is_upper: true } => Format::UpperRoman,
        Kind::Roman { is_upper: false } => Format::LowerRoman,
    })
}

/// How a list counts at each of its levels. A string can be written.
fn definition(rtf: &mut String, format: Format, start: i32, list: usize) {
    let _ = write!(rtf, "{{\\list\\listtemplateid{list}\\listhybrid");
    for level in 0..LEVELS {
        let code = format as u8;
        let _ = write!(rtf, "{{\\listlevel\\levelnfc{code}\\levelnfcn{code}\\leveljc0\\leveljcn0\\levelfollow0");
        let _ = write!(rtf, "\\levelstartat{start}\\levelspace0\\levelindent0");
        if format == Format::Bullet {
            let bullet = BULLETS[usize::from(level).min(BULLETS.len() - 1)];
            rtf.push_str("{\\leveltext\\'01");
            crate::rtf::write::escape::text(rtf, bullet);
            rtf.push_str(";}{\\levelnumbers;}");
        } else {
            let _ = write!(rtf, "{{\\leveltext\\'02\\'0{level}.;}}{{\\levelnumbers\\'01;}}");
        }
        let indent = super::css::STEP * (i32::from(level) + 1);
        let _ = write!(rtf, "\\fi-360\\li{indent}\\lin{indent}}}");
    }
    let _ = write!(rtf, "{{\\listname ;}}\\listid{list}}}");
}
