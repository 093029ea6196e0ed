//! What of a mail is text, and what is not.
//!
//! Rule: each leaf is looked at once: it is shown as text, it is one of several forms of the same, or it is an attachment.

use super::{Attachments, PlainOptions};
use crate::{
    html,
    mail::{Entity, Field, Tree},
    rtf, text, Allowance, ConvertError, Flaws, Trouble,
};

/// Characters of a name that a line has.
const MOST_NAME: usize = 200;

/// Octets of a text that may have no words, encoded.
const MOST_BLANK: usize = 1000;

/// Something that the text has.
pub(super) enum Item {
    Text(String),
    /// A line that says what there was.
    Attachment(String),
}

/// All that becomes of a mail.
#[derive(Default)]
pub(super) struct Collected {
    pub items: Vec<Item>,
    /// Attachments, as they go behind the text.
    pub kept: Vec<Vec<u8>>,
}

/// What is still to be looked at.
#[derive(Clone, Copy)]
enum Open {
    Shown(usize),
    /// A form of what is shown, or a picture of it.
    Beside(usize),
}

/// All texts and attachments of the mail, in their order.
pub(super) fn collected(
    tree: &Tree<'_>,
    options: PlainOptions,
    allowance: &mut Allowance,
    flaws: &mut Flaws,
) -> Result<Collected, ConvertError> {
    let mut collecting = Collecting { tree, options, allowance, flaws, collected: Collected::default() };
    let mut open = vec![Open::Shown(0)];
    while let Some(next) = open.pop() {
        match next {
            Open::Shown(at) => open.extend(collecting.shown(at)?.into_iter().rev()),
            Open::Beside(at) => open.extend(collecting.beside(at)?.into_iter().rev()),
        }
    }
    Ok(collecting.collected)
}

struct Collecting<'c, 'm> {
    tree: &'c Tree<'m>,
    options: PlainOptions,
    allowance: &'c mut Allowance,
    flaws: &'c mut Flaws,
    collected: Collected,
}

impl Collecting<'_, '_> {
    /// An entity that is shown; what of it is to be looked at.
    fn shown(&mut self, at: usize) -> Result<Vec<Open>, ConvertError> {
        let entity = &self.tree.entities()[at];
        let chosen = match entity.content_type.media_type.as_str() {
            _ if entity.is_attachment() || entity.content_type.is_message() => None,
            "multipart/alternative" => {
                entity.parts.iter().copied().max_by_key(|part| (self.worth(*part), usize::MAX - part))
            }
            "multipart/related" => self.tree.related_root(entity),
            // What vouches for the first part is none of the content (RFC 1847).
            "multipart/signed" => entity.parts.first().copied(),
            _ if entity.is_multipart() => return Ok(entity.parts.iter().copied().map(Open::Shown).collect()),
            _ => None,
        };
        if let Some(chosen) = chosen {
            let open = |part: &usize| if *part == chosen { Open::Shown(*part) } else { Open::Beside(*part) };
            return Ok(entity.parts.iter().map(open).collect());
        }
        match self.text(entity)? {
            Some(text) => self.collected.items.push(Item::Text(text)),
            None => self.attachment(entity)?,
        }
        Ok(Vec::new())
    }

    /// How good a part is for a text.
    fn worth(&self, at: usize) -> u8 {
        let Some(entity) = self.tree.entities().get(at).filter(|entity| !entity.is_attachment()) else { return 0 };
        match entity.content_type.media_type.as_str() {
            // Some programs send an empty text beside their page.
            "text/plain" if self.is_blank(entity) => 1,
            "text/plain" => 4,
            "text/html" => 3,
            "text/rtf" | "application/rtf" => 2,
            "multipart/related" => self.tree.related_root(entity).map_or(0, |root| self.worth(root)),
            _ if entity.is_multipart() => entity.parts.iter().map(|part| self.worth(*part)).max().unwrap_or(0),
            _ => 0,
        }
    }

    /// A text without words.
    fn is_blank(&self, text: &Entity) -> bool {
        let is_short = text.body.len() <= MOST_BLANK;
        let (mut allowance, mut flaws) = (Allowance::new(self.allowance.rest()), Flaws::default());
        is_short && self.tree.text(text, &mut allowance, &mut flaws).is_ok_and(|text| text.trim().is_empty())
    }

    /// Other forms of what is shown, and pictures of them. What is neither is an attachment wherever it stands.
    fn beside(&mut self, at: usize) -> Result<Vec<Open>, ConvertError> {
        let entity = &self.tree.entities()[at];
        if entity.is_multipart() && !entity.is_attachment() {
            return Ok(entity.parts.iter().copied().map(Open::Beside).collect());
        }
        let kind = entity.content_type.media_type.as_str();
        let outer = self.tree.around(entity).next();
        let is_in = |kind: &str| outer.is_some_and(|outer| outer.is(kind));
        // A text that has a name, or lies beside a page, is no other form of it.
        let is_form = matches!(
            kind,
            "text/plain" | "text/html" | "text/enriched" | "text/richtext" | "text/rtf" | "application/rtf"
        ) && match outer.filter(|outer| outer.is("multipart/related")) {
            Some(related) => self.tree.related_root(related) == Some(at),
            None => is_in("multipart/alternative") || entity.file_name().is_none(),
        };
        // Some programs put files there, which no page shows.
        let is_picture = is_in("multipart/related") && (kind.starts_with("image/") || kind == "text/css");
        let is_signature = is_in("multipart/signed");
        match self.options.attachments {
            _ if is_form && !entity.is_attachment() => {}
            Attachments::Name | Attachments::Drop if (is_picture || is_signature) && !entity.is_attachment() => {}
            _ => self.attachment(entity)?,
        }
        Ok(Vec::new())
    }

    /// The text of a leaf; `None`: it has none.
    fn text(&mut self, leaf: &Entity) -> Result<Option<String>, ConvertError> {
        if leaf.is_attachment() || !leaf.parts.is_empty() {
            return Ok(None);
        }
        let wrap = self.options.text.wrap;
        let made = match leaf.content_type.media_type.as_str() {
            "text/plain" => {
                let text = self.tree.text(leaf, self.allowance, self.flaws)?;
                let Some(flowed) = leaf.flowed() else { return Ok(Some(text)) };
                self.allowance.step(text.len())?;
                let plain = text::unflow(&text, flowed);
                return Ok(Some(wrap.map(|columns| text::wrap(&plain, columns)).unwrap_or(plain)));
            }
            "text/html" => {
                let page = self.tree.page(leaf, self.allowance, self.flaws)?;
                self.allowance.step(page.len())?;
                html::to_text(&page, self.options.text, self.allowance.rest())?
            }
            "text/rtf" | "application/rtf" => {
                let octets = self.tree.decoded(leaf, self.allowance, self.flaws)?;
                self.allowance.step(octets.len())?;
                match rtf::to_text(&octets, self.allowance.rest()) {
                    Err(ConvertError::NotThis { .. }) => {
                        self.flaws.note(Trouble::Malformed, leaf.body.start, "RTF");
                        return Ok(None);
                    }
                    made => made?,
                }
            }
            _ => return Ok(None),
        };
        self.allowance.make(made.output.len())?;
        self.flaws.extend(made.flaws);
        Ok(Some(made.output))
    }

    fn attachment(&mut self, entity: &Entity) -> Result<(), ConvertError> {
        match self.options.attachments {
            Attachments::Drop => {}
            Attachments::Name => {
                let octets = self.tree.decoded(entity, self.allowance, self.flaws)?.len();
                let kind = one_line(&entity.content_type.media_type);
                let line = match entity.file_name().map(one_line).filter(|name| !name.is_empty()) {
                    Some(name) => format!("[attachment: {name}, {kind}, {octets} octets]"),
                    None => format!("[attachment: {kind}, {octets} octets]"),
                };
                self.collected.items.push(Item::Attachment(line));
            }
            Attachments::Keep => {
                self.allowance.make(entity.range().len() + 64)?;
                let kept = self.kept(entity);
                self.collected.kept.push(kept);
            }
        }
        Ok(())
    }

    /// An entity as a part of another multipart.
    fn kept(&self, entity: &Entity) -> Vec<u8> {
        let mut kept = Vec::with_capacity(entity.range().len() + 64);
        if !entity.content_type.is_said && entity.content_type.is_message() {
            // In a digest nobody had to say so.
            kept.extend_from_slice(b"Content-Type: message/rfc822\r\n");
        }
        // Of a mail, only what it says of its content.
        let is_part = |field: &Field<'_>| entity.parent.is_some() || field.is_about_content();
        for field in self.tree.fields(entity).filter(is_part) {
            kept.extend_from_slice(self.tree.octets(field.range));
        }
        if !kept.is_empty() && !kept.ends_with(b"\n") {
            kept.extend_from_slice(b"\r\n");
        }
        kept.extend_from_slice(b"\r\n");
        kept.extend_from_slice(self.tree.octets(entity.body.clone()));
        kept
    }
}

/// A name as it can stand in a line: what is a control, or turns the direction of text, is a blank.
fn one_line(text: &str) -> String {
    let is_odd = |one: char| {
        one.is_control()
            || matches!(one, '\u{61c}' | '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().take(MOST_NAME).map(|one| if is_odd(one) { ' ' } else { one }).collect::<String>().trim().to_owned()
}
