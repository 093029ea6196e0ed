//! What a report says to a person: plain words, with what the other side said as it said it.

use std::{fmt::Write as _, time::Duration};

use super::{Addressee, Reader, Report};
use crate::{Enhanced, Fate, Reply, Scope, Story};

/// Characters of a reply that are quoted.
const QUOTED: usize = 4000;

/// In this order a report speaks of them.
const FATES: [Fate; 5] = [Fate::Failed, Fate::Delayed, Fate::Delivered, Fate::Relayed, Fate::Expanded];

/// The subject: "failed" only if all have.
pub(super) fn subject(report: &Report<'_>) -> &'static str {
    let told = &report.told;
    let all = |fates: &[Fate]| told.iter().all(|told| fates.contains(&told.story.fate));
    let perhaps = told.iter().any(|told| told.story.perhaps);
    match report.reader {
        Reader::Keeper => "A mail without a sender could not be delivered",
        _ if all(&[Fate::Failed]) && !perhaps => "Your mail could not be delivered",
        _ if all(&[Fate::Failed]) => "Your mail may not have been delivered",
        _ if all(&[Fate::Delayed]) => "Your mail is late",
        _ if all(&[Fate::Delivered]) => "Your mail was delivered",
        _ if all(&[Fate::Delivered, Fate::Relayed, Fate::Expanded]) => "Your mail was passed on",
        _ => "What became of your mail",
    }
}

/// The first part of a report. `whole`: all of the mail is returned, not just its header.
pub(super) fn text(report: &Report<'_>, whole: bool) -> String {
    let mut text = format!("This is the mail system of {}.\n", line(&report.settings.host));
    for fate in FATES {
        let some: Vec<_> = report.told.iter().filter(|told| told.story.fate == fate).collect();
        if !some.is_empty() {
            text.push('\n');
            text.push_str(&heading(report, fate));
            some.into_iter().for_each(|told| recipient(report, told, &mut text));
        }
    }
    let what = match (report.reader, whole) {
        (Reader::Keeper, true) => "The mail",
        (Reader::Keeper, false) => "The header of the mail",
        (Reader::Sender, true) => "Your mail",
        (Reader::Sender, false) => "The header of your mail",
    };
    let _ = write!(text, "\n{what} is attached.");
    if report.reader == Reader::Sender {
        let from = line(report.settings.from.as_str());
        let _ = write!(text, " If you need help, write to {from} and send this report along.");
    }
    text.push('\n');
    text
}

/// What holds for all of one fate.
fn heading(report: &Report<'_>, fate: Fate) -> String {
    let arrived = report.news.draft.envelope.arrived;
    let mail = format!("Your mail of {arrived}");
    match fate {
        Fate::Failed if report.sender().is_none() => format!(
            "A mail of {arrived} could not be delivered. It has no sender who could be told, as it is a report or an \
             answer itself; so it is kept in this host's folder for bad mail. Nothing more will be tried for:\n"
        ),
        Fate::Failed => format!("{mail} did not reach everyone it was for. Nothing more will be tried for:\n"),
        Fate::Delayed => format!(
            "{mail} is late. You need not do anything: it is kept, and tried again and again until it is delivered or \
             you are told that it cannot be. It did not yet reach:\n"
        ),
        Fate::Delivered => format!("{mail} was delivered, as you asked to be told, to:\n"),
        Fate::Relayed => format!(
            "{mail} was passed on to the next host, which does not confirm deliveries. Unless you hear of a failure, no \
             more will be told about:\n"
        ),
        Fate::Expanded => format!(
            "{mail} was passed on to all who stand behind an address that is a list. What becomes of it there is not \
             told. The address is:\n"
        ),
    }
}

fn recipient(report: &Report<'_>, told: &Addressee<'_>, text: &mut String) {
    let Addressee { recipient, story } = told;
    let is_failure = matches!(story.fate, Fate::Failed | Fate::Delayed);
    let _ = write!(text, "\n<{}>\n    {}", line(recipient.address.as_str()), fate(report, story));
    let _ = match story.attempts {
        0 => Ok(()),
        _ if !is_failure => Ok(()),
        1 => write!(text, " It was tried once."),
        n => write!(text, " It was tried {n} times."),
    };
    text.push('\n');
    // What we say ourselves of a success is said above.
    let Some(last) = story.last.as_ref().filter(|last| is_failure || last.remote.is_some()) else { return };
    text.push_str(hint(last.reply.enhanced));
    let _ = match &last.remote {
        Some(host) => writeln!(text, "    {} said:", line(host)),
        None => writeln!(text, "    The reason:"),
    };
    for said in lines(&last.reply) {
        let _ = writeln!(text, "        {said}");
    }
}

fn fate(report: &Report<'_>, story: &Story) -> String {
    match story.fate {
        Fate::Failed if story.perhaps => {
            "The mail may have been delivered: it was sent, and no answer came that would confirm it.".into()
        }
        Fate::Failed if is_expired(story) => {
            let age = report.news.draft.envelope.arrived.until(report.now);
            format!("The mail could not be delivered in time. It was kept for {}, and its time is over.", span(age))
        }
        Fate::Failed => "The mail could not be delivered.".into(),
        Fate::Delayed => match story.until {
            Some(until) => format!("The mail could not be delivered so far. It is tried until {until}."),
            None => "The mail could not be delivered so far.".into(),
        },
        Fate::Delivered => "The mail was delivered.".into(),
        Fate::Relayed => "The mail was passed on.".into(),
        Fate::Expanded => "The mail was passed on to the list.".into(),
    }
}

/// What was said last was no end: time was. Trouble with a host never ends a mail by itself.
fn is_expired(story: &Story) -> bool {
    story.last.as_ref().is_some_and(|last| !last.reply.is_permanent() || last.scope == Scope::Hop)
}

/// What some codes mean, in words.
fn hint(enhanced: Option<Enhanced>) -> &'static str {
    match enhanced {
        Some(Enhanced(4 | 5, 2, 2)) => "    The mailbox is full.\n",
        Some(Enhanced(4 | 5, 4, 6)) => "    The mail went in circles, or over too many hosts.\n",
        _ => "",
    }
}

/// A time as people say it.
fn span(time: Duration) -> String {
    let seconds = time.as_secs();
    let units = [(86_400, "days"), (3600, "hours"), (60, "minutes")];
    let (unit, name) = units.into_iter().find(|(unit, _)| seconds >= 2 * unit).unwrap_or((1, "seconds"));
    format!("{} {name}", seconds / unit)
}

/// A reply, line by line, as a person reads it.
fn lines(reply: &Reply) -> Vec<String> {
    let code = match reply.enhanced {
        Some(enhanced) => format!("{} {enhanced}", reply.code),
        None => reply.code.to_string(),
    };
    let quoted: String = reply.text.chars().take(QUOTED).collect();
    quoted.split('\n').map(|said| format!("{code} {}", line(said)).trim_end().to_owned()).collect()
}

/// One line: without controls, and without what turns the direction of writing or ends a line elsewhere.
fn line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || turns(c) { ' ' } else { c }).collect()
}

/// It turns the direction of writing, or ends a line elsewhere.
pub(super) fn turns(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
