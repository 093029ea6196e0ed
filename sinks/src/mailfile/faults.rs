//! What goes wrong in the tests of whoever delivers into files: a step after which all is over, one that fails.

use std::{cell::Cell, io};

use super::{Step, Watch};

/// All of them.
pub(crate) const STEPS: [Step; 7] =
    [Step::Open, Step::Create, Step::Write, Step::Sync, Step::Publish, Step::Keep, Step::Tell];

/// The process dies before this step: nothing is tidied up.
pub(crate) struct DiesBefore(pub Step);

impl Watch for DiesBefore {
    fn before(&self, step: Step) -> io::Result<()> {
        if step == self.0 {
            std::panic::resume_unwind(Box::new("dead")); // without a word on the terminal
        }
        Ok(())
    }
}

/// This step fails, once.
pub(crate) struct Fails(pub Step, pub Cell<bool>, pub io::ErrorKind);

impl Watch for Fails {
    fn before(&self, step: Step) -> io::Result<()> {
        match step == self.0 && !self.1.replace(true) {
            true => Err(self.2.into()),
            false => Ok(()),
        }
    }
}
