//! Whose turn it is among mails of different urgency: the most urgent first, and nobody waits without end.
//!
//! Rule: the more urgent goes first, but who is less urgent and waits is passed over only so many times in a row. So each
//! has a share of the turns that nobody can take from it. Pure: no clock, no mails.

use postrider_engine::QueuePriority;

/// How many levels of urgency there are.
pub const LEVELS: usize = QueuePriority::ALL.len();

/// So many turns in a row of others a level waits for at most, the most urgent level first. Somebody who sits there and
/// waits hardly feels one turn in four of others; newsletters that get one turn in eight still end on the same day.
const PATIENCE: [u8; LEVELS] = [u8::MAX, 3, 7];

/// The place of a priority among the levels: the most urgent is 0.
pub fn level(priority: QueuePriority) -> usize {
    match priority {
        QueuePriority::High => 0,
        QueuePriority::Normal => 1,
        QueuePriority::Low => 2,
    }
}

/// Remembers who was passed over.
#[derive(Clone, Debug, Default)]
pub struct Turns {
    passed_over: [u8; LEVELS],
}

impl Turns {
    /// Whose turn it is, of those levels where somebody waits. Asking changes nothing.
    pub fn whose(&self, waits: [bool; LEVELS]) -> Option<usize> {
        let is_owed = |level: &usize| waits[*level] && self.passed_over[*level] >= PATIENCE[*level];
        let owed = (1..LEVELS).rev().find(is_owed);
        owed.or_else(|| waits.iter().position(|waits| *waits))
    }

    /// This level had its turn, while somebody waited at these.
    pub fn took(&mut self, level: usize, waits: [bool; LEVELS]) {
        for (other, passed_over) in self.passed_over.iter_mut().enumerate() {
            *passed_over = match waits[other] && other != level {
                true => passed_over.saturating_add(1),
                false => 0,
            };
        }
    }

    /// Takes the next turn, if somebody waits.
    pub fn take(&mut self, waits: [bool; LEVELS]) -> Option<usize> {
        let level = self.whose(waits)?;
        self.took(level, waits);
        Some(level)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn turns(waits: [bool; LEVELS], count: usize) -> Vec<usize> {
        let mut turns = Turns::default();
        (0..count).map_while(|_| turns.take(waits)).collect()
    }

    #[test]
    fn the_most_urgent_go_first_and_each_level_has_its_share() {
        let table = [
            ([true, true, true], vec![0, 0, 0, 1, 0, 0, 0, 2, 1, 0, 0, 0, 1, 0, 0, 2]),
            ([true, false, false], vec![0; 16]),
            ([false, true, true], vec![1, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1, 1, 1, 1, 2]),
            ([true, false, true], vec![0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 2]),
            ([false, false, true], vec![2; 16]),
            ([false, false, false], vec![]),
        ];
        for (waits, expected) in table {
            assert_eq!(turns(waits, 16), expected, "{waits:?}");
        }
    }

    #[test]
    fn the_levels_are_in_the_order_of_the_priorities() {
        assert_eq!(QueuePriority::ALL.map(level), [0, 1, 2]);
    }

    #[test]
    fn who_had_the_turns_alone_saves_none_up() {
        let mut turns = Turns::default();
        let alone = (0..100).filter_map(|_| turns.take([false, false, true]));
        assert_eq!(alone.count(), 100);
        assert_eq!(turns.take([true, false, true]), Some(0), "one that is urgent is next");
    }

    proptest! {
        #[test]
        fn nobody_waits_longer_than_its_patience_and_one_turn_of_another(
            waits in prop::collection::vec(any::<[bool; LEVELS]>(), 0..200),
        ) {
            let (mut turns, mut waited) = (Turns::default(), [0_u8; LEVELS]);
            for waits in waits {
                let taken = turns.take(waits);
                prop_assert_eq!(taken.is_some(), waits.contains(&true));
                prop_assert!(taken.is_none_or(|level| waits[level]));
                for level in 1..LEVELS {
                    waited[level] = if waits[level] && taken != Some(level) { waited[level] + 1 } else { 0 };
                    prop_assert!(waited[level] <= PATIENCE[level] + 1, "level {} waits {:?}", level, waited);
                }
            }
        }
    }
}
