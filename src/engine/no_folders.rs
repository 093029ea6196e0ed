//! In the place of folders into which programs put files: the feature `maildir` is off, and settings that name some are refused.

use postrider_actors::{clock::Clock, collector::FolderPlan};
use postrider_engine::Origin;

use super::StartError;
use crate::Settings;

/// There are none.
pub(super) fn folders(_: &Settings, _: Origin, _: Clock) -> Result<Vec<FolderPlan>, StartError> {
    Ok(Vec::new())
}
