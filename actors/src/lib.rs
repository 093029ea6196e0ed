//! The cast: who owns what, and who speaks to whom, in the order a mail meets them.
//!
//! ```text
//! listener --> connection --(door) Commit--> spooler --Accepted--> categorizer --Enqueue--> exchange --> queue
//! collector --Post--> clerk                     (files of a folder);   collector --Forget--> spooler
//! programs --Post--> clerk --(door) Commit--> spooler;   programs --AskStatus, Redeem--> spooler
//! queue --(a lease, in a carrier)--> target;   lease --Attempt, Record--> spooler;   lease --Home--> queue
//! queue --Rested, Wanted--> spooler            (until it is due, or there is room)
//! spooler, categorizer --Tell--> reporter --Commit--> spooler
//! connection --AskFlush--> spooler --Hurry--> exchange --Hurry--> queue     (ETRN)
//! hold --Unheld--> spooler                     (told by Drop)
//! sink --AskConversion--> converters           (a pool of hosts, each with a thread and converters of its own)
//! ```
//! What is awaited ends at the spooler, which awaits nobody but the disk: no cycle of waiting can exist. An actor gets
//! only the recipients it may use, when it is made.
//!
//! The feature `listen`, on by default, brings listener and connections; without it the other ways in are there.
#![cfg_attr(test, allow(clippy::disallowed_methods))] // tests play the spool and the queue

#[cfg(panic = "abort")]
compile_error!("a sink that panics must cost one attempt, not the process: build with panic = \"unwind\"");

#[cfg(feature = "listen")]
pub mod listener;

#[cfg(feature = "listen")]
pub mod connection;

pub mod programs;

pub mod collector;

pub mod intake;
#[cfg(feature = "listen")]
mod wire;

pub mod budget;

pub mod clerk;
pub mod door;

pub mod chain;
pub mod guests;

pub mod converters;

pub mod spooler;

mod gathering;
pub mod index;
mod offering;
mod turns;

pub mod watching;

pub mod categorizer;

pub mod exchange;

pub mod queue;

pub mod window;

mod pace;

pub mod carrier;

pub mod ledger;

pub mod reporter;

pub mod clock;
pub mod counters;
pub mod messages;
pub mod transport;
