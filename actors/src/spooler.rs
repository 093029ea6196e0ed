//! The spooler: writes down what everybody has to say, one sync for all who wait.
//!
//! While a sync is on its way newcomers gather; when it is done they are the next batch. One mail alone waits for
//! nobody, a thousand share one sync. It waits for nobody but the disk, and it alone makes holds and offers mail.

use std::{sync::Arc, time::Duration};

use actix::prelude::*;
use postrider_engine::{
    Applied, Batch, Durability, Fact, HeldBy, HeldWhy, Hold, Left, Look, Moment, Offered, QueueId, RcptNo, Reader,
    Receipt, Seen, Spool, SpoolFailed, Told, Unheld as TellUnheld,
};
use tokio::sync::oneshot;
use tracing::{error, info, warn};

use crate::{
    clock::Clock,
    counters::{Counters, Event},
    gathering::{Gathering, Going, Then, Thens},
    index::{Index, Room},
    messages::{
        Accepted, AskHeld, Attempt, Commit, Drain, EngineFailed, NoneLeft, Record, Refused, Release, Rested,
        Undeliverable, Unheld, Wanted,
    },
    offering::{self, Fetched},
};

/// Facts alone are synced no later than this: an idle engine that loses power repeats nothing older.
const FACTS_WAIT: Duration = Duration::from_millis(50);
/// A mail that was lost by accident is not offered at once: the accident may happen again.
const BEFORE_OFFERING_AGAIN: Duration = Duration::from_secs(1);
/// A mail whose handler failed waits longer.
const AFTER_FAULT: Duration = Duration::from_secs(60);
/// How many mails are read back in one go. They come on top of the room.
const ROUND: usize = 16;

/// How the spooler behaves.
#[derive(Clone, Copy, Debug)]
pub struct SpoolerHabits {
    /// Bounds of what is live.
    pub room: Room,
    /// Attempts are synced, not only written, before the final dot: then a duplicate after a loss of power is known as
    /// "perhaps delivered" too.
    pub attempts_synced: bool,
    /// A mail with so many faults is held.
    pub faults: u8,
    /// A mail whose final dot was left without an answer by a crash is held, not tried again.
    pub hold_in_doubt: bool,
    /// What time it is.
    pub clock: Clock,
}

/// Whom the spooler passes things on to.
#[derive(Clone)]
pub struct Onward {
    /// The categorizer.
    pub mail: Recipient<Accepted>,
    /// The reporter.
    pub failed: Recipient<Undeliverable>,
    /// The transport.
    pub engine: Recipient<EngineFailed>,
}

/// Owns the spool.
pub struct Spooler {
    spool: Box<dyn Spool>,
    reader: Arc<dyn Reader>,
    gathering: Gathering,
    flush_is_noted: bool,
    syncing: bool,
    unsynced: bool,
    reading: bool,
    index: Index,
    alarm: Option<SpawnHandle>,
    held: Vec<oneshot::Sender<Vec<(QueueId, HeldWhy)>>>,
    failed: Option<SpoolFailed>,
    /// Nothing is offered any more.
    closed: bool,
    draining: Vec<oneshot::Sender<()>>,
    habits: SpoolerHabits,
    onward: Onward,
    unheld: Option<TellUnheld>,
    counters: Arc<Counters>,
}

#[derive(Message)]
#[rtype(result = "()")]
struct Flush;

impl Spooler {
    /// A spooler of this spool; what the spool has left is offered when the actor starts.
    pub fn new(spool: Box<dyn Spool>, habits: SpoolerHabits, onward: Onward, counters: Arc<Counters>) -> Self {
        Spooler {
            reader: spool.reader(),
            spool,
            gathering: Gathering::default(),
            flush_is_noted: false,
            syncing: false,
            unsynced: false,
            reading: false,
            index: Index::new(habits.room),
            alarm: None,
            held: Vec::new(),
            failed: None,
            closed: false,
            draining: Vec::new(),
            habits,
            onward,
            unheld: None,
            counters,
        }
    }

    fn now(&self) -> Moment {
        self.habits.clock.now()
    }

    /// Flushes when all who are waiting in the mailbox now have been heard.
    fn flush_soon(&mut self, ctx: &mut Context<Self>) {
        if !self.flush_is_noted {
            self.flush_is_noted = true;
            ctx.notify(Flush);
        }
    }

    fn flush(&mut self, ctx: &mut Context<Self>) {
        self.flush_is_noted = false;
        if let Some(failed) = &self.failed {
            return self.gathering.fail(failed);
        }
        if !self.syncing && self.gathering.has_promises() {
            let going = self.gathering.take_promises();
            self.sync(going, ctx);
        } else if self.gathering.has_notes() {
            let going = self.gathering.take_notes();
            self.unsynced |= !going.batch.entries.is_empty();
            self.go(going, ctx);
            self.sync_later(ctx);
        }
    }

    fn sync(&mut self, going: Going, ctx: &mut Context<Self>) {
        (self.syncing, self.unsynced) = (true, false);
        self.go(going, ctx);
    }

    /// Facts wait for the next mail, but not long.
    fn sync_later(&mut self, ctx: &mut Context<Self>) {
        if !self.unsynced || self.syncing {
            return;
        }
        ctx.run_later(FACTS_WAIT, |this, ctx| {
            if this.unsynced && !this.syncing && this.failed.is_none() {
                let going = this.gathering.take_promises();
                this.sync(going, ctx);
            }
        });
    }

    /// Hands the batch to the spool; it comes back as `came_back`, whatever else happens meanwhile.
    fn go(&mut self, going: Going, ctx: &mut Context<Self>) {
        let Going { batch, thens } = going;
        let durability = batch.durability;
        let applied = self.spool.apply(batch).into_actor(self);
        ctx.spawn(applied.map(move |applied, this, ctx| this.came_back(durability, applied, thens, ctx)));
    }

    fn came_back(
        &mut self,
        durability: Durability,
        applied: Result<Applied, SpoolFailed>,
        thens: Thens,
        ctx: &mut Context<Self>,
    ) {
        match thens.join(applied) {
            Ok((written, seen)) => {
                written.for_each(|(result, then)| self.written(result, then, ctx));
                seen.into_iter().for_each(|seen| self.seen(seen, ctx));
            }
            Err(failed) => self.fail(failed),
        }
        if durability == Durability::Synced {
            self.syncing = false;
            self.sync_later(ctx);
        }
        self.flush(ctx);
        self.send_out(ctx);
        self.end_if_drained();
    }

    /// If the disk cannot be trusted nothing else may go on.
    fn fail(&mut self, failed: SpoolFailed) {
        if self.failed.is_none() {
            error!(reason = %failed.reason, "the spool has failed; the engine stops");
            self.onward.engine.do_send(EngineFailed(Arc::clone(&failed.reason)));
        }
        self.gathering.fail(&failed);
        self.failed = Some(failed);
    }

    fn written(&mut self, result: Result<Receipt, Refused>, then: Then, ctx: &mut Context<Self>) {
        let mut receipt = match result {
            Ok(receipt) => receipt,
            Err(refused) => {
                if let Then::Answer(answer) = then {
                    drop(answer.send(Err(refused)));
                }
                return;
            }
        };
        receipt.ids().iter().for_each(|_| self.counters.count(Event::Accepted));
        self.commit(&mut receipt, ctx);
        match then {
            Then::Answer(answer) => drop(answer.send(Ok(receipt))),
            Then::Attempt(answer) => drop(answer.send(Ok(()))),
            Then::Report(failed) => self.onward.failed.do_send(Undeliverable(failed)),
            Then::Nothing => {}
        }
    }

    /// Custody is ours: the mails go on if there is room.
    #[allow(clippy::disallowed_methods)] // the one place that makes mail ours
    fn commit(&mut self, receipt: &mut Receipt, ctx: &mut Context<Self>) {
        let now = self.now();
        let unheld = self.unheld(ctx);
        let index = &mut self.index;
        let mails = receipt.commit(|id, draft| {
            let (who, octets) = (draft.envelope.recipients.numbers(), draft.content.octets_in_memory());
            index.admit(id, who, octets, now).then(|| Hold::new(id, Arc::clone(&unheld)))
        });
        for mail in mails {
            self.onward.mail.do_send(Accepted(Offered::Committed(mail)));
        }
    }

    /// The way home of all holds.
    fn unheld(&mut self, ctx: &mut Context<Self>) -> TellUnheld {
        let unheld = self.unheld.get_or_insert_with(|| {
            let this = ctx.address();
            Arc::new(move |id| this.do_send(Unheld(id)))
        });
        Arc::clone(unheld)
    }

    fn seen(&mut self, seen: Seen, ctx: &mut Context<Self>) {
        match seen {
            Seen::Left(id, None, _) | Seen::Left(id, _, Some(_)) => self.index.forget(id),
            Seen::Left(id, Some(left), None) => self.left(id, &left),
            Seen::Held(all) => drop(self.held.pop().map(|answer| answer.send(all))),
            Seen::Kept(id, who, kept) if who.is_empty() => {
                let faults = kept.map_or(0, |kept| kept.standing.faults());
                self.judge(id, faults, ctx);
            }
            Seen::Kept(..) => {}
        }
    }

    fn left(&mut self, id: QueueId, left: &Left) {
        let now = self.now();
        let soon = now + BEFORE_OFFERING_AGAIN;
        let due = |due: Option<Moment>| due.map_or(soon, |due| due.max(soon));
        let left: Vec<(RcptNo, Moment)> = left.iter().map(|(no, at)| (*no, due(*at))).collect();
        self.index.left(id, &left);
    }

    /// A mail that made its handlers fail too often is held.
    fn judge(&mut self, mail: QueueId, faults: u8, ctx: &mut Context<Self>) {
        if faults >= self.habits.faults {
            let reason = format!("its handlers failed {faults} times");
            self.hold(mail, HeldBy::Fault, reason, ctx);
        }
    }

    fn hold(&mut self, mail: QueueId, by: HeldBy, reason: String, ctx: &mut Context<Self>) {
        warn!(id = %mail, reason, "held");
        self.index.forget(mail);
        let why = HeldWhy { by, reason };
        self.gathering.note(vec![Fact::Held { mail, why }], Then::Nothing);
        self.flush_soon(ctx);
    }

    /// Looks up who is due, and sets the one timer for who is next.
    fn send_out(&mut self, ctx: &mut Context<Self>) {
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
    fn read_back(&mut self, due: Vec<(QueueId, Vec<RcptNo>)>, ctx: &mut Context<Self>) {
        self.reading = true;
        let looks = due.into_iter().map(|(id, who)| Look::Kept(id, who)).collect();
        let batch = Batch { entries: Vec::new(), looks, durability: Durability::Written };
        let fetched = offering::fetch(self.spool.apply(batch), Arc::clone(&self.reader)).into_actor(self);
        ctx.spawn(fetched.map(|fetched, this, ctx| {
            this.reading = false;
            match fetched {
                Ok(all) => all.into_iter().for_each(|one| this.offer(one, ctx)),
                Err(failed) => this.fail(failed),
            }
            this.send_out(ctx);
        }));
    }

    fn offer(&mut self, fetched: Fetched, ctx: &mut Context<Self>) {
        let hold = new_hold(fetched.id(), self.unheld(ctx));
        let Fetched::Kept { id, who, kept, draft } = fetched else { return drop(hold) };
        if let Some(why) = kept.standing.held() {
            info!(%id, reason = why.reason, "is held and not offered");
            return self.index.forget(id);
        }
        let draft = match draft {
            Ok(draft) => draft,
            Err(damage) => return self.hold(id, HeldBy::Fault, damage, ctx),
        };
        for (no, host) in kept.standing.in_doubt().filter(|(no, _)| who.contains(no)) {
            warn!(%id, recipient = %no, host, "perhaps delivered: the final dot was sent and no answer is known");
        }
        if self.habits.hold_in_doubt && kept.standing.in_doubt().next().is_some() {
            return self.hold(id, HeldBy::Policy, "perhaps delivered".into(), ctx);
        }
        self.index.weigh(id, draft.content.octets_in_memory());
        let (mail, failed) = kept.standing.offer(*draft, &who, hold);
        if let Some(mail) = mail {
            self.onward.mail.do_send(Accepted(mail));
        }
        if let Some(failed) = failed {
            self.onward.failed.do_send(Undeliverable(failed));
        }
    }

    fn end_if_drained(&mut self) {
        let idle = !self.syncing && !self.unsynced && !self.gathering.has_promises() && !self.gathering.has_notes();
        if idle || self.failed.is_some() {
            self.draining.clear(); // dropping the answers tells
        }
    }
}

#[allow(clippy::disallowed_methods)] // the other place: mail that is offered again
fn new_hold(id: QueueId, unheld: TellUnheld) -> Hold {
    Hold::new(id, unheld)
}

impl Actor for Spooler {
    type Context = Context<Self>;

    /// After a start nobody holds anything, which is no special case.
    fn started(&mut self, ctx: &mut Context<Self>) {
        ctx.set_mailbox_capacity(0); // bounded by those who wait: each has one message here
        let mails = self.spool.take_mails();
        if !mails.is_empty() {
            info!(mails = mails.len(), "taking up what was left");
        }
        mails.into_iter().for_each(|id| self.gathering.look(Look::Left(id)));
        self.flush_soon(ctx);
    }
}

impl Handler<Commit> for Spooler {
    type Result = ();

    fn handle(&mut self, Commit { entry, answer }: Commit, ctx: &mut Context<Self>) {
        self.gathering.promise(entry, Then::Answer(answer));
        self.flush_soon(ctx);
    }
}

impl Handler<Attempt> for Spooler {
    type Result = ();

    fn handle(&mut self, Attempt { fact, answer }: Attempt, ctx: &mut Context<Self>) {
        let then = Then::Attempt(answer);
        match self.habits.attempts_synced {
            true => self.gathering.promise(postrider_engine::Entry::facts(vec![fact]), then),
            false => self.gathering.note(vec![fact], then),
        }
        self.flush_soon(ctx);
    }
}

impl Handler<Record> for Spooler {
    type Result = ();

    fn handle(&mut self, Record(Told { facts, failed }): Record, ctx: &mut Context<Self>) {
        for fact in &facts {
            if let Fact::Fault { mail } = fact {
                self.gathering.look(Look::Kept(*mail, Vec::new()));
                let due = self.now() + AFTER_FAULT;
                info!(id = %mail, ?due, "a fault is charged to this mail");
            }
        }
        self.gathering.note(facts, failed.map_or(Then::Nothing, Then::Report));
        self.flush_soon(ctx);
    }
}

impl Handler<Rested> for Spooler {
    type Result = ();

    fn handle(&mut self, Rested(rest): Rested, ctx: &mut Context<Self>) {
        let id = rest.hold.id();
        self.index.rest(id, rest.recipients.iter().map(|no| (*no, rest.due)));
        if let Some(hop) = &rest.aside {
            self.index.stand_aside(id, hop);
        }
        if !rest.facts.is_empty() {
            self.gathering.note(rest.facts, Then::Nothing);
            self.flush_soon(ctx);
        }
        self.send_out(ctx);
    }
}

impl Handler<Wanted> for Spooler {
    type Result = ();

    fn handle(&mut self, Wanted { hop, room, none_left }: Wanted, ctx: &mut Context<Self>) {
        if !self.index.wanted(&hop, room, self.now()) {
            none_left.do_send(NoneLeft);
        }
        self.send_out(ctx);
    }
}

impl Handler<Unheld> for Spooler {
    type Result = ();

    fn handle(&mut self, Unheld(id): Unheld, ctx: &mut Context<Self>) {
        if self.index.back(id) {
            self.gathering.look(Look::Left(id));
            self.flush_soon(ctx);
        }
    }
}

impl Handler<Flush> for Spooler {
    type Result = ();

    fn handle(&mut self, _: Flush, ctx: &mut Context<Self>) {
        if self.flush_is_noted {
            self.flush(ctx);
        }
    }
}

impl Handler<AskHeld> for Spooler {
    type Result = ();

    fn handle(&mut self, AskHeld(answer): AskHeld, ctx: &mut Context<Self>) {
        self.held.push(answer);
        self.gathering.look(Look::Held);
        self.flush_soon(ctx);
    }
}

impl Handler<Release> for Spooler {
    type Result = ();

    fn handle(&mut self, Release(mail, answer): Release, ctx: &mut Context<Self>) {
        let batch = Batch { entries: Vec::new(), looks: vec![Look::Left(mail)], durability: Durability::Written };
        let looked = self.spool.apply(batch).into_actor(self);
        ctx.spawn(looked.map(move |applied, this, ctx| {
            let seen = applied.ok().and_then(|applied| applied.seen.into_iter().next());
            let is_held = matches!(seen, Some(Seen::Left(_, Some(_), Some(_))));
            if is_held {
                info!(id = %mail, "released");
                this.gathering.note(vec![Fact::Released { mail }], Then::Nothing);
                this.gathering.look(Look::Left(mail));
                this.flush_soon(ctx);
            }
            let _ = answer.send(is_held);
        }));
    }
}

impl Handler<Drain> for Spooler {
    type Result = ();

    fn handle(&mut self, Drain(answer): Drain, ctx: &mut Context<Self>) {
        self.closed = true;
        self.draining.push(answer);
        if self.unsynced && !self.syncing && self.failed.is_none() {
            let going = self.gathering.take_promises();
            self.sync(going, ctx);
        }
        self.end_if_drained();
    }
}
