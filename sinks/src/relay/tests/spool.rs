//! A spool that only remembers, and lends slips.

use std::sync::{
    mpsc::{channel, Receiver, Sender},
    Arc,
};

use postrider_engine::{
    BoxFuture, Custodian, Diagnosis, Draft, Entry, Fact, Hold, Hop, Lease, Outcome, Outcomes, QueueId, Receipt, Slip,
    SpoolGone, Told,
};

use super::Played;

/// What the spool is told.
enum Line {
    Outcome(String),
    Attempt(String),
}

/// Lends mails and remembers what came of them.
pub(crate) struct Spool {
    way_home: Teller,
    told: Receiver<Line>,
}

#[derive(Clone)]
struct Teller {
    tell: Sender<Line>,
    /// The spool does not answer.
    gone: bool,
}

impl Default for Spool {
    fn default() -> Self {
        let (tell, told) = channel();
        Spool { way_home: Teller { tell, gone: false }, told }
    }
}

impl Spool {
    /// One that does not answer.
    pub fn gone() -> Self {
        let mut spool = Spool::default();
        spool.way_home.gone = true;
        spool
    }

    /// A lease of the whole mail.
    pub fn lend(&self, draft: Draft) -> Lease {
        let mut receipt = Receipt::after_write(vec![QueueId(1)], Entry::mail(draft));
        let mail = receipt.commit(|id, _| Some(Hold::new(id, Arc::new(|_| {})))).remove(0);
        let slip = mail.unchanged().split(|_| Hop::new("hop")).remove(0);
        Lease::new(slip, Arc::new(self.way_home.clone()), Box::new(|_| {}))
    }

    /// Adds a line of the test's own.
    pub fn note(&self, line: String) {
        self.way_home.tell.send(Line::Outcome(line)).unwrap();
    }

    /// What it was told since it was asked last.
    pub fn played(&self) -> Played {
        let mut played = Played::default();
        for line in self.told.try_iter() {
            match line {
                Line::Outcome(line) => played.outcomes.push(line),
                Line::Attempt(line) => played.attempts.push(line),
            }
        }
        played
    }
}

impl Custodian for Teller {
    fn tell(&self, _: Told) {}

    fn attempting(&self, fact: Fact) -> BoxFuture<'static, Result<(), SpoolGone>> {
        let Fact::Attempting { recipients, host, .. } = fact else { panic!("no attempt: {fact:?}") };
        let who: Vec<String> = recipients.iter().map(ToString::to_string).collect();
        self.tell.send(Line::Attempt(format!("{} to {host}", who.join(",")))).unwrap();
        let answer = if self.gone { Err(SpoolGone) } else { Ok(()) };
        Box::pin(async move { answer })
    }

    fn ended(&self, slip: &Slip, outcomes: &Outcomes) {
        for no in &slip.recipients {
            let came = outcomes.get(no).map_or("abandoned".to_owned(), words);
            self.tell.send(Line::Outcome(format!("{no} {came}"))).unwrap();
        }
    }
}

fn words(outcome: &Outcome) -> String {
    let told = |word: &str, why: &Diagnosis| {
        let by = if why.remote.is_some() { "" } else { "(ours) " };
        format!("{word} {:?}: {by}{}", why.scope, why.reply)
    };
    let taken = |word: &str, by: Option<&Diagnosis>| by.map_or(word.into(), |by| format!("{word}: {}", by.reply));
    match outcome {
        Outcome::Delivered(by) => taken("delivered", by.as_deref()),
        Outcome::Relayed { why, told: false } => taken("relayed", why.as_deref()),
        Outcome::Relayed { why, told: true } => taken("relayed and told", why.as_deref()),
        Outcome::Failed(why) => told("failed", why),
        Outcome::Deferred(why) => told("deferred", why),
        Outcome::PerhapsDelivered(Some(why)) => told("perhaps", why),
        Outcome::PerhapsDelivered(None) => "perhaps".into(),
        Outcome::Abandoned => "abandoned".into(),
    }
}
