//! The cast on one thread with time that stands still: modules by property, one harness.

// The harness is test code: what it unwraps is the test failing.
#![allow(clippy::unwrap_used, clippy::panic)]

mod aliases;
mod asking;
mod collecting;
mod custody;
mod dialogue;
mod hops;
mod order;
mod promises;
mod prompt;
mod reports;
mod routes;
mod scripted;
mod sending;
mod sinks;
mod threads;
mod times;
mod ways;
mod world;
