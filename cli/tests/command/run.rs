//! Runs the built command to its end.

use std::process::{Command, Output, Stdio};

/// How a command has ended, and what it said.
#[derive(Debug)]
pub struct Ended {
    /// Its exit code.
    pub code: i32,
    /// Its standard output.
    pub out: String,
    /// Its standard error.
    pub err: String,
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        let text = |octets: Vec<u8>| String::from_utf8(octets).expect("it speaks UTF-8");
        let code = output.status.code().expect("it ends by itself");
        Ended { code, out: text(output.stdout), err: text(output.stderr) }
    }
}

/// The built command, with nothing of what is exported where the tests are started.
pub fn postrider(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_postrider"));
    command.args(arguments).stdin(Stdio::null());
    forget_settings(&mut command);
    command
}

/// Runs it to its end.
pub fn run(arguments: &[&str]) -> Ended {
    ended(&mut postrider(arguments))
}

/// Runs what was made ready to its end.
pub fn ended(command: &mut Command) -> Ended {
    command.output().expect("the command can be started").into()
}

fn forget_settings(command: &mut Command) {
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("POSTRIDER_")) {
        command.env_remove(name);
    }
}
