//! Fonts and colours of a document, which are in tables at its beginning.
//!
//! Rule: a table is bounded. What is not in it is nothing special: the default font, no colour.

use std::collections::HashMap;

use crate::{Charset, Flaws, Trouble};

/// Fonts and colours of one document that are kept.
const MOST: usize = 4096;
/// Octets of a font's name.
const LONGEST_NAME: usize = 200;

/// The family of a font.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Family {
    /// `\fnil` and others.
    #[default]
    Unknown,
    /// `\froman`
    Serif,
    /// `\fswiss`
    Sans,
    /// `\fmodern`
    Monospace,
    /// `\fscript`
    Script,
    /// `\fdecor`
    Decorative,
}

/// A font.
#[derive(Clone, Debug, Default)]
pub struct Font {
    /// Its name, without what stands for it where it is missing.
    pub name: String,
    /// Its family.
    pub family: Family,
    /// That of its octets; `None`: that of the document.
    pub(super) charset: Option<Charset>,
}

/// A colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Colour {
    /// How much red it has.
    pub red: u8,
    /// How much green.
    pub green: u8,
    /// How much blue.
    pub blue: u8,
}

/// What the tables of a document say.
#[derive(Debug)]
pub struct Tables {
    fonts: HashMap<i32, Font>,
    /// `None`: the one of the reader ("auto").
    colours: Vec<Option<Colour>>,
    /// `\deff`
    pub(super) default_font: i32,
    /// `\ansi`, `\mac`, `\pc`, `\pca`, `\ansicpg`
    pub(super) charset: Charset,
    /// The font that is being read.
    font: Option<i32>,
    name: Vec<u8>,
    colour: Option<Colour>,
}

impl Tables {
    pub(super) fn new() -> Self {
        Tables {
            fonts: HashMap::new(),
            colours: Vec::new(),
            default_font: 0,
            charset: Charset::WINDOWS_1252,
            font: None,
            name: Vec::new(),
            colour: None,
        }
    }

    /// The font of this number; `None`: there is none.
    pub fn font(&self, number: i32) -> Option<&Font> {
        self.fonts.get(&number)
    }

    /// The colour of this number; `None`: that of the reader.
    pub fn colour(&self, number: usize) -> Option<Colour> {
        self.colours.get(number).copied().flatten()
    }

    /// That of text in this font.
    pub(super) fn charset_of(&self, font: i32) -> Charset {
        self.fonts.get(&font).and_then(|font| font.charset).unwrap_or(self.charset)
    }

    /// A control word of the document that says how its octets are to be read. True: it was one.
    pub(super) fn document_word(&mut self, name: &[u8], parameter: Option<i32>, at: usize, flaws: &mut Flaws) -> bool {
        let number = parameter.unwrap_or(0);
        match name {
            b"ansi" => self.set_code_page(1252, at, flaws),
            b"mac" => self.set_code_page(10000, at, flaws),
            b"pc" => self.set_code_page(437, at, flaws),
            b"pca" => self.set_code_page(850, at, flaws),
            b"ansicpg" => self.set_code_page(number, at, flaws),
            b"deff" => self.default_font = number,
            _ => return false,
        }
        true
    }

    fn set_code_page(&mut self, number: i32, at: usize, flaws: &mut Flaws) {
        if let Some(charset) = known(Charset::of_code_page(unsigned(number)), "code page", number, at, flaws) {
            self.charset = charset;
        }
    }

    /// A control word within the table of fonts.
    pub(super) fn font_word(&mut self, name: &[u8], parameter: Option<i32>, at: usize, flaws: &mut Flaws) {
        let number = parameter.unwrap_or(0);
        if name == b"f" {
            self.end_font();
            self.font = (self.fonts.len() < MOST).then_some(number);
            if let Some(number) = self.font {
                self.fonts.insert(number, Font::default());
            }
            return;
        }
        let Some(font) = self.font.and_then(|number| self.fonts.get_mut(&number)) else { return };
        match name {
            b"fcharset" if number == 0 && font.charset.is_some() => {}
            // "Default" says nothing.
            b"fcharset" if number == 1 => {}
            b"fcharset" => font.charset = known(Charset::of_font(unsigned(number)), "fcharset", number, at, flaws),
            // 0 is what programs write who do not know.
            b"cpg" if number != 0 => {
                font.charset = known(Charset::of_code_page(unsigned(number)), "code page", number, at, flaws);
            }
            b"froman" => font.family = Family::Serif,
            b"fswiss" => font.family = Family::Sans,
            b"fmodern" => font.family = Family::Monospace,
            b"fscript" => font.family = Family::Script,
            b"fdecor" => font.family = Family::Decorative,
            _ => {}
        }
    }

    /// Text within the table of fonts: a name, which a semicolon ends.
    pub(super) fn font_text(&mut self, octets: &[u8]) {
        for octet in octets {
            match octet {
                b';' => self.end_font(),
                _ if self.name.len() < LONGEST_NAME => self.name.push(*octet),
                _ => {}
            }
        }
    }

    fn end_font(&mut self) {
        let name = std::mem::take(&mut self.name);
        if let Some(font) = self.font.take().and_then(|number| self.fonts.get_mut(&number)) {
            // Its octets are of its own character set, but for pictures, which have names like others.
            let charset = font.charset.filter(|charset| charset.is_ascii_kept()).unwrap_or(self.charset);
            charset.decode(&name, &mut font.name);
            font.name = font.name.trim().to_owned();
        }
    }

    /// A control word within the table of colours.
    pub(super) fn colour_word(&mut self, name: &[u8], parameter: Option<i32>) {
        let value = u8::try_from(parameter.unwrap_or(0).clamp(0, 255)).unwrap_or(u8::MAX);
        let colour = self.colour.get_or_insert_with(Colour::default);
        match name {
            b"red" => colour.red = value,
            b"green" => colour.green = value,
            b"blue" => colour.blue = value,
            _ => {}
        }
    }

    /// Text within the table of colours: a semicolon ends one.
    pub(super) fn colour_text(&mut self, octets: &[u8]) {
        for _ in octets.iter().filter(|octet| **octet == b';') {
            let colour = self.colour.take();
            if self.colours.len() < MOST {
                self.colours.push(colour);
            }
        }
    }
}

fn unsigned(number: i32) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Says so of a number that nobody knows.
fn known(charset: Option<Charset>, what: &str, number: i32, at: usize, flaws: &mut Flaws) -> Option<Charset> {
    if charset.is_none() {
        flaws.note(Trouble::UnknownCharset, at, format!("{what} {number}"));
    }
    charset
}
