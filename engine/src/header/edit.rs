//! Editing the fields of a content's header.
//!
//! Rule: an edit changes the list of pieces and never an octet. Fields that are not touched, and the body, stay the
//! memory that they were, and come out octet for octet, in their order.

use std::ops::Range;

use bytes::Bytes;

use super::{
    fields,
    walk::{FieldWalk, HeaderEnd},
    write, HeaderError, RawField, MAX_HEADER,
};
use crate::{Content, Piece};

/// The fields of a header while they are edited; the content has them when [`HeaderEditor::apply`] is called, and is
/// unchanged if it is not. [`Content::edit_header`] does both.
///
/// Values are text on one line: they are folded here (RFC 5322, 2.2.3), and words beyond ASCII become encoded words
/// (RFC 2047) unless [`HeaderEditor::utf8`] says otherwise. Encoded words may stand in text and in phrases; in a
/// structured field write a name beyond ASCII as a phrase without quotes (`Jörg <j@example.org>`), and an address beyond
/// ASCII only with `utf8`.
///
/// What refuses a value or a name is a [`HeaderError`]; the edit that it was for is not done then.
#[derive(Debug)]
#[must_use = "the content has the fields only after `apply`"]
pub struct HeaderEditor<'a> {
    content: &'a mut Content,
    fields: Vec<Field>,
    end: HeaderEnd,
    had_fields: bool,
    octets: usize,
    utf8: bool,
    changed: bool,
}

#[derive(Debug)]
struct Field {
    octets: Bytes,
    /// Where it began in the content before; `None`: it is new.
    from: Option<u64>,
}

impl Content {
    /// Edits the header by `edit`: all that it does, or nothing if it gives an error.
    ///
    /// ```
    /// # use postrider_engine::Content;
    /// let mut content = Content::new("Subject: Hello\r\n\r\nbody");
    /// content.edit_header(|header| {
    ///     header.remove("Bcc");
    ///     header.change("Subject", 0, "[team] Hello")?;
    ///     header.append("X-Seen", "yes")
    /// })?;
    /// assert_eq!(content.all(100)?, "Subject: [team] Hello\r\nX-Seen: yes\r\n\r\nbody");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// That of `edit`, and [`HeaderError::Read`].
    pub fn edit_header<T>(
        &mut self,
        edit: impl FnOnce(&mut HeaderEditor<'_>) -> Result<T, HeaderError>,
    ) -> Result<T, HeaderError> {
        let mut editor = HeaderEditor::of(self)?;
        let done = edit(&mut editor)?;
        editor.apply();
        Ok(done)
    }
}

impl<'a> HeaderEditor<'a> {
    /// Begins to edit the header of this content.
    ///
    /// # Errors
    /// [`HeaderError::Read`]: a side file in which the header goes on cannot be read, or the header does not end within
    /// [`MAX_HEADER`].
    pub fn of(content: &'a mut Content) -> Result<Self, HeaderError> {
        let mut fields = Vec::new();
        let mut walk = FieldWalk::over(content, MAX_HEADER);
        let mut from = walk.position();
        while let Some(octets) = walk.next()? {
            fields.push(Field { octets, from: Some(from) });
            from = walk.position();
        }
        let end = walk.end();
        let octets = fields.iter().map(|field| field.octets.len()).sum();
        Ok(HeaderEditor { content, had_fields: !fields.is_empty(), fields, end, octets, utf8: false, changed: false })
    }

    /// Text beyond ASCII is written as it is: for a mail with SMTPUTF8 (RFC 6532). Holds for the edits behind it.
    pub fn utf8(&mut self, utf8: bool) -> &mut Self {
        self.utf8 = utf8;
        self
    }

    /// How many fields there are.
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// There is none.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// All fields, from the first on; [`RawField::text`] is a value as text.
    pub fn fields(&self) -> impl Iterator<Item = RawField<'_>> {
        self.fields.iter().filter_map(Field::raw)
    }

    /// The first field of this name; case does not matter.
    pub fn first(&self, name: &str) -> Option<RawField<'_>> {
        self.fields().find(|field| field.is(name))
    }

    /// Puts a field above all others.
    ///
    /// # Errors
    /// [`HeaderError`]: name or value cannot be written.
    pub fn add(&mut self, name: &str, value: &str) -> Result<(), HeaderError> {
        self.insert(0, name, value)
    }

    /// Puts a field below all others.
    ///
    /// # Errors
    /// As [`HeaderEditor::add`].
    pub fn append(&mut self, name: &str, value: &str) -> Result<(), HeaderError> {
        self.insert(self.fields.len(), name, value)
    }

    /// Puts a field before the one that has this index now, or below all if there is none.
    ///
    /// # Errors
    /// As [`HeaderEditor::add`].
    pub fn insert(&mut self, index: usize, name: &str, value: &str) -> Result<(), HeaderError> {
        let octets = write::field(name, value, self.utf8)?;
        self.octets = self.room_for(octets.len(), 0)?;
        self.fields.insert(index.min(self.fields.len()), Field { octets: octets.into(), from: None });
        self.changed = true;
        Ok(())
    }

    /// Gives another value to the `nth` field of this name, counted from 0; its name stays as it is written. `false`:
    /// there is none.
    ///
    /// # Errors
    /// As [`HeaderEditor::add`].
    pub fn change(&mut self, name: &str, nth: usize, value: &str) -> Result<bool, HeaderError> {
        let mut before = 0;
        let changed = self.change_where(|field| {
            let is_it = field.is(name) && before == nth;
            before += usize::from(field.is(name));
            is_it.then(|| value.to_owned())
        })?;
        Ok(changed > 0)
    }

    /// Gives another value to every field for which `value` gives one, and says how many those are.
    ///
    /// # Errors
    /// As [`HeaderEditor::add`]; none is changed then.
    pub fn change_where(
        &mut self,
        mut value: impl FnMut(RawField<'_>) -> Option<String>,
    ) -> Result<usize, HeaderError> {
        let mut changes = Vec::new();
        let (mut more, mut less) = (0, 0);
        for (index, field) in self.fields.iter().enumerate() {
            let Some(raw) = field.raw() else { continue };
            let Some(value) = value(raw) else { continue };
            let octets = write::unchecked_name(&String::from_utf8_lossy(raw.name()), &value, self.utf8)?;
            more += octets.len();
            less += field.octets.len();
            changes.push((index, octets));
        }
        self.octets = self.room_for(more, less)?;
        self.changed |= !changes.is_empty();
        let changed = changes.len();
        for (index, octets) in changes {
            self.fields[index] = Field { octets: octets.into(), from: None };
        }
        Ok(changed)
    }

    /// Takes out all fields of this name, and says how many those were.
    pub fn remove(&mut self, name: &str) -> usize {
        self.remove_where(|field| field.is(name))
    }

    /// Takes out all fields of which `which` says so, and says how many those were.
    pub fn remove_where(&mut self, mut which: impl FnMut(RawField<'_>) -> bool) -> usize {
        let before = self.fields.len();
        self.fields.retain(|field| !field.raw().is_some_and(&mut which));
        self.octets = self.fields.iter().map(|field| field.octets.len()).sum();
        let removed = before - self.fields.len();
        self.changed |= removed > 0;
        removed
    }

    /// Gives the content the fields as they are now. Without an edit it keeps the very pieces that it had. A content that
    /// had no field gets the empty line that parts them from its body, if it does not begin with one.
    pub fn apply(self) {
        if !self.changed {
            return;
        }
        let mut after = Assembly { before: self.content, whole: Content::default(), old: 0..0, new: Vec::new() };
        let mut is_open = false;
        for field in &self.fields {
            match field.from {
                Some(from) => after.add_old(from..from + field.octets.len() as u64),
                None if is_open => after.add_new([b"\r\n", &field.octets[..]].concat()),
                None => after.add_new(field.octets.to_vec()),
            }
            is_open = !field.octets.ends_with(b"\r\n");
        }
        let has_body = after.before.len() > self.end.header;
        if !self.had_fields && !self.fields.is_empty() && has_body && self.end.body == self.end.header {
            after.add_new(b"\r\n".to_vec());
        }
        let length = after.before.len();
        after.add_old(self.end.header..length);
        *self.content = after.finish();
    }

    /// The octets of the header with so many more and so many less, if it may have them.
    fn room_for(&self, more: usize, less: usize) -> Result<usize, HeaderError> {
        let octets = (self.octets + more).saturating_sub(less);
        if octets > MAX_HEADER {
            Err(HeaderError::LongHeader)
        } else {
            Ok(octets)
        }
    }
}

impl Field {
    fn raw(&self) -> Option<RawField<'_>> {
        fields(&self.octets).next()
    }
}

/// A content while it is put together from ranges of what it was and from new octets. Neighbours become one piece.
struct Assembly<'a> {
    before: &'a Content,
    whole: Content,
    /// Not yet in `whole`; only one of both has octets.
    old: Range<u64>,
    new: Vec<u8>,
}

impl Assembly<'_> {
    fn add_old(&mut self, range: Range<u64>) {
        self.flush_new();
        if self.old.end == range.start {
            self.old.end = range.end;
        } else {
            self.flush_old();
            self.old = range;
        }
    }

    fn add_new(&mut self, octets: Vec<u8>) {
        self.flush_old();
        self.new.extend(octets);
    }

    fn flush_old(&mut self) {
        let range = std::mem::replace(&mut self.old, 0..0);
        self.whole.extend(self.before.slice(range));
    }

    fn flush_new(&mut self) {
        let octets = std::mem::take(&mut self.new);
        if !octets.is_empty() {
            self.whole.push(Piece::Memory(octets.into()));
        }
    }

    fn finish(mut self) -> Content {
        self.flush_new();
        self.flush_old();
        self.whole
    }
}
