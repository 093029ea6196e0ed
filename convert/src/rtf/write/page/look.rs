//! How what is in an element looks: its characters and its paragraphs.
//!
//! Rule: an element says what it changes, and what is in it inherits the rest.

use crate::rtf::model::{Alignment, Position};

/// Half points of a text whose size nobody has said.
pub(super) const SIZE: u16 = 24;
/// Half points that a size has at least and at most.
const SIZES: (f32, f32) = (2.0, 400.0);
/// Twips that indents take at most; what is deeper stands where the last of them does.
const MOST_INDENT: i32 = 5760;

/// How characters look. Numbers are those of the document's tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Chars {
    /// 0: that of the document.
    pub font: u16,
    /// In half points.
    pub size: u16,
    pub is_bold: bool,
    pub is_italic: bool,
    pub is_underlined: bool,
    pub is_struck: bool,
    pub position: Position,
    /// 0: that of the reader.
    pub colour: u16,
    /// 0: none.
    pub background: u16,
}

impl Default for Chars {
    fn default() -> Self {
        Chars {
            font: 0,
            size: SIZE,
            is_bold: false,
            is_italic: false,
            is_underlined: false,
            is_struck: false,
            position: Position::Line,
            colour: 0,
            background: 0,
        }
    }
}

/// How a paragraph stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Block {
    pub alignment: Alignment,
    /// Twips from the left.
    pub indent: i32,
    /// What the first line has in addition.
    pub first_indent: i32,
    /// The level of the heading; 0: it is none.
    pub heading: u8,
}

/// Both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Style {
    pub chars: Chars,
    pub block: Block,
}

/// A size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Size {
    /// In half points.
    Fixed(f32),
    /// Of that around it.
    Times(f32),
}

/// What an element says itself.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Own {
    pub font: Option<u16>,
    pub size: Option<Size>,
    pub is_bold: Option<bool>,
    pub is_italic: Option<bool>,
    pub is_underlined: Option<bool>,
    pub is_struck: Option<bool>,
    pub position: Option<Position>,
    pub colour: Option<u16>,
    pub background: Option<u16>,
    pub alignment: Option<Alignment>,
    /// In addition to that around it.
    pub indent: i32,
    pub first_indent: Option<i32>,
    pub heading: Option<u8>,
}

impl Style {
    /// What it becomes within this element.
    pub fn within(&self, own: &Own) -> Style {
        let (chars, block) = (&self.chars, &self.block);
        Style {
            chars: Chars {
                font: own.font.unwrap_or(chars.font),
                size: own.size.map_or(chars.size, |size| size.of(chars.size)),
                is_bold: own.is_bold.unwrap_or(chars.is_bold),
                is_italic: own.is_italic.unwrap_or(chars.is_italic),
                is_underlined: own.is_underlined.unwrap_or(chars.is_underlined),
                is_struck: own.is_struck.unwrap_or(chars.is_struck),
                position: own.position.unwrap_or(chars.position),
                colour: own.colour.unwrap_or(chars.colour),
                background: own.background.unwrap_or(chars.background),
            },
            block: Block {
                alignment: own.alignment.unwrap_or(block.alignment),
                indent: block.indent.saturating_add(own.indent.max(0)).min(MOST_INDENT),
                first_indent: own.first_indent.unwrap_or(block.first_indent),
                heading: own.heading.unwrap_or(block.heading),
            },
        }
    }
}

impl Size {
    fn of(self, around: u16) -> u16 {
        let size = match self {
            Size::Fixed(size) => size,
            Size::Times(times) => f32::from(around) * times,
        };
        // What is no number is the least.
        size.max(SIZES.0).min(SIZES.1).round() as u16
    }
}
