//! Slips that are late: whom their senders are told of, once.

use std::{collections::BTreeMap, sync::Arc};

use crate::{news::is_owed, Diagnosis, Fate, Moment, News, RcptNo, Slip, Story};

impl Slip {
    /// Some of its recipients are to be told of if they are late, and were not.
    pub fn owes_warning(&self) -> bool {
        self.unwarned().next().is_some()
    }

    fn unwarned(&self) -> impl Iterator<Item = RcptNo> + '_ {
        let is_warned = |no: &RcptNo| self.history.get(no).is_some_and(|past| past.warned);
        let envelope = &self.draft.envelope;
        self.recipients.iter().copied().filter(move |no| !is_warned(no) && is_owed(envelope, *no, Fate::Delayed))
    }

    /// News that those are late who are to be told of and were not; the slip knows from now on, and goes on. `why` is said
    /// where nothing was said before: `None`, if an attempt has just ended.
    pub fn warn(&mut self, until: Moment, why: Option<&Arc<Diagnosis>>) -> Option<News> {
        let story = |no: RcptNo| {
            let past = self.history.get(&no).cloned().unwrap_or_default();
            let (attempts, perhaps, last) = (self.attempts, past.perhaps, past.last.or(why.cloned()));
            let just_tried = why.is_none();
            (no, Story { attempts, perhaps, just_tried, until: Some(until), ..Story::of(Fate::Delayed, last) })
        };
        let stories: BTreeMap<RcptNo, Story> = self.unwarned().map(story).collect();
        for no in stories.keys() {
            self.history.entry(*no).or_default().warned = true;
        }
        News::new(self.hold.clone(), Arc::clone(&self.draft), stories)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Address, Content, Draft, Entry, Envelope, Fact, Hold, Hop, Mail, Notify, QueueId, Receipt, Recipient};

    fn slip(sender: Option<&str>, notify: [Option<Notify>; 3]) -> Slip {
        let address = |text: &str| Address::parse(text).unwrap();
        let recipient = |notify| Recipient { notify, ..address("b@example.org").into() };
        let recipients = notify.into_iter().map(recipient).collect();
        let envelope = Envelope { sender: sender.map(address), recipients, ..Envelope::default() };
        let entry = Entry::mail(Draft::new(envelope, Content::new("x")));
        let mut receipt = Receipt::after_write(vec![QueueId(1)], entry);
        let mail: Mail<_> = receipt.commit(|id, _| Some(Hold::new(id, Arc::new(|_| {})))).remove(0).unchanged();
        mail.split(|_| Hop::new("hop")).remove(0)
    }

    #[test]
    fn who_is_to_be_told_of_is_told_of_once() {
        let failure = Notify { failure: true, ..Notify::NEVER };
        let delay = Notify { delay: true, ..Notify::NEVER };
        let mut slip = slip(Some("a@x"), [None, Some(failure), Some(delay)]);
        let news = slip.warn(Moment(9), None).unwrap();
        assert_eq!(news.who.keys().copied().collect::<Vec<_>>(), [RcptNo(0), RcptNo(2)]);
        assert!(news.facts().is_empty(), "nobody has come to an end");
        let [Fact::Warned { recipients, .. }] = &news.told()[..] else { panic!("they are warned") };
        assert_eq!(recipients[..], [RcptNo(0), RcptNo(2)]);
        assert!(!slip.owes_warning() && slip.warn(Moment(9), None).is_none());
        assert_eq!(slip.recipients.len(), 3, "the slip goes on");
    }

    #[test]
    fn the_null_sender_is_told_nothing() {
        assert!(!slip(None, [None; 3]).owes_warning());
    }
}
