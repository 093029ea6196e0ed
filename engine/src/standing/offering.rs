//! What of a mail goes out again, by how it stands: what is left to do, and what is left to tell.

use super::*;

impl Standing {
    /// What is left of these recipients (ascending): mail for those who are not at their end, and news of those who are
    /// and of whom nobody was told. A stage always has the whole mail.
    pub fn offer(&self, draft: Draft, who: &[RcptNo], hold: Hold) -> (Option<Offered>, Option<News>) {
        let wanted = self.open.iter().filter(|open| who.binary_search(&open.no).is_ok());
        let (mut stories, mut tried) = (BTreeMap::new(), BTreeMap::new());
        for open in wanted {
            match open.end {
                Some(fate) => drop(stories.insert(open.no, open.story(fate))),
                None => drop(tried.insert(open.no, open.history())),
            }
        }
        let news = match stories.is_empty() {
            true => None,
            false => News::new(hold.clone(), Arc::new(draft.clone()), stories),
        };
        if tried.is_empty() {
            return (None, news);
        }
        // A part of a mail is offered only when its stage is over: it left no fact if it changed nothing.
        let is_whole = self.open.iter().filter(|open| open.end.is_none()).count() == tried.len();
        let mail = match self.advanced || !is_whole {
            false => {
                let owed: Vec<RcptNo> =
                    self.open.iter().filter(|open| open.end.is_some()).map(|open| open.no).collect();
                let draft = draft.only(|no| tried.contains_key(&no) || owed.contains(&no));
                Offered::Committed(Mail::on_disk(draft, hold, owed))
            }
            true => Offered::Advanced(Mail::offered(draft.only(|no| tried.contains_key(&no)), hold, tried)),
        };
        (Some(mail), news)
    }
}

impl Open {
    pub(super) fn history(&self) -> History {
        let perhaps = self.perhaps || self.attempting.is_some();
        History { attempts: self.attempts, perhaps, last: self.last.clone(), warned: self.warned }
    }

    pub(super) fn story(&self, fate: Fate) -> Story {
        let Open { attempts, perhaps, .. } = *self;
        Story { attempts, perhaps, ..Story::of(fate, self.last.clone()) }
    }

    pub(super) fn tell(&self, mail: crate::QueueId, facts: &mut Vec<Fact>) {
        let recipients = vec![self.no];
        let Open { attempts, perhaps, .. } = *self;
        if self.attempts > 0 || self.due.is_some() || perhaps {
            let (due, last) = (self.due.unwrap_or_default(), self.last.clone());
            facts.push(Fact::Schedule { mail, recipients: recipients.clone(), attempts, due, last, perhaps });
        }
        if let Some(host) = &self.attempting {
            facts.push(Fact::Attempting { mail, recipients: recipients.clone(), host: Arc::clone(host) });
        }
        if self.warned {
            facts.push(Fact::Warned { mail, recipients: recipients.clone() });
        }
        facts.extend(self.end.and_then(|fate| self.story(fate).how()).map(|how| Fact::Finished {
            mail,
            recipients,
            how,
        }));
    }
}
