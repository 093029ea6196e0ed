//! `postrider sendmail` as programs call it: the built binary, a real daemon, real pipes.
//!
//! Rule: a call is judged by its exit code and by what came of it on disk, and by nothing else.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::disallowed_types)]

mod calls;
mod codes;
mod daemon;
mod dialogue;
mod down;
mod kills;
mod names;
