//! What each token means where it stands.
//!
//! Rule: a word that is not known says nothing, and where it is marked so its group says nothing either.

use super::{Ends, Reader};
use crate::{
    rtf::{
        destination::{Destination, Field},
        model::{Break, Visit},
        words,
    },
    ConvertError,
};

impl<V: Visit> Reader<'_, V> {
    pub(super) fn text(&mut self, octets: &[u8]) -> Result<(), ConvertError> {
        self.is_ignorable = false;
        match self.state.destination {
            Destination::Body | Destination::Instruction | Destination::Marker => {
                let font = self.state.style.font.unwrap_or(self.tables.default_font);
                self.decoder.octets(octets, self.tables.charset_of(font));
            }
            Destination::Fonts => self.tables.font_text(octets),
            Destination::Colours => self.tables.colour_text(octets),
            Destination::Picture => {
                if !self.gathered.picture_digits(octets, self.left.room()) {
                    return Err(self.too_large());
                }
            }
            Destination::Either | Destination::Skipped => {}
        }
        Ok(())
    }

    pub(super) fn binary(&mut self, octets: &[u8]) -> Result<(), ConvertError> {
        if self.decoder.skips() || self.state.destination != Destination::Picture {
            return Ok(());
        }
        match self.gathered.picture_octets(octets, self.left.room()) {
            true => Ok(()),
            false => Err(self.too_large()),
        }
    }

    /// The error that this would be.
    fn too_large(&mut self) -> ConvertError {
        let room = self.left.room();
        self.left.make(room.saturating_add(1)).err().unwrap_or(ConvertError::TooLarge { most: room })
    }

    pub(super) fn symbol(&mut self, symbol: u8) -> Result<(), ConvertError> {
        if symbol == b'*' {
            self.is_ignorable = true;
            return Ok(());
        }
        match words::symbol(symbol) {
            // A hyphen that is seen only where a line ends is no text here.
            Some('\u{AD}') => self.decoder.pass_over(1),
            Some(one) => self.character(one),
            None => self.decoder.pass_over(1),
        }
        Ok(())
    }

    fn character(&mut self, one: char) {
        if matches!(self.state.destination, Destination::Body | Destination::Instruction | Destination::Marker) {
            self.decoder.push(one, self.tokens.at(), &mut self.flaws);
        }
    }

    pub(super) fn word(&mut self, name: &[u8], parameter: Option<i32>) -> Result<(), ConvertError> {
        let is_ignorable = std::mem::take(&mut self.is_ignorable);
        let at = self.tokens.at();
        // It is never one of those that stand for a `\u`.
        if name == b"u" {
            if matches!(self.state.destination, Destination::Body | Destination::Instruction | Destination::Marker) {
                let number = parameter.unwrap_or(0);
                self.decoder.unicode(number, self.state.stand_ins, at, &mut self.flaws);
            }
            return Ok(());
        }
        if self.decoder.skips() {
            return Ok(());
        }
        match self.state.destination {
            Destination::Fonts => {
                self.tables.font_word(name, parameter, at, &mut self.flaws);
                self.destination(name, is_ignorable)
            }
            Destination::Colours => {
                self.tables.colour_word(name, parameter);
                Ok(())
            }
            Destination::Picture if self.gathered.picture_word(name, parameter) => Ok(()),
            _ => self.body_word(name, parameter, is_ignorable),
        }
    }

    fn body_word(&mut self, name: &[u8], parameter: Option<i32>, is_ignorable: bool) -> Result<(), ConvertError> {
        if let Some(one) = words::character(name) {
            self.character(one);
            return Ok(());
        }
        if let Some(what) = self.break_of(name) {
            self.give()?;
            return match self.state.destination {
                Destination::Body => self.visitor.ends(what, &self.state.paragraph, &mut self.left),
                _ => Ok(()),
            };
        }
        let mut style = self.state.style;
        if style.word(name, parameter) {
            if style != self.state.style {
                self.give()?;
                self.state.style = style;
            }
            return Ok(());
        }
        if self.state.paragraph.word(name, parameter) || self.document_word(name, parameter) {
            return Ok(());
        }
        self.destination(name, is_ignorable)
    }

    fn break_of(&self, name: &[u8]) -> Option<Break> {
        let tables = self.state.paragraph.tables;
        Some(match name {
            b"par" => Break::Paragraph,
            b"line" | b"softline" => Break::Line,
            b"page" | b"sect" | b"column" => Break::Page,
            b"cell" => Break::Cell(1),
            b"row" => Break::Row(1),
            b"nestcell" => Break::Cell(tables.max(2)),
            b"nestrow" => Break::Row(tables.max(2)),
            _ => return None,
        })
    }

    fn document_word(&mut self, name: &[u8], parameter: Option<i32>) -> bool {
        if self.tables.document_word(name, parameter, self.tokens.at(), &mut self.flaws) {
            return true;
        }
        match name {
            b"uc" => self.state.stand_ins = usize::try_from(parameter.unwrap_or(1)).unwrap_or(0),
            _ => return false,
        }
        true
    }

    /// The word says what this group is.
    fn destination(&mut self, name: &[u8], is_ignorable: bool) -> Result<(), ConvertError> {
        let is = Destination::of(name, is_ignorable, self.state.destination);
        let Some(destination) = is else { return Ok(()) };
        self.give()?;
        self.state.destination = destination;
        match (destination, name) {
            (Destination::Body, b"field") => {
                self.gathered.field_begins();
                self.state.ends = Ends::Field;
            }
            (Destination::Body, b"fldrslt") => {
                if let Some(Field { target: Some(target) }) = self.gathered.fields.last_mut() {
                    let target = std::mem::take(target);
                    self.state.ends = Ends::Link;
                    return self.visitor.link_begins(&target, &mut self.left);
                }
            }
            (Destination::Body, b"footnote") => {
                self.state.ends = Ends::Note;
                return self.say(" [");
            }
            (Destination::Instruction, _) => self.state.ends = Ends::Instruction,
            (Destination::Marker, _) => self.state.ends = Ends::Marker,
            (Destination::Picture, _) => self.state.ends = Ends::Picture,
            _ => {}
        }
        Ok(())
    }
}
