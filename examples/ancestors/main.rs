//! Stress programs: each shows that a failure which the ancestors had cannot happen here, and that it would be seen if it
//! did, because the ancestor's design fails in the same harness.
//!
//! Rule: exit 0 says that it did not happen, 1 that it did; 2 that nothing was shown, because of a wrong argument or of a
//! harness that could not work.

mod arguments;
mod kb836549;

use std::process::ExitCode;

use arguments::Arguments;

const USAGE: &str = "\
usage: ancestors SUBCOMMAND [FLAGS]

  kb836549   a sink that runs behind the service's own handler of end-of-data touches a mail that is delivered and gone
             --clients N   connections at once (64)
             --mails N     mails in all (2000; 400 with --naive)
             --seconds N   no mail is begun after so many seconds (15)
             --memory      the spool is in memory, not in a temporary folder on disk
             --naive       the ancestor's design in the same harness; it is to fail
             --workers N   its threads (8); with one it passes

exit codes: 0 it did not happen, 1 it did, 2 nothing was shown
";

/// What a stress program came to.
pub struct Shown {
    /// Its last line.
    pub line: String,
    /// The failure did not happen.
    pub passed: bool,
}

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let shown = match words.next().as_deref() {
        Some("kb836549") => Arguments::parse(words).and_then(|arguments| kb836549::run(&arguments)),
        Some("--help") | None => {
            print!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Some(other) => Err(format!("there is no subcommand {other:?}")),
    };
    match shown {
        Ok(Shown { line, passed }) => {
            println!("{line}");
            ExitCode::from(u8::from(!passed))
        }
        Err(problem) => {
            eprintln!("ancestors: {problem}\n\n{USAGE}");
            ExitCode::from(2)
        }
    }
}
