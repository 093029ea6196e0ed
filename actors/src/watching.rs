//! Who watches which mail, and what they are told of it.
//!
//! Rule: nobody has to listen. What waits to be heard is bounded: an end of a recipient always has room, and so has the last
//! that was said of it before; what nobody has heard yet is passed over when something newer may come. A watch weighs as
//! much as it may keep: one, and one for each recipient that is open when it begins.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use postrider_engine::{DeliveryStatus, Fact, Fate, News, QueueId, RcptNo};
use tokio::sync::mpsc;

/// Mails that are watched at the same time, counted by those who watch. A million would be no use to anybody.
const MOST: usize = 100_000;
/// What all watches may weigh. A recipient that is watched takes some 200 octets when nobody listens, so it is 200 MB at worst.
const MOST_WEIGHT: usize = 1_000_000;
/// Room for news of mails with few recipients.
const ROOM: usize = 16;

/// A change in what a recipient has come to.
pub type StatusChange = (RcptNo, DeliveryStatus);

/// Who watches what.
#[derive(Default)]
pub struct Watches {
    mails: HashMap<QueueId, Vec<Watch>>,
    begun: u64,
    count: usize,
    weight: usize,
}

enum Watch {
    /// The recipients are not known yet: what happens is kept.
    Begun(u64, Vec<StatusChange>),
    Watching(Watcher),
}

struct Watcher {
    /// Those who are not at their end.
    open: BTreeSet<RcptNo>,
    tell: mpsc::Sender<StatusChange>,
    /// It stays the same until the watch ends: what was said and not heard takes room, too.
    weight: usize,
}

/// What is said of a mail that nobody watches: nothing.
pub fn unwatched() -> mpsc::Receiver<StatusChange> {
    mpsc::channel(1).1
}

/// What it weighs to watch a mail with so many open recipients.
pub fn weight(open: usize) -> usize {
    1 + open
}

impl Watches {
    /// Nobody watches anything.
    pub fn is_empty(&self) -> bool {
        self.mails.is_empty()
    }

    /// Nobody is told anything any more.
    pub fn clear(&mut self) {
        (self.mails, self.count, self.weight) = (HashMap::new(), 0, 0);
    }

    /// From now on what happens to this mail is kept until [`Watches::take`]. `None`: too many watch already.
    pub fn begin(&mut self, id: QueueId) -> Option<u64> {
        if !self.has_room(1) {
            return None;
        }
        self.begun += 1;
        self.add(id, Watch::Begun(self.begun, Vec::new()));
        Some(self.begun)
    }

    fn add(&mut self, id: QueueId, watch: Watch) {
        (self.count, self.weight) = (self.count + 1, self.weight + watch.weight());
        self.mails.entry(id).or_default().push(watch);
    }

    /// A mail that weighs more than all may is watched alone.
    fn has_room(&mut self, weight: usize) -> bool {
        let is_full = |this: &Self| (this.weight > 0 && this.weight + weight > MOST_WEIGHT) || this.count >= MOST;
        if is_full(self) {
            self.let_go();
        }
        !is_full(self)
    }

    /// Those who listen no more.
    fn let_go(&mut self) {
        let listens = |watch: &Watch| match watch {
            Watch::Begun(..) => true,
            Watch::Watching(watcher) => !watcher.tell.is_closed(),
        };
        for watches in self.mails.values_mut() {
            watches.retain(listens);
        }
        self.mails.retain(|_, watches| !watches.is_empty());
        self.count = self.mails.values().map(Vec::len).sum();
        self.weight = self.mails.values().flatten().map(Watch::weight).sum();
    }

    /// How the mail stands is known now: of what was kept so far only ends may be newer.
    pub fn pass_over(&mut self, id: QueueId, begun: Option<u64>) {
        for watch in self.mails.get_mut(&id).into_iter().flatten() {
            match watch {
                Watch::Begun(no, kept) if Some(*no) == begun => kept.retain(|(_, status)| status.is_final()),
                _ => {}
            }
        }
    }

    /// What was kept since it began; nothing, if it never did.
    pub fn take(&mut self, id: QueueId, begun: Option<u64>) -> Vec<StatusChange> {
        let Some(begun) = begun else { return Vec::new() };
        let Some(watches) = self.mails.get_mut(&id) else { return Vec::new() };
        let at = watches.iter().position(|watch| matches!(watch, Watch::Begun(no, _) if *no == begun));
        let kept = at.map(|at| watches.swap_remove(at));
        if watches.is_empty() {
            self.mails.remove(&id);
        }
        match kept {
            Some(Watch::Begun(_, kept)) => {
                (self.count, self.weight) = (self.count - 1, self.weight - 1);
                kept
            }
            _ => Vec::new(),
        }
    }

    /// These are told of from now on, until all have come to their end. `None`: too many are watched already.
    pub fn watch(&mut self, id: QueueId, open: BTreeSet<RcptNo>) -> Option<mpsc::Receiver<StatusChange>> {
        if open.is_empty() {
            return Some(unwatched());
        }
        let weight = weight(open.len());
        if !self.has_room(weight) {
            return None;
        }
        let (tell, changes) = mpsc::channel(2 * open.len() + ROOM);
        self.add(id, Watch::Watching(Watcher { open, tell, weight }));
        Some(changes)
    }

    /// A fact that is written.
    pub fn note(&mut self, fact: &Fact) {
        let Some(watches) = self.mails.get_mut(&fact.mail()) else { return };
        match (DeliveryStatus::of_fact(fact), fact) {
            (Some(status), Fact::Finished { recipients, .. } | Fact::Schedule { recipients, .. }) => {
                watches.iter_mut().for_each(|watch| watch.say(recipients, &status));
            }
            (Some(status), Fact::Expanded { from, .. }) => {
                watches.iter_mut().for_each(|watch| watch.say(&[*from], &status));
            }
            (Some(status), _) => watches.iter_mut().for_each(|watch| watch.say_of_all(&status)),
            (None, _) => {}
        }
        self.tidy(fact.mail());
    }

    /// What a fact does not say: who may have the mail though it failed.
    pub fn tell(&mut self, news: &News) {
        let id = news.hold.id();
        let Some(watches) = self.mails.get_mut(&id) else { return };
        let mut doubted = BTreeMap::new();
        for (no, story) in news.who.iter().filter(|(_, story)| story.fate == Fate::Failed && story.perhaps) {
            doubted.insert(*no, DeliveryStatus::PerhapsDelivered { until: None, why: story.last.clone() });
        }
        for (no, status) in &doubted {
            watches.iter_mut().for_each(|watch| watch.say(&[*no], status));
        }
        self.tidy(id);
    }

    /// All recipients who are still open have come to this.
    pub fn tell_all(&mut self, id: QueueId, status: &DeliveryStatus) {
        let Some(watches) = self.mails.get_mut(&id) else { return };
        watches.iter_mut().for_each(|watch| watch.say_of_all(status));
        self.tidy(id);
    }

    fn tidy(&mut self, id: QueueId) {
        let Some(watches) = self.mails.get_mut(&id) else { return };
        let (mut count, mut weight) = (0, 0);
        watches.retain(|watch| {
            let is_over = matches!(watch, Watch::Watching(watcher) if watcher.is_over());
            if is_over {
                (count, weight) = (count + 1, weight + watch.weight());
            }
            !is_over
        });
        (self.count, self.weight) = (self.count - count, self.weight - weight);
        if watches.is_empty() {
            self.mails.remove(&id);
        }
    }
}

impl Watch {
    fn weight(&self) -> usize {
        match self {
            Watch::Begun(..) => 1,
            Watch::Watching(watcher) => watcher.weight,
        }
    }

    fn say(&mut self, recipients: &[RcptNo], status: &DeliveryStatus) {
        match self {
            Watch::Begun(_, kept) => kept.extend(recipients.iter().map(|no| (*no, status.clone()))),
            Watch::Watching(watcher) => recipients.iter().for_each(|no| watcher.say(*no, status)),
        }
    }

    fn say_of_all(&mut self, status: &DeliveryStatus) {
        if let Watch::Watching(watcher) = self {
            let open: Vec<RcptNo> = watcher.open.iter().copied().collect();
            open.into_iter().for_each(|no| watcher.say(no, status));
        }
    }
}

impl Watcher {
    fn is_over(&self) -> bool {
        self.open.is_empty() || self.tell.is_closed()
    }

    /// As many places as there are open recipients are kept for their ends.
    fn say(&mut self, no: RcptNo, status: &DeliveryStatus) {
        if !self.open.contains(&no) || (!status.is_final() && self.tell.capacity() <= self.open.len()) {
            return;
        }
        if status.is_final() {
            self.open.remove(&no);
        }
        let _ = self.tell.try_send((no, status.clone()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(recipients: u32) -> BTreeSet<RcptNo> {
        (0..recipients).map(RcptNo).collect()
    }

    #[test]
    fn a_mail_of_many_recipients_is_watched_as_often_as_they_have_room_and_again_when_a_watch_has_ended() {
        let mut watches = Watches::default();
        let mut heard: Vec<_> = (0..99).filter_map(|_| watches.watch(QueueId(1), open(10_000))).collect();
        assert_eq!((heard.len(), watches.weight), (99, 99 * 10_001));
        assert!(watches.watch(QueueId(1), open(10_000)).is_none());
        assert!(watches.watch(QueueId(2), open(9_000)).is_some_and(|changes| !changes.is_closed()));
        heard.pop();
        heard.extend(watches.watch(QueueId(1), open(10_000)));
        assert_eq!((heard.len(), watches.weight), (99, 99 * 10_001), "who listens no more is let go");
        let to_all = Fact::Finished {
            mail: QueueId(1),
            recipients: open(10_000).into_iter().collect(),
            how: postrider_engine::How::Delivered,
        };
        watches.note(&to_all);
        assert_eq!((watches.count, watches.weight), (0, 0));
    }

    #[test]
    fn what_begins_has_its_weight_until_it_is_taken_and_a_mail_above_all_measure_is_watched_alone() {
        let mut watches = Watches::default();
        let begun = watches.begin(QueueId(1)).unwrap();
        assert_eq!(watches.weight, 1);
        assert!(watches.take(QueueId(1), Some(begun)).is_empty());
        assert_eq!((watches.count, watches.weight), (0, 0));
        let alone = watches.watch(QueueId(1), open(1_000_000));
        assert!(alone.is_some() && watches.begin(QueueId(2)).is_none());
    }
}
