//! `postrider sendmail`, and the command under the names `sendmail`, `mailq` and `newaliases`: what every Unix program knows.
//!
//! Rule: it ends with 0 only when the mail is safe on disk, or when nothing was to be sent. `docs/sendmail.md` has all options.

mod aliases;
mod author;
mod header;
mod input;
mod mail;
mod options;
mod place;
mod qualify;
mod queue;
mod smtp;
#[cfg(test)]
mod tests_mail;
#[cfg(test)]
mod tests_options;
mod way;

use std::{ffi::OsString, io::Write, path::Path, process::ExitCode, time::SystemTime};

use postrider::{rules::Making, Draft};

use crate::{
    exit,
    failure::{Done, Failure},
};
use author::Author;
use input::Unread;
pub use options::Called;
use options::{Mode, Options};
use place::Place;
use way::{number, Safe, Way};

/// What was called, if it is this command: by its own name, or by one of the three that it stands in for.
pub fn called(arguments: &[OsString]) -> Option<(Called, &[OsString])> {
    let (own, rest) = arguments.split_first()?;
    match Path::new(own).file_name()?.to_str()? {
        "sendmail" => Some((Called::Sendmail, rest)),
        "mailq" => Some((Called::Mailq, rest)),
        "newaliases" => Some((Called::Newaliases, rest)),
        _ if rest.first()? == "sendmail" => Some((Called::Sendmail, &rest[1..])),
        _ => None,
    }
}

/// Does what these arguments ask for.
pub fn run(called: Called, arguments: &[OsString]) -> ExitCode {
    let text = |argument: &OsString| {
        let wrong = || Failure::new(exit::USAGE, format!("{argument:?} is not text in UTF-8"));
        argument.clone().into_string().map_err(|_| wrong())
    };
    let texts = arguments.iter().map(text).collect::<Result<Vec<_>, _>>();
    let read = texts.and_then(|texts| options::read(called, texts).map_err(|wrong| Failure::new(exit::USAGE, wrong)));
    let (is_quiet, done) = match read {
        Ok(options) => (options.is_quiet, act(&options)),
        Err(failure) => (false, Err(failure)),
    };
    match done {
        Ok(()) => ExitCode::from(exit::OK),
        Err(failure) if is_quiet => ExitCode::from(failure.code),
        Err(failure) => failure.tell(),
    }
}

fn act(options: &Options) -> Done {
    let place = Place::find(options.settings.clone())?;
    match options.mode {
        Mode::Mail => send(options, &place),
        Mode::Smtp => smtp::serve(&place),
        Mode::Queue => queue::list(&place),
        Mode::Aliases => aliases::renew(&place),
    }
}

/// Reads a mail from standard input and sends it.
fn send(options: &Options, place: &Place) -> Done {
    let mut way = Way::new(place);
    let octets = input::read(std::io::stdin().lock(), options.ignores_dots, || way.max_octets());
    let octets = octets.map_err(|why| unread(&why))?;
    let making = making(place)?;
    let draft: Draft = mail::mail(options, octets, &Author::of_this_process(), &making)?;
    let safe = way.send(&draft)?;
    if options.says_id {
        say(&said(&safe));
    }
    Ok(())
}

/// Says it on standard output. What was done is done, whether somebody listens or not.
fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

fn making(place: &Place) -> Result<Making<'_>, Failure> {
    Ok(Making { now: SystemTime::now().into(), host: place.host(), unique: number()? })
}

fn said(safe: &Safe) -> String {
    match safe {
        Safe::Queued(id) => format!("queued as {id}"),
        Safe::Waits(file) => format!("waits for the engine as {}", file.display()),
        Safe::Discarded => "discarded by a sink".into(),
    }
}

fn unread(why: &Unread) -> Failure {
    match why {
        Unread::Nul(line) => Failure::new(exit::DATA, format!("line {line} has a NUL; encode that part as base64")),
        Unread::TooLarge(most) => {
            let text =
                format!("the mail has more than {most} octets; send less, or raise limits.message_size of the engine");
            Failure::new(exit::DATA, text)
        }
        Unread::Broken(why) => {
            Failure::new(exit::IO, format!("standard input cannot be read: {why}; nothing was sent"))
        }
    }
}
