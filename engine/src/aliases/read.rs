//! Reads alias files (sendmail's aliases(5): `name: member, member`) and tables (`address member, member`).
//!
//! Rule: a line that is not understood is an error with its place; nothing is left out in silence.

use std::collections::HashSet;

use super::{
    members::{Include, Lists, Place},
    AliasError, AliasProblem, AliasScope, Aliases, Key, Member,
};
use crate::{domain_key, Address};

/// A logical line: it goes on where the next begins with a blank.
struct Line {
    number: usize,
    text: String,
}

fn lines(text: &str) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        let (goes_on, plain) = (line.starts_with([' ', '\t']), line.trim());
        if plain.is_empty() || plain.starts_with('#') {
            continue;
        }
        match lines.last_mut().filter(|_| goes_on) {
            Some(last) => {
                last.text.push(' ');
                last.text.push_str(plain);
            }
            None => lines.push(Line { number, text: plain.into() }),
        }
    }
    lines
}

impl Aliases {
    /// Adds the lines of an alias file: `name: member, …` for plain names, or `user@domain: …`. A member is a name, an
    /// address, `\name` (not looked up again), `:include:/path` (read by `include`) or `/dev/null`.
    ///
    /// # Errors
    /// The first line that cannot be used.
    pub fn read_aliases(&mut self, file: &str, text: &str, include: &mut Include<'_>) -> Result<(), AliasError> {
        self.read(file, text, include, split_name, &AliasProblem::NoAlias)
    }

    /// Adds the lines of a table: `user@domain member, …`, `@domain member, …` for all of a domain that no other line
    /// names, or `name member, …`. A member is as in an alias file, or `@domain`: the same local part there.
    ///
    /// # Errors
    /// The first line that cannot be used.
    pub fn read_table(&mut self, file: &str, text: &str, include: &mut Include<'_>) -> Result<(), AliasError> {
        self.read(file, text, include, split_key, &AliasProblem::NoLine)
    }

    /// Each line is what `split` makes of it: who, and those who stand for him.
    fn read(
        &mut self,
        file: &str,
        text: &str,
        include: &mut Include<'_>,
        split: fn(&str) -> Option<(String, &str)>,
        no_line: &AliasProblem,
    ) -> Result<(), AliasError> {
        let mut lists = Lists::new(include);
        for Line { number, text } in lines(text) {
            let place = Place { file, line: number };
            let (name, rest) = split(&text).ok_or_else(|| place.error(no_line.clone()))?;
            if rest.is_empty() {
                return Err(place.error(no_line.clone()));
            }
            let found = lists.members(rest, place)?; // nobody, if an included list is empty
            self.add(&name, found).map_err(|problem| place.error(problem))?;
        }
        Ok(())
    }

    fn add(&mut self, name: &str, members: Vec<Member>) -> Result<(), AliasProblem> {
        let before = match name.strip_prefix('@') {
            Some(domain) => {
                address(&format!("any@{domain}"), name)?;
                self.domains.insert(domain_key(domain).into(), members)
            }
            None if name.contains('@') => {
                let address = address(name, name)?;
                let Key { local, domain } = Key::of(&address, &self.scope);
                self.addresses.insert(format!("{local}@{domain}").into(), members)
            }
            None => self.names.insert(name.to_lowercase().into(), members),
        };
        before.map_or(Ok(()), |_| Err(AliasProblem::Twice(name.into())))
    }

    /// Looks for names that lead back to themselves, or to more than may be. To be called when all is read.
    ///
    /// # Errors
    /// The first such name.
    pub fn check(&self) -> Result<(), AliasProblem> {
        let names = self.names.keys().map(|name| plain_address(name, &self.scope.origin));
        let addresses = self.addresses.keys().map(|text| Address::parse(text).ok());
        let mut good = HashSet::new();
        for address in names.chain(addresses).flatten() {
            self.check_one(&address, &mut good)?;
        }
        Ok(())
    }
}

/// The name before the colon; it may be in quotes.
fn split_name(text: &str) -> Option<(String, &str)> {
    let end = match text.strip_prefix('"') {
        Some(quoted) => quoted.find('"')? + 2,
        None => 0,
    };
    let at = end + text.get(end..)?.find(':')?;
    let name = text[..at].trim();
    let plain = match name.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inner) => inner,
        None => name,
    };
    (!plain.is_empty()).then(|| (plain.to_owned(), text[at + 1..].trim()))
}

fn split_key(text: &str) -> Option<(String, &str)> {
    let (key, rest) = text.split_once([' ', '\t'])?;
    Some((key.to_owned(), rest.trim()))
}

/// Reads an address; an error shows it as it was written.
pub(super) fn address(text: &str, shown: &str) -> Result<Address, AliasProblem> {
    Address::parse(text).map_err(|why| AliasProblem::NoAddress { text: shown.into(), why })
}

/// A plain name at a domain; quoted, if it has to be.
pub(super) fn plain_address(name: &str, domain: &str) -> Option<Address> {
    let as_it_is = Address::parse(&format!("{name}@{domain}"));
    let quoted = || Address::parse(&format!("\"{}\"@{domain}", name.replace('\\', "\\\\").replace('"', "\\\"")));
    as_it_is.or_else(|_| quoted()).ok()
}

impl AliasScope {
    /// The domain of a plain name that stands for a name at `domain`.
    pub(super) fn home<'a>(&'a self, domain: &'a str) -> &'a str {
        if self.local.has(domain) {
            domain
        } else {
            &self.origin
        }
    }
}
