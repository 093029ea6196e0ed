//! Edits of header fields, by settings: put in, change, take out.
//!
//! Rule: all edits of a mail are made, or none. A mail on which they cannot be made is held: it might be a secret that was to
//! be taken out.

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use postrider_engine::{
    events::{MailEvent, Message, Sink, Verdict},
    header::{HeaderEditor, HeaderError, RawField},
    Content,
};
use regex::{Regex, RegexBuilder};
use thiserror::Error;
use tracing::warn;

/// Edits that one sink makes.
pub const MOST_EDITS: usize = 200;
/// Octets that one pattern may take when it is compiled.
const PATTERN_SIZE: usize = 1 << 20;

/// One edit. They are made in their order, each on what the one before left.
///
/// Names are compared without regard to case. Patterns are regular expressions that may match anywhere, with regard to case
/// unless they say `(?i)`; those for names must match the whole name, and have no regard to case. A value is one line,
/// without folding; encoded words (RFC 2047) stay as they are.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HeaderChange {
    /// Puts a field on top.
    Add {
        /// Its name.
        name: String,
        /// Its value.
        value: String,
    },
    /// Puts a field below all others.
    Append {
        /// Its name.
        name: String,
        /// Its value.
        value: String,
    },
    /// Puts a field before the one that has this index, or below all if there is none.
    InsertAt {
        /// 0 is on top.
        index: usize,
        /// Its name.
        name: String,
        /// Its value.
        value: String,
    },
    /// Puts a field below all others, if there is none of this name.
    Default {
        /// Its name.
        name: String,
        /// Its value.
        value: String,
    },
    /// Puts something in the place of what a pattern finds in values.
    Change {
        /// Pattern of the names of fields.
        name: String,
        /// Pattern for the value.
        value: String,
        /// In the place of each match: `$1` and `${name}` are what groups have found.
        with: String,
    },
    /// Takes out all fields of this name.
    Remove {
        /// Their name.
        name: String,
    },
    /// Takes out all fields whose name and value these patterns find.
    RemoveMatching {
        /// Pattern of their names: `X-.*`.
        name: String,
        /// Pattern for their values; an empty one finds all.
        value: String,
    },
}

/// What is wrong with the settings.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum HeaderEditError {
    /// There are too many edits.
    #[error("there are {0} edits: {MOST_EDITS} are the most")]
    TooMany(usize),
    /// A pattern cannot be read.
    #[error("edit {number}: the pattern \"{pattern}\" cannot be read: {reason}")]
    Pattern {
        /// Which edit; 1 is the first.
        number: usize,
        /// As it was written.
        pattern: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A name or value cannot be written.
    #[error("edit {number}: {reason}")]
    Field {
        /// Which edit; 1 is the first.
        number: usize,
        /// What is wrong with it.
        reason: String,
    },
}

/// Edits the header of each mail, at any event that has a mail. What a signature (DKIM) covers is not looked at: edit before
/// signing, and not what others have signed.
#[derive(Clone, Debug)]
pub struct HeaderEdit {
    edits: Vec<Edit>,
}

#[derive(Clone, Debug)]
enum Edit {
    Insert(Place, String, String),
    Change { name: Regex, value: Regex, with: String },
    Remove { name: Regex, value: Regex },
}

#[derive(Clone, Copy, Debug)]
enum Place {
    At(usize),
    Last,
    IfMissing,
}

impl HeaderEdit {
    /// A sink that makes these edits.
    ///
    /// # Errors
    /// [`HeaderEditError`] says which makes no sense.
    pub fn new(changes: Vec<HeaderChange>) -> Result<Self, HeaderEditError> {
        if changes.len() > MOST_EDITS {
            return Err(HeaderEditError::TooMany(changes.len()));
        }
        let edits = changes.into_iter().enumerate().map(|(at, change)| compiled(at + 1, change));
        Ok(HeaderEdit { edits: edits.collect::<Result<_, _>>()? })
    }

    /// Whether anything has changed.
    fn run(&self, header: &mut HeaderEditor<'_>, utf8: bool) -> Result<bool, HeaderError> {
        header.utf8(utf8);
        let mut has_changed = false;
        for edit in &self.edits {
            has_changed |= edit.run(header)?;
        }
        Ok(has_changed)
    }
}

impl Edit {
    fn run(&self, header: &mut HeaderEditor<'_>) -> Result<bool, HeaderError> {
        match self {
            Edit::Insert(Place::IfMissing, name, _) if header.first(name).is_some() => Ok(false),
            Edit::Insert(Place::At(index), name, value) => header.insert(*index, name, value).map(|()| true),
            Edit::Insert(_, name, value) => header.append(name, value).map(|()| true),
            Edit::Change { name, value, with } => {
                header.change_where(|field| changed(field, name, value, with)).map(|count| count > 0)
            }
            Edit::Remove { name, value } => {
                Ok(header.remove_where(|field| finds(name, field) && value.is_match(&field.text())) > 0)
            }
        }
    }
}

fn finds(name: &Regex, field: RawField<'_>) -> bool {
    std::str::from_utf8(field.name()).is_ok_and(|text| name.is_match(text))
}

/// The new value, if it is another.
fn changed(field: RawField<'_>, name: &Regex, value: &Regex, with: &str) -> Option<String> {
    let text = finds(name, field).then(|| field.text())?;
    match value.replace_all(&text, with) {
        Cow::Owned(new) if *new != *text => Some(new),
        _ => None,
    }
}

fn compiled(number: usize, change: HeaderChange) -> Result<Edit, HeaderEditError> {
    let insert = |place, name, value| checked(number, Edit::Insert(place, name, value));
    let whole = |name: &str| regex(number, name, &format!("^(?i:{name})$"));
    match change {
        HeaderChange::Add { name, value } => insert(Place::At(0), name, value),
        HeaderChange::Append { name, value } => insert(Place::Last, name, value),
        HeaderChange::InsertAt { index, name, value } => insert(Place::At(index), name, value),
        HeaderChange::Default { name, value } => insert(Place::IfMissing, name, value),
        HeaderChange::Change { name, value, with } => {
            Ok(Edit::Change { name: whole(&name)?, value: regex(number, &value, &value)?, with })
        }
        HeaderChange::Remove { name } => {
            Ok(Edit::Remove { name: whole(&regex::escape(&name))?, value: regex(number, "", "")? })
        }
        HeaderChange::RemoveMatching { name, value } => {
            Ok(Edit::Remove { name: whole(&name)?, value: regex(number, &value, &value)? })
        }
    }
}

fn regex(number: usize, written: &str, pattern: &str) -> Result<Regex, HeaderEditError> {
    let built = RegexBuilder::new(pattern).size_limit(PATTERN_SIZE).build();
    built.map_err(|error| HeaderEditError::Pattern { number, pattern: written.to_owned(), reason: error.to_string() })
}

/// What can be written to no header at all is known before the first mail.
fn checked(number: usize, edit: Edit) -> Result<Edit, HeaderEditError> {
    let mut probe = Content::default();
    match probe.edit_header(|header| edit.run(header)) {
        Ok(_) => Ok(edit),
        Err(error) => Err(HeaderEditError::Field { number, reason: error.to_string() }),
    }
}

impl<E: MailEvent> Sink<E> for HeaderEdit {
    async fn on(&mut self, mut mail: Message<E>) -> Verdict<E> {
        let mut content = mail.content().clone();
        let utf8 = mail.envelope().smtputf8;
        match content.edit_header(|header| self.run(header, utf8)) {
            Ok(true) => *mail.content_mut() = content,
            Ok(false) => {}
            Err(trouble) => {
                warn!(%trouble, "a header cannot be edited as the settings say: the mail is held");
                mail.hold(format!("its header could not be edited: {trouble}"));
            }
        }
        mail.next()
    }
}
