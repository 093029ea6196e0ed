//! A table with a limit, whose entries are in the order in which they were put: the oldest goes when there is no room.
//!
//! Rule: it never has more entries than its limit; every step takes the same small time however many there are.

use std::{
    collections::{BTreeMap, HashMap},
    hash::Hash,
};

/// Keys and values by age.
#[derive(Debug)]
pub(super) struct Aged<K, V> {
    entries: HashMap<K, (u64, V)>,
    /// The keys by their turn: the oldest first.
    order: BTreeMap<u64, K>,
    next: u64,
    most: usize,
}

impl<K: Clone + Eq + Hash, V> Aged<K, V> {
    /// A table of at most so many entries.
    pub(super) fn new(most: usize) -> Self {
        Aged { entries: HashMap::new(), order: BTreeMap::new(), next: 0, most: most.max(1) }
    }

    /// The value of a key; its age stays.
    pub(super) fn get(&self, key: &K) -> Option<&V> {
        self.entries.get(key).map(|(_, value)| value)
    }

    /// Puts a value in, in the place of the key's old one: it is the youngest now.
    pub(super) fn put(&mut self, key: K, value: V) {
        self.take(&key);
        while self.entries.len() >= self.most && self.take_oldest() {}
        self.order.insert(self.next, key.clone());
        self.entries.insert(key, (self.next, value));
        self.next += 1;
    }

    /// Takes a value out.
    pub(super) fn take(&mut self, key: &K) -> Option<V> {
        let (turn, value) = self.entries.remove(key)?;
        self.order.remove(&turn);
        Some(value)
    }

    /// Takes out the oldest ones, as long as `is_over` says so of them, and says how many.
    pub(super) fn expire(&mut self, is_over: impl Fn(&V) -> bool) -> usize {
        let before = self.entries.len();
        while self.iter().next().is_some_and(|(_, value)| is_over(value)) && self.take_oldest() {}
        before - self.entries.len()
    }

    /// All, the oldest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.order.values().filter_map(|key| Some((key, self.get(key)?)))
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    fn take_oldest(&mut self) -> bool {
        let oldest = self.order.pop_first();
        oldest.is_some_and(|(_, key)| self.entries.remove(&key).is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_goes_when_there_is_no_room_and_what_was_put_again_is_young() {
        let mut table = Aged::new(2);
        table.put("a", 1);
        table.put("b", 2);
        table.put("a", 3);
        table.put("c", 4);
        assert_eq!(table.iter().collect::<Vec<_>>(), [(&"a", &3), (&"c", &4)]);
        assert_eq!((table.len(), table.get(&"b")), (2, None));
        assert_eq!((table.take(&"a"), table.len()), (Some(3), 1));
    }

    #[test]
    fn only_the_oldest_ones_expire() {
        let mut table = Aged::new(9);
        [5, 1, 9, 2].into_iter().for_each(|n| table.put(n, n));
        assert_eq!(table.expire(|n| *n < 6), 2);
        assert_eq!(table.iter().map(|(n, _)| *n).collect::<Vec<_>>(), [9, 2]);
    }
}
