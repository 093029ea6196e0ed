//! Mail that programs send: once under a key, not before its ticket is redeemed, and its sender knows what becomes of it.

use std::{rc::Rc, time::Duration};

use actix::{Actor, Addr};
use postrider::{
    rules::{DeliveryStatus, KeyHash, TicketState},
    QueueId,
};
use postrider_actors::{
    clerk::{Clerk, Desk, Lives, NotPosted, Post, Posted, Terms},
    intake::StageFrom,
    messages::{AskStatus, MailOf, Redeem},
};
use tokio::sync::oneshot;

use crate::world::{draft, pass, run, Act, Habits, World, BUSY, DAY, MINUTE, SECOND, UNKNOWN};

mod keys;
mod line;
mod statuses;
mod tickets;

/// A program in this world.
struct Program {
    clerk: Addr<Clerk>,
    world: Rc<World>,
}

/// For a key a week, for a ticket a month, for others a day.
const LIVES: Lives =
    Lives { key: Duration::from_secs(7 * 86_400), ticket: Duration::from_secs(30 * 86_400), other: DAY };

impl Program {
    fn new(world: World) -> Program {
        let desk = Desk {
            door: world.door.clone(),
            keys: world.core.spooler.clone().recipient(),
            staging: postrider::rules::Spool::staging(&postrider::sinks::Memory::new()),
            stage_from: StageFrom { always: 1 << 20, when_tight: 1 << 20 },
            lives: LIVES,
            clock: world.clock,
        };
        Program { clerk: Clerk::new(desk).start(), world: Rc::new(world) }
    }

    fn begin(&self, to: &[&str], terms: Terms) -> oneshot::Receiver<Result<Posted, NotPosted>> {
        let (answer, answered) = oneshot::channel();
        let draft = draft(self.world.clock.now(), Some("me@home.example"), to);
        self.clerk.do_send(Post { draft, terms, answer });
        answered
    }

    async fn send(&self, to: &[&str], terms: Terms) -> Result<Posted, NotPosted> {
        self.begin(to, terms).await.unwrap()
    }

    async fn under(&self, key: &str, to: &str) -> Posted {
        let terms = Terms { key: Some(KeyHash::of(key)), ..Terms::default() };
        self.send(&[to], terms).await.unwrap()
    }

    async fn prepare(&self, to: &str) -> QueueId {
        self.send(&[to], Terms { prepared: true, ..Terms::default() }).await.unwrap().id
    }

    async fn redeem(&self, id: QueueId) -> Option<TicketState> {
        let (answer, answered) = oneshot::channel();
        self.world.core.spooler.do_send(Redeem(id, answer));
        answered.await.unwrap()
    }

    async fn status(&self, id: QueueId) -> Option<MailOf> {
        let (answer, answered) = oneshot::channel();
        self.world.core.spooler.do_send(AskStatus { id, watch: false, answer });
        answered.await.unwrap().ok()
    }

    async fn watch(&self, id: QueueId) -> Option<MailOf> {
        let (answer, answered) = oneshot::channel();
        self.world.core.spooler.do_send(AskStatus { id, watch: true, answer });
        answered.await.unwrap().ok()
    }

    /// How each recipient stands, in their order.
    async fn statuses(&self, id: QueueId) -> Option<Vec<DeliveryStatus>> {
        Some(self.status(id).await?.recipients.into_iter().map(|(.., status)| status).collect())
    }
}
