//! The command as operators and scripts run it: the built binary, a real daemon, a real socket.
//!
//! Rule: a command is judged by its code, its standard output and its standard error, and by nothing else.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod checking;
mod daemon;
mod fake;
mod picking;
mod queue;
mod run;
