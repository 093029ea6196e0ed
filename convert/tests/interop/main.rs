//! Second opinions: programs of Debian's packages, on what we write and on what they write.
//!
//! `cargo test -p postrider-convert --test interop -- --ignored`, as `.ci/run` does it.
//!
//! Rule: a program that is missing makes its test fail. Where the programs differ from us, the test says why.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // helpers of tests fail as tests do

mod documents;
mod programs;
mod winmail;
