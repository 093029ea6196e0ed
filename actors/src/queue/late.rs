//! When the sender of a slip that still waits is told that it is late: once, and the slip goes on.

use super::*;

impl Queue {
    /// Tells that a slip is late, if it is. Otherwise says when it will be: by then it should have looked in, so that what
    /// is told is what is so. `None`: nobody is to be told any more.
    pub(super) fn warn(&self, slip: &mut Slip, why: Option<&Arc<Diagnosis>>) -> Option<Moment> {
        let over = self.habits.retry.over(&slip.draft.envelope);
        let late = slip.draft.envelope.begins() + self.habits.warn_after?;
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
