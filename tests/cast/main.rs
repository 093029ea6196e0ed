//! The cast on one thread with time that stands still: modules by property, one harness.

mod custody;
mod hops;
mod promises;
mod prompt;
mod world;
