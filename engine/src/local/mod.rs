//! Local users: from the local part of a recipient to the name of the user whose mail it is.
//!
//! Rule: the name of a user can be the name of a folder and of nothing else. What cannot be one is no user, so no
//! address, however it is written, leads out of the folder for mail.

mod name;
#[cfg(test)]
mod tests;

use std::{borrow::Cow, collections::HashSet, io};

pub use name::{UserName, UserNameError, MAX_USER_NAME};

use crate::Address;

/// The one user that every host should have (RFC 5321, 4.5.1); its case never matters.
const POSTMASTER: &str = "postmaster";

/// Who is a user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Users {
    /// Whoever has a name that can be a folder's.
    Any,
    /// Whoever is on this list.
    Listed(HashSet<UserName>),
    /// Whoever has a folder already; [`Mailboxes`] is asked.
    #[default]
    Folder,
}

/// Says who has a mailbox already. Asked while a client waits: it must be cheap.
pub trait Mailboxes: Send + Sync {
    /// This user has a folder. The domain is a key (see [`crate::domain_key`]).
    ///
    /// # Errors
    /// Those of the file system: nobody knows at present.
    fn has(&self, user: &UserName, domain: &str) -> io::Result<bool>;
}

/// Why there is no user behind an address.
#[derive(Debug, thiserror::Error)]
pub enum NoUser {
    /// There is none.
    #[error("no such user here")]
    Unknown,
    /// It cannot be told at present.
    #[error("it cannot be told whether there is such a user: {0}")]
    Unsure(#[from] io::Error),
}

/// How local parts are read, and who is a user.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LocalUsers {
    /// Who is a user.
    pub users: Users,
    /// `Ann` and `ann` are two users. Otherwise all names are in lower case, those of folders and lists too.
    pub case_sensitive: bool,
    /// What parts a name from a tag: with `+`, mail for `ann+shop` is `ann`'s. A user that has the whole name comes
    /// first. `None`: there are no tags.
    pub tag: Option<char>,
    /// Gets the mail of those who are no users.
    pub catch_all: Option<UserName>,
    /// Gets the mail for `postmaster`.
    pub postmaster: Option<UserName>,
}

impl LocalUsers {
    /// These users, with tags behind `+`, and without regard to case.
    pub fn new(users: Users) -> Self {
        LocalUsers { users, case_sensitive: false, tag: Some('+'), catch_all: None, postmaster: None }
    }

    /// Reads a list of users: one name on each line, `#` begins a remark, empty lines mean nothing.
    ///
    /// # Errors
    /// The number of the first line that is no name, and why.
    pub fn read_list(text: &str, case_sensitive: bool) -> Result<Users, (usize, UserNameError)> {
        let mut names = HashSet::new();
        for (line, number) in text.lines().zip(1..) {
            let name = line.split('#').next().unwrap_or_default().trim();
            if !name.is_empty() {
                names.insert(UserName::new(&folded(name, case_sensitive)).map_err(|why| (number, why))?);
            }
        }
        Ok(Users::Listed(names))
    }

    /// The user whose mail this is.
    ///
    /// # Errors
    /// [`NoUser`]: there is none, or nobody knows at present.
    pub fn find(&self, address: &Address, mailboxes: &dyn Mailboxes) -> Result<UserName, NoUser> {
        let (plain, domain) = (unquoted(address.local_part()), address.domain_key());
        let is_postmaster = plain.eq_ignore_ascii_case(POSTMASTER);
        if let Some(user) = self.postmaster.as_ref().filter(|_| is_postmaster) {
            return Ok(user.clone());
        }
        let name = folded(&plain, self.case_sensitive && !is_postmaster);
        for name in self.candidates(&name) {
            let Ok(user) = UserName::new(name) else { continue };
            if self.is_user(&user, &domain, mailboxes)? {
                return Ok(user);
            }
        }
        self.catch_all.clone().ok_or(NoUser::Unknown)
    }

    /// The whole name, then the name without its tag. Where everybody is a user the whole name would always be one, and
    /// no tag would ever be a tag.
    fn candidates<'a>(&self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let before =
            self.tag.and_then(|tag| name.split_once(tag)).map(|(user, _)| user).filter(|user| !user.is_empty());
        let whole = (before.is_none() || self.users != Users::Any).then_some(name);
        whole.into_iter().chain(before)
    }

    fn is_user(&self, user: &UserName, domain: &str, mailboxes: &dyn Mailboxes) -> io::Result<bool> {
        match &self.users {
            Users::Any => Ok(true),
            Users::Listed(names) => Ok(names.contains(user)),
            Users::Folder => mailboxes.has(user, domain),
        }
    }
}

/// A quoted local part means what stands within its quotes (RFC 5321, 4.1.2).
pub(crate) fn unquoted(local: &str) -> Cow<'_, str> {
    let Some(inner) = local.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else { return local.into() };
    let (mut plain, mut chars) = (String::with_capacity(inner.len()), inner.chars());
    while let Some(c) = chars.next() {
        plain.extend(if c == '\\' { chars.next() } else { Some(c) });
    }
    plain.into()
}

fn folded(name: &str, case_sensitive: bool) -> Cow<'_, str> {
    match case_sensitive {
        true => name.into(),
        false => name.to_lowercase().into(),
    }
}
