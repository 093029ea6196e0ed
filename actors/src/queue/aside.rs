//! Slips that stand aside in the spool because their hop has no room for them, or is down: who sends them there, and who
//! calls them.
//!
//! Rule: each level of urgency is called for itself, as each has its own room: the less urgent do not wait until the more
//! urgent are gone, and these not until all room is free. Each who stands aside has a due time as well, so no call can be
//! lost for good.

use super::*;

/// Who was called and does not come in this time is called again.
const CALL_AGAIN: Duration = Duration::from_secs(5);

/// Those of one urgency who stand aside.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Aside {
    /// Some may.
    pub some: bool,
    /// How many were sent so far.
    sent: u64,
    /// They are called, and none came yet.
    called: bool,
}

impl Queue {
    pub(super) fn send_aside(&mut self, rest: Rest) {
        let aside = &mut self.aside[level(rest.priority)];
        aside.some = true;
        aside.sent += 1;
        self.tell.rested.do_send(Rested(rest));
    }

    /// One came: if it was called, the call was heard.
    pub(super) fn came(&mut self, slip: &Slip) {
        self.aside[level(slip.draft.envelope.priority)].called = false;
    }

    /// When half of the room of a level is free those who stand aside are called.
    pub(super) fn ask_for_more(&mut self, ctx: &mut Context<Self>) {
        if self.down.is_some() || self.is_ending() {
            return;
        }
        for priority in QueuePriority::ALL {
            let (here, aside) = (self.mails_of(level(priority)), self.aside[level(priority)]);
            if aside.some && !aside.called && here <= self.habits.share / 2 {
                self.call(priority, self.habits.share - here, ctx);
            }
        }
    }

    /// A hop that is down and has nobody here to probe it calls one of those who stand aside.
    pub(super) fn call_a_probe(&mut self, ctx: &mut Context<Self>) {
        let is_due = self.down.as_ref().is_some_and(|(_, until)| *until <= self.now());
        if !is_due || self.dissolved || self.on_the_way > 0 || !self.ready.is_empty() {
            return;
        }
        if self.aside.iter().any(|aside| aside.called) {
            return; // it is on its way
        }
        let first = QueuePriority::ALL.into_iter().find(|priority| self.aside[level(*priority)].some);
        first.into_iter().for_each(|priority| self.call(priority, 1, ctx));
    }

    /// Calls so many of those who stand aside.
    fn call(&mut self, priority: QueuePriority, room: usize, ctx: &mut Context<Self>) {
        let aside = &mut self.aside[level(priority)];
        aside.called = true;
        let (hop, sent_aside, none_left) = (self.hop.clone(), aside.sent, ctx.address().recipient());
        self.tell.wanted.do_send(Wanted { hop, priority, room, sent_aside, none_left });
        ctx.run_later(CALL_AGAIN, move |this, ctx| {
            this.aside[level(priority)].called = false;
            this.wake(ctx);
        });
    }
}

impl Handler<NoneLeft> for Queue {
    type Result = ();

    fn handle(&mut self, NoneLeft { priority, sent_aside }: NoneLeft, _: &mut Context<Self>) {
        let aside = &mut self.aside[level(priority)];
        aside.some &= sent_aside != aside.sent;
        aside.called = false;
    }
}
