//! No conversion takes more memory than its input accounts for.
//!
//! Rule: what is counted is what the conversion asks of the allocator besides its input, a block that grows twice until it has moved:
//! the same numbers on every machine. Each set is measured by a process of its own, with one thread.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests fail as tests do

use std::{collections::BTreeSet, process::Command};

use postrider_bench_convert::CONVERSIONS;

/// What each conversion takes at most, in times its input: of a usual mail, and of what is made to cost most. The mark is 8; what is
/// above it in the second column is nearly all its result, for which there is a limit.
const MOST: [(&str, f64, f64); 18] = [
    ("rtf-text", 2.1, 2.1),
    ("rtf-html", 4.5, 35.0),
    ("rtf-original", 0.9, 2.1),
    ("rtf-lzfu", 3.1, 1.7),
    ("lzfu-rtf", 8.0, 8.01),
    ("html-text", 1.0, 4.1),
    ("html-rtf", 2.5, 26.0),
    ("html-holder", 7.2, 29.0),
    ("html-decode", 1.01, 6.3),
    ("text-html", 6.1, 60.0),
    ("text-rtf", 2.7, 10.4),
    ("text-flow", 1.1, 1.1),
    ("text-unflow", 1.01, 3.01),
    ("text-wrap", 1.1, 1.1),
    ("tnef-model", 0.01, 8.0),
    ("tnef-parts", 0.01, 8.0),
    ("tnef-mail", 1.4, 11.8),
    ("parts-tnef", 1.01, 0.0),
];
/// The mark.
const TIMES: f64 = 8.0;
/// Times its result, where that is large: a string that grows is there three times, and a paragraph stands beside its page.
const TIMES_OF_RESULT: f64 = 4.0;
/// Octets that a conversion takes of anything.
const FLOOR: f64 = 4096.0;

struct Measured {
    conversion: String,
    input: String,
    octets: f64,
    made: f64,
    peak: f64,
}

fn measured(set: &str) -> Vec<Measured> {
    let output = Command::new(env!("CARGO_BIN_EXE_memory")).arg(set).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told = String::from_utf8(output.stdout).unwrap();
    told.lines()
        .map(|line| {
            let parts: Vec<&str> = line.split('\t').collect();
            let [conversion, input, octets, made, peak] = parts[..] else { panic!("{line}") };
            let number = |text: &str| text.parse().unwrap_or_else(|_| panic!("{line}"));
            Measured {
                conversion: conversion.into(),
                input: input.into(),
                octets: number(octets),
                // What is refused makes nothing, and says why.
                made: made.parse().unwrap_or(0.0),
                peak: number(peak),
            }
        })
        .collect()
}

fn check(all: &[Measured], most: impl Fn(&Measured) -> f64) {
    let above: Vec<String> = all
        .iter()
        .filter(|one| one.peak > most(one))
        .map(|one| {
            format!("{} of {}: {} of {} octets, made {}", one.conversion, one.input, one.peak, one.octets, one.made)
        })
        .collect();
    assert!(above.is_empty(), "{above:#?}");
}

/// The row of a conversion.
fn row(conversion: &str) -> (&'static str, f64, f64) {
    MOST.into_iter().find(|(name, _, _)| *name == conversion).unwrap()
}

#[test]
fn no_conversion_of_a_usual_mail_takes_more_than_eight_times_its_input() {
    assert!(MOST.iter().all(|(_, usual, _)| *usual <= TIMES));
    let all = measured("usual");
    let ours = CONVERSIONS.iter().filter(|one| !one.is_peer).map(|one| one.name);
    let seen: BTreeSet<&str> = all.iter().map(|one| &*one.conversion).collect();
    assert_eq!(seen, ours.collect());
    assert!(all.iter().all(|one| one.octets > 8192.0 && one.peak > 0.0 && one.made > 0.0));
    check(&all, |one| row(&one.conversion).1 * one.octets + FLOOR);
}

#[test]
fn what_a_hostile_input_takes_is_bounded_by_itself_and_by_its_result() {
    let all = measured("hostile");
    assert!(all.len() > 150 && all.iter().all(|one| one.octets > 200_000.0), "{}", all.len());
    check(&all, |one| row(&one.conversion).2 * one.octets + FLOOR);
    check(&all, |one| TIMES * one.octets + TIMES_OF_RESULT * one.made + FLOOR);
}
