//! How a queue gives way to another: routes have changed, and whoever waits here is to find a way anew.
//!
//! Rule: attempts that are under way come to their end and are noted as ever; nobody else is kept. A slip that comes late
//! goes back to the spool at once.

use super::*;

/// exchange -> queue, told: another takes your place.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Dissolve;

impl Queue {
    /// Back to the spool, to be offered again when it is due.
    pub(super) fn go_back(&self, slip: Slip, due: Moment) {
        self.tell.rested.do_send(Rested(slip.go_back(due)));
    }
}

impl Handler<Dissolve> for Queue {
    type Result = ();

    fn handle(&mut self, _: Dissolve, ctx: &mut Context<Self>) {
        self.dissolved = true;
        let now = self.now();
        for slip in self.ready.drain() {
            self.go_back(slip, now);
        }
        for (due, slip) in self.later.drain() {
            self.go_back(slip, due);
        }
        self.idle.drain(..).for_each(Carrier::close);
        self.end_if_drained(ctx);
    }
}
