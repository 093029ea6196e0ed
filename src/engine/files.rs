//! Targets that put mail into files of this host: mailboxes and drop folders.

use std::sync::Arc;

use postrider_engine::{Next, Origin};
use postrider_sinks::{DropFolder, DropSettings, Maildir, MaildirSettings};

use super::hops::Make;

/// What they need to know. It is known when the spool is open; nothing is delivered before.
#[derive(Default)]
pub(super) struct Files {
    maildir: Option<Arc<MaildirSettings>>,
    origin: Option<Origin>,
    host: Arc<str>,
}

impl Files {
    /// This is our name.
    pub fn of(host: &str) -> Self {
        Files { host: host.into(), ..Files::default() }
    }

    /// Files in drop folders are named after this spool.
    pub fn name_after(&mut self, origin: Origin) {
        self.origin = Some(origin);
    }

    /// Mail for local users goes into mailboxes.
    pub fn deliver_into(&mut self, maildir: MaildirSettings) {
        self.maildir = Some(Arc::new(maildir));
    }

    /// Makes targets for a hop of this kind; `None`: it is none, or nothing is known yet.
    pub fn make(&self, next: &Next) -> Option<Make> {
        match next {
            Next::Maildir => {
                let maildir = self.maildir.clone()?;
                Some(Arc::new(move || Box::new(Maildir::new(Arc::clone(&maildir)))))
            }
            Next::Drop { place, envelope } => {
                let mut is = DropSettings::new(place.clone(), self.origin?);
                is.host = Arc::clone(&self.host);
                is.envelope = *envelope;
                let is = Arc::new(is);
                Some(Arc::new(move || Box::new(DropFolder::new(Arc::clone(&is)))))
            }
            _ => None,
        }
    }
}
