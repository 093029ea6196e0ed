//! The command `postrider`: reads the command line and calls what it asks for.
//!
//! Rule: every command ends with a code of `sysexits.h`, and what is wrong is said on standard error with what to do.

mod arguments;
mod badmail;
mod convert;
mod exit;
mod failure;
mod folder;
mod manual;
mod page;
mod pickup;
mod queue;
mod reach;
mod sendmail;
mod serve;
mod settings;
mod sink;
mod tnef;

use std::process::ExitCode;

use arguments::{Arguments, Command};
use clap::Parser;
use failure::Done;

fn main() -> ExitCode {
    forget_strangers_settings();
    let given: Vec<_> = std::env::args_os().collect();
    if let Some((called, rest)) = sendmail::called(&given) {
        return sendmail::run(called, rest); // its command line is not one that clap could read
    }
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let code = if error.use_stderr() { exit::USAGE } else { exit::OK };
            let _ = error.print(); // who does not listen hears nothing
            return ExitCode::from(code);
        }
    };
    match arguments.command {
        Command::Serve(how) => serve::serve(&how),
        Command::Check(how) => ended(settings::check(&how)),
        Command::Queue(asked) => ended(queue::queue(&asked)),
        Command::Sink(asked) => ended(sink::sink(&asked)),
        Command::Badmail(how) => ended(badmail::badmail(&how)),
        Command::Sendmail { arguments } => sendmail::run(sendmail::Called::Sendmail, &arguments),
        Command::Pickup(how) => ended(pickup::pickup(&how)),
        Command::Convert(how) => ended(convert::convert(&how)),
        Command::Tnef(how) => ended(tnef::tnef(&how)),
        Command::Completions { shell } => ended(manual::completions(shell)),
        Command::Man { folder } => ended(manual::pages(&folder)),
    }
}

/// A program with more rights than its user calls us (setuid): what that user has exported is not believed.
fn forget_strangers_settings() {
    use rustix::process::{getegid, geteuid, getgid, getuid};
    if getuid() == geteuid() && getgid() == getegid() {
        return;
    }
    let exported = std::env::vars_os().map(|(name, _)| name);
    for name in exported.filter(|name| name.to_string_lossy().starts_with("POSTRIDER_")).collect::<Vec<_>>() {
        std::env::remove_var(name);
    }
}

fn ended(done: Done) -> ExitCode {
    match done {
        Ok(()) => ExitCode::from(exit::OK),
        Err(failure) => failure.tell(),
    }
}
