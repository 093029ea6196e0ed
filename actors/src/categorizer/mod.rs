//! Puts those who stand for a name in its place, finds the way of each recipient, and splits the mail into slips, one for
//! each next hop.
//!
//! Each mail is handled under a guard of its own: a panic is charged to the mail in hand and no other. What sinks and
//! aliases make of a mail is on disk before it goes on, as one entry (`stage`); a mail that has neither needs none. Mail
//! comes out of the stage in the order in which it went in (`order`). Mail whose way has to be asked for waits here, and
//! what can be led on at once passes it by. The sinks of `route` see the ways before the mail is split.

mod order;
mod routing;
mod stage;

use std::{
    collections::{HashMap, VecDeque},
    panic::AssertUnwindSafe,
    sync::Arc,
    time::Duration,
};

use actix::prelude::*;
use futures_util::{FutureExt, StreamExt};
use order::Order;
use postrider_engine::{
    events::Kind, Advanced, Aliases, Committed, Fact, Mail, Offered, QueueId, Route, Told, Way, Wayfinder,
};
use stage::Out;
use tracing::{error, info_span, Instrument};

use crate::{
    chain::Events,
    clock::Clock,
    messages::{Accepted, Commit, Enqueue, Record, Rested, Tell},
};

/// Mails that are in their stage at the same time; the others wait for their turn.
const MAILS_INSIDE: usize = 256;
/// Who is longer in its stage loses its place in the order.
const KEEPS_ITS_PLACE: Duration = Duration::from_millis(250);
/// The events of the stage.
const STAGE: [Kind; 3] = [Kind::PreCategorize, Kind::Categorize, Kind::PostCategorize];

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
    /// What time it is.
    pub clock: Clock,
    /// Keeps mail that a sink puts off.
    pub rested: Recipient<Rested>,
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
    events: Events,
    /// Bounded by the mails that are out.
    before: VecDeque<Mail<Committed>>,
    inside: usize,
    order: Order<Box<Mail<Advanced>>>,
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
    /// A categorizer that looks names up here and asks this finder, and has these sinks.
    pub fn new(aliases: Arc<Aliases>, finder: Arc<dyn Wayfinder>, events: Events, ahead: Ahead) -> Self {
        let (before, waiting, order) = (VecDeque::new(), VecDeque::new(), Order::default());
        Categorizer { aliases, finder, ahead, events, before, inside: 0, order, edition: 0, asking: 0, waiting }
    }

    /// Charges a panic to this mail.
    fn guarded<T>(&self, id: QueueId, work: impl FnOnce() -> T) -> Option<T> {
        std::panic::catch_unwind(AssertUnwindSafe(work)).map_err(|_| self.charge(id)).ok()
    }

    fn charge(&self, id: QueueId) {
        error!(%id, "the categorizer panicked over this mail");
        self.note_fault(id);
    }

    fn note_fault(&self, id: QueueId) {
        self.ahead.record.do_send(Record(Told { facts: vec![Fact::Fault { mail: id }], news: None }));
    }

    /// The stage of a mail that has just come in. One that has expired has none: its queue gives it up. One that needs no stage is led on at once, if nobody is before it.
    fn run_stage(&mut self, mail: Mail<Committed>, ctx: &mut Context<Self>) {
        if mail.draft().envelope.is_expired(self.ahead.clock.now()) {
            return self.lead_on(mail.unchanged(), ctx);
        }
        if self.order.is_empty() && !self.needs_stage(&mail) {
            return self.lead_on(mail.unchanged(), ctx);
        }
        self.before.push_back(mail);
        self.begin_some(ctx);
    }

    fn needs_stage(&self, mail: &Mail<Committed>) -> bool {
        let chains = self.events.now();
        STAGE.into_iter().any(|kind| chains.of(kind).is_some()) || self.aliases.concern(mail.draft())
    }

    fn begin_some(&mut self, ctx: &mut Context<Self>) {
        while self.inside < MAILS_INSIDE {
            let Some(mail) = self.before.pop_front() else { return };
            let place = self.order.enter();
            self.inside += 1;
            let (events, aliases, spool) = (self.events.clone(), Arc::clone(&self.aliases), self.ahead.spool.clone());
            let span = info_span!("stage", id = %mail.id());
            let out = stage::run(mail, stage::Way { clock: self.ahead.clock, events, aliases, spool });
            let out = out.instrument(span).into_actor(self);
            let patience = ctx.run_later(KEEPS_ITS_PLACE, move |this, ctx| {
                let free = this.order.overtake(place);
                free.into_iter().for_each(|mail| this.lead_on(*mail, ctx));
            });
            ctx.spawn(out.map(move |out, this, ctx| {
                ctx.cancel_future(patience);
                this.inside -= 1;
                this.came_out(place, out, ctx);
                this.begin_some(ctx);
            }));
        }
    }

    fn came_out(&mut self, place: u64, out: Out, ctx: &mut Context<Self>) {
        let (mail, news) = match out {
            Out::On(mail, news) => (mail, news),
            Out::PutOff(rest) => {
                self.ahead.rested.do_send(Rested(rest));
                (None, None)
            }
            Out::Charged(mail) => {
                self.note_fault(mail.id());
                (None, None)
            }
            Out::Again => (None, None),
        };
        if let Some(news) = news {
            self.ahead.news.do_send(Tell(news));
        }
        let free = self.order.out(place, mail);
        free.into_iter().for_each(|mail| self.lead_on(*mail, ctx));
    }

    /// The stage of the mail is over.
    fn lead_on(&mut self, mail: Mail<Advanced>, ctx: &mut Context<Self>) {
        let Some(ways) = self.guarded(mail.id(), || self.ways(&mail)) else { return };
        if ways.ways.iter().any(|way| matches!(way, Way::Ask(_))) {
            self.waiting.push_back((mail, ways));
            self.ask_some(ctx);
        } else {
            self.pass_on(mail, ways, &Answers::new(), ctx);
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
                    Ok(answers) => this.pass_on(mail, ways, &answers, ctx),
                    Err(_) => this.charge(mail.id()),
                }
                this.ask_some(ctx);
            }));
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
