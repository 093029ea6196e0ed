//! Tells senders what became of their mail. The report and the fact that it was made are one entry: a crash leaves both
//! or none, so each thing is told once. What failed and can be told to nobody is kept as bad mail before.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use actix::prelude::*;
use postrider_engine::{Bad, BadMail, BadMailError, BoxFuture, Draft, Entry, Mail, News};
use tokio::sync::oneshot;
use tracing::{info, warn};

use crate::{
    clock::Clock,
    messages::{Commit, Drain, Refused, Tell},
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
    spool: Recipient<Commit>,
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
    /// The spool has failed: the hold ends, and the news comes again at the next start.
    Gone,
}

impl Reporter {
    /// A reporter that tells like this.
    pub fn new(spool: Recipient<Commit>, reports: Reports) -> Self {
        Reporter {
            spool,
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
        let written = write(self.keep(&news), self.entry(&news), self.spool.clone());
        ctx.spawn(written.into_actor(self).map(|ended, this, ctx| {
            this.under_way -= 1;
            match ended {
                Ended::Written => (this.pause, this.bad_pause) = (FIRST_PAUSE, FIRST_PAUSE),
                Ended::NoSpace => {
                    this.waiting.push_front(news);
                    this.wait_for_space(ctx);
                }
                Ended::NotKept(why) => this.wait_to_keep(news, &why, ctx),
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

    /// What can be told to nobody is kept.
    fn keep(&self, news: &News) -> Option<BoxFuture<'static, Result<(), BadMailError>>> {
        let (bad, who) = (self.reports.bad.as_ref()?, news.unreportable());
        let (id, at) = (news.hold.id(), self.reports.clock.now());
        (!who.is_empty()).then(|| bad.keep(Bad { id, draft: Arc::clone(&news.draft), who, at }))
    }

    fn entry(&self, news: &News) -> Entry {
        let id = news.hold.id();
        let (report, recipients) = ((self.reports.report)(news), news.who.len());
        let bad = self.reports.bad.is_some() && !news.unreportable().is_empty();
        match (&report, bad) {
            (Some(_), _) => info!(%id, recipients, "reporting to the sender"),
            (None, true) => warn!(%id, recipients, "failed, and nobody can be told: kept as bad mail"),
            (None, false) => warn!(%id, recipients, "failed, and nobody is to be told"),
        }
        let alert = if bad { (self.reports.alert)(news) } else { None };
        Entry { new: report.into_iter().chain(alert).map(Mail::received).collect(), facts: news.told() }
    }
}

/// Bad mail is kept before anything says that the news is told.
async fn write(
    kept: Option<BoxFuture<'static, Result<(), BadMailError>>>,
    entry: Entry,
    spool: Recipient<Commit>,
) -> Ended {
    if let Some(kept) = kept {
        if let Err(why) = kept.await {
            return Ended::NotKept(why);
        }
    }
    let (answer, answered) = oneshot::channel();
    spool.do_send(Commit { entry, answer });
    match answered.await {
        Ok(Ok(_)) => Ended::Written,
        Ok(Err(Refused::NoSpace(_))) => Ended::NoSpace,
        _ => Ended::Gone,
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
