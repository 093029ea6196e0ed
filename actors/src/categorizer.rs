//! Finds the next hop of each recipient and splits the mail into slips.
//!
//! Each mail is handled under a guard of its own: a panic is charged to the mail in hand and no other. Its stage changes
//! nothing yet, so it ends without an entry; expansion and events have their place between `Accepted` and `split`.

use std::{panic::AssertUnwindSafe, sync::Arc};

use actix::prelude::*;
use postrider_engine::{Fact, Hop, Offered, Recipient as Addressee, Told};
use tracing::error;

use crate::messages::{Accepted, Enqueue, Record};

/// The rule that names a recipient's next hop.
pub type Router = Arc<dyn Fn(&Addressee) -> Hop + Send + Sync>;

/// Leads committed mail to the exchange.
pub struct Categorizer {
    router: Router,
    exchange: Recipient<Enqueue>,
    record: Recipient<Record>,
}

impl Categorizer {
    /// A categorizer that asks this rule.
    pub fn new(router: Router, exchange: Recipient<Enqueue>, record: Recipient<Record>) -> Self {
        Categorizer { router, exchange, record }
    }
}

impl Actor for Categorizer {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        ctx.set_mailbox_capacity(0); // bounded by the mails that are out
    }
}

impl Handler<Accepted> for Categorizer {
    type Result = ();

    fn handle(&mut self, Accepted(mail): Accepted, _: &mut Context<Self>) {
        let hold = mail.hold().clone(); // until a panic is on record
        let (router, exchange) = (&self.router, &self.exchange);
        let sort = AssertUnwindSafe(|| {
            let mail = match mail {
                Offered::Committed(mail) => mail.unchanged(),
                Offered::Advanced(mail) => mail,
            };
            mail.split(|recipient| router(recipient)).into_iter().for_each(|slip| exchange.do_send(Enqueue(slip)));
        });
        if std::panic::catch_unwind(sort).is_err() {
            error!(id = %hold.id(), "the categorizer panicked over this mail");
            self.record.do_send(Record(Told { facts: vec![Fact::Fault { mail: hold.id() }], failed: None }));
        }
    }
}
