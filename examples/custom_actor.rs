//! An actor of one's own as a sink: one place that knows how many recipients each sender has had, whatever door its mail
//! came by.
//!
//! Copy this file into a new crate that depends on `postrider` alone. An actor serves all mails one after the other, so
//! its state needs neither a lock nor a pool of one.

use std::collections::HashMap;

use postrider::{
    actix::prelude::*,
    events::{Fault, Submission, Verdict},
    rules::Reply,
    Ask, Binding, Engine, OnFault, Settings,
};

const ENOUGH: Reply = Reply::new(452, 5, 3, "Enough recipients for today");
/// Recipients for one sender.
const RECIPIENTS: usize = 10_000;
/// Senders that are remembered.
const SENDERS: usize = 100_000;

#[derive(Default)]
struct Quota {
    recipients: HashMap<String, usize>,
}

impl Actor for Quota {
    type Context = Context<Self>;
}

impl Handler<Ask<Submission>> for Quota {
    type Result = Result<Verdict<Submission>, Fault>;

    fn handle(&mut self, Ask(mail): Ask<Submission>, _: &mut Context<Self>) -> Self::Result {
        let Some(sender) = mail.envelope().sender.as_ref().map(ToString::to_string) else {
            return Ok(mail.next()); // reports have none
        };
        if self.recipients.len() >= SENDERS {
            self.recipients.clear();
        }
        let had = self.recipients.entry(sender).or_default();
        *had += mail.envelope().recipients.len();
        Ok(if *had > RECIPIENTS { mail.reject(ENOUGH) } else { mail.next() })
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let settings = Settings::load(None)?;
    System::new().block_on(async {
        let quota = Quota::default().start();
        let binding = Binding::actor("quota").asks::<Submission>(quota.recipient()).on_fault(OnFault::Bypass);
        let engine = Engine::builder(settings).bind(binding).start()?;
        println!("listening on {:?}", engine.addresses());
        println!("{:?}", engine.ended().await);
        Ok(())
    })
}
