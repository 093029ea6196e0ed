//! Mail that goes out again: who is due, what the spool says of it, and who is held. The other half of the spooler.

use super::*;

impl Spooler {
    pub(super) fn seen(&mut self, seen: Seen, ctx: &mut Context<Self>) {
        match seen {
            Seen::Left(id, None, _) | Seen::Left(id, _, Aside::Held(_) | Aside::Prepared) => {
                self.index.forget(id);
                self.remembering.eager.remove(&id);
                self.audited(id, true);
            }
            Seen::Left(id, Some((left, priority)), Aside::No) => {
                self.audited(id, self.index.has(id));
                self.left(id, priority, &left);
            }
            Seen::All(mails) => self.compare(&mails, ctx),
            Seen::Held(all) => drop(self.held.pop().map(|answer| answer.send(all))),
            Seen::Kept(id, who, kept) if who.is_empty() => {
                let faults = kept.map_or(0, |kept| kept.standing.faults());
                self.judge(id, faults, ctx);
            }
            Seen::Kept(..) => {}
            other => self.remember_seen(other, ctx),
        }
    }

    pub(super) fn left(&mut self, id: QueueId, priority: QueuePriority, left: &Left) {
        let now = self.now();
        let soon = if self.remembering.eager.remove(&id) { now } else { now + BEFORE_OFFERING_AGAIN };
        let due = |due: Option<Moment>| due.map_or(soon, |due| due.max(soon));
        let left: Vec<(RcptNo, Moment)> = left.iter().map(|(no, at)| (*no, due(*at))).collect();
        self.index.left(id, priority, &left);
    }

    /// A mail that made its handlers fail too often is held.
    pub(super) fn judge(&mut self, mail: QueueId, faults: u8, ctx: &mut Context<Self>) {
        if faults >= self.habits.faults {
            let reason = format!("its handlers failed {faults} times");
            self.hold(mail, HeldBy::Fault, reason, ctx);
        }
    }

    pub(super) fn hold(&mut self, mail: QueueId, by: HeldBy, reason: String, ctx: &mut Context<Self>) {
        warn!(id = %mail, reason, "held");
        self.index.forget(mail);
        let why = HeldWhy { by, reason };
        self.gathering.note(vec![Fact::Held { mail, why }], Then::Nothing);
        self.flush_soon(ctx);
    }

    /// Looks up who is due, and sets the one timer for who is next.
    pub(super) fn send_out(&mut self, ctx: &mut Context<Self>) {
        if self.reading || self.failed.is_some() || self.closed {
            return;
        }
        let now = self.now();
        let due: Vec<_> = std::iter::from_fn(|| self.index.next(now)).take(ROUND).collect();
        if !due.is_empty() {
            self.read_back(due, ctx);
        }
        if let Some(alarm) = self.alarm.take() {
            ctx.cancel_future(alarm);
        }
        if let (Some(at), false) = (self.index.wake_at(now), self.reading) {
            let pause = self.habits.clock.sleep_until(at);
            self.alarm = Some(ctx.run_later(pause, |this, ctx| this.send_out(ctx)));
        }
    }

    /// Reads the mails back, one after the other, so that they go on in their order.
    pub(super) fn read_back(&mut self, due: Vec<(QueueId, Vec<RcptNo>, Errand)>, ctx: &mut Context<Self>) {
        self.reading = true;
        let errands: Vec<Errand> = due.iter().map(|(.., errand)| *errand).collect();
        let looks = due.into_iter().map(|(id, who, _)| Look::Kept(id, who)).collect();
        let batch = Batch { entries: Vec::new(), looks, durability: Durability::Written };
        let fetched = offering::fetch(self.spool.apply(batch), Arc::clone(&self.reader)).into_actor(self);
        ctx.spawn(fetched.map(|fetched, this, ctx| {
            this.reading = false;
            match fetched {
                // In the order in which they were looked up.
                Ok(all) => all.into_iter().zip(errands).for_each(|(one, errand)| this.offer(one, errand, ctx)),
                Err(failed) => this.fail(failed),
            }
            this.send_out(ctx);
        }));
    }

    #[allow(clippy::disallowed_methods)] // the one place that offers mail again
    pub(super) fn offer(&mut self, fetched: Fetched, errand: Errand, ctx: &mut Context<Self>) {
        let hold = new_hold(fetched.id(), self.unheld(ctx)).on(errand);
        let Fetched::Kept { id, who, kept, draft } = fetched else { return drop(hold) };
        if let Some(why) = kept.standing.held() {
            info!(%id, reason = why.reason, "is held and not offered");
            return self.index.forget(id);
        }
        let draft = match draft {
            Ok(draft) => draft,
            Err(damage) => return self.hold(id, HeldBy::Fault, damage, ctx),
        };
        let mut holds = false;
        for (no, host) in kept.standing.in_doubt().filter(|(no, _)| who.binary_search(no).is_ok()) {
            warn!(%id, recipient = %no, host, "perhaps delivered: the final dot was sent and no answer is known");
            holds |= draft.envelope.recipients.get(no).is_some_and(|to| (self.habits.holds_in_doubt)(to));
        }
        if holds {
            return self.hold(id, HeldBy::Policy, "perhaps delivered".into(), ctx);
        }
        self.index.weigh(id, draft.content.octets_in_memory());
        let (mail, news) = kept.standing.offer(*draft, &who, hold);
        match mail {
            Some(mail) if self.is_early(id, &kept.standing, &who) => drop(mail), // its hold, when it rests
            Some(mail) => self.onward.mail.do_send(Accepted(mail)),
            None => {}
        }
        if let Some(news) = news {
            self.onward.news.do_send(Tell(news));
        }
    }
}

impl Spooler {
    /// Somebody asked for a mail that is not to be offered yet: it goes on resting.
    fn is_early(&mut self, id: QueueId, standing: &Standing, who: &[RcptNo]) -> bool {
        let Some(begins) = standing.rests_until().filter(|begins| *begins > self.now()) else { return false };
        let waits = |(no, due): &(RcptNo, Option<Moment>)| *due == Some(begins) && who.binary_search(no).is_ok();
        let waiting = standing.left().into_iter().filter(waits).map(|(no, _)| (no, begins));
        self.index.rest(id, standing.priority(), waiting);
        true
    }
}

#[allow(clippy::disallowed_methods)] // the other place: mail that is offered again
pub(super) fn new_hold(id: QueueId, unheld: TellUnheld) -> Hold {
    Hold::new(id, unheld)
}
