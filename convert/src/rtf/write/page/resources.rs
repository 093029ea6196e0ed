//! Fonts and colours of a document, which stand in tables at its beginning.
//!
//! Rule: a table is bounded; what it has no room for looks as if nobody had said anything.

use std::{collections::HashMap, fmt::Write};

use crate::rtf::tables::{Colour, Family};

/// Fonts that are kept.
const MOST_FONTS: usize = 250;
/// Colours that are kept.
const MOST_COLOURS: usize = 2000;
/// Octets of a font's name: Windows has no longer ones.
const LONGEST_NAME: usize = 31;
/// Octets of a colour's value that is read.
const LONGEST_COLOUR: usize = 64;
/// The colour of links.
const LINK: Colour = Colour { red: 0x05, green: 0x63, blue: 0xC1 };

/// What a page has used of them.
#[derive(Debug, Default)]
pub(super) struct Resources {
    /// By what the page says of them.
    known: HashMap<Box<str>, Option<u16>>,
    fonts: Vec<(String, Family)>,
    colours: HashMap<[u8; 3], u16>,
    order: Vec<[u8; 3]>,
}

impl Resources {
    /// The font that the first of these families is that there may be (CSS: `font-family`). `None`: they say nothing.
    pub fn font(&mut self, families: &str) -> Option<u16> {
        if let Some(font) = self.known.get(families) {
            return *font;
        }
        let font = self.add_font(families);
        if self.known.len() < MOST_FONTS * 4 {
            self.known.insert(families.into(), font);
        }
        font
    }

    fn add_font(&mut self, families: &str) -> Option<u16> {
        let (mut name, mut family) = (None, Family::Unknown);
        for word in families.split(',').map(|word| word.trim().trim_matches(['"', '\'']).trim()) {
            match generic(word) {
                Some(found) if family == Family::Unknown => family = found,
                Some(_) => {}
                None if name.is_none() && is_name(word) => name = Some(word),
                None => {}
            }
        }
        let name = match (name, family) {
            (Some(name), _) => name,
            (None, Family::Serif) => "Times New Roman",
            (None, Family::Sans) => "Arial",
            (None, Family::Monospace) => "Courier New",
            (None, Family::Script) => "Comic Sans MS",
            (None, _) => return None,
        };
        let is_it = |(known, of): &(String, Family)| known == name && *of == family;
        let at = self.fonts.iter().position(is_it).or_else(|| {
            (self.fonts.len() < MOST_FONTS).then(|| {
                self.fonts.push((name.to_owned(), family));
                self.fonts.len() - 1
            })
        })?;
        // 0 is the font of the document.
        u16::try_from(at + 1).ok()
    }

    /// The colour of this value (CSS Color 4). `None`: it says nothing; 0: that of the reader.
    pub fn colour(&mut self, value: &str) -> Option<u16> {
        if ["windowtext", "initial", "transparent"].iter().any(|word| value.eq_ignore_ascii_case(word)) {
            return Some(0);
        }
        // Values may stand within each other, and who reads them goes down with them.
        if value.len() > LONGEST_COLOUR {
            return None;
        }
        let [red, green, blue, opacity] = csscolorparser::parse(value).ok()?.to_rgba8();
        if opacity == 0 {
            return Some(0);
        }
        Some(self.add_colour([red, green, blue]))
    }

    /// The colour of links.
    pub fn link_colour(&mut self) -> u16 {
        self.add_colour([LINK.red, LINK.green, LINK.blue])
    }

    fn add_colour(&mut self, colour: [u8; 3]) -> u16 {
        if let Some(number) = self.colours.get(&colour) {
            return *number;
        }
        if self.order.len() == MOST_COLOURS {
            return 0;
        }
        self.order.push(colour);
        let number = u16::try_from(self.order.len()).unwrap_or(0);
        self.colours.insert(colour, number);
        number
    }

    /// Both tables.
    pub fn write(&self, rtf: &mut String) {
        rtf.push_str("{\\fonttbl{\\f0\\fswiss\\fcharset0 Arial;}");
        for (at, (name, family)) in self.fonts.iter().enumerate() {
            let family = match family {
                Family::Unknown => "fnil",
                Family::Serif => "froman",
                Family::Sans => "fswiss",
                Family::Monospace => "fmodern",
                Family::Script => "fscript",
                Family::Decorative => "fdecor",
            };
            let _ = write!(rtf, "{{\\f{}\\{family}\\fcharset0 {name};}}", at + 1);
            // a string can be written
        }
        rtf.push_str("}{\\colortbl;");
        for [red, green, blue] in &self.order {
            let _ = write!(rtf, "\\red{red}\\green{green}\\blue{blue};"); // a string can be written
        }
        rtf.push('}');
    }
}

/// What stands for any font of its kind.
fn generic(word: &str) -> Option<Family> {
    Some(match word.to_ascii_lowercase().as_str() {
        "serif" | "ui-serif" => Family::Serif,
        "sans-serif" | "system-ui" | "ui-sans-serif" | "ui-rounded" | "-apple-system" | "blinkmacsystemfont" => {
            Family::Sans
        }
        "monospace" | "ui-monospace" => Family::Monospace,
        "cursive" => Family::Script,
        "fantasy" => Family::Decorative,
        _ => return None,
    })
}

/// It can be the name of a font, in a table that has only ASCII.
fn is_name(word: &str) -> bool {
    let is_plain = |one: char| one.is_ascii_alphanumeric() || matches!(one, ' ' | '-' | '_' | '.');
    let says_nothing = ["inherit", "initial", "unset", "revert"].iter().any(|other| word.eq_ignore_ascii_case(other));
    !says_nothing
        && (1..=LONGEST_NAME).contains(&word.len())
        && word.starts_with(|one: char| one.is_ascii_alphanumeric())
        && word.chars().all(is_plain)
}
