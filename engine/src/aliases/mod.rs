//! Aliases: addresses in whose place others stand, by files in sendmail's syntax and by tables that rewrite.
//!
//! Rule: a lookup reads nothing but memory, so what a mail expands to is decided in one step and written as one entry. A
//! name that stands for itself ends there; a name that leads back to itself by way of others is a loop, and is said.

mod error;
mod expand;
mod members;
mod read;
#[cfg(test)]
mod tests;
mod walk;

use std::{borrow::Cow, collections::HashMap};

pub use error::{AliasError, AliasProblem};
pub use expand::{Expanded, Expansion};

use crate::{local::unquoted, Address, DomainSet};

/// Names that lead to names that lead to names: no real list is nested deeper.
pub const MAX_NESTING: usize = 50;
/// Recipients that one name may stand for.
pub const MAX_MEMBERS: usize = 100_000;
/// Files that the lists of one file may include, and how deep includes may be nested.
pub const MAX_INCLUDES: usize = 1000;

/// Who stands in whose place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Aliases {
    /// By local part in lower case, for every domain of ours.
    names: HashMap<Box<str>, Vec<Member>>,
    /// By whole address, the local part in lower case and the domain as a key.
    addresses: HashMap<Box<str>, Vec<Member>>,
    /// By domain: for all of it that no other line names.
    domains: HashMap<Box<str>, Vec<Member>>,
    scope: AliasScope,
}

/// For which domains aliases are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AliasScope {
    /// Domains whose mail ends here: plain names are for all of them.
    pub local: DomainSet,
    /// Domains of which tables say everything: who is in no table is nobody.
    pub virtual_domains: DomainSet,
    /// The domain of a plain name where no other is meant, and of a bare `postmaster`.
    pub origin: String,
    /// Recipients that one name may stand for; [`MAX_MEMBERS`] if nothing else is said.
    pub most: usize,
    /// What parts a name from a tag: mail for `list+x` is for `list`, unless `list+x` has a line.
    pub tag: Option<char>,
}

impl AliasScope {
    /// Plain names are at this domain and at no other.
    pub fn new(origin: impl Into<String>) -> Self {
        AliasScope { origin: origin.into(), tag: Some('+'), most: MAX_MEMBERS, ..AliasScope::default() }
    }
}

/// One of those who stand in the place of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Member {
    /// A plain name, at the domain of the name it stands for if that is ours. `true`: it is not looked up again (`\name`).
    Name(Box<str>, bool),
    /// An address.
    Address(Address),
    /// The same local part at this domain (`@example.org`).
    Domain(Box<str>),
    /// Nobody: `/dev/null`.
    Nobody,
}

/// What is known of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found<'a> {
    /// Others stand in its place.
    Members(&'a [Member]),
    /// It is in a domain of which tables say everything, and they do not name it.
    Unknown,
    /// It stands for itself.
    Plain,
}

impl Aliases {
    /// No aliases yet.
    pub fn new(scope: AliasScope) -> Self {
        Aliases { scope, ..Aliases::default() }
    }

    /// Others stand in the place of this address.
    pub fn has(&self, address: &Address) -> bool {
        matches!(self.find(&Key::of(address, &self.scope)), Found::Members(_))
    }

    /// The domain of this address is one of which tables say everything.
    pub fn is_virtual(&self, address: &Address) -> bool {
        self.scope.virtual_domains.has_domain_of(address)
    }

    /// How many names others stand for, in all files and tables; a line for a whole domain is one.
    pub fn len(&self) -> usize {
        self.names.len() + self.addresses.len() + self.domains.len()
    }

    /// There are none at all, and no domain depends on them.
    pub fn is_empty(&self) -> bool {
        self.len() == 0 && self.scope.virtual_domains == DomainSet::default()
    }

    fn find(&self, key: &Key<'_>) -> Found<'_> {
        match self.named(key).or_else(|| self.domains.get(&*key.domain)) {
            Some(members) => Found::Members(members),
            None if self.scope.virtual_domains.has(&key.domain) => Found::Unknown,
            None => Found::Plain,
        }
    }

    /// The line that names this very address, or its local part; a line for a whole domain is none.
    fn named(&self, key: &Key<'_>) -> Option<&Vec<Member>> {
        let names = [Some(&*key.local), key.before_tag(self.scope.tag)];
        let is_local = self.scope.local.has(&key.domain) || *key.domain == *self.scope.origin;
        names.into_iter().flatten().find_map(|local| {
            let by_address = || self.addresses.get(format!("{local}@{}", key.domain).as_str());
            let by_name = || is_local.then(|| self.names.get(local)).flatten();
            let members = (!self.addresses.is_empty()).then(by_address).flatten();
            members.or_else(by_name)
        })
    }
}

/// An address as it is looked up: two spellings of one address have the same key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key<'a> {
    local: Cow<'a, str>,
    domain: Cow<'a, str>,
}

impl<'a> Key<'a> {
    fn of(address: &'a Address, scope: &'a AliasScope) -> Key<'a> {
        let local = unquoted(address.local_part());
        let local = match local.chars().any(char::is_uppercase) {
            true => Cow::Owned(local.to_lowercase()),
            false => local,
        };
        let domain = match address.domain() {
            "" => Cow::Borrowed(scope.origin.as_str()),
            _ => Cow::Owned(address.domain_key()),
        };
        Key { local, domain }
    }

    fn before_tag(&self, tag: Option<char>) -> Option<&str> {
        let (name, _) = self.local.split_once(tag?)?;
        (!name.is_empty()).then_some(name)
    }
}
