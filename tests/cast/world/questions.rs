//! What a test asks of its world, and orders it to do.

use postrider::rules::program::admin::{Portion, QueuedMail};
use postrider_actors::messages::AskQueue;

use super::*;

impl World {
    /// How many queues were opened, and how many of them live.
    pub fn opened(&self) -> (usize, usize) {
        QUEUES.with_borrow(|all| (all.len(), all.iter().filter(|queue| queue.connected()).count()))
    }

    pub fn counts(&self) -> Counts {
        self.counters.read()
    }

    /// Every delivery so far: to whom.
    pub fn delivered(&self) -> Vec<String> {
        self.script.borrow().seen.iter().flat_map(|seen| seen.delivered.clone()).collect()
    }

    pub fn attempts(&self, hop: &str) -> usize {
        self.script.borrow().seen.iter().filter(|seen| seen.hop == hop).count()
    }

    pub async fn held(&self) -> Vec<(QueueId, HeldWhy)> {
        let (answer, answered) = oneshot::channel();
        self.core.spooler.do_send(AskHeld(answer));
        answered.await.unwrap()
    }

    pub async fn audit(&self) -> Audit {
        let (answer, answered) = oneshot::channel();
        self.core.spooler.do_send(AskAudit(answer));
        answered.await.unwrap()
    }

    pub async fn flush(&self, what: Flush) -> usize {
        let (answer, answered) = oneshot::channel();
        self.core.spooler.do_send(FlushNow(what.normal(), answer));
        answered.await.unwrap()
    }

    pub async fn queue(&self, after: QueueId, most: usize) -> Portion<QueuedMail> {
        let (answer, answered) = oneshot::channel();
        self.core.spooler.do_send(AskQueue { after, most, answer });
        answered.await.unwrap()
    }

    /// As a client asks, by ETRN.
    pub async fn ask(&self, domain: &str) -> Flushed {
        let (answer, answered) = oneshot::channel();
        self.core.spooler.do_send(AskFlush(Flush::Domain(domain.into()), answer));
        answered.await.unwrap()
    }

    pub async fn release(&self, id: QueueId) -> bool {
        let (answer, answered) = oneshot::channel();
        self.core.spooler.do_send(Release(id, answer));
        answered.await.unwrap()
    }

    pub async fn drain(&self) {
        for who in [self.core.exchange.clone().recipient(), self.core.reporter.clone().recipient()] {
            let (answer, end) = oneshot::channel();
            let who: actix::Recipient<Drain> = who;
            who.do_send(Drain(answer));
            let _ = end.await;
        }
        let (answer, end) = oneshot::channel();
        self.core.spooler.do_send(Drain(answer));
        let _ = end.await;
    }
}
