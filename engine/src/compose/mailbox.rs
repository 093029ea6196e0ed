//! Mailboxes as people write them: a name and an address, or a list of such in one text.
//!
//! Rule: a list is taken whole or refused whole: no recipient is ever dropped because its text was not understood.

use thiserror::Error;

use super::list;
use crate::{address::ascii_domain, Address, AddressError};

/// Octets of a display name: several times the longest real ones, and few enough for one field.
pub const MAX_NAME: usize = 500;

/// A name and an address (RFC 5322, 3.4).
///
/// ```
/// # use postrider_engine::Mailbox;
/// let ann: Mailbox = "Ann Example <ann@example.org>".parse()?;
/// assert_eq!((ann.name(), ann.address().as_str()), (Some("Ann Example"), "ann@example.org"));
/// assert_eq!(Mailbox::new("Ann Example", "ann@example.org")?, ann);
/// # Ok::<(), postrider_engine::MailboxError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Mailbox {
    name: Option<Box<str>>,
    address: Address,
}

/// Why a text is no mailbox, or no list of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MailboxError {
    /// The address is none.
    #[error("{0}; a name goes before it, and the address then in angle brackets: Ann Example <ann@example.org>")]
    Address(#[from] AddressError),
    /// The address has no domain, which a header needs (RFC 5322, 3.4.1).
    #[error("the address has no domain; write all of it, as ann@example.org")]
    NoDomain,
    /// There is a control character.
    #[error("it has a control (CR, LF, NUL or another)")]
    Control,
    /// A quote, a bracket or a comment does not end.
    #[error("{0} is not closed")]
    Unclosed(char),
    /// Something stands behind the address.
    #[error("something stands between > and the next comma")]
    Behind,
    /// A colon stands behind an address, as if that were the name of a group (RFC 5322, 3.4): it would not get the mail.
    #[error("a colon stands behind an address; part mailboxes with commas, and give a group a name without @")]
    GroupName,
    /// There is none, or more than one where there can be one only.
    #[error("there must be one, not {0}")]
    NotOne(usize),
    /// The name is too long.
    #[error("the name has more than {MAX_NAME} octets")]
    LongName,
}

impl Mailbox {
    /// A mailbox of a name, which may be empty, and an address.
    ///
    /// A domain beyond ASCII becomes A-labels where the local part is ASCII, so that the mail needs no SMTPUTF8 (RFC 6531).
    ///
    /// # Errors
    /// [`MailboxError`]: the address is none, or the name has controls or is too long.
    pub fn new(name: &str, address: &str) -> Result<Self, MailboxError> {
        Mailbox::of(name, Address::parse(address)?)
    }

    pub(super) fn of(name: &str, address: Address) -> Result<Self, MailboxError> {
        let name = name.trim();
        if name.chars().any(char::is_control) {
            return Err(MailboxError::Control);
        }
        if name.len() > MAX_NAME {
            return Err(MailboxError::LongName);
        }
        if address.domain().is_empty() {
            return Err(MailboxError::NoDomain);
        }
        Ok(Mailbox { name: (!name.is_empty()).then(|| name.into()), address: with_ascii_domain(address)? })
    }

    /// The name as people read it.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The address.
    pub fn address(&self) -> &Address {
        &self.address
    }
}

/// The same address with A-labels, if its local part is ASCII.
pub(super) fn with_ascii_domain(address: Address) -> Result<Address, AddressError> {
    if address.is_ascii() || !address.local_part().is_ascii() {
        return Ok(address);
    }
    let ascii = format!("{}@{}", address.local_part(), ascii_domain(address.domain())?);
    Address::parse(&ascii)
}

impl std::str::FromStr for Mailbox {
    type Err = MailboxError;

    fn from_str(text: &str) -> Result<Self, MailboxError> {
        let mut all = list::mailboxes(text)?;
        match (all.pop(), all.len()) {
            (Some(only), 0) => Ok(only),
            (last, before) => Err(MailboxError::NotOne(before + usize::from(last.is_some()))),
        }
    }
}

/// What the setters of mailboxes take: a text with one or more (`,` and `;` part them), a name with an address, a
/// [`Mailbox`], an [`Address`], or several of these.
///
/// What is wrong with it is kept, and told when the mail is sent.
#[derive(Clone, Debug)]
pub struct MailboxList(pub(super) Result<Vec<Mailbox>, (String, MailboxError)>);

impl MailboxList {
    fn one(text: &str, mailbox: Result<Mailbox, MailboxError>) -> Self {
        MailboxList(mailbox.map(|mailbox| vec![mailbox]).map_err(|problem| (super::error::excerpt(text), problem)))
    }
}

impl From<&str> for MailboxList {
    fn from(text: &str) -> Self {
        MailboxList(list::mailboxes(text).map_err(|problem| (super::error::excerpt(text), problem)))
    }
}

impl From<String> for MailboxList {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

impl From<&String> for MailboxList {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}

impl<N: AsRef<str>, A: AsRef<str>> From<(N, A)> for MailboxList {
    fn from((name, address): (N, A)) -> Self {
        let text = format!("{} <{}>", name.as_ref(), address.as_ref());
        MailboxList::one(&text, Mailbox::new(name.as_ref(), address.as_ref()))
    }
}

impl From<Mailbox> for MailboxList {
    fn from(mailbox: Mailbox) -> Self {
        MailboxList(Ok(vec![mailbox]))
    }
}

impl From<Address> for MailboxList {
    fn from(address: Address) -> Self {
        MailboxList::one(address.as_str(), Mailbox::of("", address.clone()))
    }
}

impl<T: Into<MailboxList>> From<Vec<T>> for MailboxList {
    fn from(all: Vec<T>) -> Self {
        all.into_iter().collect()
    }
}

impl<T: Into<MailboxList>, const N: usize> From<[T; N]> for MailboxList {
    fn from(all: [T; N]) -> Self {
        all.into_iter().collect()
    }
}

impl<T: Into<MailboxList>> FromIterator<T> for MailboxList {
    fn from_iter<I: IntoIterator<Item = T>>(all: I) -> Self {
        let mut whole = Vec::new();
        for some in all {
            match some.into().0 {
                Ok(mailboxes) => whole.extend(mailboxes),
                Err(problem) => return MailboxList(Err(problem)),
            }
        }
        MailboxList(Ok(whole))
    }
}
