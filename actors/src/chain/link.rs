//! One sink in the chain of one event.

use std::{any::Any, fmt, sync::Arc};

use actix::Recipient;
use postrider_engine::{
    events::{Event, Fault, Given, Turn, Verdict},
    BindingScope, BindingSettings, Subject, Token, WhenSuspended,
};
use tokio::time::timeout;

use super::{binding::Opens, tally::Tally};
use crate::messages::Ask;

/// The number of a binding, never given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BindingKey(pub u64);

/// A `Recipient<Ask<E>>` of the event that it was made for.
pub type AnyRecipient = Arc<dyn Any + Send + Sync>;

/// One sink in the chain of one event.
#[derive(Clone)]
pub struct Link {
    pub(super) key: BindingKey,
    pub(super) settings: Arc<BindingSettings>,
    pub(super) tally: Arc<Tally>,
    pub(super) opens: Arc<dyn Opens>,
    /// It is not asked any more.
    pub(super) banned: bool,
    /// `None`: it has guests for each session.
    pub(super) sink: Option<AnyRecipient>,
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link").field("id", &self.settings.id).field("priority", &self.settings.priority).finish()
    }
}

impl Link {
    /// The mail is one that it is bound for.
    pub(super) fn concerns(&self, subject: &Subject<'_>) -> bool {
        self.settings.rule.matches(subject)
    }

    pub(super) fn is_per_session(&self) -> bool {
        self.settings.scope == BindingScope::Session && self.sink.is_none()
    }

    /// What becomes of mail without it, while it is suspended.
    pub(super) fn stands_aside(&self) -> Option<WhenSuspended> {
        let says = self.settings.when_suspended;
        (says != WhenSuspended::KeepTrying && self.tally.is_suspended()).then_some(says)
    }

    /// Its answer, if it is one that may be given.
    pub(super) async fn ask<E: Event>(&self, given: E::Given) -> Result<(E::Given, Turn), Fault> {
        let recipient = self.sink.as_ref().and_then(|sink| sink.downcast_ref::<Recipient<Ask<E>>>());
        let Some(recipient) = recipient.filter(|_| !self.banned) else { return Err(Fault::Gone) };
        let token = given.token().clone();
        let _in_hand = self.tally.in_hand();
        if self.opens.keeps_limits() {
            // A timer for each hop would cost more than the hop.
            return recipient
                .send(Ask(given))
                .await
                .map_err(|_| Fault::Gone)
                .and_then(|verdict| sound(verdict?, &token));
        }
        let limit = self.settings.time_limit.saturating_add(self.settings.waiting_limit);
        match timeout(limit, recipient.send(Ask(given))).await {
            Ok(Ok(verdict)) => sound(verdict?, &token),
            Ok(Err(_)) => Err(Fault::Gone),
            Err(_) => Err(Fault::Overran),
        }
    }
}

/// What came back is what went, and nothing that nobody may make of it.
fn sound<E: Event>(verdict: Verdict<E>, token: &Token) -> Result<(E::Given, Turn), Fault> {
    let (given, turn) = verdict.open();
    if !given.token().is(token) {
        return Err(Fault::WrongMail);
    }
    if let Turn::Failed(fault) = turn {
        return Err(fault);
    }
    let goes_on = matches!(turn, Turn::Next | Turn::SkipRest);
    match given.flaw(goes_on) {
        Some(flaw) => Err(Fault::Flaw(flaw)),
        None => Ok((given, turn)),
    }
}
