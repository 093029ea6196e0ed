//! Who of a mail rests, and until when. Most mails have one recipient, newsletters a hundred thousand.

use std::collections::BTreeMap;

use postrider_engine::{Moment, QueuePriority, RcptNo};

/// For whom of one mail somebody rests.
pub(super) enum Resting {
    One(RcptNo, Due),
    Many(BTreeMap<RcptNo, Due>),
}

/// When a recipient is due.
#[derive(Clone, Copy)]
pub(super) struct Due {
    /// From then on.
    pub at: Moment,
    /// It stands aside: its hop may call it before.
    pub aside: bool,
    /// That of its mail: here it takes no room of its own.
    pub priority: QueuePriority,
}

impl Resting {
    pub fn new(mut who: impl Iterator<Item = (RcptNo, Due)>) -> Option<Self> {
        let first = who.next()?;
        match who.next() {
            None => Some(Resting::One(first.0, first.1)),
            Some(second) => Some(Resting::Many([first, second].into_iter().chain(who).collect())),
        }
    }

    pub fn iter(&self) -> Box<dyn Iterator<Item = (RcptNo, Due)> + '_> {
        match self {
            Resting::One(no, due) => Box::new(std::iter::once((*no, *due))),
            Resting::Many(all) => Box::new(all.iter().map(|(no, due)| (*no, *due))),
        }
    }

    /// These wait as said here, whatever was said of them before. A newsletter has a hundred thousand, and they come in
    /// pieces: nobody else is touched.
    pub fn add(&mut self, new: impl Iterator<Item = (RcptNo, Due)>) {
        match self {
            Resting::Many(all) => all.extend(new),
            Resting::One(no, due) => {
                let all: BTreeMap<_, _> = std::iter::once((*no, *due)).chain(new).collect();
                *self = Resting::of(all);
            }
        }
    }

    fn of(all: BTreeMap<RcptNo, Due>) -> Self {
        match all.iter().next() {
            Some((no, due)) if all.len() == 1 => Resting::One(*no, *due),
            _ => Resting::Many(all),
        }
    }

    /// Takes out who is due, ascending. True: nobody is left here.
    pub fn wake(&mut self, now: Moment) -> (Vec<RcptNo>, bool) {
        match self {
            Resting::One(no, due) if due.at <= now => (vec![*no], true),
            Resting::One(..) => (Vec::new(), false),
            Resting::Many(all) => {
                let due = all.extract_if(.., |_, due| due.at <= now).map(|(no, _)| no).collect();
                (due, all.is_empty())
            }
        }
    }

    pub fn priority(&self) -> QueuePriority {
        self.iter().next().map(|(_, due)| due.priority).unwrap_or_default()
    }

    /// Some of its recipients stand aside.
    pub fn is_aside(&self) -> bool {
        self.iter().any(|(_, due)| due.aside)
    }
}
