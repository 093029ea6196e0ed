//! Slips that wait: here if it is soon, in the spool if it is not, aside if their hop is down or has no room.

use super::*;

impl Queue {
    /// Waits for its next attempt, here if that is soon; or it is over.
    pub(super) fn put_back(&mut self, mut slip: Slip, hop_is_down: bool) {
        let (now, retry) = (self.now(), &self.habits.retry);
        if retry.is_over(slip.draft.envelope.arrived, now) {
            drop(tell_final(slip.give_up(true), self.tell.ledger.as_ref()));
            return;
        }
        let late = self.warn(&mut slip, None);
        let due = now + retry.pause(slip.attempts, dice(&slip));
        let due = late.map_or(due, |late| late.min(due));
        let is_full = self.ready.len() + self.later.len() >= self.habits.share;
        if hop_is_down {
            return self.send_aside(slip.wait_for_hop(due));
        }
        if now.until(due) > self.habits.keep || is_full {
            return self.tell.rested.do_send(Rested(slip.rest(due)));
        }
        self.tell.ledger.tell(Told { facts: slip.schedule(due), news: None });
        self.put_later(slip, due);
    }

    /// A fault is charged to the mail in hand, on disk; the spooler judges whether it is offered again.
    pub(super) fn charge(&mut self, mail: QueueId) {
        let due = self.now() + AFTER_FAULT;
        for (_, slip) in self.later.extract_if(.., |_, slip| slip.id() == mail) {
            self.tell.rested.do_send(Rested(slip.rest(due)));
        }
        self.tell.ledger.tell(Told { facts: vec![Fact::Fault { mail }], news: None });
    }

    pub(super) fn put_later(&mut self, slip: Slip, due: Moment) {
        if self.dissolved {
            return self.go_back(slip, due);
        }
        self.arrivals += 1;
        self.later.insert((due, self.arrivals), slip);
    }

    /// One timer, for whatever comes first: a slip that is due, or a probe.
    pub(super) fn set_timer(&mut self, ctx: &mut Context<Self>) {
        if let Some(timer) = self.timer.take() {
            ctx.cancel_future(timer);
        }
        let probe = self.down.as_ref().map(|(_, until)| *until).filter(|until| *until > self.now());
        let head = self.later.keys().next().map(|(due, _)| *due);
        let due = probe.into_iter().chain(head).min().map(|due| self.habits.clock.sleep_until(due));
        let now = Instant::now();
        let paced = self.pace.wait(now).filter(|_| !self.ready.is_empty()).map(|next| next - now);
        if let Some(pause) = due.into_iter().chain(paced).min() {
            self.timer = Some(ctx.run_later(pause, |this, ctx| this.wake(ctx)));
        }
    }

    pub(super) fn wake(&mut self, ctx: &mut Context<Self>) {
        let now = self.now();
        while let Some(entry) = self.later.first_entry().filter(|entry| entry.key().0 <= now) {
            let slip = entry.remove();
            self.ready.push_back(slip);
        }
        self.pump(ctx);
        self.set_timer(ctx);
        self.call_a_probe(ctx);
    }

    /// A hop that is down and has nobody here to probe it calls one of those who stand aside.
    pub(super) fn call_a_probe(&mut self, ctx: &mut Context<Self>) {
        let is_due = self.down.as_ref().is_some_and(|(_, until)| *until <= self.now());
        if is_due && self.aside && !self.wanted && !self.dissolved && self.on_the_way == 0 && self.ready.is_empty() {
            self.call(1, ctx);
        }
    }

    pub(super) fn send_aside(&mut self, rest: Rest) {
        self.aside = true;
        self.sent_aside += 1;
        self.tell.rested.do_send(Rested(rest));
    }

    /// Calls so many of those who stand aside.
    pub(super) fn call(&mut self, room: usize, ctx: &mut Context<Self>) {
        self.wanted = true;
        let (hop, sent_aside, none_left) = (self.hop.clone(), self.sent_aside, ctx.address().recipient());
        self.tell.wanted.do_send(Wanted { hop, room, sent_aside, none_left });
        ctx.run_later(CALL_AGAIN, |this, ctx| {
            this.wanted = false;
            this.wake(ctx);
        });
    }
}

/// A number from 0 to 1 that spreads the retries of many mails and is the same for one attempt whenever it is asked.
pub(super) fn dice(slip: &Slip) -> f64 {
    let mixed = (slip.id().0 ^ (u64::from(slip.attempts) << 48)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed >> 11) as f64 / (1u64 << 53) as f64
}
