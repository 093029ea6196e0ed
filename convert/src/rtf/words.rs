//! What control words mean that change how text and paragraphs look, and those that are characters.

use super::model::{Alignment, Paragraph, Position, Style};

impl Style {
    /// The word is one of a style. True: it was.
    pub(super) fn word(&mut self, name: &[u8], parameter: Option<i32>) -> bool {
        let is_on = parameter != Some(0);
        let number = u16::try_from(parameter.unwrap_or(0)).unwrap_or(0);
        match name {
            b"b" => self.is_bold = is_on,
            b"i" => self.is_italic = is_on,
            b"ul" | b"uld" | b"uldash" | b"uldashd" | b"uldashdd" | b"uldb" | b"ulth" | b"ulw" | b"ulwave" => {
                self.is_underlined = is_on;
            }
            b"ulnone" => self.is_underlined = false,
            b"strike" | b"striked" => self.is_struck = is_on,
            b"v" => self.is_hidden = is_on,
            b"super" | b"up" if is_on => self.position = Position::Super,
            b"sub" | b"dn" if is_on => self.position = Position::Sub,
            b"super" | b"sub" | b"up" | b"dn" | b"nosupersub" => self.position = Position::Line,
            b"f" => self.font = parameter,
            b"fs" => self.size = parameter.and_then(|size| u16::try_from(size).ok()).filter(|size| *size > 0),
            b"cf" => self.colour = number,
            b"highlight" | b"cb" | b"chcbpat" => self.background = number,
            b"plain" => *self = Style::default(),
            _ => return false,
        }
        true
    }
}

impl Paragraph {
    /// The word is one of a paragraph. True: it was.
    pub(super) fn word(&mut self, name: &[u8], parameter: Option<i32>) -> bool {
        let number = parameter.unwrap_or(0);
        match name {
            b"pard" => *self = Paragraph::default(),
            b"ql" => self.alignment = Alignment::Left,
            b"qr" => self.alignment = Alignment::Right,
            b"qc" => self.alignment = Alignment::Centre,
            b"qj" => self.alignment = Alignment::Justified,
            b"li" | b"lin" => self.indent = number,
            b"fi" => self.first_indent = number,
            b"ls" => self.list = u16::try_from(number).unwrap_or(0),
            b"ilvl" => self.level = u8::try_from(number.clamp(0, 8)).unwrap_or(0),
            b"intbl" if number != 0 || parameter.is_none() => self.tables = self.tables.max(1),
            b"intbl" => self.tables = 0,
            b"brdrb" => self.is_ruled = true,
            b"itap" => self.tables = u8::try_from(number.clamp(0, 255)).unwrap_or(0),
            _ => return false,
        }
        true
    }
}

/// The character that a control word is.
pub(super) fn character(name: &[u8]) -> Option<char> {
    Some(match name {
        b"tab" => '\t',
        b"emdash" => '\u{2014}',
        b"endash" => '\u{2013}',
        b"emspace" => '\u{2003}',
        b"enspace" => '\u{2002}',
        b"qmspace" => '\u{2005}',
        b"bullet" => '\u{2022}',
        b"lquote" => '\u{2018}',
        b"rquote" => '\u{2019}',
        b"ldblquote" => '\u{201C}',
        b"rdblquote" => '\u{201D}',
        b"zwj" => '\u{200D}',
        b"zwnj" => '\u{200C}',
        b"zwbo" => '\u{200B}',
        b"zwnbo" => '\u{2060}',
        b"ltrmark" => '\u{200E}',
        b"rtlmark" => '\u{200F}',
        _ => return None,
    })
}

/// The character that a control symbol is.
pub(super) fn symbol(symbol: u8) -> Option<char> {
    Some(match symbol {
        b'~' => '\u{A0}',
        b'_' => '\u{2011}',
        b'-' => '\u{AD}',
        _ => return None,
    })
}
