//! The mail with its parts written otherwise.
//!
//! Rule: only what has to be changed is, and nothing that a signature covers, unless that was allowed.

use std::ops::Range;

use super::{
    body::{may_stay, Body, Fate},
    header::{in_ascii, is_unfit, Changes},
    octets::{LineEnd, Written},
    Bodies,
};
use crate::{
    boundary::Boundaries,
    mail::{tree::Field, Editor, Encoding, Entity, SignedMail, Tree},
    Allowance, ConvertError, Flaws, Limits, Trouble,
};

/// A mail on its way.
pub(super) struct Writing<'w, 't, 'm> {
    pub(super) tree: &'t Tree<'m>,
    pub(super) mail: &'m [u8],
    pub(super) editor: Editor<'t, 'm>,
    pub(super) bodies: Bodies,
    pub(super) ascii: bool,
    pub(super) signed: SignedMail,
    pub(super) line_end: LineEnd,
    pub(super) allowance: &'w mut Allowance,
    pub(super) flaws: &'w mut Flaws,
    /// New boundaries, once one is needed.
    pub(super) boundaries: Option<Boundaries>,
    /// Where messages begin that have got a version.
    versioned: Vec<usize>,
    is_changed: bool,
}

/// What is to be said in a header.
#[derive(Default)]
struct Said {
    encoding: Option<&'static str>,
    media_type: Option<&'static str>,
    boundary: Option<String>,
    /// A type, where there is no field for it.
    kind: Option<&'static str>,
}

impl<'w, 't, 'm> Writing<'w, 't, 'm> {
    pub fn new(
        tree: &'t Tree<'m>,
        mail: &'m [u8],
        bodies: Bodies,
        ascii: bool,
        signed: SignedMail,
        allowance: &'w mut Allowance,
        flaws: &'w mut Flaws,
    ) -> Self {
        let (editor, line_end) = (tree.edit(), LineEnd::of(mail));
        let (boundaries, versioned, is_changed) = (None, Vec::new(), false);
        Writing {
            tree,
            mail,
            editor,
            bodies,
            ascii,
            signed,
            line_end,
            allowance,
            flaws,
            boundaries,
            versioned,
            is_changed,
        }
    }

    /// One part; those that it holds come by themselves.
    ///
    /// # Errors
    /// [`ConvertError`]: a limit is reached, or it must not be changed.
    pub fn entity(&mut self, entity: &Entity) -> Result<(), ConvertError> {
        if self.is_headless(entity) {
            return self.headless(entity);
        }
        let octets = self.tree.octets(entity.body.clone());
        let said = self.tree.field(entity, "Content-Transfer-Encoding").map(|field| field.value);
        let (bodies, line_end, is_last) = (self.bodies, self.line_end, entity.body.end == self.mail.len());
        let fate = Body { entity, octets, said, bodies, line_end, is_last }.fate(self.allowance)?;
        let mut said = Said::default();
        match fate {
            Fate::Stays => {}
            Fate::IsCalled(encoding) => said.encoding = Some(encoding),
            Fate::IsWritten(written, encoding) => {
                said.encoding = encoding;
                if encoding.is_some() {
                    said.kind = self.missing_type(entity, octets);
                    self.version(entity)?;
                }
                self.put(entity, entity.body.clone(), written)?;
            }
        }
        if self.ascii && entity.is("message/global") && !entity.parts.is_empty() {
            said.media_type = Some("message/rfc822");
        }
        if entity.is_multipart() {
            said.boundary = self.another_boundary(entity)?;
            self.between(entity, said.boundary.as_deref())?;
        }
        self.header(entity, &said)
    }

    /// The mail; `None`: nothing was changed.
    ///
    /// # Errors
    /// [`ConvertError`]: a limit is reached, or it must not be changed.
    pub fn finish(self) -> Result<Option<Vec<u8>>, ConvertError> {
        if !self.is_changed {
            return Ok(None);
        }
        let has_dkim = self.tree.field(self.tree.root(), "DKIM-Signature").is_some();
        if has_dkim && self.signed == SignedMail::LeaveDkim {
            return Err(ConvertError::Signed { by: "DKIM" });
        }
        self.editor.write(self.allowance).map(Some)
    }

    /// These octets stand in the place of those, which are of this part.
    pub(super) fn put(&mut self, entity: &Entity, range: Range<usize>, octets: Vec<u8>) -> Result<(), ConvertError> {
        // What is attached does not count: a report has to reach its sender, whoever has signed the mail that it returns.
        let is_attached = |one: &Entity| self.tree.around(one).any(|outer| outer.content_type.is_message());
        let is_signed = || self.tree.around(entity).any(|outer| outer.is("multipart/signed") && !is_attached(outer));
        if self.signed != SignedMail::Convert && is_signed() {
            return Err(ConvertError::Signed { by: "S/MIME or OpenPGP" });
        }
        self.is_changed = true;
        self.editor.put(range, octets);
        Ok(())
    }

    /// A text without any header, not even an empty line: its first line is no field.
    fn is_headless(&self, entity: &Entity) -> bool {
        let octets = self.tree.octets(entity.header.clone());
        let first = self.tree.fields(entity).next();
        let is_text = first.is_some_and(|field| !is_name(field.name)) && !octets.starts_with(b"From ");
        is_text && entity.body.is_empty() && entity.header.end == entity.body.start
    }

    fn headless(&mut self, entity: &Entity) -> Result<(), ConvertError> {
        let octets = self.tree.octets(entity.header.clone());
        self.allowance.step(octets.len())?;
        if may_stay(octets, self.bodies, self.line_end) {
            return Ok(());
        }
        let written = Written::best(octets, true);
        self.allowance.make(written.room(octets))?;
        let body = written.encode(octets, self.line_end, entity.body.end == self.mail.len());
        let mut lines = self.line(&format!("Content-Type: {}", kind_of(octets)));
        lines.extend(self.line(&format!("Content-Transfer-Encoding: {}", written.name())));
        if self.message_of(entity).header.start == entity.header.start {
            lines.splice(0..0, self.line("MIME-Version: 1.0"));
        }
        lines.extend_from_slice(self.line_end.octets());
        lines.extend(body);
        self.put(entity, entity.header.clone(), lines)
    }

    fn line(&self, text: &str) -> Vec<u8> {
        [text.as_bytes(), self.line_end.octets()].concat()
    }

    /// What a text is that has no type (RFC 1428), if it is more than ASCII.
    fn missing_type(&self, entity: &Entity, octets: &[u8]) -> Option<&'static str> {
        let has_none = entity.is("text/plain") && self.tree.field(entity, "Content-Type").is_none();
        (has_none && !octets.is_ascii()).then(|| kind_of(octets))
    }

    /// The message whose part this is, or itself.
    fn message_of<'e>(&self, entity: &'e Entity) -> &'e Entity
    where
        't: 'e,
    {
        let mut message = entity;
        while let Some(outer) = message.parent.and_then(|at| self.tree.entities().get(at)) {
            if outer.content_type.is_message() {
                break;
            }
            message = outer;
        }
        message
    }

    /// A message whose fields about content count says so (RFC 2045, 4).
    fn version(&mut self, entity: &Entity) -> Result<(), ConvertError> {
        let message = self.message_of(entity).clone();
        let start = message.header.start;
        if self.versioned.contains(&start) || self.tree.field(&message, "MIME-Version").is_some() {
            return Ok(());
        }
        self.versioned.push(start);
        let at = message.header.end;
        self.put(&message, at..at, self.line("MIME-Version: 1.0"))
    }

    /// The fields of a part.
    fn header(&mut self, entity: &Entity, said: &Said) -> Result<(), ConvertError> {
        let mut encoding = said.encoding;
        let tree = self.tree;
        for field in tree.fields(entity) {
            self.allowance.step(field.range.len())?;
            let is_encoding = said.encoding.is_some() && field.is("Content-Transfer-Encoding");
            if is_encoding {
                // Where it stands twice, it stands once.
                let line = encoding.take().map(|name| self.line(&format!("Content-Transfer-Encoding: {name}")));
                self.put(entity, field.range, line.unwrap_or_default())?;
            } else {
                self.field(entity, &field, said)?;
            }
        }
        let mut lines = said.kind.map(|kind| self.line(&format!("Content-Type: {kind}"))).unwrap_or_default();
        if let Some(name) = encoding.filter(|name| *name != Encoding::SevenBit.name()) {
            lines.extend(self.line(&format!("Content-Transfer-Encoding: {name}")));
        }
        let end = entity.header.end..entity.body.start;
        if !lines.is_empty() {
            self.put(entity, end.start..end.start, lines)?;
        }
        // The empty line behind it ends as the others do.
        let empty = tree.octets(end.clone());
        if self.bodies != Bodies::Any && !empty.is_empty() && empty != self.line_end.octets() {
            self.put(entity, end, self.line_end.octets().to_vec())?;
        }
        Ok(())
    }

    fn field(&mut self, entity: &Entity, field: &Field<'m>, said: &Said) -> Result<(), ConvertError> {
        let octets = self.tree.octets(field.range.clone());
        let changes = Changes { media_type: said.media_type, boundary: said.boundary.as_deref() };
        let is_type = (changes.media_type.is_some() || changes.boundary.is_some()) && field.is("Content-Type");
        let is_bad = (self.ascii && !octets.is_ascii()) || is_unfit(octets);
        let written = match std::str::from_utf8(field.name).ok().filter(|_| is_name(field.name)) {
            Some(name) if is_bad || is_type => {
                // Each octet takes six at most, and so does what parts encoded words.
                self.allowance.make(octets.len().saturating_mul(12))?;
                let written = in_ascii(name, field.value, changes);
                match field.is("Content-Type") {
                    true => with_type(entity, said, written).into_bytes(),
                    false => written.into_bytes(),
                }
            }
            None if is_bad => {
                self.flaws.note(Trouble::NotSayable, field.range.start, "header");
                self.line_end.mend(octets, self.ascii)
            }
            _ if self.bodies != Bodies::Any => octets.to_vec(),
            _ => return Ok(()),
        };
        let written = self.line_end.all(&written);
        if written != octets {
            self.put(entity, field.range.clone(), written)?;
        }
        Ok(())
    }
}

/// A type that means something else now, because of what else its field had, stands there with what readers need and nothing else.
fn with_type(entity: &Entity, said: &Said, written: String) -> String {
    let kind = said.media_type.unwrap_or(&entity.content_type.media_type);
    let boundary = said.boundary.as_deref().or(entity.boundary());
    let again = format!("{written}\r\n");
    let is_same = Tree::read(again.as_bytes(), Limits::default()).is_ok_and(|read| {
        let found = &read.output.root().content_type;
        found.media_type == kind && (boundary.is_none() || found.boundary() == boundary)
    });
    if is_same || !entity.content_type.is_said || !kind.bytes().all(|one| one.is_ascii_graphic()) {
        return written;
    }
    let quoted = |value: &str| value.replace('\\', "\\\\").replace('"', "\\\"");
    let charset =
        entity.content_type.parameter("charset").filter(|name| name.bytes().all(|one| one.is_ascii_graphic()));
    let mut field = format!("Content-Type: {kind}");
    for (name, value) in [("boundary", boundary), ("charset", charset)] {
        field.extend(value.map(|value| format!(";\r\n {name}=\"{}\"", quoted(value))));
    }
    field + "\r\n"
}

/// It is the name of a field (RFC 5322, 3.6.8).
fn is_name(name: &[u8]) -> bool {
    !name.is_empty() && name.iter().all(|one| one.is_ascii_graphic())
}

/// What such octets are, if nobody says so.
fn kind_of(octets: &[u8]) -> &'static str {
    match std::str::from_utf8(octets) {
        Ok(_) => "text/plain; charset=utf-8",
        Err(_) => "text/plain; charset=unknown-8bit",
    }
}
