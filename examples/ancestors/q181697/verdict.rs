//! Compares what came out with what the writers know.
//!
//! Rule: what was answered comes out once, whole; what was not answered and not sent again, once at most; what was refused
//! or never begun, never. No two mails have the same `Message-ID`.

use std::collections::HashMap;

use super::{
    came::Came,
    journal::{Attempt, Ended, Followed},
    mail::{MailId, Sum},
};

/// What differs.
#[derive(Debug, Default)]
pub struct Differences {
    pub lost: usize,
    pub duplicated: usize,
    pub damaged: usize,
    /// Came out, and was not taken.
    pub unasked: usize,
    /// Two of one `Message-ID`.
    pub alike: usize,
    /// Mails that were begun.
    pub mails: usize,
    /// Of them, those that nobody had an answer for in the end, and whether they came out.
    pub open: Vec<(MailId, bool)>,
    first: Option<(MailId, &'static str)>,
}

impl Differences {
    pub fn sum(&self) -> usize {
        self.lost + self.duplicated + self.damaged + self.unasked + self.alike
    }

    /// What they are, in one line.
    pub fn told(&self) -> String {
        let Differences { lost, duplicated, damaged, unasked, alike, mails, .. } = self;
        let more = match unasked + alike {
            0 => String::new(),
            _ => format!(", {unasked} came unasked, {alike} had the Message-ID of another"),
        };
        let first = self.first.map_or("none".to_owned(), |(id, why)| format!("{id} ({why})"));
        format!("lost {lost}, duplicated {duplicated}, damaged {damaged} of {mails}{more}; first: {first}")
    }

    fn note(&mut self, id: MailId, why: &'static str) {
        if self.first.is_none_or(|(first, _)| id < first) {
            self.first = Some((id, why));
        }
    }

    fn one(&mut self, id: MailId, attempts: &[Attempt], copies: &[Sum]) {
        self.mails += 1;
        let is = |ended| attempts.iter().any(|attempt| attempt.ended == ended);
        let (taken, unknown) = (is(Ended::Taken), is(Ended::Unknown));
        match (taken, unknown) {
            (true, _) if copies.is_empty() => {
                self.lost += 1;
                self.note(id, "it was answered and did not come out");
            }
            (false, true) => self.open.push((id, !copies.is_empty())),
            (false, false) if !copies.is_empty() => {
                self.unasked += 1;
                self.note(id, "it came out and was refused");
            }
            _ => {}
        }
        if copies.len() > 1 {
            self.duplicated += 1;
            self.note(id, "it came out more than once");
        }
        let sent = |sum: &Sum| attempts.iter().any(|attempt| attempt.ended != Ended::Refused && attempt.sum == *sum);
        if (taken || unknown) && !copies.iter().all(sent) {
            self.damaged += 1;
            self.note(id, "it is not what was sent");
        }
    }
}

/// Judges them all; the journals are in the order of the writers.
pub fn judge(journals: &[Followed], came: &[Came]) -> Differences {
    let mut all = Differences::default();
    let mut copies = HashMap::<MailId, Vec<Sum>>::new();
    let mut message_ids = HashMap::<u64, MailId>::new();
    for came in came {
        let Some(id) = came.id else {
            all.damaged += 1;
            all.note(MailId { writer: 0, number: 0 }, "one does not say which mail it is");
            continue;
        };
        copies.entry(id).or_default().push(came.sum);
        if came.message_id.and_then(|its| message_ids.insert(its, id)).is_some_and(|other| other != id) {
            all.alike += 1;
            all.note(id, "it has the Message-ID of another");
        }
    }
    for (writer, journal) in (0..).zip(journals) {
        for (number, attempts) in (0..).zip(&journal.told).filter(|(_, attempts)| !attempts.is_empty()) {
            let id = MailId { writer, number };
            all.one(id, attempts, &copies.remove(&id).unwrap_or_default());
        }
    }
    for id in copies.keys() {
        all.unasked += 1;
        all.note(*id, "nobody has sent it");
    }
    all
}
