//! The spooler: writes down what everybody has to say, one sync for all who wait.
//!
//! While a sync is on its way newcomers gather; when it is done they are the next batch. One mail alone waits for
//! nobody, a thousand share one sync. Facts that need no sync share writes in the same way: each hand-over to the spool's
//! thread costs more than the write. It waits for nobody but the disk, and it alone makes holds and offers mail.

mod asking;
mod auditing;
mod committing;
mod hearing;
mod listing;
mod mail_out;
mod remembering;

use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use actix::prelude::*;
use asking::Asking;
use postrider_engine::{
    Applied, Aside, Batch, Durability, Errand, Fact, Fate, Flush, HeldBy, HeldWhy, Hold, Left, Look, Moment, News,
    Offered, QueueId, QueuePriority, RcptNo, Reader, Receipt, Recipient as Addressee, Seen, Spool, SpoolFailed,
    Standing, Told, Unheld as TellUnheld,
};
use tokio::sync::oneshot;
use tracing::{error, info, warn};

use crate::{
    clock::Clock,
    counters::{Counters, Event},
    gathering::{Gathering, Going, Then, Thens},
    index::{Index, New, Room},
    messages::{
        Accepted, AskAudit, AskFlush, AskHeld, AskQueue, Attempt, Commit, Drain, EngineFailed, FlushNow, Hurry,
        NoneLeft, Recall, Record, Refused, Release, Rested, Tell, Unheld, Wanted,
    },
    offering::{self, Fetched},
};
use auditing::Auditing;
use remembering::Remembering;

/// Facts alone are synced no later than this: an idle engine that loses power repeats nothing older.
const FACTS_WAIT: Duration = Duration::from_millis(50);
/// A mail that was lost by accident is not offered at once: the accident may happen again.
const BEFORE_OFFERING_AGAIN: Duration = Duration::from_secs(1);
/// How many mails are read back in one go. They come on top of the room.
const ROUND: usize = 16;

/// Says of a recipient whether mail that it perhaps has is held for a person to decide, not tried again.
pub type HoldsInDoubt = Arc<dyn Fn(&Addressee) -> bool + Send + Sync>;

/// Says of a recipient whether its mail is asked for.
pub type IsAskedFor = Arc<dyn Fn(&Addressee, &Flush) -> bool + Send + Sync>;

/// How the spooler behaves.
#[derive(Clone)]
pub struct SpoolerHabits {
    /// Bounds of what is live.
    pub room: Room,
    /// Attempts are synced, not only written, before the final dot: then a duplicate after a loss of power is known as
    /// "perhaps delivered" too.
    pub attempts_synced: bool,
    /// A mail with so many faults is held.
    pub faults: u8,
    /// Asked when a crash left a final dot without an answer.
    pub holds_in_doubt: HoldsInDoubt,
    /// Asked about all mail that rests, when some is to go out before it is due.
    pub is_asked_for: IsAskedFor,
    /// How long it is remembered what became of a ticket.
    pub ticket_life: Duration,
    /// What time it is.
    pub clock: Clock,
}

/// Whom the spooler passes things on to.
#[derive(Clone)]
pub struct Onward {
    /// The categorizer.
    pub mail: Recipient<Accepted>,
    /// The reporter.
    pub news: Recipient<Tell>,
    /// The exchange.
    pub hurry: Recipient<Hurry>,
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
    /// Notes are on their way; newcomers gather until it is known that they are written.
    noting: bool,
    unsynced: bool,
    /// The timer for facts runs. One is enough: what it finds unsynced waits no longer than it should.
    facts_are_timed: bool,
    reading: bool,
    index: Index,
    alarm: Option<SpawnHandle>,
    /// Of whom it was told that they are late, as long as their mail is out: a slip that was read back before that was
    /// on disk does not know it.
    warned: HashMap<QueueId, BTreeSet<RcptNo>>,
    asking: Asking,
    held: Vec<oneshot::Sender<Vec<(QueueId, HeldWhy)>>>,
    audits: VecDeque<Auditing>,
    remembering: Remembering,
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
struct WriteOut;

/// transport -> spooler, told: these are your habits from now on.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Behave(pub SpoolerHabits);

impl Spooler {
    /// A spooler of this spool; what the spool has left is offered when the actor starts.
    pub fn new(spool: Box<dyn Spool>, habits: SpoolerHabits, onward: Onward, counters: Arc<Counters>) -> Self {
        Spooler {
            reader: spool.reader(),
            spool,
            gathering: Gathering::default(),
            flush_is_noted: false,
            syncing: false,
            noting: false,
            unsynced: false,
            facts_are_timed: false,
            reading: false,
            index: Index::new(habits.room),
            alarm: None,
            warned: HashMap::new(),
            asking: Asking::default(),
            held: Vec::new(),
            audits: VecDeque::new(),
            remembering: Remembering::default(),
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
            ctx.notify(WriteOut);
        }
    }

    fn flush(&mut self, ctx: &mut Context<Self>) {
        self.flush_is_noted = false;
        if let Some(failed) = self.failed.clone() {
            return self.fail(failed);
        }
        if !self.syncing && self.gathering.has_promises() {
            let going = self.gathering.take_promises();
            self.sync(going, ctx);
        } else if !self.noting && self.gathering.has_notes() {
            let going = self.gathering.take_notes();
            self.noting = true;
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
        if !self.unsynced || self.syncing || self.facts_are_timed {
            return;
        }
        self.facts_are_timed = true;
        ctx.run_later(FACTS_WAIT, |this, ctx| {
            this.facts_are_timed = false;
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
        match durability {
            Durability::Synced => {
                self.syncing = false;
                self.ask_suspects(ctx);
                self.sync_later(ctx);
            }
            Durability::Written => self.noting = false,
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
        self.held.clear(); // dropping the answers tells
        self.audits.clear();
        self.remembering.fail();
        self.failed = Some(failed);
    }

    fn end_if_drained(&mut self) {
        let idle = !self.syncing && !self.unsynced && !self.gathering.has_promises() && !self.gathering.has_notes();
        if idle || self.failed.is_some() {
            self.draining.clear(); // dropping the answers tells
        }
    }
}
