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
}

/// What those are made of who live on one thread.
pub struct CorePlan {
    /// Where mail is kept.
    pub spool: Box<dyn Spool>,
    /// How the spooler behaves.
    pub habits: SpoolerHabits,
    /// Attempts are noted before the final dot.
    pub note_attempts: bool,
    /// Finds the way of a recipient.
    pub finder: Arc<dyn Wayfinder>,
    /// Opens queues that speak to the spooler like this.
    pub open: Box<dyn FnOnce(Tellers) -> OpenQueue + Send>,
    /// Writes reports.
    pub report: WriteReport,
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
        let core = Core { spooler: spooler.address(), exchange: exchange.address(), reporter: reporter.address() };
        let ledger = ledger(&plan, &core.spooler);
        let (rested, wanted) = (core.spooler.clone().recipient(), core.spooler.clone().recipient());
        let tell = Tellers { ledger: Arc::new(ledger), rested, wanted };
        let (mail, failed) = (categorizer.address().recipient(), core.reporter.clone().recipient());
        let hurry = core.exchange.clone().recipient();
        let onward = Onward { mail, failed, hurry, engine: plan.engine };
        reporter.run(Reporter::new(core.spooler.clone().recipient(), plan.report));
        exchange.run(Exchange::new((plan.open)(tell)));
        let (on, record) = (core.exchange.clone().recipient(), core.spooler.clone().recipient());
        categorizer.run(Categorizer::new(plan.finder, on, record));
        spooler.run(Spooler::new(plan.spool, plan.habits, onward, plan.counters));
        core
    }
}

fn ledger(plan: &CorePlan, spooler: &Addr<Spooler>) -> Ledger {
    let attempt = plan.note_attempts.then(|| spooler.clone().recipient());
    Ledger::new(spooler.clone().recipient(), attempt, plan.habits.clock, Arc::clone(&plan.counters))
}
