//! Puts those who stand for a name in its place, finds the way of each recipient, and splits the mail into slips, one for
//! each next hop.
//!
//! Each mail is handled under a guard of its own: a panic is charged to the mail in hand and no other. What aliases make
//! of a mail is on disk before it goes on, as one entry; a mail without any needs none. Mail whose way has to be asked for
//! waits here, and what can be led on at once passes it by. Events have their place before `lead_on`.

use std::{
    collections::{HashMap, VecDeque},
    panic::AssertUnwindSafe,
    sync::Arc,
};

use actix::prelude::*;
use futures_util::{FutureExt, StreamExt};
use postrider_engine::{
    Advanced, Aliases, Committed, Expansion, Fact, Hop, Mail, Next, Offered, QueueId, Receipt, Route, Told, Way,
    Wayfinder,
};
use tokio::sync::oneshot;
use tracing::{error, info, warn};

use crate::messages::{Accepted, Commit, Enqueue, Record, Refused, Tell};

/// Mails whose ways are asked for at the same time; the others wait for their turn.
const MAILS_ASKING: usize = 64;
/// Questions of one mail that are asked at the same time.
const QUESTIONS_AT_ONCE: usize = 16;

/// Whom the categorizer speaks to.
#[derive(Clone)]
pub struct Ahead {
    /// Writes down what aliases made of a mail.
    pub spool: Recipient<Commit>,
    /// Notes faults.
    pub record: Recipient<Record>,
    /// Gets the slips.
    pub exchange: Recipient<Enqueue>,
    /// Tells senders who has failed by an alias, or was a list.
    pub news: Recipient<Tell>,
}

/// Leads committed mail to the exchange.
pub struct Categorizer {
    aliases: Arc<Aliases>,
    finder: Arc<dyn Wayfinder>,
    ahead: Ahead,
    /// How often the finder was replaced.
    edition: u32,
    asking: usize,
    /// Bounded by the mails that are out.
    waiting: VecDeque<(Mail<Advanced>, Ways)>,
}

/// What is known at once of the ways of a mail's recipients, in their order, by which edition of the routes.
struct Ways {
    ways: Vec<Way>,
    edition: u32,
}

/// transport -> categorizer, told: from now on ways are found like this, and names stand for others like this.
#[derive(Message)]
#[rtype(result = "()")]
pub struct FindAnew {
    /// Who stands in whose place.
    pub aliases: Arc<Aliases>,
    /// Finds ways.
    pub finder: Arc<dyn Wayfinder>,
    /// Ways that were found before are of a lower one.
    pub edition: u32,
}

/// What was found out for one mail.
type Answers = HashMap<Arc<str>, Arc<Route>>;

impl Categorizer {
    /// A categorizer that looks names up here and asks this finder.
    pub fn new(aliases: Arc<Aliases>, finder: Arc<dyn Wayfinder>, ahead: Ahead) -> Self {
        Categorizer { aliases, finder, ahead, edition: 0, asking: 0, waiting: VecDeque::new() }
    }

    /// Charges a panic to this mail.
    fn guarded<T>(&self, id: QueueId, work: impl FnOnce() -> T) -> Option<T> {
        std::panic::catch_unwind(AssertUnwindSafe(work)).map_err(|_| self.charge(id)).ok()
    }

    fn charge(&self, id: QueueId) {
        error!(%id, "the categorizer panicked over this mail");
        self.ahead.record.do_send(Record(Told { facts: vec![Fact::Fault { mail: id }], news: None }));
    }

    /// The stage of a mail that has just come in.
    fn run_stage(&mut self, mail: Mail<Committed>, ctx: &mut Context<Self>) {
        match self.guarded(mail.id(), || self.aliases.expand(mail.draft())) {
            Some(Some(expansion)) => self.expand(mail, expansion, ctx),
            Some(None) => self.lead_on(mail.unchanged(), ctx),
            None => {}
        }
    }

    /// Writes down what aliases made of the mail; it goes on when that is on disk.
    fn expand(&mut self, mail: Mail<Committed>, expansion: Expansion, ctx: &mut Context<Self>) {
        let (id, recipients) = (mail.id(), expansion.len());
        let (answer, written) = oneshot::channel();
        self.ahead.spool.do_send(Commit { entry: expansion.entry(id, mail.draft()), answer });
        ctx.spawn(written.into_actor(self).map(move |written, this, ctx| match written {
            Ok(Ok(receipt)) => {
                let lists: Vec<String> = receipt.ids().iter().map(ToString::to_string).collect();
                info!(%id, recipients, lists = lists.join(","), "expanded");
                this.advance(mail, receipt, ctx);
            }
            Ok(Err(Refused::NoSpace(_))) => warn!(%id, "no space for what its aliases stand for; it comes again"),
            _ => {} // the spool has failed: the mail is on disk as it came in
        }));
    }

    fn advance(&mut self, mail: Mail<Committed>, receipt: Receipt, ctx: &mut Context<Self>) {
        let Some((mail, news)) = mail.advanced(receipt) else { return };
        if let Some(news) = news {
            self.ahead.news.do_send(Tell(news));
        }
        self.lead_on(mail, ctx);
    }

    /// The stage of the mail is over.
    fn lead_on(&mut self, mail: Mail<Advanced>, ctx: &mut Context<Self>) {
        let Some(ways) = self.guarded(mail.id(), || self.ways(&mail)) else { return };
        if ways.ways.iter().any(|way| matches!(way, Way::Ask(_))) {
            self.waiting.push_back((mail, ways));
            self.ask_some(ctx);
        } else {
            self.pass_on(mail, ways, &Answers::new());
        }
    }

    /// What is known at once of each recipient's way, in their order.
    fn ways(&self, mail: &Mail<Advanced>) -> Ways {
        let ways = mail.draft().envelope.recipients.iter().map(|(_, recipient)| self.finder.way(recipient));
        Ways { ways: ways.collect(), edition: self.edition }
    }

    fn ask_some(&mut self, ctx: &mut Context<Self>) {
        while self.asking < MAILS_ASKING {
            let Some((mail, ways)) = self.waiting.pop_front() else { return };
            self.asking += 1;
            let (questions, finder) = (questions(&ways.ways), Arc::clone(&self.finder));
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
    fn pass_on(&self, mail: Mail<Advanced>, Ways { ways, edition }: Ways, answers: &Answers) {
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
                self.ahead.exchange.do_send(Enqueue { slip, way: Arc::clone(way), edition });
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
        match mail {
            Offered::Committed(mail) => self.run_stage(mail, ctx),
            Offered::Advanced(mail) => self.lead_on(mail, ctx),
        }
    }
}

impl Handler<FindAnew> for Categorizer {
    type Result = ();

    /// Mail whose ways are being asked for goes on by what is found, and comes back if that is outdated by then.
    fn handle(&mut self, FindAnew { aliases, finder, edition }: FindAnew, _: &mut Context<Self>) {
        (self.aliases, self.finder, self.edition) = (aliases, finder, edition);
    }
}
