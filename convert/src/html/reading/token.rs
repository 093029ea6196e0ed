//! The tags and texts of a page, by the tokenizer of the HTML standard.
//!
//! Rule: what is read is handed on at once, so that a page is never in memory a second time.

use html5gum::{Emitter, Error, State, Tokenizer};

use super::tag::{Attribute, Tag};
use crate::ConvertError;

/// Octets of text that are gathered at most before they are handed on.
const RUN: usize = 4096;

/// Who reads a page.
pub(crate) trait Visit {
    /// Text, with its character references resolved. It may be a piece of a longer one.
    fn text(&mut self, text: &str) -> Result<(), ConvertError>;
    /// An element begins, at this octet.
    fn begins(&mut self, tag: &Tag, at: usize) -> Result<(), ConvertError>;
    /// An element ends, at this octet.
    fn ends(&mut self, name: &[u8], at: usize) -> Result<(), ConvertError>;
    /// The page ends in the midst of a tag or comment.
    fn is_cut(&mut self, at: usize);
}

/// Reads a page.
pub(crate) fn read<V: Visit>(html: &str, visitor: &mut V) -> Result<(), ConvertError> {
    let mut hand = Hand::new(html, visitor);
    // The only token that it hands out is the reason to stop.
    let stopped = Tokenizer::new_with_emitter(html, &mut hand).next();
    match stopped {
        Some(Ok(error)) => Err(error),
        Some(Err(never)) => match never {},
        None => Ok(()),
    }
}

/// What becomes of the attribute that is being read.
#[derive(Clone, Copy)]
enum Current {
    None,
    Named,
    Kept(Attribute, usize),
    Dropped,
}

/// The last thing that was no text.
#[derive(Clone, Copy)]
enum Markup {
    None,
    /// It has begun.
    Open,
    /// A comment, and where it ends.
    Comment {
        end: usize,
    },
}

/// What the tokenizer puts its tokens into.
struct Hand<'v, V> {
    html: &'v [u8],
    visitor: &'v mut V,
    markup: Markup,
    tag: Tag,
    current: Current,
    attribute: Vec<u8>,
    /// Text that has not been handed on. It may end within a character.
    run: Vec<u8>,
    /// The element whose text has no tags but its own end.
    raw: Vec<u8>,
    /// The drawing or formula in which the tags are.
    foreign: Option<&'static [u8]>,
    at: usize,
    failed: Option<ConvertError>,
}

impl<'v, V: Visit> Hand<'v, V> {
    fn new(html: &'v str, visitor: &'v mut V) -> Self {
        Hand {
            html: html.as_bytes(),
            visitor,
            markup: Markup::None,
            tag: Tag::default(),
            current: Current::None,
            attribute: Vec::new(),
            run: Vec::with_capacity(RUN),
            raw: Vec::new(),
            foreign: None,
            at: 0,
            failed: None,
        }
    }

    fn check(&mut self, result: Result<(), ConvertError>) {
        if let Err(error) = result {
            self.failed.get_or_insert(error);
        }
    }

    /// Hands on the text that there is; what may become a character with what follows stays.
    fn hand_on(&mut self) {
        let valid = match std::str::from_utf8(&self.run) {
            Ok(text) => text,
            Err(error) => {
                self.run.get(..error.valid_up_to()).and_then(|run| std::str::from_utf8(run).ok()).unwrap_or("")
            }
        };
        let length = valid.len();
        let result = if length == 0 { Ok(()) } else { self.visitor.text(valid) };
        self.run.drain(..length);
        self.check(result);
    }

    /// The attribute is named: is it one that is kept?
    fn attribute_is_named(&mut self) {
        if matches!(self.current, Current::Named) {
            self.current = match Attribute::of(&self.attribute) {
                // The first of several counts.
                Some(kept) if self.tag.places[kept as usize].is_none() => Current::Kept(kept, self.tag.values.len()),
                _ => Current::Dropped,
            };
        }
    }

    fn attribute_ends(&mut self) {
        self.attribute_is_named();
        if let Current::Kept(kept, start) = self.current {
            self.tag.places[kept as usize] = Some((start, self.tag.values.len()));
        }
        self.current = Current::None;
    }

    /// How what stands in this element is to be read.
    fn state(&mut self) -> Option<State> {
        if self.foreign.is_some() {
            return None;
        }
        let state = match &*self.tag.name {
            b"title" | b"textarea" => State::RcData,
            b"script" => State::ScriptData,
            b"style" | b"xmp" | b"iframe" | b"noembed" | b"noframes" => State::RawText,
            b"plaintext" => State::PlainText,
            b"svg" | b"math" if !self.tag.is_closed => {
                self.foreign = Some(if self.tag.name == b"svg" { b"svg" } else { b"math" });
                return None;
            }
            _ => return None,
        };
        self.raw.clone_from(&self.tag.name);
        Some(state)
    }
}

impl<V: Visit> Emitter for &mut Hand<'_, V> {
    type Token = ConvertError;

    fn set_last_start_tag(&mut self, name: Option<&[u8]>) {
        self.raw = name.unwrap_or_default().to_vec();
    }

    fn emit_eof(&mut self) {
        self.hand_on();
        // At its end, the tokenizer takes a comment for complete.
        let has_end = || self.html.ends_with(b"-->") || self.html.ends_with(b"--!>");
        let is_cut = match self.markup {
            Markup::None => false,
            Markup::Open => true,
            Markup::Comment { end } => end == self.at && !has_end(),
        };
        if is_cut {
            self.visitor.is_cut(self.at);
        }
    }

    fn emit_error(&mut self, _: Error) {}

    #[inline]
    fn should_emit_errors(&mut self) -> bool {
        false
    }

    fn pop_token(&mut self) -> Option<ConvertError> {
        self.failed.take()
    }

    fn emit_string(&mut self, text: &[u8]) {
        self.markup = Markup::None;
        self.run.extend_from_slice(text);
        if self.run.len() >= RUN {
            self.hand_on();
        }
    }

    fn init_start_tag(&mut self) {
        self.markup = Markup::Open;
        self.tag.begin(false);
    }

    fn init_end_tag(&mut self) {
        self.markup = Markup::Open;
        self.tag.begin(true);
    }

    fn emit_current_tag(&mut self) -> Option<State> {
        self.markup = Markup::None;
        self.attribute_ends();
        self.hand_on();
        if self.tag.is_end {
            if self.foreign.is_some_and(|name| name == self.tag.name) {
                self.foreign = None;
            }
            let result = self.visitor.ends(&self.tag.name, self.at);
            self.check(result);
            return None;
        }
        let result = self.visitor.begins(&self.tag, self.at);
        self.check(result);
        self.state()
    }

    fn set_self_closing(&mut self) {
        self.tag.is_closed = true;
    }

    fn push_tag_name(&mut self, name: &[u8]) {
        self.tag.name.extend_from_slice(name);
    }

    fn init_attribute(&mut self) {
        self.attribute_ends();
        self.attribute.clear();
        self.current = Current::Named;
    }

    fn push_attribute_name(&mut self, name: &[u8]) {
        self.attribute.extend_from_slice(name);
    }

    fn push_attribute_value(&mut self, value: &[u8]) {
        self.attribute_is_named();
        if matches!(self.current, Current::Kept(..)) {
            self.tag.values.extend_from_slice(value);
        }
    }

    fn current_is_appropriate_end_tag_token(&mut self) -> bool {
        self.tag.is_end && self.tag.name == self.raw
    }

    #[inline]
    fn move_position(&mut self, offset: isize) {
        self.at = self.at.saturating_add_signed(offset);
    }

    fn init_comment(&mut self) {
        // What only looks like one ends with the next `>`.
        let is_comment = self.html.get(..self.at).is_some_and(|before| before.ends_with(b"<!--"));
        self.markup = if is_comment { Markup::Open } else { Markup::None };
    }

    fn emit_current_comment(&mut self) {
        if matches!(self.markup, Markup::Open) {
            self.markup = Markup::Comment { end: self.at };
        }
    }

    fn push_comment(&mut self, _: &[u8]) {}
    fn init_doctype(&mut self) {}
    fn emit_current_doctype(&mut self) {}
    fn set_force_quirks(&mut self) {}
    fn push_doctype_name(&mut self, _: &[u8]) {}
    fn set_doctype_public_identifier(&mut self, _: &[u8]) {}
    fn set_doctype_system_identifier(&mut self, _: &[u8]) {}
    fn push_doctype_public_identifier(&mut self, _: &[u8]) {}
    fn push_doctype_system_identifier(&mut self, _: &[u8]) {}
}
