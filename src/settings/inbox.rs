//! Where mail for an address can be read on this machine.

use std::io;

use postrider_engine::{Address, DropPlace, Next, NoUser};
use postrider_sinks::{inbox::InboxError, Inbox};
use thiserror::Error;

use super::{Settings, SettingsError};

/// Why an address has no Inbox here.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum NoInbox {
    /// Its mail goes to another host, or to a target of the program's own.
    #[error("mail for {0} does not stay on this host; lead its domain to \"maildir\" or to a drop folder")]
    Elsewhere(Address),
    /// Nobody here has this address.
    #[error("nobody here is {0}; give that user a mailbox")]
    NoUser(Address),
    /// No mail has come for it: its mailbox is made with the first.
    #[error("no mail has come for {0} yet; look again later")]
    NothingYet(Address),
    /// The settings that lead there cannot be used.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The folder is there and cannot be read, or is not there and should be.
    #[error(transparent)]
    Inbox(InboxError),
}

impl Settings {
    /// The mail that was delivered here for this address: its Maildir, or what is for it in the drop folder of its route, or of its domain there.
    /// Aliases are not looked at: who stands for others has no mail. Waits for the disk.
    ///
    /// A file in a drop folder may be for several recipients, and who deletes it takes it from the others, unless the route has
    /// `recipients_per_transaction = 1`: see [`Message::delete`](postrider_sinks::inbox::Message::delete).
    ///
    /// # Errors
    /// [`NoInbox`] says why there is none.
    pub fn inbox(&self, address: &Address) -> Result<Inbox, NoInbox> {
        match &self.routes()?.route_of(address).next {
            Next::Drop { place, .. } => self.drop_folder(place, address),
            Next::Maildir => self.mailbox(address),
            _ => Err(NoInbox::Elsewhere(address.clone())),
        }
    }

    fn drop_folder(&self, place: &DropPlace, address: &Address) -> Result<Inbox, NoInbox> {
        let below = place.below(&address.domain_key_or(&self.hostname));
        let below = below.ok_or_else(|| NoInbox::NoUser(address.clone()))?;
        // With its first mail a domain gets its folder; the base has to be there.
        let base = Inbox::drop_folder(place.base()).map_err(NoInbox::Inbox)?;
        if !place.is_by_domain() {
            return Ok(base.only_for(address.clone()));
        }
        let inbox = Inbox::drop_folder(place.base().join(below)).map_err(|error| nothing_yet(error, address))?;
        Ok(inbox.only_for(address.clone()))
    }

    fn mailbox(&self, address: &Address) -> Result<Inbox, NoInbox> {
        let local = self.local()?.ok_or_else(|| NoInbox::Elsewhere(address.clone()))?;
        let user = local.users.find(address, &local.place).map_err(|error| match error {
            NoUser::Unsure(source) => {
                NoInbox::Inbox(InboxError::Folder { folder: local.place.base().to_owned(), source })
            }
            NoUser::Unknown => NoInbox::NoUser(address.clone()),
        })?;
        let path = local.place.path(&user, &address.domain_key());
        let path = path.ok_or_else(|| NoInbox::NoUser(address.clone()))?;
        Inbox::maildir(path).map_err(|error| nothing_yet(error, address))
    }
}

/// A folder that is made with the first mail is not there yet.
fn nothing_yet(error: InboxError, address: &Address) -> NoInbox {
    match error {
        InboxError::Folder { source, .. } if source.kind() == io::ErrorKind::NotFound => {
            NoInbox::NothingYet(address.clone())
        }
        error => NoInbox::Inbox(error),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::settings::tests::named;

    fn inbox(text: &str, address: &str) -> Result<Inbox, NoInbox> {
        named(text).unwrap().inbox(&address.parse().unwrap())
    }

    #[test]
    fn an_inbox_is_where_the_route_of_the_address_leads() {
        let home = tempfile::tempdir().unwrap();
        let (mail, drop) = (home.path().join("mail"), home.path().join("drop"));
        fs::create_dir_all(mail.join("ann/new")).unwrap();
        fs::create_dir_all(mail.join("ann/cur")).unwrap();
        fs::create_dir_all(mail.join("bob")).unwrap();
        fs::create_dir(&drop).unwrap();
        fs::write(drop.join("1.eml"), "x-receiver: a@d.example\r\nSubject: x\r\n\r\n").unwrap();
        fs::write(drop.join("2.eml"), "x-receiver: b@d.example\r\nSubject: x\r\n\r\n").unwrap();
        let text = format!(
            "local_domains = \"l.example\"\nsmart_host = \"s\"\n[maildir]\nfolder = \"{}/{{user}}\"\n\
             [[route]]\ndomain = \"d.example\"\nto = \"drop:{}\"\n",
            mail.display(),
            drop.display()
        );
        assert_eq!(inbox(&text, "ann@l.example").unwrap().path(), mail.join("ann"));
        let mine = inbox(&text, "a@d.example").unwrap();
        assert_eq!((mine.path(), mine.count().unwrap()), (drop.as_path(), 1));
        let by_domain =
            text.replace(&format!("drop:{}", drop.display()), &format!("drop:{}/{{domain}}", drop.display()));
        assert!(matches!(inbox(&by_domain, "a@D.example"), Err(NoInbox::NothingYet(_))));
        fs::create_dir(drop.join("d.example")).unwrap();
        fs::copy(drop.join("1.eml"), drop.join("d.example/1.eml")).unwrap();
        let mine = inbox(&by_domain, "a@D.example").unwrap();
        assert_eq!((mine.path(), mine.count().unwrap()), (drop.join("d.example").as_path(), 1));
        assert!(matches!(inbox(&text, "x@far.example"), Err(NoInbox::Elsewhere(_))));
        assert!(matches!(inbox(&text, "eve@l.example"), Err(NoInbox::NoUser(_))));
        assert!(matches!(inbox(&text, "bob@l.example"), Err(NoInbox::Inbox(InboxError::NoMaildir { .. }))));
        let any = text.replace("[maildir]\n", "[maildir]\nusers = \"any\"\n");
        assert!(matches!(inbox(&any, "eve@l.example"), Err(NoInbox::NothingYet(_))));
        fs::remove_dir_all(&drop).unwrap();
        for text in [&text, &by_domain] {
            assert!(matches!(inbox(text, "a@d.example"), Err(NoInbox::Inbox(InboxError::Folder { .. }))));
        }
    }
}
