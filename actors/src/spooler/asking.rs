//! Mail that is asked for: goes through all that rests and makes some of it due.
//!
//! For whom a mail is stands on disk only, so mails are read back, a few at a time, and dropped again. The other way, a key
//! in memory for each mail that rests, would cost all mail something at all times, and after a start nobody would know it:
//! where mail goes is found out when it is offered. One goes through at a time; those who ask meanwhile wait, and there are
//! as many as have an answer to wait for, or as clients may begin in half a minute.

use std::collections::VecDeque;

use postrider_engine::{session::Flushed, Hop};
use tokio::time::Instant;

use super::*;
use crate::index::Asked;

/// A client that asks for the same mail again in this time is told so, and nothing is done.
const AGAIN_AFTER: Duration = Duration::from_secs(30);
/// Questions of clients in that time. All that one could ask for are far fewer; beyond, somebody plays.
const MOST_QUESTIONS: usize = 100;
/// Mails that are made due in one go where nothing has to be read.
const UNREAD: usize = 1000;

/// What is asked for.
#[derive(Default)]
pub(super) struct Asking {
    /// The first is under way, if one is.
    rounds: VecDeque<Round>,
    /// Somebody goes through: it is never two.
    under_way: bool,
    /// What clients asked for lately, oldest first.
    recent: VecDeque<(Instant, Flush)>,
}

/// One way through all that rests.
struct Round {
    what: Flush,
    answer: oneshot::Sender<usize>,
    /// This one and those before it are done.
    behind: QueueId,
    /// Mail that came later was not there when it was asked for.
    last: QueueId,
    /// Hops that one of their mails tries.
    tried: Vec<Hop>,
    due: usize,
}

impl Asking {
    fn is_recent(&mut self, what: &Flush) -> bool {
        while self.recent.front().is_some_and(|(at, _)| at.elapsed() >= AGAIN_AFTER) {
            self.recent.pop_front();
        }
        let is_full = self.recent.len() >= MOST_QUESTIONS || self.rounds.len() >= MOST_QUESTIONS;
        let waits = || self.rounds.iter().any(|round| round.what == *what);
        is_full || waits() || self.recent.iter().any(|(_, other)| other == what)
    }
}

impl Spooler {
    /// A client asks. That nothing waits is said only if nothing waits for anybody.
    pub(super) fn asked_by_client(&mut self, what: Flush, ctx: &mut Context<Self>) -> Flushed {
        if self.closed || self.failed.is_some() {
            return Flushed::Unable;
        }
        if self.index.counts() == (0, 0) {
            return Flushed::Nothing;
        }
        if self.asking.is_recent(&what) {
            return Flushed::TooSoon;
        }
        info!(?what, "a client asks for mail");
        self.asking.recent.push_back((Instant::now(), what.clone()));
        self.ask_for(what, oneshot::channel().0, ctx);
        Flushed::Started
    }

    /// Begins, or waits until those before it are done.
    pub(super) fn ask_for(&mut self, what: Flush, answer: oneshot::Sender<usize>, ctx: &mut Context<Self>) {
        let newest = self.index.newest().unwrap_or(QueueId(0));
        let (behind, last) = match what {
            Flush::Mail(id) => (QueueId(id.0.saturating_sub(1)), id.min(newest)),
            _ => (QueueId(0), newest),
        };
        self.asking.rounds.push_back(Round { what, answer, behind, last, tried: Vec::new(), due: 0 });
        if !self.asking.under_way {
            self.go_through(ctx);
        }
        self.send_out(ctx);
    }

    /// The next part of the way, or its end.
    fn go_through(&mut self, ctx: &mut Context<Self>) {
        if self.closed || self.failed.is_some() {
            self.asking.rounds.clear(); // dropping the answers tells
        }
        self.asking.under_way = !self.asking.rounds.is_empty();
        let Some(round) = self.asking.rounds.front_mut() else { return };
        let most = match round.what {
            Flush::All => UNREAD,
            Flush::Mail(_) => 1,
            _ => ROUND,
        };
        let mut some = self.index.resting_behind(round.behind, most);
        some.retain(|(id, _)| *id <= round.last);
        match some.last() {
            None => self.end_round(ctx),
            Some((id, _)) => {
                round.behind = *id;
                match round.what {
                    Flush::All | Flush::Mail(_) => self.all_are_due(some, ctx),
                    _ => self.read_who(some, ctx),
                }
            }
        }
    }

    /// The queues have mail of their own that waits.
    fn end_round(&mut self, ctx: &mut Context<Self>) {
        if let Some(Round { what, answer, due, .. }) = self.asking.rounds.pop_front() {
            self.index.probe_all(&what, self.now());
            self.onward.hurry.do_send(Hurry { what, due, answer });
        }
        self.go_on(ctx);
    }

    /// Others are heard before it goes on.
    fn go_on(&mut self, ctx: &mut Context<Self>) {
        self.send_out(ctx);
        ctx.notify(GoThrough);
    }

    fn all_are_due(&mut self, some: Vec<(QueueId, Vec<RcptNo>)>, ctx: &mut Context<Self>) {
        some.into_iter().for_each(|(id, who)| self.is_due(id, &who));
        self.go_on(ctx);
    }

    /// For whom are these?
    fn read_who(&mut self, some: Vec<(QueueId, Vec<RcptNo>)>, ctx: &mut Context<Self>) {
        let looks = some.into_iter().map(|(id, who)| Look::Kept(id, who)).collect();
        let batch = Batch { entries: Vec::new(), looks, durability: Durability::Written };
        let fetched = offering::fetch(self.spool.apply(batch), Arc::clone(&self.reader)).into_actor(self);
        ctx.spawn(fetched.map(|fetched, this, ctx| {
            match fetched {
                Ok(all) => all.into_iter().for_each(|one| this.judge_one(one)),
                Err(failed) => this.fail(failed),
            }
            this.go_on(ctx);
        }));
    }

    fn judge_one(&mut self, fetched: Fetched) {
        let Some(round) = self.asking.rounds.front() else { return };
        let Fetched::Kept { id, mut who, draft: Ok(draft), .. } = fetched else { return };
        let to = &draft.envelope.recipients;
        who.retain(|no| to.get(*no).is_some_and(|to| (self.habits.is_asked_for)(to, &round.what)));
        self.is_due(id, &who);
    }

    fn is_due(&mut self, id: QueueId, who: &[RcptNo]) {
        let now = self.now();
        let Some(round) = self.asking.rounds.front_mut() else { return };
        let asked = self.index.ask_for(id, who, now);
        round.due += usize::from(asked != Asked::Nobody);
        // Where the whole hop is asked for, its oldest mail tries it at the end.
        if asked == Asked::Aside && matches!(round.what, Flush::Domain(_) | Flush::Within(_) | Flush::Mail(_)) {
            round.tried.extend(self.index.probe(id, &round.tried, now));
        }
    }
}

#[derive(Message)]
#[rtype(result = "()")]
struct GoThrough;

impl Handler<GoThrough> for Spooler {
    type Result = ();

    fn handle(&mut self, _: GoThrough, ctx: &mut Context<Self>) {
        self.go_through(ctx);
    }
}
