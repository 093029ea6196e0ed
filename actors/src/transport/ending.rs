//! The end of the cast, step by step: who brings mail, who carries it, who tells of it, last who keeps it.

use std::time::Duration;

use tokio::{
    sync::oneshot,
    time::{timeout_at, Instant},
};
use tracing::warn;

use super::{Core, Doors};
use crate::{converters::ConverterPool, messages::Drain};

/// The spooler's flush gets this much even when the deadline has passed.
const FLUSH: Duration = Duration::from_secs(5);

/// False: not all came home in time.
pub(super) async fn drain(doors: Doors, core: Core, converters: actix::Addr<ConverterPool>, deadline: Instant) -> bool {
    let Doors { front, programs, collectors, clerk } = doors;
    let mut in_time = front.drain(deadline).await;
    for collector in collectors {
        in_time &= ask(collector.recipient(), "a pickup folder", deadline).await;
    }
    in_time &= ask(programs.recipient(), "programs that are connected", deadline).await;
    in_time &= ask(clerk.recipient(), "programs that send", deadline).await;
    in_time &= ask(core.exchange.recipient(), "attempts under way", deadline).await;
    in_time &= ask(core.reporter.recipient(), "reports", deadline).await;
    in_time &= ask(converters.recipient(), "conversions", deadline).await;
    in_time & ask(core.spooler.recipient(), "spool", deadline.max(Instant::now() + FLUSH)).await
}

/// Each step is one message; so a step that is stuck has a name.
pub(super) async fn ask(who: actix::Recipient<Drain>, what: &str, deadline: Instant) -> bool {
    let (answer, end) = oneshot::channel();
    who.do_send(Drain(answer));
    let in_time = timeout_at(deadline, end).await.is_ok();
    if !in_time {
        warn!(what, "did not end before the deadline");
    }
    in_time
}
