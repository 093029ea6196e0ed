//! What may change while the engine runs, and how it comes to those whom it concerns.
//!
//! Rule: nobody is interrupted. Clients, attempts and reports that are under way end as they began; whoever begins after
//! the answer begins by the new settings, and mail that waits finds its way anew.

use postrider_engine::session::Limits;

use super::*;
use crate::{reporter::TellLike, spooler::Behave};

/// What is in force.
pub struct InForce {
    /// How clients are served.
    pub clients: Admit,
    /// How the spooler behaves.
    pub spooler: SpoolerHabits,
    /// Who stands in whose place.
    pub aliases: Arc<Aliases>,
    /// Finds the way of a recipient.
    pub finder: Arc<dyn Wayfinder>,
    /// Says how a hop is served.
    pub hops: ServeHop,
    /// How senders are told.
    pub reports: Reports,
    /// Sinks that the settings bind.
    pub sinks: Vec<AnyBinding>,
    /// How long what is remembered of mail that programs sent.
    pub lives: Lives,
    /// How large what may be that programs send.
    pub limits: Limits,
}

/// handle -> transport, awaited: this is in force from now on.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Reload {
    /// All of it.
    pub in_force: Box<InForce>,
    /// Told when everybody has heard it.
    pub answer: oneshot::Sender<()>,
}

impl Handler<Reload> for Transport {
    type Result = ();

    fn handle(&mut self, Reload { in_force, answer }: Reload, ctx: &mut Context<Self>) {
        let InForce { clients, spooler, aliases, finder, hops, reports, sinks, lives, limits } = *in_force;
        self.edition += 1;
        let edition = self.edition;
        let (front, core, switchboard) = (self.doors.front.clone(), self.core.clone(), self.switchboard.clone());
        let (programs, clerk) = (self.doors.programs.clone(), self.doors.clerk.clone());
        // One after the other: ways are found anew before queues give way, and queues before those who wait are called.
        let heard = async move {
            let _ = switchboard.send(Rebind(sinks)).await;
            front.serve_anew(clients).await;
            let _ = programs.send(Allow(limits)).await;
            let _ = clerk.send(RememberFor(lives)).await;
            let _ = core.reporter.send(TellLike(reports)).await;
            let _ = core.spooler.send(Behave(spooler)).await;
            core.lead_anew(aliases, finder, hops, edition).await;
            info!(edition, "the new settings are in force");
            let _ = answer.send(());
        };
        ctx.spawn(heard.into_actor(self));
    }
}
