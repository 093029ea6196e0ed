//! Keys, tickets, and what whoever sent a mail wants to know of it: the spooler's answers from what is remembered.
//!
//! Rule: nothing is answered that a loss of power could take back. That a key is known, or a ticket is over, is said when it
//! is synced; that a ticket is redeemed, too.

use postrider_engine::{DeliveryStatus, Entry, KeyHash, MailStatus, TicketState};

use tokio::time::Instant;

use super::*;
use crate::{
    messages::{AskKey, AskStatus, Forget, MailOf, NoStatus, Redeem},
    watching::{unwatched, Watches},
};

/// A mail that is watched may be moved while its recipients are read; so often is tried again.
const MOST_READINGS: u8 = 5;

/// It is looked no sooner than this after the last time.
const SHORTEST: Duration = Duration::from_millis(1);

/// Who waits for an answer, and who watches.
#[derive(Default)]
pub(super) struct Remembering {
    keys: Vec<(KeyHash, oneshot::Sender<Option<QueueId>>)>,
    tickets: Vec<(QueueId, oneshot::Sender<Option<TicketState>>)>,
    statuses: Vec<Asked>,
    pub watches: Watches,
    /// Redeemed just now, or there at the start: they are offered at once.
    pub eager: BTreeSet<QueueId>,
    /// When it is looked again what is over, and by which timer.
    timer: Option<(Instant, SpawnHandle)>,
}

/// A question about a mail.
struct Asked {
    id: QueueId,
    /// It is watched from the question on.
    begun: Option<u64>,
    answer: oneshot::Sender<Result<MailOf, NoStatus>>,
    readings: u8,
}

impl Remembering {
    /// Nobody is answered any more: dropping the answers tells.
    pub fn fail(&mut self) {
        self.keys.clear();
        self.tickets.clear();
        self.statuses.clear();
        self.watches.clear();
    }
}

impl Handler<AskKey> for Spooler {
    type Result = ();

    fn handle(&mut self, AskKey(key, answer): AskKey, ctx: &mut Context<Self>) {
        self.remembering.keys.push((key, answer));
        self.gathering.look(Look::Key(key));
        self.flush_soon(ctx);
    }
}

impl Handler<Forget> for Spooler {
    type Result = ();

    fn handle(&mut self, Forget { mails, until }: Forget, ctx: &mut Context<Self>) {
        let facts = mails.into_iter().map(|mail| Fact::Unkeyed { mail, until }).collect();
        self.gathering.note(facts, Then::Nothing);
        self.tidy_by(until, ctx);
        self.flush_soon(ctx);
    }
}

impl Handler<AskStatus> for Spooler {
    type Result = ();

    fn handle(&mut self, AskStatus { id, watch, answer }: AskStatus, ctx: &mut Context<Self>) {
        // From the question on, not from its answer: what is written in between may be heard first.
        let begun = watch.then(|| self.remembering.watches.begin(id));
        match begun {
            Some(None) => drop(answer.send(Err(NoStatus::Busy))),
            begun => self.ask_status(Asked { id, begun: begun.flatten(), answer, readings: 0 }, ctx),
        }
    }
}

impl Handler<Redeem> for Spooler {
    type Result = ();

    fn handle(&mut self, Redeem(mail, answer): Redeem, ctx: &mut Context<Self>) {
        let until = self.now() + self.habits.ticket_life;
        self.gathering.promise(Entry::facts(vec![Fact::Redeemed { mail, until }]), Then::Redeemed(mail, answer));
        self.flush_soon(ctx);
    }
}

impl Spooler {
    pub(super) fn remember_seen(&mut self, seen: Seen, ctx: &mut Context<Self>) {
        match seen {
            Seen::Key(key, id) => {
                let mut asked = self.remembering.keys.iter();
                if let Some(at) = asked.position(|(other, _)| *other == key) {
                    let (_, answer) = self.remembering.keys.swap_remove(at);
                    self.answer(id, id.is_some(), answer, ctx);
                }
            }
            Seen::Ticket(id, state) => self.ticket_seen(id, state, ctx),
            Seen::Status(id, status) => self.status_seen(id, status, ctx),
            Seen::Overdue(unredeemed, next) => self.sweep(unredeemed, next, ctx),
            _ => {}
        }
    }

    /// Answers, after all that is written is synced if it is to be.
    fn answer<T: 'static>(&mut self, what: T, is_to_last: bool, answer: oneshot::Sender<T>, ctx: &mut Context<Self>) {
        if !is_to_last {
            return drop(answer.send(what));
        }
        let all = Batch { entries: Vec::new(), looks: Vec::new(), durability: Durability::Synced };
        let synced = self.spool.apply(all).into_actor(self);
        ctx.spawn(synced.map(|synced, this, _| match synced {
            Ok(_) => drop(answer.send(what)),
            Err(failed) => this.fail(failed),
        }));
    }

    /// What is written about a ticket is synced; what its state is now says who was first.
    pub(super) fn redeemed(
        &mut self,
        mail: QueueId,
        answer: oneshot::Sender<Option<TicketState>>,
        ctx: &mut Context<Self>,
    ) {
        self.remembering.tickets.push((mail, answer));
        self.gathering.look(Look::Ticket(mail));
        self.flush_soon(ctx);
    }

    fn ticket_seen(&mut self, id: QueueId, state: Option<TicketState>, ctx: &mut Context<Self>) {
        let Some(at) = self.remembering.tickets.iter().position(|(other, _)| *other == id) else { return };
        let (_, answer) = self.remembering.tickets.swap_remove(at);
        if state == Some(TicketState::Swept) {
            self.remembering.watches.tell_all(id, &DeliveryStatus::Discarded);
        }
        if state == Some(TicketState::Redeemed) && !self.index.has(id) {
            info!(%id, "redeemed");
            self.remembering.eager.insert(id);
            self.gathering.look(Look::Left(id));
            self.flush_soon(ctx);
        }
        let _ = answer.send(state); // what was written about it before is synced with what was asked
    }

    fn ask_status(&mut self, asked: Asked, ctx: &mut Context<Self>) {
        self.gathering.look(Look::Status(asked.id));
        self.remembering.statuses.push(asked);
        self.flush_soon(ctx);
    }

    /// What happens while the recipients are read is kept for whoever watches.
    fn status_seen(&mut self, id: QueueId, status: Option<Box<MailStatus>>, ctx: &mut Context<Self>) {
        let Some(at) = self.remembering.statuses.iter().position(|asked| asked.id == id) else { return };
        let asked = self.remembering.statuses.swap_remove(at);
        let Some((status, place)) = status.and_then(|status| Some((status.names?, status)).map(|(p, s)| (s, p))) else {
            self.remembering.watches.take(id, asked.begun);
            return drop(asked.answer.send(Err(NoStatus::Forgotten)));
        };
        self.remembering.watches.pass_over(id, asked.begun);
        let read = self.reader.recipients(id, place).into_actor(self);
        ctx.spawn(read.map(move |read, this, ctx| match read {
            Ok(recipients) => this.tell_status(asked, &status, recipients),
            Err(error) if asked.readings < MOST_READINGS => {
                info!(%id, %error, "looking again for the recipients of this mail");
                this.ask_status(Asked { readings: asked.readings + 1, ..asked }, ctx);
            }
            Err(error) => {
                warn!(%id, %error, "the recipients of this mail cannot be read");
                this.remembering.watches.take(id, asked.begun);
                let _ = asked.answer.send(Err(NoStatus::Forgotten));
            }
        }));
    }

    fn tell_status(&mut self, asked: Asked, status: &MailStatus, recipients: Vec<(RcptNo, postrider_engine::Address)>) {
        let mut recipients = status.each(recipients);
        for (no, later) in self.remembering.watches.take(asked.id, asked.begun) {
            if let Some((.., status)) = recipients.iter_mut().find(|(other, ..)| *other == no) {
                if !status.is_final() {
                    *status = later;
                }
            }
        }
        if asked.answer.is_closed() {
            return; // nothing is watched for who has gone
        }
        let open = recipients.iter().filter(|(.., status)| !status.is_final()).map(|(no, ..)| *no);
        let changes = match asked.begun.is_some() {
            true => self.remembering.watches.watch(asked.id, open.collect()),
            false => Some(unwatched()),
        };
        let _ = asked.answer.send(changes.map(|changes| MailOf { recipients, changes }).ok_or(NoStatus::Busy));
    }

    /// Whoever watches hears what was written.
    pub(super) fn tell_watchers(&mut self, receipt: &Receipt, then: &Then) {
        if self.remembering.watches.is_empty() {
            return;
        }
        // The first end that is said is the last thing that is.
        if let Then::Report(news) = then {
            self.remembering.watches.tell(news);
        }
        for fact in receipt.facts() {
            self.remembering.watches.note(fact);
        }
    }

    fn sweep(&mut self, unredeemed: Vec<QueueId>, next: Option<Moment>, ctx: &mut Context<Self>) {
        let until = self.now() + self.habits.ticket_life;
        for mail in unredeemed {
            info!(id = %mail, "swept: nobody redeemed its ticket in time");
            self.gathering.note(vec![Fact::Swept { mail, until }], Then::Redeemed(mail, oneshot::channel().0));
            self.flush_soon(ctx);
        }
        if let Some(next) = next {
            self.tidy_by(next, ctx);
        }
    }

    /// Something that is remembered is over then, and nothing before it that was not spoken of.
    pub(super) fn tidy_by(&mut self, over: Moment, ctx: &mut Context<Self>) {
        let pause = self.habits.clock.sleep_until(over).max(SHORTEST);
        let at = Instant::now() + pause;
        match self.remembering.timer {
            Some((before, _)) if before <= at => return,
            Some((_, timer)) => drop(ctx.cancel_future(timer)),
            None => {}
        }
        let timer = ctx.run_later(pause, |this, ctx| {
            this.remembering.timer = None;
            this.tidy(ctx);
        });
        self.remembering.timer = Some((at, timer));
    }

    /// Looks for what is over.
    pub(super) fn tidy(&mut self, ctx: &mut Context<Self>) {
        if !self.closed && self.failed.is_none() {
            self.gathering.look(Look::Overdue(self.now()));
            self.flush_soon(ctx);
        }
    }
}
