//! The parts of a mail (RFC 2045, RFC 2046), and where each of them stands in its octets.
//!
//! Rule: nothing here calls itself, each octet is looked at about once for each level, and levels and parts are bounded. What
//! cannot be taken apart is a leaf, so each octet of a mail is in one of its parts.

mod edit;
mod fields;
mod split;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_edit;
mod values;

use std::{borrow::Cow, ops::Range};

use self::split::{body_start, header_end, split, Split};
pub use self::{
    edit::Editor,
    fields::Field,
    values::{ContentType, Disposition},
};
use super::Encoding;
use crate::{Allowance, ConvertError, Converted, Flaws, Limits, Trouble};

/// Parts within parts that are told apart, whatever the limits say. People send four levels.
const MOST_DEPTH: usize = 32;

/// A mail, and the parts that it has.
#[derive(Clone, Debug)]
pub struct Tree<'m> {
    octets: &'m [u8],
    is_whole: bool,
    entities: Vec<Entity>,
}

/// A mail or a part of one: a header and a body (RFC 2045, 2.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entity {
    /// Where its fields stand, without the empty line that ends them.
    pub header: Range<usize>,
    /// Where its body stands. The end of the line before a boundary is no part of it (RFC 2046, 5.1.1).
    pub body: Range<usize>,
    /// What it is. What says nothing is `text/plain`, and in a digest `message/rfc822`.
    pub content_type: ContentType,
    /// How its octets are written.
    pub encoding: Encoding,
    /// How it is shown, if it says so.
    pub disposition: Option<Disposition>,
    /// `Content-ID`, without brackets.
    pub content_id: Option<String>,
    /// The entity in which it is: its place in [`Tree::entities`].
    pub parent: Option<usize>,
    /// Those that it holds: its parts, or the mail within it. Of a leaf, none.
    pub parts: Vec<usize>,
    /// How deep it lies; the mail itself: 0.
    pub depth: usize,
    /// Where the boundary before it begins, with the end of the line in front.
    delimiter: usize,
}

impl Entity {
    /// All of it.
    pub fn range(&self) -> Range<usize> {
        self.header.start..self.body.end
    }

    /// The boundary of its parts, if they were taken apart.
    pub fn boundary(&self) -> Option<&str> {
        self.content_type.boundary().filter(|_| !self.parts.is_empty())
    }

    /// It holds parts, and they were taken apart.
    pub fn is_multipart(&self) -> bool {
        self.boundary().is_some()
    }

    /// Its type is this one, as `text/plain`.
    pub fn is(&self, media_type: &str) -> bool {
        self.content_type.media_type == media_type
    }

    /// It is a file, not something to be shown where it stands.
    pub fn is_attachment(&self) -> bool {
        self.disposition.as_ref().is_some_and(|disposition| disposition.kind == "attachment")
    }

    /// The name of the file, decoded (RFC 2231, RFC 2047). It may be a path, or hold anything.
    pub fn file_name(&self) -> Option<&str> {
        let said = self.disposition.as_ref().and_then(|disposition| disposition.parameter("filename"));
        said.or_else(|| self.content_type.parameter("name")).filter(|name| !name.is_empty())
    }
}

impl<'m> Tree<'m> {
    /// The parts of this mail. Lines end with CRLF or with LF.
    ///
    /// # Errors
    /// [`ConvertError`]: a limit is reached. Whatever the octets are, they are a mail.
    ///
    /// ```
    /// use postrider_convert::{mail::Tree, Limits};
    /// let mail = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHello\r\n--b--\r\n";
    /// let tree = Tree::read(mail, Limits::default())?.output;
    /// let part = &tree.entities()[1];
    /// assert_eq!((part.content_type.media_type.as_str(), tree.octets(part.body.clone())), ("text/plain", b"Hello".as_slice()));
    /// # Ok::<(), postrider_convert::ConvertError>(())
    /// ```
    pub fn read(mail: &'m [u8], limits: Limits) -> Result<Converted<Self>, ConvertError> {
        let (mut allowance, mut flaws) = (Allowance::new(limits), Flaws::default());
        let output = Tree::read_within(mail, &mut allowance, &mut flaws)?;
        Ok(Converted { output, flaws })
    }

    /// The same within what is left of the limits.
    pub(crate) fn read_within(
        mail: &'m [u8],
        allowance: &mut Allowance,
        flaws: &mut Flaws,
    ) -> Result<Self, ConvertError> {
        allowance.step(mail.len())?;
        let mut reading =
            Reading { mail, reader: values::Reader::new(), allowance, flaws, is_whole: true, entities: Vec::new() };
        let whole = Found { range: 0..mail.len(), delimiter: 0, parent: None, depth: 0, in_digest: false };
        let mut open = vec![whole];
        while let Some(found) = open.pop() {
            let within = reading.entity(found, open.len())?;
            open.extend(within.into_iter().rev());
        }
        Ok(Tree { octets: mail, is_whole: reading.is_whole, entities: reading.entities })
    }

    /// All entities: each before those that it holds, in the order in which they stand. The first is the mail.
    pub fn entities(&self) -> &[Entity] {
        &self.entities
    }

    /// All parts were told apart: none lies deeper, and there are no more, than the limits allow.
    pub fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// The mail itself.
    pub fn root(&self) -> &Entity {
        &self.entities[0]
    }

    /// What stands there.
    pub fn octets(&self, range: Range<usize>) -> &'m [u8] {
        self.octets.get(range).unwrap_or_default()
    }

    /// The fields of this entity.
    pub fn fields(&self, entity: &Entity) -> impl Iterator<Item = Field<'m>> + 'm {
        fields::fields(self.octets, entity.header.clone())
    }

    /// The first field of this name.
    pub fn field(&self, entity: &Entity, name: &str) -> Option<Field<'m>> {
        self.fields(entity).find(|field| field.is(name))
    }

    /// Those in which it is, from the innermost to the mail.
    pub fn around(&self, entity: &Entity) -> impl Iterator<Item = &Entity> {
        std::iter::successors(entity.parent.and_then(|at| self.entities.get(at)), |one| {
            one.parent.and_then(|at| self.entities.get(at))
        })
    }

    /// The boundaries of all parts.
    pub(crate) fn boundaries(&self) -> impl Iterator<Item = &str> + Clone {
        self.entities.iter().filter_map(Entity::boundary)
    }

    /// The octets that this entity stands for, its encoding undone. What is no good encoding is read as far as it goes, with a flaw.
    ///
    /// # Errors
    /// [`ConvertError`]: a limit is reached.
    pub fn decoded(
        &self,
        entity: &Entity,
        allowance: &mut Allowance,
        flaws: &mut Flaws,
    ) -> Result<Cow<'m, [u8]>, ConvertError> {
        entity.encoding.decode(self.octets(entity.body.clone()), entity.body.start, allowance, flaws)
    }

    /// To write the mail with some of its entities changed.
    pub fn edit(&self) -> Editor<'_, 'm> {
        Editor::new(self)
    }
}

/// What is to be read.
struct Found {
    range: Range<usize>,
    delimiter: usize,
    parent: Option<usize>,
    depth: usize,
    /// Within `multipart/digest` what says nothing is a mail (RFC 2046, 5.1.5).
    in_digest: bool,
}

struct Reading<'r, 'm> {
    mail: &'m [u8],
    reader: values::Reader,
    allowance: &'r mut Allowance,
    flaws: &'r mut Flaws,
    is_whole: bool,
    entities: Vec<Entity>,
}

impl Reading<'_, '_> {
    /// Reads an entity, while so many others wait; what it holds.
    fn entity(&mut self, found: Found, waiting: usize) -> Result<Vec<Found>, ConvertError> {
        let range = found.range.clone();
        let body = body_start(self.mail, range.clone())..range.end;
        let header = range.start..header_end(self.mail, range.start..body.start);
        let said = self.reader.read(self.mail, header.clone(), found.in_digest, self.flaws);
        self.allowance.make(size_of::<Entity>() + said.size())?;
        let at = self.entities.len();
        let entity = Entity {
            header,
            body,
            content_type: said.content_type,
            encoding: said.encoding,
            disposition: said.disposition,
            content_id: said.content_id,
            parent: found.parent,
            parts: Vec::new(),
            depth: found.depth,
            delimiter: found.delimiter,
        };
        if let Some(parent) = found.parent.and_then(|parent| self.entities.get_mut(parent)) {
            parent.parts.push(at);
        }
        let room = self.allowance.parts().saturating_sub(at + 1 + waiting);
        let within = self.within(&entity, at, room)?;
        self.entities.push(entity);
        Ok(within)
    }

    fn within(&mut self, entity: &Entity, at: usize, room: usize) -> Result<Vec<Found>, ConvertError> {
        let depth = entity.depth + 1;
        let is_too_deep = depth > self.allowance.depth().min(MOST_DEPTH);
        let what = |found: Split| Found {
            range: found.range,
            delimiter: found.delimiter,
            parent: Some(at),
            depth,
            in_digest: entity.is("multipart/digest"),
        };
        let mut is_open = false;
        let within: Vec<Found> = if let Some(boundary) = entity.content_type.boundary() {
            self.allowance.step(entity.body.len())?;
            let mut parts = split(self.mail, entity.body.clone(), boundary);
            let within = parts.by_ref().take(room + 1).map(what).collect();
            is_open = !parts.is_closed();
            within
        } else if entity.content_type.is_message() && entity.encoding.is_identity() && !entity.body.is_empty() {
            self.allowance.step(entity.body.len())?;
            let found = Split { range: entity.body.clone(), delimiter: entity.body.start };
            vec![Found { in_digest: false, ..what(found) }]
        } else {
            if entity.content_type.media_type.starts_with("multipart/") {
                // It says no boundary, so nobody finds its parts.
                self.flaws.note(Trouble::Malformed, entity.header.start, entity.content_type.media_type.clone());
            }
            return Ok(Vec::new());
        };
        let trouble = match within.len() {
            0 => Trouble::Malformed,
            _ if is_too_deep => Trouble::TooDeep,
            count if count > room => Trouble::TooMany,
            _ => {
                if is_open {
                    self.flaws.note(Trouble::Truncated, entity.body.end, entity.content_type.media_type.clone());
                }
                return Ok(within);
            }
        };
        self.is_whole &= trouble == Trouble::Malformed;
        self.flaws.note(trouble, entity.body.start, entity.content_type.media_type.clone());
        Ok(Vec::new())
    }
}
