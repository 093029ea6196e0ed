//! Who is local, as sessions ask it: by the aliases, by the route of the domain, then by the rules for users.
//!
//! Rule: an alias makes nobody local whose domain is not: it rewrites, and who may send there is a matter of relaying.

use std::sync::Arc;

use postrider_engine::{
    session::local::{Known, LocalRule},
    Address, Aliases, Next, NoUser, Routes,
};
use tracing::warn;

use crate::settings::{Local, UnknownUsers};

/// The rule for recipients at the door.
pub(super) struct LocalRecipients {
    pub routes: Arc<Routes>,
    /// `None`: no mailbox is here, and only tables make somebody local.
    pub local: Option<Local>,
    pub aliases: Arc<Aliases>,
    pub unknown: UnknownUsers,
}

impl LocalRule for LocalRecipients {
    fn look(&self, recipient: &Address) -> Known {
        let ends_here = self.routes.route_of(recipient).next == Next::Maildir;
        if !ends_here && !self.aliases.is_virtual(recipient) {
            return Known::Elsewhere;
        }
        if self.unknown == UnknownUsers::Report || self.aliases.has(recipient) {
            return Known::Here;
        }
        match &self.local {
            Some(local) if ends_here => mailbox(local, recipient),
            _ if recipient.local_part().eq_ignore_ascii_case("postmaster") => Known::Here,
            _ => Known::Nobody,
        }
    }
}

fn mailbox(local: &Local, recipient: &Address) -> Known {
    match local.users.find(recipient, &local.place) {
        Ok(_) => Known::Here,
        Err(NoUser::Unknown) => Known::Nobody,
        Err(NoUser::Unsure(error)) => {
            warn!(to = %recipient, %error, "mailboxes cannot be looked at");
            Known::Unsure
        }
    }
}
