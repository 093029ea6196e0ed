//! Chance that is the same in every run, and chance that is not.
//!
//! Rule: what is sent is drawn from names and numbers, so that it can be told from what comes out whether it is whole; when
//! somebody is killed is drawn from the system.

use std::{
    collections::hash_map::{DefaultHasher, RandomState},
    hash::{BuildHasher, Hash, Hasher},
};

/// A number below `of`, always the same for the same words.
pub fn draw(of: u64, words: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    words.hash(&mut hasher);
    hasher.finish() % of.max(1)
}

/// A number below `of`, never the same.
pub fn chance(of: u64) -> u64 {
    RandomState::new().hash_one(of) % of.max(1)
}
