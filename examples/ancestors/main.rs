//! Stress programs: each shows that a failure which the ancestors had cannot happen here, and that it would be seen if it
//! did, because the ancestor's design fails in the same harness.
//!
//! Rule: exit 0 says that it did not happen, 1 that it did; 2 that nothing was shown, because of a wrong argument or of a
//! harness that could not work.

mod arguments;
mod draw;
mod kb836549;
mod q181697;
mod q214685;

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

  q181697    many who send at once lose mail, because the names of files are made from the clock
             --processes N the engine's own, and in turns: one that sends by its socket, one that puts files into its
                           pickup folder, one that calls `postrider sendmail` (4: one of each)
             --threads N   of each process (4)
             --mails N     of each thread (400)
             --kills N     `kill -9` of a process, every second time the engine's (24; none with --naive)
             --seconds N   no mail is begun after so many seconds (15)
             --postrider P the command (the one of the same profile: cargo build --release --package postrider-cli)
             --naive       the ancestor's design in the same harness; it is to fail; with one process of one thread it
                           passes
             The folder is a temporary one: TMPDIR says where.

  q214685    a converter that all threads have in common is initialised at each use, and shut down while another is inside
             --threads N   that convert (64); pools and engines come and go beside them
             --seconds N   it goes on for so long, and until each conversion was done (15)
             --long N      an input is cut at each octet, unless it has more than this (2048)
             --every N     then at every Nth, or yet more rarely where it is very long (16)
             --flips N     copies of each input with bits flipped (200)
             --seed N      which bits, and in which order (1)
             --naive       the ancestor's design in the same harness, once through; it is to fail; with one thread it passes

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
    let subcommand = words.next();
    if subcommand.as_deref() == Some(q181697::SUBCOMMAND) {
        return played(q181697::play(words));
    }
    let run = match subcommand.as_deref() {
        Some("kb836549") => kb836549::run,
        Some("q181697") => q181697::run,
        Some("q214685") => q214685::run,
        Some("--help") | None => {
            print!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Some(other) => return nothing_shown(&format!("there is no subcommand {other:?}\n\n{USAGE}")),
    };
    let shown = match Arguments::parse(words) {
        Ok(arguments) => run(&arguments),
        Err(problem) => return nothing_shown(&format!("{problem}\n\n{USAGE}")),
    };
    match shown {
        Ok(Shown { line, passed }) => {
            println!("{line}");
            ExitCode::from(u8::from(!passed))
        }
        Err(problem) => nothing_shown(&problem),
    }
}

fn nothing_shown(problem: &str) -> ExitCode {
    eprintln!("ancestors: {problem}");
    ExitCode::from(2)
}

/// A process that a stress program has started.
fn played(part: Result<(), String>) -> ExitCode {
    match part {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => nothing_shown(&problem),
    }
}
