//! Settings of mail that ends here: where mailboxes are, and who has one.
//!
//! Every field is the key of the same name; `docs/configuration.md` says more about each.

use std::path::{Path, PathBuf};

use postrider_engine::{Address, Domains, LocalUsers, Next, UserName, Users};
use postrider_sinks::maildir::{LineEnds, MaildirSettings, Owner, Place, Quota};

use super::{
    machine,
    reader::Section,
    receiving::KIB,
    value::{FileMode, Tag},
    Settings, SettingsError,
};

/// Who has a mailbox.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UsersFrom {
    /// Everybody: a folder is made for whoever gets mail.
    Any,
    /// Whoever has a folder.
    #[default]
    Folder,
    /// Whoever is in `users_file`.
    List,
}

/// What becomes of mail for users who are none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnknownUsers {
    /// Clients hear 550 5.1.1 and have to tell the sender.
    #[default]
    Refuse,
    /// It is taken, and the sender gets a report.
    Report,
}

/// `[maildir]`: the mailboxes of local users.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Maildir {
    /// Where they are, with `{user}` and `{domain}`; `None`: `mail/{user}` in the folder of the spool.
    pub folder: Option<PathBuf>,
    /// Who has one.
    pub users: UsersFrom,
    /// One name on each line.
    pub users_file: Option<PathBuf>,
    /// What becomes of mail for others.
    pub unknown_users: UnknownUsers,
    /// Who gets the mail of those who are no users.
    pub catch_all: Option<UserName>,
    /// Who gets mail for `postmaster`.
    pub postmaster: Option<UserName>,
    /// What parts the name of a user from a tag.
    pub tag: Option<char>,
    /// `Ann` and `ann` are two users.
    pub case_sensitive: bool,
    /// Mode of folders that are made; files have the same without the right to execute.
    pub mode: u32,
    /// Who owns them; only root may give them away.
    pub owner: Option<Owner>,
    /// The keys `quota_octets`, `quota_messages` and `quota_full`.
    pub quota: Quota,
    /// How lines end in files.
    pub line_ends: LineEnds,
}

impl Default for Maildir {
    fn default() -> Self {
        Maildir {
            folder: None,
            users: UsersFrom::Folder,
            users_file: None,
            unknown_users: UnknownUsers::Refuse,
            catch_all: None,
            postmaster: None,
            tag: Some('+'),
            case_sensitive: false,
            mode: 0o700,
            owner: None,
            quota: Quota::default(),
            line_ends: LineEnds::Lf,
        }
    }
}

impl Maildir {
    /// What is in force where there is no file of settings: everybody has a mailbox.
    pub(super) fn without_a_file() -> Self {
        Maildir { users: UsersFrom::Any, ..Maildir::default() }
    }

    pub(super) fn read(mut from: Section<'_>, is: Self) -> Self {
        let users_file: Option<PathBuf> = from.optional("users_file");
        let users = if users_file.is_some() { UsersFrom::List } else { is.users };
        let words = [("any", UsersFrom::Any), ("folder", UsersFrom::Folder), ("list", UsersFrom::List)];
        let users = from.choice("users", users, &words);
        match (users, &users_file) {
            (UsersFrom::List, None) => from.complain("users_file", "it is missing", "write the path of the list"),
            (UsersFrom::Any | UsersFrom::Folder, Some(_)) => {
                from.complain("users_file", "the list is not used", "remove it, or write users = \"list\"")
            }
            _ => {}
        }
        let unknown = [("refuse", UnknownUsers::Refuse), ("report", UnknownUsers::Report)];
        let maildir = Maildir {
            folder: from.optional("folder").or(is.folder),
            users,
            users_file,
            unknown_users: from.choice("unknown_users", is.unknown_users, &unknown),
            catch_all: from.optional("catch_all"),
            postmaster: from.optional("postmaster"),
            tag: from.value("tag", Tag(is.tag)).0,
            case_sensitive: from.value("case_sensitive", is.case_sensitive),
            mode: from.value("mode", FileMode(is.mode)).0,
            owner: from.optional("owner"),
            quota: quota(&mut from),
            line_ends: from.choice("line_ends", is.line_ends, &[("lf", LineEnds::Lf), ("crlf", LineEnds::CrLf)]),
        };
        from.finish();
        maildir
    }
}

fn quota(from: &mut Section<'_>) -> Quota {
    let octets = from.size("quota_octets", u64::MAX, KIB..=u64::MAX);
    let messages: usize = from.number("quota_messages", usize::MAX, 1..=usize::MAX);
    Quota {
        octets: Some(octets).filter(|octets| *octets < u64::MAX),
        messages: Some(messages as u64).filter(|_| messages < usize::MAX),
        refuse: from.choice("quota_full", false, &[("defer", false), ("refuse", true)]),
    }
}

/// The domains whose mail ends here where there is no file of settings: none, if the program has no mailboxes.
pub(super) fn own_domains(hostname: &str) -> Vec<Domains> {
    if !cfg!(feature = "maildir") {
        return Vec::new();
    }
    let mut domains: Vec<Domains> = [hostname, "localhost"].iter().filter_map(|name| name.parse().ok()).collect();
    domains.dedup();
    domains
}

/// Local delivery, with everything read that is read at start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Local {
    /// Where mailboxes are.
    pub place: Place,
    /// Who has one.
    pub users: LocalUsers,
}

impl Settings {
    /// Some mail ends here.
    pub(super) fn has_locals(&self) -> bool {
        !self.local_domains.is_empty() || self.routes.iter().any(|route| route.next == Next::Maildir)
    }

    /// Where mailboxes are.
    pub(super) fn place(&self) -> Result<Place, SettingsError> {
        let default = || self.spool.folder.join("mail").join("{user}");
        let folder = self.maildir.folder.clone().unwrap_or_else(default);
        Place::new(&folder, &self.hostname).map_err(|error| {
            let problem = format!("{} is no place for mailboxes: {error}", folder.display());
            SettingsError::new("maildir.folder", problem, "write a path as in \"/var/mail/{domain}/{user}\"")
        })
    }

    /// Reads what local delivery needs; `None`: no mail ends here.
    ///
    /// # Errors
    /// The first thing that is wrong, with the remedy.
    pub fn local(&self) -> Result<Option<Local>, SettingsError> {
        if !self.has_locals() {
            return Ok(None);
        }
        let is = &self.maildir;
        if is.owner.is_some() && !rustix::process::geteuid().is_root() {
            let remedy = "start the program as root, or remove the key and let the user of the program own them";
            return Err(SettingsError::new("maildir.owner", "only root may give files away", remedy));
        }
        let mut users = LocalUsers::new(match (is.users, &is.users_file) {
            (UsersFrom::Any, _) => Users::Any,
            (UsersFrom::List, Some(file)) => list(file, is.case_sensitive)?,
            _ => Users::Folder,
        });
        users.case_sensitive = is.case_sensitive;
        users.tag = is.tag;
        let named = |user: &UserName| match is.case_sensitive {
            true => Some(user.clone()),
            false => UserName::new(&user.as_str().to_lowercase()).ok(),
        };
        users.catch_all = is.catch_all.as_ref().and_then(named);
        users.postmaster = is.postmaster.as_ref().and_then(named);
        Ok(Some(Local { place: self.place()?, users }))
    }

    /// Where mail for this address goes on this machine; `None`: it goes elsewhere, or to nobody.
    pub fn mailbox_of(&self, user: &str, domain: &str) -> Option<PathBuf> {
        let address = Address::parse(&format!("{user}@{domain}")).ok()?;
        if self.routes().ok()?.route_of(&address).next != Next::Maildir {
            return None;
        }
        let local = self.local().ok()??;
        let user = local.users.find(&address, &local.place).ok()?;
        local.place.path(&user, &address.domain_key())
    }

    /// How mail is put into mailboxes.
    pub(crate) fn maildir_settings(&self, local: Local, origin: postrider_engine::Origin) -> MaildirSettings {
        let is = &self.maildir;
        let mut settings = MaildirSettings::new(local.place, local.users, origin);
        (settings.mode, settings.owner) = (is.mode, is.owner);
        (settings.quota, settings.line_ends) = (is.quota, is.line_ends);
        settings
    }
}

/// The users in a file.
fn list(file: &Path, case_sensitive: bool) -> Result<Users, SettingsError> {
    let wrong = |problem: String, remedy| SettingsError::new("maildir.users_file", problem, remedy);
    let text = machine::text(file).map_err(|error| {
        wrong(format!("{}: {}", error.key, error.problem), "check the path and let the user of the program read it")
    })?;
    LocalUsers::read_list(&text, case_sensitive).map_err(|(line, why)| {
        wrong(format!("{}, line {line}: {why}", file.display()), "write one name on each line, and remarks behind #")
    })
}
