//! Those of the cast who live on one thread: spooler, categorizer, exchange, reporter. Started here, with the addresses
//! that each may use and no others.

use super::*;

/// Those who live together on one thread.
#[derive(Clone)]
pub struct Core {
    /// Keeps the spool.
    pub spooler: Addr<Spooler>,
    /// Has the queues.
    pub exchange: Addr<Exchange>,
    /// Writes reports.
    pub reporter: Addr<Reporter>,
    /// Leads mail on its way.
    pub categorizer: Addr<Categorizer>,
}

/// What those are made of who live on one thread.
pub struct CorePlan {
    /// Where mail is kept.
    pub spool: Box<dyn Spool>,
    /// How the spooler behaves.
    pub habits: SpoolerHabits,
    /// Attempts are noted before the final dot.
    pub note_attempts: bool,
    /// Who stands in whose place.
    pub aliases: Arc<Aliases>,
    /// Finds the way of a recipient.
    pub finder: Arc<dyn Wayfinder>,
    /// Says how a hop is served.
    pub hops: ServeHop,
    /// Gives queues a place to live, where they speak to the spooler like this.
    pub place: Box<dyn FnOnce(Tellers) -> PlaceQueue + Send>,
    /// How senders are told.
    pub reports: Reports,
    /// What is bound to events.
    pub events: Events,
    /// Who is told when the spool fails.
    pub engine: actix::Recipient<EngineFailed>,
    /// Counts.
    pub counters: Arc<Counters>,
}

impl Core {
    /// Starts them on this thread. Where two need each other's address, it is there before the actor is.
    pub fn start(plan: CorePlan) -> Core {
        let (spooler, categorizer) = (Context::<Spooler>::new(), Context::<Categorizer>::new());
        let (exchange, reporter) = (Context::<Exchange>::new(), Context::<Reporter>::new());
        let core = Core {
            spooler: spooler.address(),
            exchange: exchange.address(),
            reporter: reporter.address(),
            categorizer: categorizer.address(),
        };
        let ledger = ledger(&plan, &core.spooler);
        let (rested, wanted) = (core.spooler.clone().recipient(), core.spooler.clone().recipient());
        let tell = Tellers { ledger: Arc::new(ledger), rested, wanted };
        let (mail, news) = (categorizer.address().recipient(), core.reporter.clone().recipient());
        let hurry = core.exchange.clone().recipient();
        let onward = Onward { mail, news, hurry, engine: plan.engine };
        let door = Door::new(core.spooler.clone().recipient(), plan.events.clone());
        reporter.run(Reporter::new(door, plan.reports));
        exchange.run(Exchange::new(plan.hops, (plan.place)(tell.clone()), tell.rested));
        let ahead = Ahead {
            spool: core.spooler.clone().recipient(),
            record: core.spooler.clone().recipient(),
            clock: plan.habits.clock,
            rested: core.spooler.clone().recipient(),
            exchange: core.exchange.clone().recipient(),
            news: core.reporter.clone().recipient(),
        };
        categorizer.run(Categorizer::new(plan.aliases, plan.finder, plan.events, ahead));
        spooler.run(Spooler::new(plan.spool, plan.habits, onward, plan.counters));
        core
    }
}

fn ledger(plan: &CorePlan, spooler: &Addr<Spooler>) -> Ledger {
    let attempt = plan.note_attempts.then(|| spooler.clone().recipient());
    Ledger::new(spooler.clone().recipient(), attempt, plan.habits.clock, Arc::clone(&plan.counters))
}

impl Core {
    /// From now on mail finds its way like this: first what finds ways, then the queues, last those who wait for a call. What
    /// was led on before and comes to the exchange later is of a lower edition, and goes back.
    pub async fn lead_anew(&self, aliases: Arc<Aliases>, finder: Arc<dyn Wayfinder>, hops: ServeHop, edition: u32) {
        let _ = self.categorizer.send(FindAnew { aliases, finder, edition }).await;
        let _ = self.exchange.send(ServeAnew { hops, edition }).await;
        let _ = self.spooler.send(Recall).await;
    }
}
