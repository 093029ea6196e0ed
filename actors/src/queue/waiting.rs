//! Slips that wait: here if it is soon, in the spool if it is not, aside if their hop is down or has no room.

use super::*;

impl Queue {
    /// Waits for its next attempt, here if that is soon; or it is over.
    pub(super) fn put_back(&mut self, mut slip: Slip, hop_is_down: bool) {
        let (now, retry) = (self.now(), &self.habits.retry);
        if retry.is_over(&slip.draft.envelope, now) {
            drop(tell_final(slip.give_up(true), self.tell.ledger.as_ref()));
            return;
        }
        let late = self.warn(&mut slip, None);
        let due = now + self.habits.retry.pause(slip.attempts, dice(&slip));
        let due = self.in_time(&slip, late.map_or(due, |late| late.min(due)));
        if hop_is_down {
            return self.send_aside(slip.wait_for_hop(due));
        }
        if now.until(due) > self.habits.keep || self.is_full_for(&slip) || self.is_crowded_by(&slip) {
            return self.tell.rested.do_send(Rested(slip.rest(due)));
        }
        self.tell.ledger.tell(Told { facts: slip.schedule(due), news: None });
        self.put_later(slip, due);
    }

    /// The hop is known to be down: nothing was attempted, so no fact is worth writing (on a full disk they would eat
    /// what is reserved for reports). The slip is called when the hop is back, and looks in when it is late and when it is
    /// over.
    pub(super) fn put_off(&mut self, mut slip: Slip, why: &Arc<Diagnosis>) {
        let now = self.now();
        if self.habits.retry.is_over(&slip.draft.envelope, now) {
            for no in slip.recipients.clone() {
                slip.history.entry(no).or_default().last = Some(Arc::clone(why));
            }
            drop(tell_final(slip.give_up(false), self.tell.ledger.as_ref()));
            return;
        }
        let late = self.warn(&mut slip, Some(why));
        let due = late.map_or(now + LONGEST_ASIDE, |late| late.max(now + AFTER_ABANDON).min(now + LONGEST_ASIDE));
        let due = self.in_time(&slip, due);
        self.send_aside(slip.stand_aside(due));
    }

    /// The slip is due then, or when its mail is over if that comes before: what is told of it is told in time. Who is too
    /// old already is due as it was, so that it is tried once more.
    pub(super) fn in_time(&self, slip: &Slip, due: Moment) -> Moment {
        let over = self.habits.retry.over(&slip.draft.envelope);
        if over > self.now() {
            due.min(over)
        } else {
            due
        }
    }

    /// Its mail has expired: it is not tried any more. What its hop said, if that is why, is said to its sender.
    pub(super) fn expire(&mut self, mut slip: Slip) {
        if let Some((why, _)) = &self.down {
            for no in slip.recipients.clone() {
                slip.history.entry(no).or_default().last.get_or_insert_with(|| Arc::clone(why));
            }
        }
        info!(id = %slip.id(), hop = %self.hop, recipients = slip.recipients.len(), "expired");
        drop(tell_final(slip.expire(), self.tell.ledger.as_ref()));
    }

    /// Where a hop is down, who waits to probe it waits for minutes, and may expire meanwhile.
    fn first_to_expire(&self) -> Option<Moment> {
        let waiting = self.down.as_ref().map(|_| self.ready.iter());
        waiting.into_iter().flatten().filter_map(|slip| slip.draft.envelope.expires).min()
    }

    fn expire_some(&mut self) {
        let now = self.now();
        if self.first_to_expire().is_some_and(|first| first <= now) {
            for slip in self.ready.drain() {
                match slip.draft.envelope.is_expired(now) {
                    true => self.expire(slip),
                    false => self.make_ready(slip),
                }
            }
        }
    }

    /// How many mails of this urgency are here, and not on the way.
    pub(super) fn mails_of(&self, level: usize) -> usize {
        self.ready.mails(level) + self.later.mails(level)
    }

    /// There is no room for it: others of its urgency are here. A mail that is here with other slips takes no more room.
    pub(super) fn is_full_for(&self, slip: &Slip) -> bool {
        let (place, level) = (Place::of(slip), level(slip.draft.envelope.priority));
        self.mails_of(level) >= self.habits.share && !self.ready.has(&place) && !self.later.has(&place)
    }

    /// Those who wait for their time leave half of the room to those who come.
    fn is_crowded_by(&self, slip: &Slip) -> bool {
        let waiting = self.later.mails(level(slip.draft.envelope.priority));
        waiting >= self.habits.share.div_ceil(2) && !self.later.has(&Place::of(slip))
    }

    /// A fault is charged to the mail in hand, on disk; the spooler judges whether it is offered again.
    pub(super) fn charge(&mut self, mail: QueueId) {
        let due = self.now() + AFTER_FAULT;
        for slip in self.later.extract(|slip| slip.id() == mail) {
            let due = self.in_time(&slip, due);
            self.tell.rested.do_send(Rested(slip.rest(due)));
        }
        self.tell.ledger.tell(Told { facts: vec![Fact::Fault { mail }], news: None });
    }

    pub(super) fn put_later(&mut self, slip: Slip, due: Moment) {
        if self.dissolved {
            return self.go_back(slip, due);
        }
        self.later.insert(due, &Place::of(&slip), slip);
    }

    /// One timer, for whatever comes first: a slip that is due, or a probe.
    pub(super) fn set_timer(&mut self, ctx: &mut Context<Self>) {
        if let Some(timer) = self.timer.take() {
            ctx.cancel_future(timer);
        }
        let probe = self.down.as_ref().map(|(_, until)| *until).filter(|until| *until > self.now());
        let soon = [probe, self.later.first_due(), self.first_to_expire()].into_iter().flatten();
        let due = soon.min().map(|due| self.habits.clock.sleep_until(due));
        let now = Instant::now();
        let paced = self.pace.wait(now).filter(|_| !self.ready.is_empty()).map(|next| next - now);
        if let Some(pause) = due.into_iter().chain(paced).min() {
            self.timer = Some(ctx.run_later(pause, |this, ctx| this.wake(ctx)));
        }
    }

    pub(super) fn wake(&mut self, ctx: &mut Context<Self>) {
        let now = self.now();
        while let Some(slip) = self.later.pop(now) {
            self.make_ready(slip);
        }
        self.expire_some();
        self.pump(ctx);
        self.set_timer(ctx);
        self.call_a_probe(ctx);
    }
}

/// A number from 0 to 1 that spreads the retries of many mails and is the same for one attempt whenever it is asked.
pub(super) fn dice(slip: &Slip) -> f64 {
    let mixed = (slip.id().0 ^ (u64::from(slip.attempts) << 48)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed >> 11) as f64 / (1u64 << 53) as f64
}
