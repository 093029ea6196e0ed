//! A folder into which programs put files that are mails.
//!
//! Rule: a file is claimed by moving it into a folder of ours, that is on disk before anything is mailed, and the claim is the
//! mail's key: so it is mailed once, wherever a kill or a loss of power cuts. It is removed when it is mailed, and not before.

mod names;
mod put;

pub use put::{put, PutError};

/// Files below here are urgent.
pub const HIGH: &str = "high";
/// Nobody waits for files below here.
pub const LOW: &str = "low";
