//! A slip lent out for one attempt: whatever becomes of the borrower, it is known how it ended.

use std::sync::Arc;

use crate::{plug::BoxFuture, Fact, News, Outcome, Outcomes, Part, Parted, Slip};

/// What the spool is told, not asked: facts, and news for the sender once they are on disk.
#[derive(Default)]
pub struct Told {
    /// To be written down.
    pub facts: Vec<Fact>,
    /// For the sender, when they are.
    pub news: Option<News>,
}

/// The spool went away; nothing may be sent that it does not know of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the spool does not answer")]
pub struct SpoolGone;

/// The way to the spool, for whoever has a lease. `tell` runs in a `Drop`: it may do nothing but tell.
pub trait Custodian: Send + Sync {
    /// Write this down with the next batch.
    fn tell(&self, told: Told);

    /// Write this down now; resolves when it is as durable as the settings ask of an attempt.
    fn attempting(&self, fact: Fact) -> BoxFuture<'static, Result<(), SpoolGone>>;

    /// An attempt has ended like this; for the log. It runs in a `Drop` as well.
    fn ended(&self, _slip: &Slip, _outcomes: &Outcomes) {}
}

/// The way home. Only what must be tried again goes there, perhaps nothing. It runs in a `Drop`.
pub type Home = Box<dyn FnOnce(Option<Part>) + Send>;

struct Loan {
    slip: Slip,
    spool: Arc<dyn Custodian>,
    home: Home,
}

impl Loan {
    /// What is final goes straight to the spool, so a dead queue loses no result.
    fn end(self, outcomes: Outcomes) {
        self.spool.ended(&self.slip, &outcomes);
        let parted = self.slip.part(outcomes);
        (self.home)(tell_final(parted, self.spool.as_ref()));
    }
}

/// Tells the spool what is final and returns what is not.
pub fn tell_final(parted: Parted, spool: &dyn Custodian) -> Option<Part> {
    let facts = parted.facts();
    let Parted { hold, news, again, .. } = parted;
    if !facts.is_empty() {
        spool.tell(Told { facts, news });
    }
    drop(hold); // not before the facts are told
    again
}

/// A slip lent out for one delivery attempt, before anything can have been delivered.
///
/// It ends by [`Lease::settle`] or goes on as [`InDoubt`]. Dropped in any other way (panic, timeout, a mailbox that
/// closed) all its recipients come home as [`Outcome::Abandoned`].
#[must_use = "a lease that is dropped counts as an abandoned attempt"]
pub struct Lease(Option<Loan>);

impl Lease {
    /// Lends the slip. For queues only.
    pub fn new(slip: Slip, spool: Arc<dyn Custodian>, home: Home) -> Self {
        Lease(Some(Loan { slip, spool, home }))
    }

    /// What was lent; `None` never happens while the lease is in somebody's hand.
    pub fn slip(&self) -> Option<&Slip> {
        self.0.as_ref().map(|loan| &loan.slip)
    }

    /// The attempt is over, and this is what it came to. Who is not spoken of counts as abandoned.
    pub fn settle(mut self, outcomes: Outcomes) {
        if let Some(loan) = self.0.take() {
            loan.end(outcomes);
        }
    }

    /// From here on they may have it: waits until the spool has written that down.
    ///
    /// # Errors
    /// [`SpoolGone`]: nothing may be sent; the lease has ended as abandoned.
    pub async fn at_final_dot(self, host: impl Into<Arc<str>>) -> Result<InDoubt, SpoolGone> {
        self.at_final_dot_of_the_rest(host, Outcomes::new()).await
    }

    /// As [`Lease::at_final_dot`], for those who have no outcome yet: the host refused the others before the content,
    /// they are in no doubt, and what they came to holds whatever becomes of the rest.
    ///
    /// # Errors
    /// [`SpoolGone`]: nothing may be sent; the lease has ended as abandoned.
    pub async fn at_final_dot_of_the_rest(
        mut self,
        host: impl Into<Arc<str>>,
        known: Outcomes,
    ) -> Result<InDoubt, SpoolGone> {
        let writing = self.0.as_ref().map(|loan| {
            let numbers = loan.slip.recipients.iter();
            let recipients = numbers.filter(|no| !known.contains_key(no)).copied().collect();
            loan.spool.attempting(Fact::Attempting { mail: loan.slip.id(), recipients, host: host.into() })
        });
        if let Some(written) = writing {
            written.await?; // nothing of the loan is borrowed meanwhile, so the future may be sent
        }
        Ok(InDoubt { loan: self.0.take(), known })
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(loan) = self.0.take() {
            loan.end(Outcomes::new());
        }
    }
}

/// A lease whose final dot may have been sent. The dot comes from here only.
///
/// Dropped without an answer, all its recipients come home as [`Outcome::PerhapsDelivered`], but for those who were
/// refused before the content.
#[must_use = "dropped without an answer, the mail was perhaps delivered"]
pub struct InDoubt {
    loan: Option<Loan>,
    known: Outcomes,
}

impl InDoubt {
    /// What ends the content (RFC 5321, 4.1.1.4).
    pub fn final_dot(&self) -> &'static [u8] {
        b".\r\n"
    }

    /// The keyword that ends content sent by BDAT (RFC 3030).
    pub fn last(&self) -> &'static str {
        "LAST"
    }

    /// What was lent.
    pub fn slip(&self) -> Option<&Slip> {
        self.loan.as_ref().map(|loan| &loan.slip)
    }

    /// The peer answered. Who is not spoken of stays in doubt, unless it was refused before the content.
    pub fn answered(mut self, outcomes: Outcomes) {
        self.end(outcomes);
    }

    fn end(&mut self, mut outcomes: Outcomes) {
        if let Some(loan) = self.loan.take() {
            let mut known = std::mem::take(&mut self.known);
            for no in &loan.slip.recipients {
                let before = known.remove(no).unwrap_or(Outcome::PerhapsDelivered(None));
                outcomes.entry(*no).or_insert(before);
            }
            loan.end(outcomes);
        }
    }
}

impl Drop for InDoubt {
    fn drop(&mut self) {
        self.end(Outcomes::new());
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future::Future,
        sync::mpsc::{channel, Receiver, Sender},
    };

    use super::*;
    use crate::{
        Address, Content, Diagnosis, Draft, Entry, Envelope, Hold, Hop, Mail, QueueId, RcptNo, Receipt, Reply, Scope,
    };

    /// Remembers what it is told; the attempt is noted at once.
    struct Ledger(Sender<Fact>);

    impl Custodian for Ledger {
        fn tell(&self, told: Told) {
            told.facts.into_iter().for_each(|fact| drop(self.0.send(fact)));
        }

        fn attempting(&self, fact: Fact) -> BoxFuture<'static, Result<(), SpoolGone>> {
            let sent = self.0.send(fact).map_err(|_| SpoolGone);
            Box::pin(async move { sent })
        }
    }

    fn slip(recipients: usize) -> Slip {
        let mut envelope = Envelope::default();
        for no in 0..recipients {
            envelope.recipients.add(Address::parse(&format!("r{no}@example.org")).unwrap());
        }
        let entry = Entry::mail(Draft::new(envelope, Content::new("x")));
        let mut receipt = Receipt::after_write(vec![QueueId(1)], entry);
        let hold = |id, _: &Mail<crate::Received>| Some(Hold::new(id, Arc::new(|_| {})));
        let mail: Mail<_> = receipt.commit(hold).remove(0).unchanged();
        mail.split(|_| Hop::new("hop")).remove(0)
    }

    fn in_doubt(recipients: usize, known: Outcomes) -> (InDoubt, Receiver<Fact>, Receiver<Option<Part>>) {
        let ((tell, facts), (home, parts)) = (channel(), channel());
        let lease = Lease::new(slip(recipients), Arc::new(Ledger(tell)), Box::new(move |part| drop(home.send(part))));
        let mut going = Box::pin(lease.at_final_dot_of_the_rest("mx", known));
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        let std::task::Poll::Ready(Ok(doubt)) = going.as_mut().poll(&mut context) else { panic!("noted at once") };
        (doubt, facts, parts)
    }

    #[test]
    fn who_was_refused_before_the_content_is_in_no_doubt() {
        let why = Diagnosis::own(Scope::Recipient, Reply::new(450, 2, 0, "busy"));
        let known = Outcomes::from([(RcptNo(1), Outcome::Deferred(Arc::clone(&why)))]);
        let (doubt, facts, parts) = in_doubt(2, known);
        let Ok(Fact::Attempting { recipients, .. }) = facts.try_recv() else { panic!("the attempt is noted") };
        assert_eq!(recipients, [RcptNo(0)]);
        drop(doubt);
        let part = parts.try_recv().unwrap().unwrap();
        assert_eq!(part.outcomes[&RcptNo(0)], Outcome::PerhapsDelivered(None));
        assert_eq!(part.outcomes[&RcptNo(1)], Outcome::Deferred(why));
    }

    #[test]
    fn the_last_answer_counts_before_what_was_known() {
        let why = Diagnosis::own(Scope::Recipient, Reply::new(450, 2, 0, "busy"));
        let known = Outcomes::from([(RcptNo(1), Outcome::Deferred(why))]);
        let (doubt, _facts, parts) = in_doubt(2, known);
        doubt.answered([RcptNo(0), RcptNo(1)].map(|no| (no, Outcome::Delivered(None))).into());
        assert!(parts.try_recv().unwrap().is_none(), "nobody is left");
    }

    fn assert_send<T: Send>(_: &T) {}

    #[test]
    fn waiting_for_the_note_may_move_between_threads() {
        let (tell, _facts) = channel();
        let lease = Lease::new(slip(1), Arc::new(Ledger(tell)), Box::new(|_| {}));
        assert_send(&lease.at_final_dot("mx"));
    }
}
