//! In the place of targets that put mail into files: the feature `maildir` is off, and settings that lead there are refused.

use postrider_engine::{Next, Origin};
use postrider_sinks::MaildirSettings;

use super::hops::Make;

/// Knows nothing.
#[derive(Default)]
pub(super) struct Files {}

impl Files {
    pub fn of(_: &str) -> Self {
        Files {}
    }

    pub fn name_after(&mut self, _: Origin) {}

    pub fn deliver_into(&mut self, _: MaildirSettings) {}

    pub fn make(&self, _: &Next) -> Option<Make> {
        None
    }
}
