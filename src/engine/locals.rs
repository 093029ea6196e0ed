//! Who is local, as sessions ask it: by the route of the domain, then by the rules for users.

use std::sync::Arc;

use postrider_engine::{
    session::local::{Known, LocalRule},
    Address, Next, NoUser, Routes,
};
use tracing::warn;

use crate::settings::{Local, UnknownUsers};

/// The rule for recipients at the door.
pub(super) struct LocalRecipients {
    pub routes: Arc<Routes>,
    pub local: Local,
    pub unknown: UnknownUsers,
}

impl LocalRule for LocalRecipients {
    fn look(&self, recipient: &Address) -> Known {
        if self.routes.route_of(recipient).next != Next::Maildir {
            return Known::Elsewhere;
        }
        if self.unknown == UnknownUsers::Report {
            return Known::Here;
        }
        match self.local.users.find(recipient, &self.local.place) {
            Ok(_) => Known::Here,
            Err(NoUser::Unknown) => Known::Nobody,
            Err(NoUser::Unsure(error)) => {
                warn!(to = %recipient, %error, "mailboxes cannot be looked at");
                Known::Unsure
            }
        }
    }
}
