//! A slip lent out for one attempt: whatever becomes of the borrower, it is known how it ended.

use std::sync::Arc;

use crate::{plug::BoxFuture, Fact, Failed, Outcome, Outcomes, Part, Parted, Slip};

/// What the spool is told, not asked: facts, and failures to report once they are on disk.
#[derive(Default)]
pub struct Told {
    /// To be written down.
    pub facts: Vec<Fact>,
    /// To be reported when they are.
    pub failed: Option<Failed>,
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
    let Parted { hold, failed, again, .. } = parted;
    if !facts.is_empty() {
        spool.tell(Told { facts, failed });
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
    pub async fn at_final_dot(mut self, host: &str) -> Result<InDoubt, SpoolGone> {
        if let Some(loan) = &self.0 {
            let recipients = loan.slip.recipients.clone();
            let fact = Fact::Attempting { mail: loan.slip.id(), recipients, host: host.into() };
            loan.spool.attempting(fact).await?;
        }
        Ok(InDoubt(self.0.take()))
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
/// Dropped without an answer, all its recipients come home as [`Outcome::PerhapsDelivered`].
#[must_use = "dropped without an answer, the mail was perhaps delivered"]
pub struct InDoubt(Option<Loan>);

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
        self.0.as_ref().map(|loan| &loan.slip)
    }

    /// The peer answered. Who is not spoken of stays in doubt.
    pub fn answered(mut self, outcomes: Outcomes) {
        self.end(outcomes);
    }

    fn end(&mut self, mut outcomes: Outcomes) {
        if let Some(loan) = self.0.take() {
            for no in &loan.slip.recipients {
                outcomes.entry(*no).or_insert(Outcome::PerhapsDelivered(None));
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
