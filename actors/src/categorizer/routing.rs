//! The end of the categorizer's work on a mail: all ways are known, sinks may change them, and the mail becomes slips.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use actix::prelude::*;
use postrider_engine::{
    events::{self, Kind, Routing},
    Advanced, Hop, Mail, Next, RcptNo, Rest, Route, Way,
};

use super::{stage::PAUSE, Answers, Categorizer, Ways};
use crate::{
    chain::{Ended, SessionGuests},
    messages::{Enqueue, Rested},
};

/// The way of each recipient.
type Found = BTreeMap<RcptNo, Arc<Route>>;

impl Categorizer {
    /// All ways are known: the sinks of `route` see them, and the mail becomes slips.
    pub(super) fn pass_on(
        &self,
        mail: Mail<Advanced>,
        Ways { ways, edition }: Ways,
        answers: &Answers,
        ctx: &mut Context<Self>,
    ) {
        let found = found(&mail, ways, answers);
        if !self.events.has(Kind::Route) {
            return self.split(mail, &found, edition);
        }
        let routing = Routing::new(mail.id(), Arc::new(mail.draft().clone()), found);
        let events = self.events.clone();
        let led = async move { events.run::<events::Route>(&mut SessionGuests::default(), routing).await };
        ctx.spawn(led.into_actor(self).map(move |ended, this, _| match ended {
            Ended::Passed(routing, _) => this.split(mail, &routing.into_ways(), edition),
            Ended::Failed { fault, .. } if fault.is_of_the_sink_alone() => this.put_off(&mail),
            Ended::Failed { .. } => this.note_fault(mail.id()), // its hold ends: the spool offers it again
        }));
    }

    fn put_off(&self, mail: &Mail<Advanced>) {
        let envelope = &mail.draft().envelope;
        let (recipients, priority) = (envelope.recipients.numbers().collect(), envelope.priority);
        let due = self.ahead.clock.now() + PAUSE;
        self.ahead.rested.do_send(Rested(Rest::until(mail.hold().clone(), recipients, due, priority)));
    }

    fn split(&self, mail: Mail<Advanced>, found: &Found, edition: u32) {
        let hold = mail.hold().clone(); // until a panic is on record
        let unknown = Arc::new(Route::new(Next::Keep));
        let mut ways = HashMap::<Hop, Arc<Route>>::new();
        let mut numbers: Vec<RcptNo> = mail.draft().envelope.recipients.numbers().collect();
        numbers.reverse(); // they are asked for in their order
        let slips = self.guarded(hold.id(), || {
            mail.split(|_| {
                let way = numbers.pop().and_then(|no| found.get(&no)).unwrap_or(&unknown);
                ways.entry(way.hop.clone()).or_insert_with(|| Arc::clone(way));
                way.hop.clone()
            })
        });
        for slip in slips.into_iter().flatten() {
            if let Some(way) = ways.get(&slip.hop) {
                self.ahead.exchange.do_send(Enqueue { slip, way: Arc::clone(way), edition });
            }
        }
    }
}

fn found(mail: &Mail<Advanced>, ways: Vec<Way>, answers: &Answers) -> Found {
    let numbers = mail.draft().envelope.recipients.numbers();
    let route = |way| match way {
        Way::Known(route) => Some(route),
        Way::Ask(question) => answers.get(&question).cloned(),
    };
    numbers.zip(ways).filter_map(|(no, way)| Some((no, route(way)?))).collect()
}
