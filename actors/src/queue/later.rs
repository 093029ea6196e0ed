//! Who waits for its time: slips that are tried again soon. Pure: it knows no hop and no clock.

use std::collections::{BTreeMap, HashMap};

use postrider_engine::{Moment, QueueId};

use super::ready::Place;
use crate::turns::{level, LEVELS};

/// All that wait here.
pub(super) struct Later<T> {
    /// By due time, then by arrival here.
    all: BTreeMap<(Moment, u64), Waiting<T>>,
    arrivals: u64,
    /// How many slips of each mail are here, for each level of urgency.
    mails: [HashMap<QueueId, usize>; LEVELS],
}

struct Waiting<T> {
    level: usize,
    mail: QueueId,
    slip: T,
}

impl<T> Default for Later<T> {
    fn default() -> Self {
        Later { all: BTreeMap::new(), arrivals: 0, mails: Default::default() }
    }
}

impl<T> Later<T> {
    /// Waits until it is due.
    pub fn insert(&mut self, due: Moment, &Place { priority, mail, .. }: &Place, slip: T) {
        let level = level(priority);
        self.arrivals += 1;
        *self.mails[level].entry(mail).or_default() += 1;
        self.all.insert((due, self.arrivals), Waiting { level, mail, slip });
    }

    /// When the first is due.
    pub fn first_due(&self) -> Option<Moment> {
        self.all.keys().next().map(|(due, _)| *due)
    }

    /// The first, if it is due.
    pub fn pop(&mut self, now: Moment) -> Option<T> {
        let (_, waiting) = self.all.first_entry().filter(|first| first.key().0 <= now)?.remove_entry();
        Some(self.gone(waiting))
    }

    /// Those who are meant, whenever they are due, in the order of their times.
    pub fn extract(&mut self, mut is_meant: impl FnMut(&T) -> bool) -> Vec<T> {
        let meant: Vec<_> = self.all.extract_if(.., |_, waiting| is_meant(&waiting.slip)).collect();
        meant.into_iter().map(|(_, waiting)| self.gone(waiting)).collect()
    }

    /// All, with their times.
    pub fn drain(&mut self) -> Vec<(Moment, T)> {
        self.mails = Default::default();
        std::mem::take(&mut self.all).into_iter().map(|((due, _), waiting)| (due, waiting.slip)).collect()
    }

    fn gone(&mut self, Waiting { level, mail, slip }: Waiting<T>) -> T {
        if let Some(slips) = self.mails[level].get_mut(&mail) {
            *slips -= 1;
            if *slips == 0 {
                self.mails[level].remove(&mail);
            }
        }
        slip
    }

    /// Some of this mail wait here.
    pub fn has(&self, place: &Place) -> bool {
        self.mails[level(place.priority)].contains_key(&place.mail)
    }

    /// How many mails of this urgency wait here, in however many slips.
    pub fn mails(&self, level: usize) -> usize {
        self.mails[level].len()
    }

    /// Nobody waits here.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use postrider_engine::QueuePriority;

    use super::*;

    fn place(mail: u64) -> Place {
        Place { priority: QueuePriority::Low, sender: None, mail: QueueId(mail) }
    }

    #[test]
    fn they_come_when_they_are_due_and_a_mail_counts_once_in_however_many_slips() {
        let mut later = Later::default();
        for (due, mail) in [(5, 1), (3, 2), (5, 2), (4, 1)] {
            later.insert(Moment(due), &place(mail), (due, mail));
        }
        let low = level(QueuePriority::Low);
        assert_eq!((later.mails(low), later.first_due()), (2, Some(Moment(3))));
        assert_eq!(
            (later.pop(Moment(2)), later.pop(Moment(4)), later.pop(Moment(4))),
            (None, Some((3, 2)), Some((4, 1)))
        );
        assert_eq!(later.extract(|(_, mail)| *mail == 2), [(5, 2)]);
        assert!(later.has(&place(1)) && !later.has(&place(2)));
        assert_eq!((later.mails(low), later.drain()), (1, vec![(Moment(5), (5, 1))]));
        assert!(later.is_empty() && later.mails(low) == 0 && !later.has(&place(1)));
    }
}
