//! Mail that is asked for (ETRN, `Engine::flush`), and queues whose mail waits until it is.
//!
//! Rule: a queue that holds its mail for ETRN never tries by itself: a slip comes in only because it was asked for, and what
//! is left of it after its attempt waits until it is asked for again. For half a minute what looks in by itself counts as
//! asked for: it was on its way when others were looked at.

use super::*;

/// A hop that is down is tried because of mail that was asked for, at most once in this time: many mails may be asked for
/// at once, and all would find it down.
const ASKED_AGAIN: Duration = Duration::from_secs(30);
/// How long a queue remembers what was asked for.
const REMEMBERED: Duration = Duration::from_secs(30);
/// Questions that are remembered.
const MOST_REMEMBERED: usize = 16;

impl Queue {
    /// A slip of a queue that holds its mail: nobody has asked for it.
    pub(super) fn is_to_be_held(&self, slip: &Slip) -> bool {
        let is_asked = |(at, what): &(Instant, Flush)| at.elapsed() < REMEMBERED && is_meant(&self.hop, what, slip);
        self.habits.hold && slip.hold.errand() == Errand::Due && !self.questions.iter().any(is_asked)
    }

    fn remember(&mut self, what: Flush) {
        if self.habits.hold {
            self.questions.truncate(MOST_REMEMBERED - 1);
            self.questions.push_front((Instant::now(), what));
        }
    }

    /// A queue that holds its mail does not try a hop by itself: what is here waits until it is asked for again.
    pub(super) fn give_up_for_now(&mut self, why: &Diagnosis) {
        info!(hop = %self.hop, %why, "the hop is down and is tried when its mail is asked for");
        self.questions.clear();
        self.ready.drain().into_iter().for_each(|slip| self.hold_back(slip));
    }

    /// It waits in the spool until it is asked for, or its time is over. It looks in now and then, and nothing is written.
    pub(super) fn hold_back(&mut self, slip: Slip) {
        let now = self.now();
        if self.habits.retry.is_over(&slip.draft.envelope, now) {
            drop(tell_final(slip.give_up(false), self.tell.ledger.as_ref()));
            return;
        }
        let due = self.in_time(&slip, now + LONGEST_ASIDE);
        self.go_back(slip, due); // not aside: no hop is to call it
    }

    /// Somebody asked for this slip: a hop that is down is tried at once.
    pub(super) fn heed(&mut self, slip: &Slip) {
        let lately = self.asked.is_some_and(|at| at.elapsed() < ASKED_AGAIN);
        if slip.hold.errand() == Errand::Asked && self.down.is_some() && !lately {
            self.asked = Some(Instant::now());
            self.probe_now();
        }
    }

    fn probe_now(&mut self) {
        let now = self.now();
        if let Some((_, until)) = &mut self.down {
            *until = now.min(*until);
        }
    }

    /// All that waits here of this mail is ready; says of how many mails that is so.
    fn hurry(&mut self, what: &Flush) -> usize {
        let hurried = self.later.extract(|slip| is_meant(&self.hop, what, slip));
        let mails: HashSet<QueueId> = hurried.iter().map(Slip::id).collect();
        hurried.into_iter().for_each(|slip| self.make_ready(slip));
        if what.names_hop(&self.hop) || !mails.is_empty() {
            self.probe_now();
        }
        mails.len()
    }
}

fn is_meant(hop: &Hop, what: &Flush, slip: &Slip) -> bool {
    what.names_hop(hop) || what.names_mail(slip.id()) || slip.addressees().any(|(_, to)| what.names(&to.address))
}

impl Handler<Hurry> for Queue {
    type Result = ();

    fn handle(&mut self, Hurry { what, answer, .. }: Hurry, ctx: &mut Context<Self>) {
        let _ = answer.send(self.hurry(&what));
        self.remember(what);
        self.wake(ctx);
    }
}
