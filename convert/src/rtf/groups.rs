//! Groups within each other: what was set in one holds until it ends.
//!
//! Rule: groups deeper than the limit are counted, and their ends end nothing.

/// What held around the group that is being read, group by group.
#[derive(Debug)]
pub(super) struct Groups<S> {
    around: Vec<S>,
    deeper: usize,
}

impl<S> Groups<S> {
    pub fn new() -> Self {
        Groups { around: Vec::new(), deeper: 0 }
    }

    /// A group begins where this holds. False: there are as many around it as are told apart.
    pub fn begin(&mut self, state: S, most: usize) -> bool {
        let has_room = self.around.len() < most;
        match has_room {
            true => self.around.push(state),
            false => self.deeper += 1,
        }
        has_room
    }

    /// A group ends: what holds again; `None`: it has ended nothing.
    pub fn end(&mut self) -> Option<S> {
        match self.deeper.checked_sub(1) {
            Some(deeper) => {
                self.deeper = deeper;
                None
            }
            None => self.around.pop(),
        }
    }

    /// Nothing that was set is to be ended.
    pub fn is_empty(&self) -> bool {
        self.around.is_empty()
    }

    /// No group is open, not even one that is only counted.
    pub fn is_over(&self) -> bool {
        self.around.is_empty() && self.deeper == 0
    }
}
