//! Settings of names for which others stand: alias files, tables, and the domains of which tables say everything.
//!
//! Every field is the key of the same name; `docs/configuration.md` says more about each. All files are read at start,
//! included lists too: a lookup never waits for a disk.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use postrider_engine::{AliasScope, Aliases, DomainSet, Domains, Next};

use super::{reader::Section, value::Accepted, Settings, SettingsError};

/// Octets of one file, or of one list that is included.
const LARGEST_FILE: u64 = 64 << 20;

/// `[aliases]`: who stands in whose place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AliasFiles {
    /// Alias files in sendmail's syntax.
    pub files: Vec<PathBuf>,
    /// Tables of addresses.
    pub tables: Vec<PathBuf>,
    /// Domains of which the tables say everything.
    pub domains: Vec<Domains>,
    /// The domain of plain names that no other is meant for; `None`: the first local domain.
    pub origin: Option<String>,
}

impl AliasFiles {
    pub(super) fn read(mut from: Section<'_>) -> Self {
        let origin = from.optional("origin").map(|Accepted(text)| text);
        if origin.as_ref().is_some_and(|origin| origin.starts_with('.')) {
            from.complain("origin", "it is no one domain", "write a domain, as in \"example.org\"");
        }
        let domains: Vec<Accepted> = from.list("domains", Vec::new());
        let aliases = AliasFiles {
            files: from.list("files", Vec::new()),
            tables: from.list("tables", Vec::new()),
            domains: domains.into_iter().filter_map(|Accepted(text)| text.parse().ok()).collect(),
            origin,
        };
        from.finish();
        aliases
    }
}

impl Settings {
    /// Reads the alias files and tables.
    ///
    /// # Errors
    /// The first line that cannot be used, with its place, or the file that cannot be read.
    pub fn aliases(&self) -> Result<Aliases, SettingsError> {
        let mut aliases = Aliases::new(self.alias_scope());
        for file in &self.aliases.files {
            let (name, text) = (file.display().to_string(), text_of("aliases.files", file)?);
            let read = aliases.read_aliases(&name, &text, &mut include);
            read.map_err(|error| wrong("aliases.files", error.to_string()))?;
        }
        for file in &self.aliases.tables {
            let (name, text) = (file.display().to_string(), text_of("aliases.tables", file)?);
            let read = aliases.read_table(&name, &text, &mut include);
            read.map_err(|error| wrong("aliases.tables", error.to_string()))?;
        }
        aliases.check().map_err(|problem| wrong("aliases", problem.to_string()))?;
        Ok(aliases)
    }

    /// The domain of plain names, and of a bare `postmaster`.
    pub(super) fn origin(&self) -> String {
        let first = self.final_domains().into_iter().find_map(|domains| match domains {
            Domains::One(name) => Some(name.to_string()),
            _ => None,
        });
        self.aliases.origin.clone().or(first).unwrap_or_else(|| self.hostname.to_ascii_lowercase())
    }

    /// Domains whose mail comes to its end here.
    fn final_domains(&self) -> Vec<Domains> {
        let ends_here = |next: &Next| matches!(next, Next::Maildir | Next::Lmtp { .. });
        let routes = self.routes.iter().filter(|route| ends_here(&route.next)).flat_map(|route| &route.domains);
        self.local_domains.iter().chain(routes).cloned().collect()
    }

    fn alias_scope(&self) -> AliasScope {
        let mut scope = AliasScope::new(self.origin());
        scope.local = self.final_domains().into_iter().collect::<DomainSet>();
        scope.virtual_domains = self.aliases.domains.iter().cloned().collect();
        scope.tag = self.maildir.tag;
        scope
    }
}

fn wrong(key: &str, problem: String) -> SettingsError {
    SettingsError::new(key, problem, "correct the line")
}

fn text_of(key: &str, file: &Path) -> Result<String, SettingsError> {
    read(file).map_err(|error| {
        let remedy = "check the path and let the user of the program read it";
        SettingsError::new(key, format!("{} cannot be read: {error}", file.display()), remedy)
    })
}

/// Reads a list that an alias names.
fn include(path: &str) -> Result<String, String> {
    let path = Path::new(path);
    match path.is_absolute() {
        true => read(path).map_err(|error| error.to_string()),
        false => Err("its path must begin with /".into()),
    }
}

/// The text of a regular file: neither a device nor a pipe can keep the program waiting.
fn read(path: &Path) -> io::Result<String> {
    let error = |text: String| io::Error::new(io::ErrorKind::InvalidInput, text);
    let metadata = path.metadata()?;
    if !metadata.is_file() {
        return Err(error("it is no regular file".into()));
    }
    let mut text = String::new();
    File::open(path)?.take(LARGEST_FILE + 1).read_to_string(&mut text)?;
    match text.len() as u64 > LARGEST_FILE {
        true => Err(error(format!("it is larger than {} MiB", LARGEST_FILE >> 20))),
        false => Ok(text),
    }
}
