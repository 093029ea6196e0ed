//! Lines that are drawn: rules, and those below headings.
//!
//! Rule: they are no wider than the lines of text.

use super::flow::{Done, Flow, Owed, LEAST_ROOM};
use crate::ConvertError;

/// How wide a rule is.
const RULE: usize = 72;

impl Flow {
    /// A line across.
    pub(super) fn rule(&mut self) -> Done {
        self.flatten()?;
        self.owe(Owed::Line);
        self.settle()?;
        let room = self.column.unwrap_or(RULE).saturating_sub(self.indent).clamp(LEAST_ROOM, RULE);
        self.line.extend(std::iter::repeat_n('-', room));
        self.owed = Owed::Line;
        Ok(())
    }

    /// What follows is a heading. False: it stands in a cell, and has no line below.
    pub(super) fn heading_begins(&mut self) -> Result<bool, ConvertError> {
        if self.grid.is_some() {
            return Ok(false);
        }
        self.settle()?;
        self.widest = 0;
        Ok(true)
    }

    /// It ends: a line below it that is as wide as it is.
    pub(super) fn heading_ends(&mut self, below: char) -> Done {
        self.flush()?;
        let room = self.column.unwrap_or(RULE).saturating_sub(self.indent).max(LEAST_ROOM);
        let wide = std::mem::take(&mut self.widest).min(room);
        self.line.extend(std::iter::repeat_n(below, wide));
        self.flush()
    }
}
