//! Reads a document: which text is of it and which is about it, and how it looks.
//!
//! Rule: a group ends what was set in it. Groups deeper than the limit are read, and end nothing. Nothing is recursive.

mod handling;

use super::{
    decode::Decoder,
    destination::{Destination, Gathered},
    groups::Groups,
    model::{Paragraph, Picture, Style, Visit},
    tables::Tables,
    token::{Token, Tokens},
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
    groups: Groups<State>,
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
        groups: Groups::new(),
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
                Token::End if self.groups.is_over() => {
                    self.flaws.note(Trouble::Unbalanced, before, "}");
                }
                Token::End => {
                    self.group_ends()?;
                    if self.groups.is_over() {
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
        if !self.groups.is_empty() {
            self.flaws.note(Trouble::Truncated, before, "{");
        }
        while !self.groups.is_empty() {
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
        if self.groups.begin(self.state, self.left.depth()) {
            self.state.ends = Ends::Nothing;
        } else {
            self.flaws.note(Trouble::TooDeep, self.tokens.at(), "{");
        }
        Ok(())
    }

    fn group_ends(&mut self) -> Result<(), ConvertError> {
        self.give()?;
        self.decoder.end_skip();
        self.is_ignorable = false;
        let Some(state) = self.groups.end() else { return Ok(()) };
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
}
