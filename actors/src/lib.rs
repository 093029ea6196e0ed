//! The cast: who owns what, and who speaks to whom.
pub mod carrier;
pub mod categorizer;
pub mod clock;
pub mod exchange;
mod gathering;
pub mod index;
pub mod ledger;
pub mod messages;
mod offering;
pub mod queue;
pub mod reporter;
pub mod spooler;
pub mod window;
