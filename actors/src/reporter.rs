//! Tells senders what failed. The report and the fact that it was made are one entry: a crash leaves both or none, so
//! each failure is reported once.

use std::{collections::VecDeque, time::Duration};

use actix::prelude::*;
use postrider_engine::{Draft, Entry, Failed, Mail};
use tokio::sync::oneshot;
use tracing::{info, warn};

use crate::messages::{Commit, Drain, Refused, Undeliverable};

/// Writes the report; `None` if nobody is to be told.
pub type WriteReport = Box<dyn Fn(&Failed) -> Option<Draft> + Send>;

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
    write: WriteReport,
    under_way: usize,
    /// There was no space for the last one.
    paused: bool,
    /// How long the next pause is.
    pause: Duration,
    /// Bounded by the mails that are out.
    waiting: VecDeque<Failed>,
    draining: Vec<oneshot::Sender<()>>,
}

impl Reporter {
    /// A reporter that writes like this.
    pub fn new(spool: Recipient<Commit>, write: WriteReport) -> Self {
        Reporter {
            spool,
            write,
            under_way: 0,
            paused: false,
            pause: FIRST_PAUSE,
            waiting: VecDeque::new(),
            draining: Vec::new(),
        }
    }

    fn report_some(&mut self, ctx: &mut Context<Self>) {
        while self.under_way < MOST_AT_ONCE && !self.paused {
            let Some(failed) = self.waiting.pop_front() else { return };
            self.report(failed, ctx);
        }
    }

    fn report(&mut self, failed: Failed, ctx: &mut Context<Self>) {
        let (answer, answered) = oneshot::channel();
        self.spool.do_send(Commit { entry: self.entry(&failed), answer });
        self.under_way += 1;
        ctx.spawn(answered.into_actor(self).map(|written, this, ctx| {
            this.under_way -= 1;
            match written {
                Ok(Ok(_)) => this.pause = FIRST_PAUSE,
                Ok(Err(Refused::NoSpace(_))) => {
                    this.waiting.push_front(failed);
                    this.wait_for_space(ctx);
                }
                _ => {} // the spool has failed: the hold ends, and the failure comes again at the next start
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

    fn entry(&self, failed: &Failed) -> Entry {
        let id = failed.hold.id();
        let report = (self.write)(failed);
        let recipients = failed.why.len();
        match &report {
            Some(_) => info!(%id, recipients, "reporting the failure to the sender"),
            None => warn!(%id, recipients, "failed, and nobody is to be told"),
        }
        Entry { new: report.map(Mail::received).into_iter().collect(), facts: vec![failed.reported()] }
    }
}

impl Actor for Reporter {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        ctx.set_mailbox_capacity(0); // bounded by the mails that are out
    }
}

impl Handler<Undeliverable> for Reporter {
    type Result = ();

    fn handle(&mut self, Undeliverable(failed): Undeliverable, ctx: &mut Context<Self>) {
        self.waiting.push_back(failed);
        self.report_some(ctx);
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
