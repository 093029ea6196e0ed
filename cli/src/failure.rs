//! How a command fails: with a code for programs and a line for people, which says what to do.

use std::{fmt, process::ExitCode};

/// Why a command was not done.
#[derive(Debug)]
pub struct Failure {
    /// One of `exit`.
    pub code: u8,
    /// What is wrong, and what to do.
    pub text: String,
}

impl Failure {
    /// A failure with this code.
    pub fn new(code: u8, text: impl fmt::Display) -> Self {
        Failure { code, text: text.to_string() }
    }

    /// Says it on standard error.
    pub fn tell(&self) -> ExitCode {
        for line in self.text.lines() {
            eprintln!("postrider: {line}");
        }
        ExitCode::from(self.code)
    }
}

/// What a command comes to.
pub type Done = Result<(), Failure>;
