//! Keeps mail in its order through a stage in which one may take longer than another.
//!
//! Rule: who comes out goes on when all before it are out; but who is too slow loses its place, and the others go by.

use std::collections::VecDeque;

/// Those who are in the stage, in the order in which they came.
pub struct Order<T> {
    /// The place of the first slot.
    first: u64,
    slots: VecDeque<Slot<T>>,
}

enum Slot<T> {
    Inside,
    Out(Option<T>),
}

impl<T> Default for Order<T> {
    fn default() -> Self {
        Order { first: 0, slots: VecDeque::new() }
    }
}

impl<T> Order<T> {
    /// Nobody is inside.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// One goes in. Gives its place.
    pub fn enter(&mut self) -> u64 {
        self.slots.push_back(Slot::Inside);
        self.first + self.slots.len() as u64 - 1
    }

    /// One comes out, or nothing of it. Gives all who may go on now, in their order.
    pub fn out(&mut self, place: u64, who: Option<T>) -> Vec<T> {
        match self.slot(place) {
            Some(slot) => {
                *slot = Slot::Out(who);
                self.free()
            }
            None => who.into_iter().collect(), // it had lost its place
        }
    }

    /// It is too slow: all before it are, too, and nobody waits for them any more.
    pub fn overtake(&mut self, place: u64) -> Vec<T> {
        let mut free = Vec::new();
        while self.first <= place && !self.slots.is_empty() {
            self.first += 1;
            if let Some(Slot::Out(Some(who))) = self.slots.pop_front() {
                free.push(who);
            }
        }
        free.append(&mut self.free());
        free
    }

    fn slot(&mut self, place: u64) -> Option<&mut Slot<T>> {
        let at = usize::try_from(place.checked_sub(self.first)?).ok()?;
        self.slots.get_mut(at)
    }

    fn free(&mut self) -> Vec<T> {
        let mut free = Vec::new();
        while let Some(Slot::Out(_)) = self.slots.front() {
            self.first += 1;
            if let Some(Slot::Out(Some(who))) = self.slots.pop_front() {
                free.push(who);
            }
        }
        free
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_comes_out_early_waits_for_those_before_it() {
        let mut order = Order::default();
        let places: Vec<u64> = (0..4).map(|_| order.enter()).collect();
        assert_eq!(order.out(places[2], Some('c')), [] as [char; 0]);
        assert_eq!(order.out(places[0], Some('a')), ['a']);
        assert_eq!(order.out(places[1], None), ['c']);
        assert_eq!(order.out(places[3], Some('d')), ['d']);
        assert!(order.is_empty());
    }

    #[test]
    fn who_is_too_slow_is_overtaken_and_goes_on_when_it_comes_out() {
        let mut order = Order::default();
        let places: Vec<u64> = (0..3).map(|_| order.enter()).collect();
        assert_eq!(order.out(places[1], Some('b')), [] as [char; 0]);
        assert_eq!(order.overtake(places[0]), ['b']);
        assert_eq!(order.out(places[2], Some('c')), ['c']);
        assert_eq!(order.out(places[0], Some('a')), ['a']);
        assert_eq!(order.overtake(places[0]), [] as [char; 0]);
        let next = order.enter();
        assert_eq!(order.out(next, Some('d')), ['d']);
    }
}
