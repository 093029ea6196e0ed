//! What a mail's aliases come to: new recipients, those who fail, and mails of their own for lists that have an owner.
//!
//! Rule: all of it is one entry. Who was on the mail keeps his number; who stands for another gets a new one; whoever is
//! named by several lists, or was on the mail anyway, gets the mail once.

use std::collections::BTreeMap;

use super::{
    walk::{Leaf, Walk, UNKNOWN},
    Aliases, Found, Key,
};
use crate::{
    stage::RESOLVED, Address, Diagnosis, Door, Draft, Fact, How, Mail, Notify, QueueId, RcptNo, Received, Recipient,
    Recipients, Reply, Scope, Success,
};

/// A mail with its aliases looked up.
pub struct Expanded {
    /// With the recipients who stand for others.
    pub draft: Draft,
    /// For members of lists that have an owner.
    pub new: Vec<Mail<Received>>,
    /// To be written before the draft, while the numbers of those who were expanded are still open.
    pub before: Vec<Fact>,
    /// To be written behind the draft.
    pub after: Vec<Fact>,
}

/// What becomes of a mail's recipients.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expansion {
    recipients: Recipients,
    /// Who stood for whom.
    expanded: Vec<(RcptNo, Vec<RcptNo>)>,
    /// Lists of which the sender is told that they are (RFC 3461, 5.2.7.3 and 5.2.7.4); they stay on the mail until it is.
    told: Vec<(RcptNo, Success)>,
    /// Why these get nothing.
    failed: Vec<(RcptNo, Reply)>,
    /// Mails of their own, by the owner of the list.
    lists: BTreeMap<Address, Recipients>,
}

impl Aliases {
    /// Some recipient of the mail stands for others, or for nobody.
    pub fn concern(&self, draft: &Draft) -> bool {
        let envelope = &draft.envelope;
        let some = || envelope.recipients.iter().any(|(_, recipient)| !self.is_plain(&recipient.address));
        let is_resolved = envelope.door == Door::List || envelope.properties.contains_key(RESOLVED);
        !self.is_empty() && !is_resolved && some()
    }

    fn is_plain(&self, address: &Address) -> bool {
        self.find(&Key::of(address, &self.scope)) == Found::Plain
    }

    /// Looks up every recipient of a mail; `None`: all stand for themselves, and the mail goes on as it is.
    ///
    /// A copy for the members of a list is complete already.
    pub fn expand(&self, draft: &Draft) -> Option<Expansion> {
        if !self.concern(draft) {
            return None;
        }
        let envelope = &draft.envelope;
        let plain = |address: &Address| self.is_plain(address);
        let mut walk = Walk::new(self);
        let mut expansion = Expansion { recipients: envelope.recipients.clone(), ..Expansion::default() };
        let (named, others): (Vec<_>, Vec<_>) =
            envelope.recipients.iter().partition(|(_, recipient)| !plain(&recipient.address));
        for (_, recipient) in others {
            walk.meet(&recipient.address);
        }
        for (no, recipient) in named {
            let leaves = walk.leaves(&recipient.address);
            let owned = envelope.sender.is_some(); // a report has no sender, and gets none
            expansion.put(no, recipient, leaves, owned);
        }
        Some(expansion)
    }
}

impl Expansion {
    fn put(&mut self, no: RcptNo, parent: &Recipient, leaves: Vec<Leaf>, owned: bool) {
        if let [Leaf { address, trouble: Some(reply), .. }] = leaves.as_slice() {
            if *address == parent.address {
                return self.failed.push((no, reply.clone())); // it is nobody's alias
            }
        }
        let (many, is_list) = (leaves.len() > 1, leaves.iter().any(|leaf| owned && leaf.owner.is_some()));
        let mut into = Vec::new();
        match owned && (many || is_list) && parent.notify.is_some_and(|notify| notify.success) {
            true => self.told.push((no, if is_list { Success::Delivered } else { Success::Expanded })),
            false => drop(self.recipients.remove(no)),
        }
        for Leaf { address, owner, trouble } in leaves {
            match owner.filter(|_| owned) {
                Some(owner) => drop(self.lists.entry(owner).or_default().add(Recipient::from(address))),
                None => {
                    let child = self.recipients.add(stand_in(parent, address, many));
                    into.push(child);
                    self.failed.extend(trouble.map(|reply| (child, reply)));
                }
            }
        }
        self.expanded.push((no, into));
    }

    /// How many recipients there are in all.
    pub fn len(&self) -> usize {
        self.recipients.len() + self.lists.values().map(Recipients::len).sum::<usize>()
    }

    /// Nobody is left.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What the mail is with its new recipients, and what there is to write beside it.
    pub fn apply(self, mail: QueueId, draft: &Draft) -> Expanded {
        let copy = |(owner, recipients): (Address, Recipients)| {
            let mut copy = Draft::new(draft.envelope.clone(), draft.content.clone());
            copy.envelope.sender = Some(owner);
            copy.envelope.recipients = recipients;
            copy.envelope.door = Door::List;
            (copy.envelope.ret, copy.envelope.envid) = (None, None); // the sender's business, not the owner's
            Mail::received(copy)
        };
        let new = self.lists.into_iter().map(copy).collect();
        let mut draft = draft.clone();
        draft.envelope.recipients = self.recipients;
        let told = self.told.into_iter().map(|(no, success)| Fact::Finished {
            mail,
            recipients: vec![no],
            how: How::Confirm(success, None),
        });
        let expanded = self.expanded.into_iter().map(|(from, into)| Fact::Expanded { mail, from, into });
        let failed = self.failed.into_iter().map(|(no, reply)| {
            let why = Diagnosis::own(if reply == UNKNOWN { Scope::Recipient } else { Scope::Mail }, reply);
            Fact::Finished { mail, recipients: vec![no], how: How::Failed(why) }
        });
        Expanded { draft, new, before: told.chain(expanded).collect(), after: failed.collect() }
    }
}

/// A recipient in the place of another (RFC 3461, 5.2.7.2 and 5.2.7.3): what the sender asked for goes with it; but of
/// several who stand for one, nobody's success is the success of all.
fn stand_in(parent: &Recipient, address: Address, many: bool) -> Recipient {
    let notify = parent.notify.map(|asked| Notify { success: asked.success && !many, ..asked });
    Recipient { address, notify, orcpt: parent.orcpt.clone().or_else(|| parent.as_orcpt()) }
}
