//! A folder of files, as its actor sees it: round after round of mails, and what has become of them.
//!
//! Rule: a mail of a round is claimed, and that is on disk; its claim is the key under which it is to be sent, and stays until
//! it is settled. All calls wait for the disk: they are made on a thread that may.

use std::{sync::Arc, time::Duration};

use crate::{BoxFuture, Draft, Moment, QueueId, Reply};

/// What time it is, twice.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tick {
    /// By the wall clock.
    pub now: Moment,
    /// Since some moment; it never goes back and never jumps.
    pub passed: Duration,
}

/// A file that is a mail.
#[derive(Debug)]
pub struct FileMail {
    /// Its claim, and the key under which it is to be sent.
    pub claim: Arc<str>,
    /// The mail.
    pub draft: Draft,
}

/// What one look into a folder has found.
#[derive(Debug, Default)]
pub struct Round {
    /// Mails that are to be sent now.
    pub mails: Vec<FileMail>,
    /// Mails whose files are gone for good: their keys are not needed any more.
    pub forget: Vec<QueueId>,
    /// When to look again for what is known to be there; `None`: when something comes.
    pub again: Option<Duration>,
}

/// What has become of a mail of a round.
#[derive(Clone, Debug)]
pub enum Settled {
    /// It is on disk, now or since before.
    Mailed(QueueId),
    /// A sink has taken it out.
    Discarded,
    /// A sink has refused it for good.
    Refused(Reply),
    /// A sink does not want it now, and says why.
    PutOff(Reply),
    /// Not now: nothing was taken.
    Later,
}

/// A folder of files.
pub trait Pickup: Send + 'static {
    /// Looks for files, claims those that are complete, and reads them. What is no mail becomes bad mail.
    fn round(&mut self, tick: Tick) -> Round;

    /// What has become of the mails of the last round.
    fn settle(&mut self, settled: Vec<(Arc<str>, Settled)>, tick: Tick);

    /// The folder, for people.
    fn name(&self) -> String;
}

/// Says that something may have come into a folder; it may be wrong, late or silent.
pub trait Hint: Send + 'static {
    /// Waits until something may have come.
    fn wait(&mut self) -> BoxFuture<'_, ()>;
}
