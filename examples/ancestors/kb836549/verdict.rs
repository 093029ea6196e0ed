//! Compares what came out with what was taken.
//!
//! Rule: what was answered with 250 comes out once, with the edits of chains that were in force while it was under way;
//! what was refused never; what is in doubt once at most.

use std::collections::BTreeMap;

use super::{
    client::{Attempt, Ended},
    edit::Edit,
    mail::AttemptId,
    target::Came,
    versions::Version,
};

/// The events in the order in which a mail meets them.
const EVENTS: [&str; 5] = ["end_of_data", "submission", "pre_categorize", "categorize", "post_categorize"];

/// What differs.
#[derive(Debug, Default)]
pub struct Differences {
    pub lost: usize,
    pub duplicated: usize,
    pub damaged: usize,
    /// Came out, and was never taken.
    pub unasked: usize,
    pub unanswered: usize,
    /// The first, by its number, and what is the matter.
    pub first: Option<(AttemptId, String)>,
    /// Edits that were found and right.
    pub edits: usize,
}

impl Differences {
    pub fn sum(&self) -> usize {
        self.lost + self.duplicated + self.damaged + self.unasked + self.unanswered
    }

    /// What they are, in one line.
    pub fn told(&self, of: usize) -> String {
        let Differences { lost, duplicated, damaged, unasked, unanswered, .. } = self;
        let more = match unasked + unanswered {
            0 => String::new(),
            _ => format!(", {unasked} came unasked, {unanswered} were not answered"),
        };
        let none = "none".to_owned();
        let first = self.first.as_ref().map_or(none, |(id, why)| format!("{id} ({why})"));
        format!("lost {lost}, duplicated {duplicated}, damaged {damaged} of {of}{more}; first: {first}")
    }

    fn note(&mut self, id: AttemptId, why: impl Into<String>) {
        if self.first.as_ref().is_none_or(|(first, _)| id < *first) {
            self.first = Some((id, why.into()));
        }
    }
}

/// All that came out of one attempt.
type Copies<'a> = Vec<(&'a [String], Result<&'a [Edit], &'a str>)>;

/// Judges them all.
pub fn judge(attempts: &[Attempt], came: &[Came], history: &[Version]) -> Differences {
    let mut all = Differences::default();
    let mut copies = BTreeMap::<AttemptId, Copies<'_>>::new();
    for came in came {
        match &came.what {
            Ok((id, edits)) => copies.entry(*id).or_default().push((&came.to, Ok(edits))),
            Err((Some(id), why)) => copies.entry(*id).or_default().push((&came.to, Err(why))),
            Err((None, why)) => {
                all.damaged += 1;
                all.note(AttemptId { mail: 0, attempt: 0 }, why.clone());
            }
        }
    }
    for attempt in attempts {
        one(&mut all, attempt, &copies.remove(&attempt.id).unwrap_or_default(), history);
    }
    for id in copies.keys() {
        all.unasked += 1;
        all.note(*id, "nobody has sent it");
    }
    all
}

fn one(all: &mut Differences, attempt: &Attempt, copies: &Copies<'_>, history: &[Version]) {
    let (id, mut times) = (attempt.id, Vec::new());
    for to in id.recipients() {
        times.push(copies.iter().filter(|(those, _)| those.contains(&to)).count());
    }
    let (least, most) = (times.iter().min().copied().unwrap_or(0), times.iter().max().copied().unwrap_or(0));
    match &attempt.ended {
        Ended::Taken if least == 0 => {
            all.lost += 1;
            all.note(id, "it was taken and did not come out");
        }
        Ended::Refused | Ended::BrokenOff if most > 0 => {
            all.unasked += 1;
            all.note(id, "it came out and was not taken");
        }
        Ended::Unanswered(why) => {
            all.unanswered += 1;
            all.note(id, format!("its client got no answer: {why}"));
        }
        _ => {}
    }
    if most > 1 {
        all.duplicated += 1;
        all.note(id, format!("it came out {most} times"));
    }
    let wrong = copies.iter().find_map(|(_, edits)| edits.and_then(|edits| in_force(attempt, edits, history)).err());
    match wrong {
        Some(why) => {
            all.damaged += 1;
            all.note(id, why);
        }
        None => all.edits += copies.iter().map(|(_, edits)| edits.map_or(0, <[Edit]>::len)).sum::<usize>(),
    }
}

/// The edits of each event are those of a chain that was in force, none before that of the event before.
fn in_force<'a>(attempt: &Attempt, edits: &[Edit], history: &[Version]) -> Result<(), &'a str> {
    let last = history.len().saturating_sub(1);
    let (mut from, mut seen) = (attempt.from, 0);
    for event in EVENTS {
        let of_event: Vec<&str> = edits.iter().filter(|edit| edit.event == event).map(|edit| &*edit.label).collect();
        let to = if matches!(event, "end_of_data" | "submission") { attempt.to.min(last) } else { last };
        let is_chain = |at: &usize| {
            let chain = history[*at].get(event).map(Vec::as_slice).unwrap_or_default();
            chain.iter().map(|label| &**label).eq(of_event.iter().copied())
        };
        from = (from..=to).find(is_chain).ok_or("its edits are not those of a chain that was in force")?;
        let in_order = edits[seen..].iter().take(of_event.len()).all(|edit| edit.event == event);
        seen += of_event.len();
        if !in_order {
            return Err("its edits are not in the order of the events");
        }
    }
    Ok(())
}
