//! What the spooler knows of mail that is not out: who is due when, and nothing else.
//!
//! At most so many mails, and so many octets of them, are out (live, in memory) at once. The rest stand in line here: by
//! urgency, who has just come in turns with who comes back, then by time, then by age. One that rests costs less than a hundred octets.

use std::collections::{btree_map::Entry, BTreeMap, HashMap};

use postrider_engine::{Draft, Errand, Hop, Moment, QueueId, QueuePriority, RcptNo};

use line::{Comes, Hops, Lines};
use resting::{Due, Resting};

/// Bounds of what is out.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    /// Mails. One thousand would stop a busy hop from behind a slow one; a million would fill the memory.
    pub mails: usize,
    /// Octets of content in memory.
    pub octets: usize,
}

/// Counts holds, and keeps those who wait in line.
pub struct Index {
    room: Room,
    octets_out: usize,
    out: HashMap<QueueId, Out>,
    /// By number, so that one can go through them part by part.
    resting: BTreeMap<QueueId, Resting>,
    /// Why some of those who rest will be offered, if it is not their time alone.
    errands: HashMap<QueueId, Errand>,
    lines: Lines,
    hops: Hops,
}

/// A mail that somebody holds.
#[derive(Default)]
struct Out {
    /// How many holds were given out and have not ended: once parts of a mail rest, a second offer makes a second hold.
    holds: u32,
    octets: usize,
}

/// A mail that has just come.
pub struct New<W> {
    /// Its number.
    pub id: QueueId,
    /// For whom it is.
    pub who: W,
    /// Octets of its content in memory.
    pub octets: usize,
    /// How urgent it is.
    pub priority: QueuePriority,
    /// It rests until then.
    pub begins: Option<Moment>,
}

impl New<()> {
    /// As its draft says.
    pub fn of(id: QueueId, draft: &Draft) -> New<impl Iterator<Item = RcptNo> + '_> {
        let (envelope, octets) = (&draft.envelope, draft.content.octets_in_memory());
        let (who, priority, begins) = (envelope.recipients.numbers(), envelope.priority, envelope.rests_until());
        New { id, who, octets, priority, begins }
    }
}

impl Index {
    /// Nobody is out, nobody rests.
    pub fn new(room: Room) -> Self {
        let (out, resting, lines) = (HashMap::new(), BTreeMap::new(), Lines::default());
        Index { room, octets_out: 0, out, resting, errands: HashMap::new(), lines, hops: Hops::default() }
    }

    /// From now on so much may be out. Who is out stays out.
    pub fn set_room(&mut self, room: Room) {
        self.room = room;
    }

    /// A new mail may go out at once if its time has come, there is room, and nobody is before it. Otherwise it stands in
    /// line.
    pub fn admit<W: Iterator<Item = RcptNo>>(&mut self, new: New<W>, now: Moment) -> bool {
        let New { id, who, octets, priority, begins } = new;
        let due = begins.map_or(now, |begins| begins.max(now));
        if due > now || self.is_full() || !self.lines.lets_pass(priority, now) {
            let comes = if due > now { Comes::Back } else { Comes::New };
            self.put(id, who.map(|no| (no, Due { at: due, aside: false, priority })), comes);
            return false;
        }
        self.resting.remove(&id); // nobody else may have taken it for forgotten and put it to rest
        self.give_out(id);
        self.weigh(id, octets);
        true
    }

    fn give_out(&mut self, id: QueueId) {
        self.out.entry(id).or_default().holds += 1;
    }

    /// So many octets of a mail that is out came into memory.
    pub fn weigh(&mut self, id: QueueId, octets: usize) {
        if let Some(out) = self.out.get_mut(&id) {
            out.octets += octets;
            self.octets_out += octets;
        }
    }

    /// These wait until they are due.
    pub fn rest(&mut self, id: QueueId, priority: QueuePriority, who: impl Iterator<Item = (RcptNo, Moment)>) {
        self.put(id, who.map(|(no, at)| (no, Due { at, aside: false, priority })), Comes::Back);
    }

    /// The same, and they come when their hop has room, even before they are due.
    pub fn stand_aside(
        &mut self,
        id: QueueId,
        priority: QueuePriority,
        who: impl Iterator<Item = (RcptNo, Moment)>,
        hop: &Hop,
    ) {
        self.put(id, who.map(|(no, at)| (no, Due { at, aside: true, priority })), Comes::Back);
        self.hops.add(hop, priority, id);
    }

    fn put(&mut self, id: QueueId, who: impl Iterator<Item = (RcptNo, Due)>, comes: Comes) {
        let lines = &mut self.lines;
        let who = who.inspect(|(_, due)| lines.add(due.priority, due.at, id, comes));
        match self.resting.entry(id) {
            Entry::Occupied(resting) => resting.into_mut().add(who),
            Entry::Vacant(new) => drop(Resting::new(who).map(|resting| new.insert(resting))),
        }
    }

    /// These are due now, on this errand.
    fn send_on(&mut self, id: QueueId, who: impl Iterator<Item = RcptNo>, errand: Errand, now: Moment) {
        let priority = self.resting.get(&id).map(Resting::priority).unwrap_or_default();
        self.rest(id, priority, who.map(|no| (no, now)));
        if self.errands.get(&id) != Some(&Errand::Asked) {
            self.errands.insert(id, errand);
        }
    }

    /// The hop has room for `room` mails of this urgency: the oldest that stand aside are due now. False: fewer than that
    /// do.
    pub fn wanted(&mut self, hop: &Hop, priority: QueuePriority, room: usize, now: Moment) -> bool {
        let Some(aside) = self.hops.0.get_mut(hop) else { return false };
        let resting = &self.resting;
        let called = std::iter::from_fn(|| aside.pop(priority))
            .filter(|id| resting.get(id).is_some_and(Resting::is_aside))
            .take(room);
        let called: Vec<QueueId> = called.collect();
        let enough = aside.has(priority);
        if aside.is_empty() {
            self.hops.0.remove(hop);
        }
        for id in called {
            self.call(id, Errand::Called, now);
        }
        enough
    }

    /// Nobody calls those who stand aside any more: all are due now.
    pub fn recall(&mut self, now: Moment) {
        let hops: Vec<Hop> = self.hops.0.keys().cloned().collect();
        for hop in hops {
            QueuePriority::ALL.into_iter().for_each(|priority| {
                self.wanted(&hop, priority, usize::MAX, now);
            });
        }
    }

    /// Those of a mail who stand aside are due now.
    fn call(&mut self, id: QueueId, errand: Errand, now: Moment) {
        let resting = self.resting.get(&id).into_iter().flat_map(Resting::iter);
        let who: Vec<RcptNo> = resting.filter(|(_, due)| due.aside).map(|(no, _)| no).collect();
        if who.is_empty() {
            return;
        }
        self.send_on(id, who.into_iter(), errand, now);
    }

    /// The next mail to go out, for which recipients (ascending), and why.
    pub fn next(&mut self, now: Moment) -> Option<(QueueId, Vec<RcptNo>, Errand)> {
        loop {
            let is_full = self.is_full();
            let head = self.lines.next(now, |id| !is_full || self.out.contains_key(&id))?;
            self.lines.remove(&head);
            let who = self.wake(head.id, now);
            if !who.is_empty() {
                self.lines.had_its_turn(&head);
                self.give_out(head.id);
                return Some((head.id, who, self.errands.remove(&head.id).unwrap_or_default()));
            }
        }
    }

    fn wake(&mut self, id: QueueId, now: Moment) -> Vec<RcptNo> {
        let Some(resting) = self.resting.get_mut(&id) else { return Vec::new() };
        let (who, is_empty) = resting.wake(now);
        if is_empty {
            self.resting.remove(&id);
        }
        who
    }

    /// A hold has ended. True if none is left: then the facts alone say what is left to do.
    pub fn back(&mut self, id: QueueId) -> bool {
        let Some(out) = self.out.get_mut(&id) else { return false };
        out.holds = out.holds.saturating_sub(1);
        if out.holds > 0 {
            return false;
        }
        self.octets_out = self.octets_out.saturating_sub(out.octets);
        self.out.remove(&id);
        true
    }

    /// The facts say that this is left to do of a mail that nobody holds. Who rests already keeps the time.
    pub fn left(&mut self, id: QueueId, priority: QueuePriority, left: &[(RcptNo, Moment)]) {
        if self.out.contains_key(&id) {
            return; // offered meanwhile; its new hold will tell
        }
        let before: BTreeMap<RcptNo, Due> = self.resting.remove(&id).iter().flat_map(Resting::iter).collect();
        let due =
            |(no, at): &(RcptNo, Moment)| (*no, *before.get(no).unwrap_or(&Due { at: *at, aside: false, priority }));
        self.put(id, left.iter().map(due), Comes::Back);
    }

    /// Nothing is left to do, or nobody may: the mail is not offered any more.
    pub fn forget(&mut self, id: QueueId) {
        self.resting.remove(&id);
        self.errands.remove(&id);
    }

    /// When the spooler must look again; nobody moves up while there is no room.
    pub fn wake_at(&self, now: Moment) -> Option<Moment> {
        self.lines.first_due(self.is_full().then_some(now))
    }

    /// The mail is out, or rests: something will come of it.
    pub fn has(&self, id: QueueId) -> bool {
        self.out.contains_key(&id) || self.resting.contains_key(&id)
    }

    /// Somebody has it in hand.
    pub fn is_out(&self, id: QueueId) -> bool {
        self.out.contains_key(&id)
    }

    /// How many mails are out and how many rest.
    pub fn counts(&self) -> (usize, usize) {
        (self.out.len(), self.resting.len())
    }

    fn is_full(&self) -> bool {
        self.out.len() >= self.room.mails || self.octets_out >= self.room.octets
    }
}

mod asking;
mod line;
mod resting;
pub use asking::Asked;
#[cfg(test)]
mod tests;
