//! What a report says to a person: plain words, with what the other side said as it said it.

use std::fmt::Write as _;

use super::{Addressee, Report};
use crate::{Failure, Reply};

/// Characters of a reply that are quoted.
const QUOTED: usize = 4000;

/// The subject: "failed" only if all have.
pub(super) fn subject(told: &[Addressee<'_>]) -> &'static str {
    match told.iter().any(|told| told.failure.perhaps) {
        false => "Your mail could not be delivered",
        true => "Your mail may not have been delivered",
    }
}

/// The first part of a report. `whole`: all of the mail is returned, not just its header.
pub(super) fn text(report: &Report<'_>, whole: bool) -> String {
    let host = line(&report.settings.host);
    let arrived = report.failed.draft.envelope.arrived;
    let mut text = format!("This is the mail system of {host}.\n\n");
    let _ = write!(text, "Your mail of {arrived} did not reach everyone it was for. ");
    text.push_str("Nothing more will be tried for:\n");
    for told in report.told {
        let _ = write!(text, "\n<{}>\n", line(told.recipient.address.as_str()));
        recipient(told.failure, &mut text);
    }
    let what = if whole { "Your mail" } else { "The header of your mail" };
    let from = line(report.settings.from.as_str());
    let _ = write!(text, "\n{what} is attached. If you need help, write to {from} and send this report along.\n");
    text
}

fn recipient(failure: &Failure, text: &mut String) {
    let Failure { diagnosis, attempts, perhaps } = failure;
    let times = match attempts {
        0 => String::new(),
        1 => " It was tried once.".into(),
        n => format!(" It was tried {n} times."),
    };
    let fate = match perhaps {
        false => "The mail could not be delivered.",
        true => "The mail may have been delivered: it was sent, and no answer came that would confirm it.",
    };
    let who = match &diagnosis.remote {
        Some(host) => format!("{} said", line(host)),
        None => "The reason".into(),
    };
    let _ = write!(text, "    {fate}{times}\n    {who}:\n");
    for said in lines(&diagnosis.reply) {
        let _ = writeln!(text, "        {said}");
    }
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
    let turns = |c: char| matches!(c, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().map(|c| if c.is_control() || turns(c) { ' ' } else { c }).collect()
}
