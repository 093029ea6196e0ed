//! Tells senders what became of their mail. The report and the fact that it was made are one entry: a crash leaves both
//! or none, so each thing is told once. What failed and can be told to nobody is kept as bad mail before.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use actix::prelude::*;
use postrider_engine::{Bad, BadMail, BadMailError, BoxFuture, Draft, Durability, Entry, Fact, News, Reply};
use tokio::sync::oneshot;
use tracing::{info, warn};

use crate::{
    chain::SessionGuests,
    clock::Clock,
    door::Door,
    messages::{Drain, Refused, Tell},
};

/// Writes a report; `None` if nobody is to be told.
pub type WriteReport = Box<dyn Fn(&News) -> Option<Draft> + Send>;

/// How senders are told, and what is done where nobody can be.
pub struct Reports {
    /// Writes to the sender.
    pub report: WriteReport,
    /// Writes to whoever looks after this host, about bad mail.
    pub alert: WriteReport,
    /// Keeps bad mail; `None`: it is not kept.
    pub bad: Option<Arc<dyn BadMail>>,
    /// What time it is.
    pub clock: Clock,
}

/// Reports that are on their way to the disk at once. A report is larger than what it frees: on a full disk thousands
/// at once would take what is reserved for them.
const MOST_AT_ONCE: usize = 8;
/// When a report was refused for want of space: moving mail together wins some back in milliseconds.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// Each pause that did not help is followed by one twice as long, up to this.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Writes reports, and sends them by the same door as any mail.
pub struct Reporter {
    door: Door,
    reports: Reports,
    under_way: usize,
    /// There was no space for the last one.
    paused: bool,
    /// How long the next pause is.
    pause: Duration,
    /// How long bad mail that cannot be kept waits next.
    bad_pause: Duration,
    /// Bounded by the mails that are out.
    waiting: VecDeque<News>,
    draining: Vec<oneshot::Sender<()>>,
}

/// How the way of some news to the disk ended.
enum Ended {
    /// It is told.
    Written,
    /// There is no space at present.
    NoSpace,
    /// Bad mail could not be kept.
    NotKept(BadMailError),
    /// A sink does not take the report at present.
    Refused(Reply),
    /// The spool has failed: the hold ends, and the news comes again at the next start.
    Gone,
}

impl Reporter {
    /// A reporter that tells like this.
    pub fn new(door: Door, reports: Reports) -> Self {
        Reporter {
            door,
            reports,
            under_way: 0,
            paused: false,
            pause: FIRST_PAUSE,
            bad_pause: FIRST_PAUSE,
            waiting: VecDeque::new(),
            draining: Vec::new(),
        }
    }

    fn report_some(&mut self, ctx: &mut Context<Self>) {
        while self.under_way < MOST_AT_ONCE && !self.paused {
            let Some(news) = self.waiting.pop_front() else { return };
            self.report(news, ctx);
        }
    }

    fn report(&mut self, news: News, ctx: &mut Context<Self>) {
        self.under_way += 1;
        let (drafts, facts) = self.drafts(&news);
        let written = write(self.keep(&news), drafts, facts, self.door.clone());
        ctx.spawn(written.into_actor(self).map(|ended, this, ctx| {
            this.under_way -= 1;
            match ended {
                Ended::Written => (this.pause, this.bad_pause) = (FIRST_PAUSE, FIRST_PAUSE),
                Ended::NoSpace => {
                    this.waiting.push_front(news);
                    this.wait_for_space(ctx);
                }
                Ended::NotKept(why) => this.wait_to_keep(news, &why, ctx),
                Ended::Refused(reply) => this.wait_for_sink(news, &reply, ctx),
                Ended::Gone => drop(news),
            }
            this.report_some(ctx);
            if this.under_way == 0 {
                this.draining.clear(); // dropping the answers tells
            }
        }));
    }

    fn wait_for_space(&mut self, ctx: &mut Context<Self>) {
        if std::mem::replace(&mut self.paused, true) {
            return;
        }
        if self.pause == LONGEST_PAUSE {
            warn!(waiting = self.waiting.len(), "no space for reports at present; they wait");
        }
        ctx.run_later(self.pause, |this, ctx| {
            this.paused = false;
            this.report_some(ctx);
        });
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
    }

    /// The others go on meanwhile.
    fn wait_to_keep(&mut self, news: News, why: &BadMailError, ctx: &mut Context<Self>) {
        if matches!(self.bad_pause, FIRST_PAUSE | LONGEST_PAUSE) {
            warn!(id = %news.hold.id(), %why, "bad mail waits: see to its folder, or set report.badmail");
        }
        ctx.run_later(self.bad_pause, |this, ctx| {
            this.waiting.push_back(news);
            this.report_some(ctx);
        });
        self.bad_pause = (self.bad_pause * 2).min(LONGEST_PAUSE);
    }

    /// The others go on meanwhile.
    fn wait_for_sink(&mut self, news: News, reply: &Reply, ctx: &mut Context<Self>) {
        warn!(id = %news.hold.id(), %reply, "a sink does not take the report at present; it waits");
        ctx.run_later(LONGEST_PAUSE, |this, ctx| {
            this.waiting.push_back(news);
            this.report_some(ctx);
        });
    }

    /// What can be told to nobody is kept.
    fn keep(&self, news: &News) -> Option<BoxFuture<'static, Result<(), BadMailError>>> {
        let (bad, who) = (self.reports.bad.as_ref()?, news.unreportable());
        let (id, at) = (news.hold.id(), self.reports.clock.now());
        (!who.is_empty()).then(|| bad.keep(Bad { id, draft: Arc::clone(&news.draft), who, at }))
    }

    /// What is to be sent, and what is true when it is.
    fn drafts(&self, news: &News) -> (Vec<Draft>, Vec<Fact>) {
        let id = news.hold.id();
        let (report, recipients) = ((self.reports.report)(news), news.who.len());
        let bad = self.reports.bad.is_some() && !news.unreportable().is_empty();
        match (&report, bad) {
            (Some(_), _) => info!(%id, recipients, "reporting to the sender"),
            (None, true) => warn!(%id, recipients, "failed, and nobody can be told: kept as bad mail"),
            (None, false) => warn!(%id, recipients, "failed, and nobody is to be told"),
        }
        let alert = if bad { (self.reports.alert)(news) } else { None };
        (report.into_iter().chain(alert).collect(), news.told())
    }
}

/// Bad mail is kept before anything says that the news is told.
async fn write(
    kept: Option<BoxFuture<'static, Result<(), BadMailError>>>,
    drafts: Vec<Draft>,
    facts: Vec<Fact>,
    door: Door,
) -> Ended {
    if let Some(kept) = kept {
        if let Err(why) = kept.await {
            return Ended::NotKept(why);
        }
    }
    let mut entry = Entry::facts(facts);
    for draft in drafts {
        match door.screen(draft, &mut SessionGuests::default(), None).await {
            Ok(screened) => entry.new.extend(screened.entry.into_iter().flat_map(|entry| entry.new)),
            Err(reply) if reply.is_permanent() => warn!(%reply, "a sink has refused a report: nobody is told"),
            Err(reply) => return Ended::Refused(reply),
        }
    }
    match door.commit(entry, Durability::Synced).await {
        Ok(_) => Ended::Written,
        Err(Refused::Failed(_)) => Ended::Gone,
        Err(_) => Ended::NoSpace,
    }
}

impl Actor for Reporter {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        ctx.set_mailbox_capacity(0); // bounded by the mails that are out
    }
}

impl Handler<Tell> for Reporter {
    type Result = ();

    fn handle(&mut self, Tell(news): Tell, ctx: &mut Context<Self>) {
        self.waiting.push_back(news);
        self.report_some(ctx);
    }
}

/// transport -> reporter, told: from now on senders are told like this.
#[derive(Message)]
#[rtype(result = "()")]
pub struct TellLike(pub Reports);

impl Handler<TellLike> for Reporter {
    type Result = ();

    fn handle(&mut self, TellLike(reports): TellLike, _: &mut Context<Self>) {
        self.reports = reports;
    }
}

impl Handler<Drain> for Reporter {
    type Result = ();

    fn handle(&mut self, Drain(answer): Drain, _: &mut Context<Self>) {
        if self.under_way > 0 {
            self.draining.push(answer);
        }
    }
}
