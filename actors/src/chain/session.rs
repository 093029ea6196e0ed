//! The guests of one session: made when its first event comes, and gone with it.

use std::collections::HashMap;

use postrider_engine::events::Kind;

use crate::guests::Beat;

use super::{binding::Opened, BindingKey, Chains, Link, Links};

/// What a session has of its own. Dropping it ends its guests.
#[derive(Default)]
pub struct SessionGuests {
    /// Which chains the links below were made of.
    version: u64,
    /// The thread that its guests live on.
    beat: Option<Beat>,
    links: HashMap<Kind, Links>,
    open: HashMap<BindingKey, Opened>,
}

impl SessionGuests {
    /// The links of an event, with this session's guests in the places of those that have some for each session.
    pub(super) fn links(&mut self, kind: Kind, chains: &Chains) -> Option<Links> {
        let common = chains.of(kind)?;
        if !common.iter().any(Link::is_per_session) {
            return Some(Links::clone(common));
        }
        let beat = chains.quarters.as_ref().map(|quarters| &quarters.beat);
        if !self.beat.as_ref().zip(beat).is_some_and(|(old, new)| old.is(new)) {
            self.forget(); // its guests were left behind with the thread that they lived on
            self.beat = beat.cloned();
        }
        if self.version != chains.version {
            let keys: Vec<BindingKey> =
                chains.links.values().flat_map(|links| links.iter().map(|link| link.key)).collect();
            self.open.retain(|key, _| keys.contains(key));
            self.links.clear();
            self.version = chains.version;
        }
        if let Some(links) = self.links.get(&kind) {
            return Some(Links::clone(links));
        }
        let own: Links = common.iter().map(|link| self.own(link, kind, chains)).collect();
        self.links.insert(kind, Links::clone(&own));
        Some(own)
    }

    /// The thread they lived on was given up: they are made anew.
    pub(super) fn forget(&mut self) {
        self.links.clear();
        self.open.clear();
    }

    fn own(&mut self, link: &Link, kind: Kind, chains: &Chains) -> Link {
        let mut own = link.clone();
        if let (true, Some(quarters)) = (link.is_per_session(), &chains.quarters) {
            let opened = self.open.entry(link.key);
            let opened = opened.or_insert_with(|| link.opens.open(link.key, &link.settings, quarters));
            own.sink = opened.of(kind);
        }
        own
    }
}
