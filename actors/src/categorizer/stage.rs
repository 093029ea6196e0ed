//! Leads one mail through its stage: the sinks before the aliases, the aliases, the sinks behind them, and the one entry
//! that says what came of it.
//!
//! Rule: the duty travels with the mail through the whole stage; whatever goes wrong drops it, and the spool offers the
//! mail again as it was.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use actix::Recipient;
use futures_util::FutureExt;
use postrider_engine::{
    events::{AfterCommit, Categorize, Fault, PostCategorize, PreCategorize},
    Advanced, Aliases, Committed, Durability, Entry, Fact, Mail, Moment, News, Rest, Stage, StageEnd,
};
use tokio::sync::oneshot;
use tracing::{error, info, warn};

use crate::{
    chain::{Ended, Events, SessionGuests},
    clock::Clock,
    messages::{Commit, Refused},
};

/// What a stage needs.
#[derive(Clone)]
pub struct Way {
    pub clock: Clock,
    pub events: Events,
    pub aliases: Arc<Aliases>,
    pub spool: Recipient<Commit>,
}

/// What became of a mail in its stage.
pub enum Out {
    /// It goes on, and this is to be told; or only the latter.
    On(Option<Box<Mail<Advanced>>>, Option<News>),
    /// It rests until then.
    PutOff(Rest),
    /// Something failed, and it is charged to the mail.
    Charged(Box<Mail<Committed>>),
    /// It comes again from the spool.
    Again,
}

/// A sink that could not be asked is asked again then.
pub(super) const PAUSE: Duration = Duration::from_secs(20);
/// A mail that is put off comes again no sooner.
const SHORTEST: Duration = Duration::from_secs(1);

/// Through the stage, whatever happens in it.
pub async fn run(mail: Mail<Committed>, way: Way) -> Out {
    let led = AssertUnwindSafe(lead(&mail, &way)).catch_unwind().await;
    match led {
        Ok(Ok(StageEnd::Unchanged)) => Out::On(Some(Box::new(mail.unchanged())), None),
        Ok(Ok(StageEnd::Entry(entry))) => write(mail, entry, &way.spool).await,
        Ok(Ok(StageEnd::PutOff(until))) => {
            let until = mail.draft().envelope.expires.map_or(until, |expires| expires.min(until));
            put_off(&mail, until.max(way.clock.now() + SHORTEST))
        }
        Ok(Err(fault)) if fault.is_of_the_sink_alone() => put_off(&mail, way.clock.now() + PAUSE),
        Ok(Err(_)) => Out::Charged(Box::new(mail)),
        Err(_) => {
            error!(id = %mail.id(), "the categorizer panicked over this mail");
            Out::Charged(Box::new(mail))
        }
    }
}

async fn lead(mail: &Mail<Committed>, way: &Way) -> Result<StageEnd, Fault> {
    let (mut stage, mut own) = (mail.stage(), SessionGuests::default());
    if let Some(end) = pass::<PreCategorize>(&mut stage, way, &mut own).await? {
        return Ok(end);
    }
    if let Some(end) = pass::<Categorize>(&mut stage, way, &mut own).await? {
        return Ok(end);
    }
    if let Some(recipients) = stage.expand(&way.aliases) {
        info!(id = %mail.id(), recipients, "expanded");
    }
    if stage.is_over() {
        return Ok(stage.end());
    }
    if let Some(end) = pass::<PostCategorize>(&mut stage, way, &mut own).await? {
        return Ok(end);
    }
    Ok(stage.end())
}

/// `Some`: the stage is over.
async fn pass<E: AfterCommit>(
    stage: &mut Stage,
    way: &Way,
    own: &mut SessionGuests,
) -> Result<Option<StageEnd>, Fault> {
    if !way.events.has(E::KIND) {
        return Ok(None);
    }
    match way.events.run::<E>(own, stage.message()).await {
        Ended::Passed(message, turn) => Ok(stage.take(message, turn)),
        Ended::Failed { fault, .. } => Err(fault), // which is in the log
    }
}

/// The mail goes on when what came of it is on disk.
async fn write(mail: Mail<Committed>, entry: Entry, spool: &Recipient<Commit>) -> Out {
    let id = mail.id();
    let held = entry.facts.iter().find_map(|fact| match fact {
        Fact::Held { why, .. } => Some(why.reason.clone()),
        _ => None,
    });
    let (answer, written) = oneshot::channel();
    spool.do_send(Commit { entry, durability: Durability::Synced, answer });
    let receipt = match written.await {
        Ok(Ok(receipt)) => receipt,
        Ok(Err(Refused::NotWritten(_))) => {
            warn!(%id, "no space for what became of it in its stage; it comes again");
            return Out::Again;
        }
        _ => return Out::Again, // the spool has failed: the mail is on disk as it came in
    };
    let made: Vec<String> = receipt.ids().iter().map(ToString::to_string).collect();
    info!(%id, made = made.join(","), "past its stage");
    let Some((mail, news)) = mail.advanced(receipt) else { return Out::Again };
    let left = !mail.draft().envelope.recipients.is_empty();
    match held {
        Some(reason) => {
            warn!(%id, reason, "held");
            Out::On(None, news)
        }
        None => Out::On(left.then(|| Box::new(mail)), news),
    }
}

fn put_off(mail: &Mail<Committed>, due: Moment) -> Out {
    info!(id = %mail.id(), until = %due.rfc5322(), "put off");
    let recipients = mail.draft().envelope.recipients.numbers().collect();
    Out::PutOff(Rest::until(mail.hold().clone(), recipients, due, mail.draft().envelope.priority))
}
