//! The switchboard: has all bindings, and makes the chains anew whenever one changes.
//!
//! Rule: it makes values and sends them; nobody waits for it on a mail's way. Runs that are under way keep the chain they
//! began with.

use std::{collections::HashMap, sync::Arc, time::Duration};

use actix::prelude::*;
use postrider_engine::{
    events::{Kind, KINDS},
    BindingScope, BindingSettings,
};
use tokio::sync::watch;
use tracing::{error, info};

use super::{
    binding::AnyBinding,
    bound::Bound,
    orders::{check, AskBindings, Bind, BindError, Change, ChangeBinding, Ready, Rebind, Unbind, MOST_BINDINGS},
    BindingKey, BindingStatus, Chains, Events, Link, Links,
};
use crate::guests::{Blocked, Culprit, Gone, Quarters, Shadow};

/// Threads that guests keep to themselves, at the same time.
const MOST_LEFT_BEHIND: usize = 32;
/// When there was no thread to be had.
const BEFORE_TRYING_AGAIN: Duration = Duration::from_secs(1);
/// Has all bindings.
pub struct Switchboard {
    /// In the order of binding.
    bindings: Vec<Bound>,
    next_key: u64,
    version: u64,
    chains: watch::Sender<Arc<Chains>>,
    apart: bool,
    quarters: Option<Housing>,
    /// Threads that were given up, as long as they live.
    left_behind: Vec<Shadow>,
}

struct Housing {
    quarters: Quarters,
    arbiter: Option<Arbiter>,
    give_up: watch::Sender<Option<Culprit>>,
}

impl Drop for Housing {
    fn drop(&mut self) {
        if let Some(arbiter) = &self.arbiter {
            arbiter.stop();
        }
    }
}

impl Switchboard {
    /// A switchboard with these bindings of the settings, and how their events are run. Guests live on a thread of their
    /// own where `apart` says so, else on the switchboard's.
    pub fn new(apart: bool) -> (Self, Events) {
        let (chains, latest) = watch::channel(Arc::default());
        let (bindings, quarters, left_behind) = (Vec::new(), None, Vec::new());
        let this = Switchboard { bindings, next_key: 0, version: 0, chains, apart, quarters, left_behind };
        (this, Events::new(latest))
    }

    /// Adds a binding; it takes part when the chains are made anew.
    ///
    /// # Errors
    /// [`BindError`].
    pub fn add(&mut self, binding: AnyBinding, from_settings: bool) -> Result<(), BindError> {
        let AnyBinding { settings, made_of, opens } = binding;
        let id = settings.id.clone();
        check(&settings)?;
        if opens.kinds().is_empty() {
            return Err(BindError::NoEvent(id));
        }
        if self.bindings.iter().any(|bound| bound.settings.id == id) {
            return Err(BindError::Taken(id));
        }
        if self.bindings.len() >= MOST_BINDINGS {
            return Err(BindError::TooMany);
        }
        let key = BindingKey(self.next_key);
        self.next_key += 1;
        info!(sink = id, events = ?opens.kinds(), priority = settings.priority.get(), "bound");
        let (settings, tally) = (Arc::new(settings), Arc::default());
        self.bindings.push(Bound { key, settings, made_of, tally, opens, open: None, banned: false, from_settings });
        Ok(())
    }

    fn change(&mut self, id: &str, change: Change) -> Result<(), BindError> {
        let bound = self.bindings.iter_mut().find(|bound| bound.settings.id == id);
        let bound = bound.ok_or_else(|| BindError::Unknown(id.to_owned()))?;
        info!(sink = id, ?change, "binding changes");
        let mut settings = BindingSettings::clone(&bound.settings);
        match change {
            Change::Enabled(enabled) => {
                (settings.enabled, bound.banned) = (enabled, false);
                bound.tally.forgive();
            }
            Change::DisplayName(name) => settings.display_name = name,
            Change::Priority(priority) => settings.priority = priority,
            Change::Rule(rule) => settings.rule = rule,
            Change::OnFault(on_fault) => settings.on_fault = on_fault,
            Change::Properties(properties) => {
                settings.properties = properties;
                // A key of its own: sessions make their guests anew as well.
                (bound.open, bound.key) = (None, BindingKey(self.next_key));
                self.next_key += 1;
            }
        }
        bound.settings = Arc::new(settings);
        Ok(())
    }

    /// Makes the chains anew. Whoever begins a run after this uses them.
    fn publish(&mut self) {
        self.version += 1;
        let any = self.bindings.iter().any(|bound| bound.settings.enabled);
        let quarters = any.then(|| self.quarters()).flatten();
        let mut links: HashMap<Kind, Vec<Link>> = HashMap::new();
        for bound in self.bindings.iter_mut().filter(|bound| bound.settings.enabled) {
            if let (Some(quarters), BindingScope::Engine, None) = (&quarters, bound.settings.scope, &bound.open) {
                bound.open = Some(bound.opens.open(bound.key, &bound.settings, quarters));
            }
            for kind in bound.opens.kinds() {
                links.entry(kind).or_default().push(bound.link(kind));
            }
        }
        let in_order = |(kind, mut links): (Kind, Vec<Link>)| {
            links.sort_by_key(|link| link.settings.priority); // stable: equal ones in the order of binding
            (kind, Links::from(links))
        };
        let links = links.into_iter().map(in_order).collect();
        self.chains.send_replace(Arc::new(Chains { links, quarters, version: self.version }));
    }

    /// A thread cannot be taken from whoever has it; so many are enough.
    fn ban(&mut self, culprit: Culprit) {
        if let Some(bound) = self.bindings.iter_mut().find(|bound| bound.key == culprit.binding) {
            error!(
                sink = bound.settings.id,
                threads = MOST_LEFT_BEHIND,
                "blocks thread after thread: it is not asked any more"
            );
            bound.banned = true;
        }
    }

    fn quarters(&mut self) -> Option<Quarters> {
        self.quarters.as_ref().map(|housing| housing.quarters.clone())
    }

    /// Guests have somewhere to live before the first is made.
    fn settle(&mut self, ctx: &mut Context<Self>) {
        if self.quarters.is_some() || self.bindings.is_empty() {
            return;
        }
        let housing = match self.apart {
            false => {
                let (quarters, give_up) = Quarters::here(ctx.address().recipient());
                Ok(Housing { quarters, arbiter: None, give_up })
            }
            true => Quarters::apart(ctx.address().recipient(), ctx.address().recipient())
                .map(|(quarters, arbiter, give_up)| Housing { quarters, arbiter: Some(arbiter), give_up }),
        };
        match housing {
            Ok(housing) => self.quarters = Some(housing),
            Err(error) => {
                error!(%error, "no thread for sinks could be started: what they are bound to waits; it is tried again");
                ctx.run_later(BEFORE_TRYING_AGAIN, |this, ctx| this.renew(ctx));
            }
        }
    }

    fn renew(&mut self, ctx: &mut Context<Self>) {
        self.settle(ctx);
        self.publish();
    }
}

impl Actor for Switchboard {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        self.renew(ctx);
    }
}

impl Handler<Bind> for Switchboard {
    type Result = ();

    fn handle(&mut self, Bind(binding, answer): Bind, ctx: &mut Context<Self>) {
        let bound = self.add(binding, false);
        self.renew(ctx);
        let _ = answer.send(bound);
    }
}

impl Handler<Unbind> for Switchboard {
    type Result = ();

    fn handle(&mut self, Unbind(id, answer): Unbind, ctx: &mut Context<Self>) {
        let before = self.bindings.len();
        self.bindings.retain(|bound| bound.settings.id != id);
        let gone = self.bindings.len() < before;
        self.renew(ctx);
        info!(sink = id, gone, "unbound");
        let _ = answer.send(if gone { Ok(()) } else { Err(BindError::Unknown(id)) });
    }
}

impl Handler<ChangeBinding> for Switchboard {
    type Result = ();

    fn handle(&mut self, ChangeBinding(id, change, answer): ChangeBinding, ctx: &mut Context<Self>) {
        let changed = self.change(&id, change);
        self.renew(ctx);
        let _ = answer.send(changed);
    }
}

impl Handler<Rebind> for Switchboard {
    type Result = ();

    /// What did not change keeps its guests: their state is theirs. The order is that of a start with these settings.
    fn handle(&mut self, Rebind(bindings): Rebind, ctx: &mut Context<Self>) {
        let order: Vec<String> = bindings.iter().map(|binding| binding.settings().id.clone()).collect();
        let same = |new: &AnyBinding, bound: &Bound| *new.settings() == *bound.settings && new.made_of == bound.made_of;
        self.bindings.retain(|bound| !bound.from_settings || bindings.iter().any(|new| same(new, bound)));
        for binding in bindings {
            let is_there = self.bindings.iter().any(|bound| bound.from_settings && same(&binding, bound));
            if !is_there {
                if let Err(error) = self.add(binding, true) {
                    error!(%error, "a sink of the settings is not bound");
                }
            }
        }
        self.bindings.sort_by_key(|bound| match bound.from_settings {
            true => order.iter().position(|id| *id == bound.settings.id).unwrap_or(usize::MAX),
            false => usize::MAX, // those of the program come behind them, as they came
        });
        self.renew(ctx);
    }
}

impl Handler<AskBindings> for Switchboard {
    type Result = ();

    fn handle(&mut self, AskBindings(answer): AskBindings, _: &mut Context<Self>) {
        let status = |bound: &Bound| bound.tally.status(&bound.settings, bound.opens.kinds());
        let mut all: Vec<BindingStatus> = self.bindings.iter().map(status).collect();
        all.sort_by_key(|status| {
            let first = status.events.iter().filter_map(|kind| KINDS.iter().position(|of| of == kind)).min();
            (first, status.settings.priority)
        });
        let _ = answer.send(all);
    }
}

impl Handler<Blocked> for Switchboard {
    type Result = ();

    /// All others move; new chains first, so that whoever begins anew finds them.
    fn handle(&mut self, Blocked(culprit): Blocked, ctx: &mut Context<Self>) {
        let old = self.quarters.take();
        self.left_behind.retain(Shadow::lives);
        self.left_behind.extend(old.as_ref().map(|old| old.quarters.beat.shadow()));
        if self.left_behind.len() > MOST_LEFT_BEHIND {
            self.ban(culprit);
        }
        self.bindings.iter_mut().for_each(|bound| bound.open = None);
        self.renew(ctx);
        if let Some(old) = old {
            old.give_up.send_replace(Some(culprit));
        }
    }
}

impl Handler<Gone> for Switchboard {
    type Result = ();

    /// A guest has ended the thread of all, or the like: all move, and whoever waits for new chains finds some.
    fn handle(&mut self, Gone(beat): Gone, ctx: &mut Context<Self>) {
        if self.quarters.as_ref().is_some_and(|housing| housing.quarters.beat.is(&beat)) {
            error!("the thread of sinks has ended; all move to another");
            self.quarters = None;
            self.bindings.iter_mut().for_each(|bound| bound.open = None);
        }
        self.renew(ctx);
    }
}

impl Handler<Ready> for Switchboard {
    type Result = ();

    fn handle(&mut self, _: Ready, _: &mut Context<Self>) {}
}
