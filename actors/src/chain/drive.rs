//! Leads one event past its sinks, one after the other, in the quarters of the guests: a hop costs a message there, and
//! the whole run one hand-over between threads.

use postrider_engine::{
    events::{Event, Fault, Given, Turn},
    OnFault, WhenSuspended,
};

use tracing::info;

use super::{BindingKey, Link, Links};

/// What a run comes to.
pub enum Ended<E: Event> {
    /// Past all sinks that took part. `Turn::Next`: it goes on.
    Passed(E::Given, Turn),
    /// A sink failed, and its binding says that nothing goes on without it.
    Failed {
        /// Which.
        sink: String,
        /// How.
        fault: Fault,
    },
}

/// Sinks that this run goes on without, and why each mail is held for that.
#[derive(Clone, Default)]
pub(super) struct Without(pub Vec<BindingKey>);

pub(super) async fn drive<E: Event>(links: Links, without: Without, mut given: E::Given) -> Ended<E> {
    for link in links.iter().filter(|link| !without.0.contains(&link.key)) {
        if !link.concerns(&given.subject()) {
            continue;
        }
        given = match one::<E>(link, given).await {
            Ok((given, Turn::Next)) => given,
            Ok((given, Turn::SkipRest)) => return Ended::Passed(given, Turn::Next),
            Ok((given, turn)) => {
                info!(sink = link.settings.id, event = %E::KIND, mail = given.name(), verdict = ?turn, "a sink has decided");
                return Ended::Passed(given, turn);
            }
            Err(fault) => return Ended::Failed { sink: link.settings.id.clone(), fault },
        };
    }
    Ended::Passed(given, Turn::Next)
}

/// `Err`: nothing goes on without this sink.
async fn one<E: Event>(link: &Link, given: E::Given) -> Result<(E::Given, Turn), Fault> {
    match link.stands_aside() {
        Some(WhenSuspended::Hold) => {
            return Ok((given.held(&format!("{} is suspended", link.settings.id)), Turn::Next))
        }
        Some(_) => return Ok((given, Turn::Next)),
        None => {}
    }
    let spare = (link.settings.on_fault != OnFault::Refuse).then(|| given.spare());
    match link.ask::<E>(given).await {
        Ok(answer) => {
            link.tally.served(&link.settings.id);
            Ok(answer)
        }
        Err(fault) => {
            link.tally.failed(&link.settings, E::KIND, fault);
            spare.map(|spare| (without_it::<E>(link, spare, fault), Turn::Next)).ok_or(fault)
        }
    }
}

/// The mail goes on as it was before the sink that failed.
pub(super) fn without_it<E: Event>(link: &Link, given: E::Given, fault: Fault) -> E::Given {
    match link.settings.on_fault {
        OnFault::Hold => given.held(&format!("{} failed: {fault}", link.settings.id)),
        OnFault::Bypass | OnFault::Refuse => given,
    }
}
