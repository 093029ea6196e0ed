//! Tells senders what failed. The report and the fact that it was made are one entry: a crash leaves both or none, so
//! each failure is reported once.

use actix::prelude::*;
use postrider_engine::{Draft, Entry, Failed, Mail};
use tokio::sync::oneshot;
use tracing::{info, warn};

use crate::messages::{Commit, Drain, Undeliverable};

/// Writes the report; `None` if nobody is to be told.
pub type WriteReport = Box<dyn Fn(&Failed) -> Option<Draft> + Send>;

/// Writes reports, and sends them by the same door as any mail.
pub struct Reporter {
    spool: Recipient<Commit>,
    write: WriteReport,
    under_way: usize,
    draining: Vec<oneshot::Sender<()>>,
}

impl Reporter {
    /// A reporter that writes like this.
    pub fn new(spool: Recipient<Commit>, write: WriteReport) -> Self {
        Reporter { spool, write, under_way: 0, draining: Vec::new() }
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
        let (answer, answered) = oneshot::channel();
        self.spool.do_send(Commit { entry: self.entry(&failed), answer });
        self.under_way += 1;
        let written = async move {
            let _ = answered.await; // if it fails, the hold ends and the failure comes again
            drop(failed);
        };
        ctx.spawn(written.into_actor(self).map(|(), this, _| {
            this.under_way -= 1;
            if this.under_way == 0 {
                this.draining.clear(); // dropping the answers tells
            }
        }));
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
