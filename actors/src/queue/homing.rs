//! What comes home from an attempt: whom it says something about, and who is tried again.
//!
//! Rule: trouble with the hop is one fact, noted once; a final dot without an answer is named.

use super::*;

impl Queue {
    /// Abandoned attempts are repeated soon; the others count and wait their time.
    pub(super) fn again(&mut self, part: Part, era: u32, ctx: &mut Context<Self>) {
        let (abandoned, tried) = part.divide(|outcome| *outcome == Outcome::Abandoned);
        if let Some(part) = abandoned {
            let due = self.in_time(&part.slip, self.now() + AFTER_ABANDON);
            self.put_later(part.slip, due);
        }
        let Some(part) = tried else { return };
        let (in_doubt, deferred) = part.divide(|outcome| matches!(outcome, Outcome::PerhapsDelivered(_)));
        if let Some(part) = in_doubt {
            self.perhaps(part);
        }
        if let Some(part) = deferred {
            let hop_is_down = self.note_trouble(&part, era, ctx);
            self.put_back(part.counted(), hop_is_down);
        }
    }

    /// The one window in which SMTP itself allows a duplicate; it is named here, in the log and in reports.
    fn perhaps(&mut self, part: Part) {
        let mail = part.slip.id();
        for (no, recipient) in part.slip.addressees() {
            warn!(id = %mail, recipient = %no, to = %recipient.address, "perhaps delivered: no answer to the final dot");
        }
        let slip = part.counted();
        if self.habits.hold_perhaps {
            let why = HeldWhy { by: HeldBy::Policy, reason: "perhaps delivered".into() };
            let mut facts = slip.schedule(self.now());
            facts.push(Fact::Held { mail, why });
            return self.tell.ledger.tell(Told { facts, news: None });
        }
        self.put_back(slip, false);
    }

    /// Trouble with the hop is one fact, noted once. True: the hop is in trouble.
    fn note_trouble(&mut self, part: &Part, era: u32, ctx: &mut Context<Self>) -> bool {
        let hop_trouble = part.outcomes.values().find_map(|outcome| match outcome {
            Outcome::Deferred(why) if why.scope == Scope::Hop => Some(Arc::clone(why)),
            _ => None,
        });
        match hop_trouble {
            None => self.reached(),
            Some(why) => {
                if let Some(pause) = self.window.failed(era) {
                    self.go_down(why, pause, ctx);
                }
            }
        }
        self.down.is_some()
    }
}
