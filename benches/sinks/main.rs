//! What sinks cost: a hop, a rule that does not hold, a relay with ten sinks bound, a large mail past ten sinks.
//!
//! `cargo bench --bench sinks -- [hops|rules|relay|large] [FOLDER]`; without a case all but `large`, which writes a gibibyte.
//! The folder should be on a disk; without one a temporary folder is taken. Nothing is asserted: what is read is printed,
//! as ratios within one run where that says more.

mod client;
mod hops;
mod large;
mod relay;
mod rules;

use std::{env, path::PathBuf};

pub(crate) type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

fn main() -> Result<()> {
    let words: Vec<String> = env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let case = words.first().map_or("all", String::as_str);
    let folder = words.get(1).map_or_else(env::temp_dir, PathBuf::from);
    match case {
        "hops" => hops::run(),
        "rules" => rules::run(),
        "relay" => relay::run(&folder)?,
        "large" => large::run(&folder)?,
        "all" => {
            rules::run();
            hops::run();
            relay::run(&folder)?;
        }
        _ => return Err(format!("{case} is no case: hops, rules, relay, large").into()),
    }
    Ok(())
}
