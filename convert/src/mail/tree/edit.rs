//! A mail written again, with some of its entities changed.
//!
//! Rule: what is not touched stays octet for octet. Of two changes that overlap the one counts that begins first: what is within
//! something that goes, goes.

use std::{borrow::Cow, ops::Range};

use super::{Entity, Field, Tree};
use crate::{Allowance, ConvertError};

const LINE_END: &[u8] = b"\r\n";

/// What is changed in a mail.
#[derive(Clone, Debug)]
pub struct Editor<'t, 'm> {
    tree: &'t Tree<'m>,
    changes: Vec<Change<'m>>,
}

#[derive(Clone, Debug)]
struct Change<'m> {
    range: Range<usize>,
    place: Place,
    octets: Cow<'m, [u8]>,
}

/// The order of what is put in one place: an entity may be empty, and begin and end there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    BeforeHeader,
    /// The end of the last line of a header, if it has none.
    LineEnd,
    Fields,
    /// The empty line behind a header that has none; once.
    EmptyLine,
    Body,
    BehindBody,
    /// The end of the line before a boundary that had none; once.
    BeforeBoundary,
}

impl<'t, 'm> Editor<'t, 'm> {
    pub(super) fn new(tree: &'t Tree<'m>) -> Self {
        Editor { tree, changes: Vec::new() }
    }

    /// Nothing is changed yet.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// These octets stand in the place of those. An empty range: they are put there.
    pub fn put(&mut self, range: Range<usize>, octets: impl Into<Cow<'m, [u8]>>) {
        self.put_at(range, Place::Body, octets);
    }

    fn put_at(&mut self, range: Range<usize>, place: Place, octets: impl Into<Cow<'m, [u8]>>) {
        self.changes.push(Change { range, place, octets: octets.into() });
    }

    fn insert(&mut self, at: usize, place: Place, octets: impl Into<Cow<'m, [u8]>>) {
        self.put_at(at..at, place, octets);
    }

    /// It stands in a multipart.
    fn is_part(&self, entity: &Entity) -> bool {
        entity.parent.and_then(|at| self.tree.entities.get(at)).is_some_and(Entity::is_multipart)
    }

    /// Another entity, header and body, stands in the place of this one.
    pub fn replace(&mut self, entity: &Entity, octets: impl Into<Cow<'m, [u8]>>) {
        self.put(entity.range(), octets);
        self.keep_line_end(entity);
    }

    /// Another body, in the same encoding, stands in the place of this one.
    pub fn body(&mut self, entity: &Entity, octets: impl Into<Cow<'m, [u8]>>) {
        self.end_header(entity);
        self.put(entity.body.clone(), octets);
        self.keep_line_end(entity);
    }

    /// These octets stand before a part, which has a header then: a part with a boundary behind it.
    pub fn put_before(&mut self, part: &Entity, octets: Vec<u8>) {
        self.insert(part.header.start, Place::BeforeHeader, octets);
        self.end_header(part);
        self.keep_line_end(part);
    }

    /// These octets stand behind a part: a boundary with a part behind it.
    pub fn put_behind(&mut self, part: &Entity, octets: Vec<u8>) {
        self.end_header(part);
        self.insert(part.body.end, Place::BehindBody, octets);
        self.keep_line_end(part);
    }

    /// This part goes, and the boundary before it. The mail itself, and one within a part, stay.
    pub fn drop(&mut self, entity: &Entity) {
        if self.is_part(entity) {
            self.put(entity.delimiter..entity.body.end, &[][..]);
        }
    }

    /// The field of this name has this value; where it stood twice it stands once, where it was missing it is the last one. The
    /// value stands behind a colon and a blank, without the end of its line.
    pub fn field(&mut self, entity: &Entity, name: &str, value: &[u8]) {
        let line = [name.as_bytes(), b": ", value, b"\r\n"].concat();
        self.fields_with(entity, |field| field.is(name), line);
    }

    /// The fields about the content are these, whole lines; all others stay. A message gets a version (RFC 2045, 4) if it has none.
    pub fn content_fields(&mut self, entity: &Entity, lines: &[u8]) {
        let mut lines = lines.to_vec();
        if !self.is_part(entity) && self.tree.field(entity, "MIME-Version").is_none() {
            lines.splice(0..0, *b"MIME-Version: 1.0\r\n");
        }
        self.fields_with(entity, Field::is_about_content, lines);
    }

    /// Fields more, whole lines, behind the others.
    pub fn add_fields(&mut self, entity: &Entity, lines: Vec<u8>) {
        self.fields_with(entity, |_| false, lines);
    }

    /// The lines stand in the place of the fields that are meant.
    fn fields_with(&mut self, entity: &Entity, is_meant: impl Fn(&Field<'m>) -> bool, lines: Vec<u8>) {
        let mut lines = Some(lines);
        for field in self.tree.fields(entity).filter(|field| is_meant(field)) {
            self.put_at(field.range, Place::Fields, lines.take().unwrap_or_default());
        }
        if let Some(lines) = lines {
            self.insert(entity.header.end, Place::LineEnd, LINE_END);
            self.insert(entity.header.end, Place::Fields, lines);
        }
        self.end_header(entity);
    }

    /// A multipart with these fields takes the place of an entity, which is one of its parts: `before` and `behind` are its other
    /// parts with all boundaries. A part goes into it as it is; of a message the fields about the content do, with the body.
    pub fn wrap(&mut self, entity: &Entity, fields: &[u8], before: &[u8], behind: Vec<u8>) {
        if self.is_part(entity) {
            self.insert(entity.header.start, Place::BeforeHeader, [fields, LINE_END, before].concat());
            self.end_header(entity);
        } else {
            let mut first = before.to_vec();
            for field in self.tree.fields(entity).filter(Field::is_about_content) {
                first.extend_from_slice(self.tree.octets(field.range));
            }
            if !first.is_empty() && !first.ends_with(b"\n") {
                first.extend_from_slice(LINE_END);
            }
            first.extend_from_slice(LINE_END);
            self.content_fields(entity, fields);
            self.insert(entity.body.start, Place::Body, first);
        }
        self.insert(entity.body.end, Place::BehindBody, behind);
        self.keep_line_end(entity);
    }

    /// A header that nothing ends has an empty line behind it.
    fn end_header(&mut self, entity: &Entity) {
        if entity.header.end == entity.body.start {
            self.insert(entity.header.end, Place::LineEnd, LINE_END);
            self.insert(entity.header.end, Place::EmptyLine, LINE_END);
        }
    }

    /// What stands behind a part is a line of its own.
    fn keep_line_end(&mut self, entity: &Entity) {
        let end = entity.body.end;
        let behind = self.tree.octets(end..self.tree.octets.len());
        if self.is_part(entity) && !behind.is_empty() && !behind.starts_with(b"\n") && !behind.starts_with(LINE_END) {
            self.insert(end, Place::BeforeBoundary, LINE_END);
        }
    }

    /// The mail with all that was changed. What was put there was made before; what stays counts as output.
    ///
    /// # Errors
    /// [`ConvertError`]: a limit is reached.
    pub fn write(mut self, allowance: &mut Allowance) -> Result<Vec<u8>, ConvertError> {
        let mail = self.tree.octets;
        self.changes.sort_by_key(|change| (change.range.start, change.range.end, change.place));
        let put: usize = self.changes.iter().map(|change| change.octets.len()).sum();
        let (mut gone, mut end) = (0, 0);
        for range in self.changes.iter().map(|change| &change.range).filter(|range| range.end <= mail.len()) {
            if range.start >= end {
                gone += range.len();
                end = range.end.max(end);
            }
        }
        let size = mail.len() - gone + put;
        allowance.make(mail.len() - gone)?;
        allowance.fits(size)?;
        allowance.step(size)?;
        let (mut out, mut at, mut last) = (Vec::with_capacity(size), 0, None);
        for Change { range, place, octets } in self.changes {
            let range = range.start..range.end.clamp(range.start, mail.len().max(range.start));
            let Some(between) = mail.get(at..range.start) else { continue };
            out.extend_from_slice(between);
            at = range.end;
            let is_there = match place {
                Place::LineEnd => out.is_empty() || out.ends_with(b"\n"),
                Place::EmptyLine | Place::BeforeBoundary => last == Some((at, place)),
                _ => false,
            };
            if !is_there {
                out.extend_from_slice(&octets);
            }
            last = Some((at, place));
        }
        out.extend_from_slice(mail.get(at..).unwrap_or_default());
        Ok(out)
    }
}
