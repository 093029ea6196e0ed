//! Who watches which mail, and what they are told of it.
//!
//! Rule: nobody has to listen. What waits to be heard is bounded: an end of a recipient always has room, and so has the last
//! that was said of it before; what nobody has heard yet is passed over when something newer may come.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use postrider_engine::{DeliveryStatus, Fact, Fate, News, QueueId, RcptNo};
use tokio::sync::mpsc;

/// Mails that are watched at the same time, counted by those who watch. A million would be no use to anybody.
const MOST: usize = 100_000;
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
}

impl Watches {
    /// Nobody watches anything.
    pub fn is_empty(&self) -> bool {
        self.mails.is_empty()
    }

    /// Nobody is told anything any more.
    pub fn clear(&mut self) {
        (self.mails, self.count) = (HashMap::new(), 0);
    }

    /// From now on what happens to this mail is kept until [`Watches::take`]. `None`: too many watch already.
    pub fn begin(&mut self, id: QueueId) -> Option<u64> {
        if self.count >= MOST {
            self.let_go();
        }
        if self.count >= MOST {
            return None;
        }
        self.begun += 1;
        self.add(id, Watch::Begun(self.begun, Vec::new()));
        Some(self.begun)
    }

    fn add(&mut self, id: QueueId, watch: Watch) {
        self.count += 1;
        self.mails.entry(id).or_default().push(watch);
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
    }

    /// What was kept since it began.
    pub fn take(&mut self, id: QueueId, begun: u64) -> Vec<StatusChange> {
        let Some(watches) = self.mails.get_mut(&id) else { return Vec::new() };
        let at = watches.iter().position(|watch| matches!(watch, Watch::Begun(no, _) if *no == begun));
        let kept = at.map(|at| watches.swap_remove(at));
        if watches.is_empty() {
            self.mails.remove(&id);
        }
        self.count -= usize::from(kept.is_some());
        match kept {
            Some(Watch::Begun(_, kept)) => kept,
            _ => Vec::new(),
        }
    }

    /// These are told of from now on, until all have come to their end.
    pub fn watch(&mut self, id: QueueId, open: BTreeSet<RcptNo>) -> mpsc::Receiver<StatusChange> {
        let (tell, changes) = mpsc::channel(2 * open.len() + ROOM);
        if !open.is_empty() {
            self.add(id, Watch::Watching(Watcher { open, tell }));
        }
        changes
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
        let before = watches.len();
        watches.retain(|watch| !matches!(watch, Watch::Watching(watcher) if watcher.is_over()));
        self.count -= before - watches.len();
        if watches.is_empty() {
            self.mails.remove(&id);
        }
    }
}

impl Watch {
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
