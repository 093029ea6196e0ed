//! Reads who stands in the place of a name: names, addresses, lists in files of their own.
//!
//! Rule: no mail is ever handed to a program or written to a file because an alias says so; such a member is an error,
//! not a member that is left out.

use super::{
    read::{address, plain_address},
    AliasError, AliasProblem, Member, MAX_INCLUDES, MAX_NESTING,
};

/// Reads a list that is included; an error says what the system says.
pub type Include<'a> = dyn FnMut(&str) -> Result<String, String> + 'a;

/// Where a line is.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub file: &'a str,
    pub line: usize,
}

impl Place<'_> {
    pub fn error(self, problem: AliasProblem) -> AliasError {
        AliasError { file: self.file.into(), line: self.line, problem }
    }
}

/// The lists that one file includes.
pub(super) struct Lists<'a, 'b> {
    include: &'a mut Include<'b>,
    /// How many may still be included.
    left: usize,
    /// How deep the one that is being read is nested.
    depth: usize,
}

impl<'a, 'b> Lists<'a, 'b> {
    pub fn new(include: &'a mut Include<'b>) -> Self {
        Lists { include, left: MAX_INCLUDES, depth: 0 }
    }

    /// The members in a text, with those of included lists.
    pub fn members(&mut self, text: &str, place: Place<'_>) -> Result<Vec<Member>, AliasError> {
        let mut found = Vec::new();
        for item in items(text) {
            match item.strip_prefix(":include:") {
                Some(path) => found.extend(self.included(path.trim(), place)?),
                None => found.push(member(item).map_err(|problem| place.error(problem))?),
            }
        }
        Ok(found)
    }

    /// The members of a list in a file of its own: one or several on each line.
    fn included(&mut self, path: &str, place: Place<'_>) -> Result<Vec<Member>, AliasError> {
        if self.left == 0 || self.depth >= MAX_NESTING {
            return Err(place.error(AliasProblem::Includes));
        }
        self.left -= 1;
        let text = (self.include)(path);
        let text = text.map_err(|why| place.error(AliasProblem::Include { path: path.into(), why }))?;
        self.depth += 1;
        let mut found = Vec::new();
        for (line, number) in text.lines().zip(1..) {
            let line = line.trim();
            if !line.starts_with('#') {
                found.extend(self.members(line, Place { file: path, line: number })?);
            }
        }
        self.depth -= 1;
        Ok(found)
    }
}

/// What stands between commas that are not in quotes.
fn items(text: &str) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    let parts = text.split(move |c: char| {
        let parts = c == ',' && !quoted;
        quoted ^= c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        parts
    });
    parts.map(str::trim).filter(|item| !item.is_empty())
}

fn member(item: &str) -> Result<Member, AliasProblem> {
    let bare = item.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(item);
    if bare.starts_with('|') {
        return Err(AliasProblem::Program(bare.into()));
    }
    if bare.starts_with('/') {
        return if bare == "/dev/null" { Ok(Member::Nobody) } else { Err(AliasProblem::File(bare.into())) };
    }
    if let Some(domain) = item.strip_prefix('@') {
        address(&format!("any@{domain}"), item)?;
        return Ok(Member::Domain(domain.into()));
    }
    // `Ann Smith <ann@example.org>`, as people write lists.
    let item = item.strip_suffix('>').and_then(|rest| rest.rsplit_once('<')).map_or(item, |(_, inner)| inner.trim());
    match item.strip_prefix('\\') {
        Some(name) => named(name, true),
        None => named(item, false),
    }
}

/// A plain name, or an address.
fn named(text: &str, exact: bool) -> Result<Member, AliasProblem> {
    match address(text, text) {
        Ok(address) if !address.domain().is_empty() => Ok(Member::Address(address)),
        Err(problem) if text.contains('@') => Err(problem),
        other => {
            let name = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
            match plain_address(name, "example.org").filter(|_| !name.is_empty()) {
                Some(_) => Ok(Member::Name(name.into(), exact)),
                None => other.map(Member::Address),
            }
        }
    }
}
