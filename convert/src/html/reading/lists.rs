//! The markers of lists.
//!
//! Rule: an item has the number that a browser shows.

use super::tag::{Attribute, Tag};

/// What stands before the items of a list without numbers, by its depth.
const BULLETS: [&str; 3] = ["* ", "- ", "+ "];

/// A list that is open.
#[derive(Clone, Copy, Debug)]
pub(crate) struct List {
    pub(crate) kind: Kind,
    next: i32,
    step: i32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Bullet(&'static str),
    None,
    Decimal,
    Letters { is_upper: bool },
    Roman { is_upper: bool },
}

impl List {
    /// The list that begins with this tag, at so many lists around it.
    pub(crate) fn of(tag: &Tag, is_ordered: bool, is_without_marker: bool, depth: usize) -> List {
        let kind = match tag.get(Attribute::Type) {
            _ if is_without_marker => Kind::None,
            _ if !is_ordered => Kind::Bullet(BULLETS[depth.min(BULLETS.len() - 1)]),
            Some("a") => Kind::Letters { is_upper: false },
            Some("A") => Kind::Letters { is_upper: true },
            Some("i") => Kind::Roman { is_upper: false },
            Some("I") => Kind::Roman { is_upper: true },
            _ => Kind::Decimal,
        };
        let start = integer(tag, Attribute::Start);
        // A list that counts down from nowhere would have to be counted first.
        let is_reversed = start.is_some() && tag.get(Attribute::Reversed).is_some();
        List { kind, next: start.unwrap_or(1), step: if is_reversed { -1 } else { 1 } }
    }

    /// A list that nobody began.
    pub(crate) fn stray() -> List {
        List { kind: Kind::Bullet(BULLETS[0]), next: 1, step: 1 }
    }

    /// The marker of the item that begins with this tag.
    pub(crate) fn marker(&mut self, tag: &Tag) -> String {
        let number = self.number(tag);
        self.drawn(number)
    }

    /// The number of the item that begins with this tag.
    pub(crate) fn number(&mut self, tag: &Tag) -> i32 {
        let number = integer(tag, Attribute::Value).unwrap_or(self.next);
        self.next = number.saturating_add(self.step);
        number
    }

    /// What stands before the item of this number.
    pub(crate) fn drawn(&self, number: i32) -> String {
        match self.kind {
            Kind::Bullet(bullet) => bullet.to_owned(),
            Kind::None => String::new(),
            Kind::Decimal => format!("{number}. "),
            Kind::Letters { is_upper } => cased(letters(number), is_upper, number),
            Kind::Roman { is_upper } => cased(roman(number), is_upper, number),
        }
    }
}

fn integer(tag: &Tag, attribute: Attribute) -> Option<i32> {
    tag.get(attribute)?.trim().parse().ok()
}

fn cased(word: Option<String>, is_upper: bool, number: i32) -> String {
    match word {
        Some(word) if is_upper => format!("{}. ", word.to_ascii_uppercase()),
        Some(word) => format!("{word}. "),
        None => format!("{number}. "),
    }
}

/// a to z, aa to zz, and so on.
fn letters(number: i32) -> Option<String> {
    let mut left = u32::try_from(number).ok().filter(|number| *number > 0)?;
    let mut word = Vec::new();
    while left > 0 {
        left -= 1;
        word.push(char::from(b'a' + u8::try_from(left % 26).unwrap_or(0)));
        left /= 26;
    }
    Some(word.iter().rev().collect())
}

/// Up to 3999, as far as Rome counted.
fn roman(number: i32) -> Option<String> {
    const DIGITS: [(i32, &str); 13] = [
        (1000, "m"),
        (900, "cm"),
        (500, "d"),
        (400, "cd"),
        (100, "c"),
        (90, "xc"),
        (50, "l"),
        (40, "xl"),
        (10, "x"),
        (9, "ix"),
        (5, "v"),
        (4, "iv"),
        (1, "i"),
    ];
    if !(1..4000).contains(&number) {
        return None;
    }
    let mut left = number;
    let mut word = String::new();
    for (value, digit) in DIGITS {
        while left >= value {
            word.push_str(digit);
            left -= value;
        }
    }
    Some(word)
}
