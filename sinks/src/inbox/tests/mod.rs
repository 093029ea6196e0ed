//! Inboxes over real folders.

mod bodies;
mod drop_folders;
mod hostile;
mod maildirs;
mod targets;

use std::{
    fs::{self, File},
    path::PathBuf,
    time::{Duration, UNIX_EPOCH},
};

use tempfile::TempDir;

use super::*;

/// A folder, and the Inbox over it.
struct Home(TempDir);

impl Home {
    fn new() -> Self {
        Home(tempfile::tempdir().unwrap())
    }

    fn with_maildir() -> Self {
        let home = Self::new();
        ["tmp", "new", "cur"].iter().for_each(|name| fs::create_dir(home.path(name)).unwrap());
        home
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn drop_folder(&self) -> Inbox {
        Inbox::drop_folder(self.0.path()).unwrap()
    }

    fn maildir(&self) -> Inbox {
        Inbox::maildir(self.0.path()).unwrap()
    }

    /// A file that was written in this second.
    fn put(&self, name: &str, second: u64, octets: impl AsRef<[u8]>) {
        fs::write(self.path(name), octets).unwrap();
        let file = File::options().write(true).open(self.path(name)).unwrap();
        file.set_modified(UNIX_EPOCH + Duration::from_secs(second)).unwrap();
    }

    fn names(&self, folder: &str) -> Vec<String> {
        let names = fs::read_dir(self.path(folder)).unwrap();
        let mut names: Vec<String> = names.map(|name| name.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

/// What a listing gives, in a word each.
fn listed(inbox: &Inbox) -> Vec<String> {
    let word = |message: Result<Message, MessageError>| match message {
        Ok(message) => message.name().to_owned(),
        Err(error) => format!("{}: {:?}", error.name, error.problem),
    };
    inbox.messages().unwrap().map(word).collect()
}

const MAIL: &str = "From: Ann <ann@example.org>\r\nTo: bob@example.net\r\nSubject: hi\r\n\r\nHello.\r\n";
