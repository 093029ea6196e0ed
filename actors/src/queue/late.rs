//! When the sender of a slip that still waits is told that it is late: once, and the slip goes on.

use super::*;

impl Queue {
    /// Tells that a slip is late, if it is. Otherwise says when it will be: by then it should have looked in, so that what
    /// is told is what is so. `None`: nobody is to be told any more.
    pub(super) fn warn(&self, slip: &mut Slip, why: Option<&Arc<Diagnosis>>) -> Option<Moment> {
        let arrived = slip.draft.envelope.arrived;
        let over = arrived + self.habits.retry.give_up;
        let late = arrived + self.habits.warn_after?;
        if late >= over || !slip.owes_warning() {
            return None;
        }
        if self.now() < late {
            return Some(late);
        }
        let news = slip.warn(over, why);
        self.tell.ledger.tell(Told { facts: Vec::new(), news });
        None
    }
}
