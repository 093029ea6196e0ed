//! A carrier makes one attempt after the other for one hop. It is a value: the queue owns it while it is idle, its task
//! owns it while it is on the way, and nobody else ever has it.

use std::{panic::AssertUnwindSafe, time::Duration};

use actix::prelude::*;
use futures_util::FutureExt;
use postrider_engine::{After, Lease, QueueId, Target};
use tokio::time::{timeout, Instant};
use tracing::{error, info_span, Instrument};

/// Good-byes that take longer are cut short.
const CLOSING: Duration = Duration::from_secs(5);

/// A target at rest.
pub struct Carrier {
    target: Box<dyn Target>,
    idle_since: Instant,
}

/// carrier -> queue, told: the attempt is over. `None`: the target cannot be used again.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Back {
    /// The carrier, if it can serve again.
    pub carrier: Option<Carrier>,
    /// Its target panicked over this mail.
    pub fault: Option<QueueId>,
}

/// Tells the queue that its carrier is back, whatever happened.
struct BackAtLast {
    queue: Recipient<Back>,
    carrier: Option<Carrier>,
    fault: Option<QueueId>,
}

impl BackAtLast {
    fn with(&mut self, carrier: Carrier) {
        self.carrier = Some(carrier);
    }

    fn charge(&mut self, mail: Option<QueueId>) {
        self.fault = mail;
    }
}

impl Drop for BackAtLast {
    fn drop(&mut self) {
        let carrier = self.carrier.take();
        self.queue.do_send(Back { carrier, fault: self.fault });
    }
}

impl Carrier {
    /// A carrier of this target.
    pub fn new(target: Box<dyn Target>) -> Self {
        Carrier { target, idle_since: Instant::now() }
    }

    /// When it has stood idle for too long.
    pub fn expires_at(&self) -> Instant {
        self.idle_since + self.target.idle_limit()
    }

    /// Makes one attempt, in a task of its own.
    pub fn go(mut self, lease: Lease, queue: Recipient<Back>) {
        let mut back = BackAtLast { queue, carrier: None, fault: None };
        let mail = lease.slip().map(|slip| slip.id());
        let span = info_span!("delivery", id = mail.map(display));
        let attempt = async move {
            match AssertUnwindSafe(self.target.deliver(lease)).catch_unwind().await {
                Ok(After::Reusable) => {
                    self.idle_since = Instant::now();
                    back.with(self);
                }
                Ok(After::Spent) => {}
                Err(_) => {
                    error!("a target panicked; the fault is charged to the mail in hand");
                    back.charge(mail);
                }
            }
        };
        actix_rt::spawn(attempt.instrument(span));
    }

    /// Says good-bye, in a task of its own.
    pub fn close(mut self) {
        actix_rt::spawn(async move {
            let _ = timeout(CLOSING, self.target.close()).await;
        });
    }
}
