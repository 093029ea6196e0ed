//! Finds the way of each recipient and splits the mail into slips, one for each next hop.
//!
//! Each mail is handled under a guard of its own: a panic is charged to the mail in hand and no other. Mail whose way has
//! to be asked for waits here, and what can be led on at once passes it by. The stage changes nothing yet, so it ends
//! without an entry; expansion and events have their place between `Accepted` and `pass_on`.

use std::{
    collections::{HashMap, VecDeque},
    panic::AssertUnwindSafe,
    sync::Arc,
};

use actix::prelude::*;
use futures_util::{FutureExt, StreamExt};
use postrider_engine::{Advanced, Fact, Hop, Mail, Next, Offered, QueueId, Route, Told, Way, Wayfinder};
use tracing::error;

use crate::messages::{Accepted, Enqueue, Record};

/// Mails whose ways are asked for at the same time; the others wait for their turn.
const MAILS_ASKING: usize = 64;
/// Questions of one mail that are asked at the same time.
const QUESTIONS_AT_ONCE: usize = 16;

/// Leads committed mail to the exchange.
pub struct Categorizer {
    finder: Arc<dyn Wayfinder>,
    exchange: Recipient<Enqueue>,
    record: Recipient<Record>,
    asking: usize,
    /// Bounded by the mails that are out.
    waiting: VecDeque<(Mail<Advanced>, Vec<Way>)>,
}

/// What was found out for one mail.
type Answers = HashMap<Arc<str>, Arc<Route>>;

impl Categorizer {
    /// A categorizer that asks this finder.
    pub fn new(finder: Arc<dyn Wayfinder>, exchange: Recipient<Enqueue>, record: Recipient<Record>) -> Self {
        Categorizer { finder, exchange, record, asking: 0, waiting: VecDeque::new() }
    }

    /// Charges a panic to this mail.
    fn guarded<T>(&self, id: QueueId, work: impl FnOnce() -> T) -> Option<T> {
        std::panic::catch_unwind(AssertUnwindSafe(work)).map_err(|_| self.charge(id)).ok()
    }

    fn charge(&self, id: QueueId) {
        error!(%id, "the categorizer panicked over this mail");
        self.record.do_send(Record(Told { facts: vec![Fact::Fault { mail: id }], news: None }));
    }

    /// What is known at once of each recipient's way, in their order.
    fn ways(&self, mail: &Mail<Advanced>) -> Vec<Way> {
        mail.draft().envelope.recipients.iter().map(|(_, recipient)| self.finder.way(recipient)).collect()
    }

    fn ask_some(&mut self, ctx: &mut Context<Self>) {
        while self.asking < MAILS_ASKING {
            let Some((mail, ways)) = self.waiting.pop_front() else { return };
            self.asking += 1;
            let (questions, finder) = (questions(&ways), Arc::clone(&self.finder));
            let answers = async move {
                let asked = questions.into_iter().map(|question| {
                    let answer = finder.ask(Arc::clone(&question));
                    answer.map(move |route| (question, route))
                });
                futures_util::stream::iter(asked).buffer_unordered(QUESTIONS_AT_ONCE).collect::<Answers>().await
            };
            let answers = AssertUnwindSafe(answers).catch_unwind().into_actor(self);
            ctx.spawn(answers.map(move |answers, this, ctx| {
                this.asking -= 1;
                match answers {
                    Ok(answers) => this.pass_on(mail, ways, &answers),
                    Err(_) => this.charge(mail.id()),
                }
                this.ask_some(ctx);
            }));
        }
    }

    /// All ways are known: the mail becomes slips.
    fn pass_on(&self, mail: Mail<Advanced>, ways: Vec<Way>, answers: &Answers) {
        let hold = mail.hold().clone(); // until a panic is on record
        let mut found = HashMap::<Hop, Arc<Route>>::new();
        let mut ways = ways.into_iter(); // in the order of the recipients, as they are split
        let slips = self.guarded(hold.id(), || {
            mail.split(|_| {
                let way = match ways.next() {
                    Some(Way::Known(route)) => Some(route),
                    Some(Way::Ask(question)) => answers.get(&question).cloned(),
                    None => None,
                };
                let way = way.unwrap_or_else(|| Arc::new(Route::new(Next::Keep)));
                let hop = way.hop.clone();
                found.entry(hop.clone()).or_insert(way);
                hop
            })
        });
        for slip in slips.into_iter().flatten() {
            if let Some(way) = found.get(&slip.hop) {
                self.exchange.do_send(Enqueue { slip, way: Arc::clone(way) });
            }
        }
    }
}

/// What has to be asked before all ways are known; each question once.
fn questions(ways: &[Way]) -> Vec<Arc<str>> {
    let mut questions = Vec::new();
    for way in ways {
        match way {
            Way::Ask(question) if !questions.contains(question) => questions.push(Arc::clone(question)),
            _ => {}
        }
    }
    questions
}

impl Actor for Categorizer {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        ctx.set_mailbox_capacity(0); // bounded by the mails that are out
    }
}

impl Handler<Accepted> for Categorizer {
    type Result = ();

    fn handle(&mut self, Accepted(mail): Accepted, ctx: &mut Context<Self>) {
        let mail = match mail {
            Offered::Committed(mail) => mail.unchanged(),
            Offered::Advanced(mail) => mail,
        };
        let Some(ways) = self.guarded(mail.id(), || self.ways(&mail)) else { return };
        if ways.iter().any(|way| matches!(way, Way::Ask(_))) {
            self.waiting.push_back((mail, ways));
            self.ask_some(ctx);
        } else {
            self.pass_on(mail, ways, &Answers::new());
        }
    }
}
