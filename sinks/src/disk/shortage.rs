//! When there is no space at all: what is on its way to be freed, or to become a segment, is waited for.
//!
//! Rule: the log waits for those who help it only here, where the alternative is the end of the spool; and only as long as
//! they have something to do that frees space.

use std::io;

use super::{log::Log, orders::Order, segment::Segment};

impl Log {
    /// A segment for what is never refused.
    pub(super) fn take_segment(&mut self, octets: u64) -> io::Result<Segment> {
        loop {
            if let Some(segment) = self.pool.take_reserved(octets)? {
                return Ok(segment);
            }
            if !self.await_space() {
                return Err(io::Error::new(io::ErrorKind::StorageFull, "not even the reserve is left"));
            }
        }
    }

    /// Has freed what is free.
    pub(super) fn begin_freeing(&mut self) {
        let free = self.ledger.take_free();
        if !free.is_empty() {
            self.pool.free(free);
        }
    }

    /// Waits until something was freed, or prepared; says whether it was.
    fn await_space(&mut self) -> bool {
        while !self.has_failed() {
            // What a sync makes worthless, or says is moved, can be freed.
            self.tail.sync();
            self.begin_freeing();
            if !self.tail.syncing && !self.ledger.is_freeing() && !self.pool.is_preparing() {
                return false;
            }
            let Some(order) = self.inbox.next_of_helpers() else { return false };
            // A file in preparation has its space already, which may be the last there is.
            let is_won = matches!(order, Order::Freed(Ok(_)) | Order::Prepared(Ok(Some(_))));
            self.obey(order);
            if is_won {
                return true;
            }
        }
        false
    }
}
