//! Reads a document: which text is of it and which is about it, and how it looks.
//!
//! Rule: a group ends what was set in it. Groups deeper than the limit are read, and end nothing. Nothing is recursive.

use super::{
    decode::Decoder,
    destination::{Destination, Field, Gathered},
    model::{Break, Paragraph, Picture, Style, Visit},
    tables::Tables,
    token::{Token, Tokens},
    words,
};
use crate::{Allowance, ConvertError, Flaws, Limits, Trouble};

/// What a group has set.
#[derive(Clone, Copy, Debug)]
struct State {
    destination: Destination,
    style: Style,
    paragraph: Paragraph,
    /// `\uc`
    stand_ins: usize,
    /// Its end ends this, too.
    ends: Ends,
}

/// What the end of a group ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Ends {
    #[default]
    Nothing,
    Instruction,
    Link,
    Field,
    Picture,
    Marker,
    Note,
}

/// A document that is being read.
pub(super) struct Reader<'a, V> {
    tokens: Tokens<'a>,
    flaws: Flaws,
    left: Allowance,
    tables: Tables,
    decoder: Decoder,
    state: State,
    /// The states of the groups around.
    around: Vec<State>,
    /// Groups that are deeper than the limit.
    deeper: usize,
    /// `\*` came: who does not know the next word leaves the group out.
    is_ignorable: bool,
    gathered: Gathered,
    visitor: V,
}

/// Reads these octets and lets the visitor hear of them.
pub(super) fn read<V: Visit>(octets: &[u8], limits: Limits, visitor: V) -> Result<(V, Flaws), ConvertError> {
    begins(octets)?;
    let mut reader = Reader {
        tokens: Tokens::new(octets),
        flaws: Flaws::default(),
        left: Allowance::new(limits),
        tables: Tables::new(),
        decoder: Decoder::new(),
        state: State {
            destination: Destination::Body,
            style: Style::default(),
            paragraph: Paragraph::default(),
            stand_ins: 1,
            ends: Ends::Nothing,
        },
        around: Vec::new(),
        deeper: 0,
        is_ignorable: false,
        gathered: Gathered::default(),
        visitor,
    };
    reader.all()?;
    let Reader { tokens, mut flaws, visitor, .. } = reader;
    flaws.extend(tokens.into_flaws());
    Ok((visitor, flaws))
}

/// It is RTF.
pub(super) fn begins(octets: &[u8]) -> Result<(), ConvertError> {
    let octets = octets.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(octets).trim_ascii_start();
    match octets.starts_with(b"{\\rtf") {
        true => Ok(()),
        false => Err(ConvertError::NotThis { format: "RTF", why: "it does not begin with {\\rtf" }),
    }
}

impl<V: Visit> Reader<'_, V> {
    fn all(&mut self) -> Result<(), ConvertError> {
        let mut before = 0;
        while let Some(token) = self.tokens.next() {
            self.left.step(self.tokens.at() - before)?;
            before = self.tokens.at();
            match token {
                Token::Begin => self.group_begins()?,
                Token::End if self.around.is_empty() && self.deeper == 0 => {
                    self.flaws.note(Trouble::Unbalanced, before, "}");
                }
                Token::End => {
                    self.group_ends()?;
                    if self.around.is_empty() && self.deeper == 0 {
                        break; // whatever follows is no part of it
                    }
                }
                Token::Word(name, parameter) => self.word(name, parameter)?,
                Token::Symbol(symbol) => self.symbol(symbol)?,
                Token::Octet(octet) => self.text(&[octet])?,
                Token::Text(text) => self.text(text)?,
                Token::Binary(octets) => self.binary(octets)?,
            }
        }
        if !self.around.is_empty() {
            self.flaws.note(Trouble::Truncated, before, "{");
        }
        while !self.around.is_empty() {
            self.group_ends()?;
        }
        self.give()
    }

    /// Lets the visitor hear the text so far.
    fn give(&mut self) -> Result<(), ConvertError> {
        if self.decoder.is_empty() {
            return Ok(());
        }
        let text = self.decoder.take(self.tokens.at(), &mut self.flaws);
        match self.state.destination {
            Destination::Body if !self.state.style.is_hidden => {
                self.visitor.text(&text, &self.state.style, &self.tables, &mut self.left)
            }
            Destination::Instruction | Destination::Marker => {
                self.gathered.push_text(&text);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn group_begins(&mut self) -> Result<(), ConvertError> {
        self.give()?;
        self.decoder.end_skip();
        self.is_ignorable = false;
        if self.around.len() >= self.left.depth() {
            self.flaws.note(Trouble::TooDeep, self.tokens.at(), "{");
            self.deeper += 1;
        } else {
            self.around.push(self.state);
            self.state.ends = Ends::Nothing;
        }
        Ok(())
    }

    fn group_ends(&mut self) -> Result<(), ConvertError> {
        self.give()?;
        self.decoder.end_skip();
        self.is_ignorable = false;
        if self.deeper > 0 {
            self.deeper -= 1;
            return Ok(());
        }
        let Some(state) = self.around.pop() else { return Ok(()) };
        let ended = std::mem::replace(&mut self.state, state);
        // A row and its cells are of a paragraph, and groups around them end nothing of it.
        match ended.ends {
            Ends::Nothing => Ok(()),
            Ends::Instruction => {
                self.gathered.instruction_ends();
                Ok(())
            }
            Ends::Link => self.visitor.link_ends(&mut self.left),
            Ends::Field => {
                self.gathered.fields.pop();
                Ok(())
            }
            Ends::Picture => {
                let picture = self.gathered.picture_ends();
                self.give_picture(picture)
            }
            Ends::Marker => {
                let marker = self.gathered.text_ends();
                self.visitor.marker(marker.trim(), &mut self.left)
            }
            Ends::Note => self.say("]"),
        }
    }

    fn give_picture(&mut self, picture: Picture) -> Result<(), ConvertError> {
        if picture.octets.is_empty() {
            return Ok(());
        }
        self.left.make(picture.octets.len())?;
        self.visitor.picture(picture, &mut self.left)
    }

    /// Text of ours.
    fn say(&mut self, text: &str) -> Result<(), ConvertError> {
        match self.state.destination {
            Destination::Body => self.visitor.text(text, &self.state.style, &self.tables, &mut self.left),
            _ => Ok(()),
        }
    }

    fn text(&mut self, octets: &[u8]) -> Result<(), ConvertError> {
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

    fn binary(&mut self, octets: &[u8]) -> Result<(), ConvertError> {
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

    fn symbol(&mut self, symbol: u8) -> Result<(), ConvertError> {
        if symbol == b'*' {
            self.is_ignorable = true;
            return Ok(());
        }
        match words::symbol(symbol) {
            // A hyphen that is seen only where a line ends is no text here.
            Some('\u{AD}') => drop(self.decoder.skips()),
            Some(one) => self.character(one),
            None => drop(self.decoder.skips()),
        }
        Ok(())
    }

    fn character(&mut self, one: char) {
        if matches!(self.state.destination, Destination::Body | Destination::Instruction | Destination::Marker) {
            self.decoder.push(one, self.tokens.at(), &mut self.flaws);
        }
    }

    fn word(&mut self, name: &[u8], parameter: Option<i32>) -> Result<(), ConvertError> {
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
        let (number, at) = (parameter.unwrap_or(0), self.tokens.at());
        match name {
            b"ansi" => self.tables.set_code_page(1252, at, &mut self.flaws),
            b"mac" => self.tables.set_code_page(10000, at, &mut self.flaws),
            b"pc" => self.tables.set_code_page(437, at, &mut self.flaws),
            b"pca" => self.tables.set_code_page(850, at, &mut self.flaws),
            b"ansicpg" => self.tables.set_code_page(number, at, &mut self.flaws),
            b"deff" => self.tables.default_font = number,
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
