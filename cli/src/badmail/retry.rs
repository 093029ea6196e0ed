//! `postrider badmail retry`
//!
//! Rule: it is removed only after the daemon has it on disk, and sent under a key made of its name: a crash in between sends
//! nothing twice.

use std::{
    path::{Path, PathBuf},
    time::SystemTime,
};

use postrider::{
    rules::{
        pickup::{read_file, FileCode, FileRules, MAX_ENVELOPE},
        Content, Envelope, KeyHash, Making, Recipient,
    },
    settings::Pickup,
    sinks::badmail::{BadMailBox, BadMessage, Kind, Octets},
    Address, Client, ConnectError, Draft, Engine, SendError, Settings,
};

use super::{arguments::Retry, each, say};
use crate::{
    exit,
    failure::{Done, Failure},
};

/// Sends them again.
pub fn retry(how: &Retry) -> Done {
    let badmail = how.place.open()?;
    let to = how.to.as_deref().map(address).transpose()?;
    let client = Engine::connect(how.socket()?).map_err(|error| Failure::new(code_of_connecting(&error), error))?;
    each(&how.names, |name| one(&badmail, &client, how, name, to.as_ref()))
}

impl Retry {
    fn socket(&self) -> Result<PathBuf, Failure> {
        if let Some(socket) = &self.socket {
            return Ok(socket.clone());
        }
        let settings = self.place.config.load().map_err(|wrong| Failure::new(exit::SETTINGS, wrong))?;
        let none = "the daemon has no socket for programs: set send.socket, or name one with --socket";
        settings.send.socket.as_deref().map(Path::to_owned).ok_or_else(|| Failure::new(exit::SETTINGS, none))
    }
}

fn address(text: &str) -> Result<Address, Failure> {
    Address::parse(text).map_err(|error| Failure::new(exit::USAGE, format!("--to {text}: {error}")))
}

fn one(badmail: &BadMailBox, client: &Client, how: &Retry, name: &str, to: Option<&Address>) -> Done {
    let bad = badmail.get(name)?;
    let draft =
        draft(&bad, how, to).map_err(|failure| Failure::new(failure.code, format!("{name}: {}", failure.text)))?;
    let sent = client.send_with_key(key(name, to), draft).blocking();
    let receipt = sent.map_err(|error| Failure::new(code_of_sending(&error), format!("{name}: {error}")))?;
    let said = if receipt.is_repetition() { "was sent before as" } else { "is sent again as" };
    say(&format!("{name}: {said} {}\n", receipt.id()))?;
    badmail.remove(name).map_err(|problem| {
        let Failure { code, text } = problem.into();
        Failure::new(
            code,
            format!("{name} is sent and could not be removed: {text}; retry it, which sends nothing twice"),
        )
    })
}

/// The same for every try, so that one that was cut short is known again.
fn key(name: &str, to: Option<&Address>) -> String {
    match to {
        Some(to) => format!("badmail/{name}/{to}"),
        None => format!("badmail/{name}"),
    }
}

/// The mail as it goes again.
fn draft(bad: &BadMessage, how: &Retry, to: Option<&Address>) -> Result<Draft, Failure> {
    let content = content(bad)?;
    if bad.entry.kind == Kind::Pickup {
        return pickup(bad, &content, how, to);
    }
    let mut envelope = Envelope::default();
    envelope.body = bad.body;
    envelope.sender = bad.entry.sender.as_deref().map(address).transpose()?;
    match to {
        Some(to) => _ = envelope.recipients.add(to.clone()),
        None => recipients(bad)?.for_each(|recipient| _ = envelope.recipients.add(recipient)),
    }
    Ok(Draft::new(envelope, content))
}

fn content(bad: &BadMessage) -> Result<Content, Failure> {
    let nothing = |code, text| Err(Failure::new(code, text));
    match bad.entry.octets {
        Octets::Whole => {}
        Octets::Part => return nothing(exit::DATA, "a part of it is lost, so it is not sent: look at it, and drop it"),
        Octets::Removed => return nothing(exit::NO_INPUT, "its removal was cut short, and the mail is gone: drop it"),
        _ => return nothing(exit::NO_INPUT, "there is no mail, only the reason why: drop it"),
    }
    bad.content().ok_or_else(|| Failure::new(exit::NO_INPUT, "the mail is gone: drop it"))
}

fn recipients(bad: &BadMessage) -> Result<impl Iterator<Item = Recipient> + '_, Failure> {
    if bad.recipients.is_empty() || bad.recipients.len() != bad.entry.recipients {
        let text = "nobody knows for whom it was: name an address with --to";
        return Err(Failure::new(exit::DATA, text));
    }
    let again = |address: &Address, original: &Option<String>| Recipient {
        orcpt: original.clone(),
        ..Recipient::from(address.clone())
    };
    Ok(bad.recipients.iter().map(move |one| again(&one.address, &one.original)))
}

/// What a pickup folder refused, read again by its rules.
fn pickup(bad: &BadMessage, content: &Content, how: &Retry, to: Option<&Address>) -> Result<Draft, Failure> {
    let was_perhaps_mailed = [FileCode::PerhapsMailed, FileCode::Changed].map(FileCode::as_str);
    if was_perhaps_mailed.contains(&&*bad.entry.code) && !how.yes {
        let text = "it may have been mailed already: ask whoever should have it, then retry it with --yes, or drop it";
        return Err(Failure::new(exit::DATA, text));
    }
    // By other rules than those of its folder it would be another mail: nothing is guessed.
    let settings = how.place.config.load().map_err(|wrong| Failure::new(exit::SETTINGS, wrong))?;
    let rules = rules_of(&settings, bad.folder.as_deref());
    let most = usize::try_from(rules.limits.message_size).unwrap_or(usize::MAX).saturating_add(MAX_ENVELOPE);
    let octets = content.all(most).map_err(|error| Failure::new(super::code_of(&error), error))?;
    let unique = u128::from_be_bytes(*KeyHash::of(&bad.entry.name).octets());
    let making = Making { now: SystemTime::now().into(), host: &settings.hostname, unique };
    let mut draft = read_file(&octets, &rules, &making).map_err(|problem| {
        let text = format!("{problem}; put a corrected copy into the folder, then drop this");
        Failure::new(exit::DATA, text)
    })?;
    if let Some(to) = to {
        draft.envelope.recipients = std::iter::once(to.clone()).collect();
    }
    Ok(draft)
}

/// The rules of the folder that it was in, if there is still one.
fn rules_of(settings: &Settings, folder: Option<&str>) -> FileRules {
    let of = settings.pickup.iter().find(|one| folder.is_some_and(|folder| one.folder == Path::new(folder)));
    settings.file_rules(of.unwrap_or(&Pickup::new("")))
}

fn code_of_connecting(error: &ConnectError) -> u8 {
    match error {
        ConnectError::NotPermitted { .. } => exit::NOT_PERMITTED,
        ConnectError::NoPath { .. } => exit::USAGE,
        ConnectError::Threads(_) => exit::SYSTEM,
        _ => exit::UNAVAILABLE,
    }
}

fn code_of_sending(error: &SendError) -> u8 {
    match error {
        SendError::NoEngine { .. } | SendError::Stopped(_) => exit::UNAVAILABLE,
        error if error.is_temporary() => exit::TEMPORARY,
        _ => exit::DATA,
    }
}
