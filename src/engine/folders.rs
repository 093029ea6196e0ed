//! Folders into which programs put files: opened before anything runs, and looked after by the cast.

use postrider_actors::{clock::Clock, collector::FolderPlan};
use postrider_engine::{pickup::Tick, Origin};
use postrider_sinks::{
    pickup::{FolderHint, PickupFolder, PickupSettings},
    BadMailFolder,
};
use tracing::warn;

use super::StartError;
use crate::{settings::Pickup, Settings, SettingsError};

/// Opens the folders of these settings.
///
/// # Errors
/// One cannot be opened, or another engine has it.
pub(super) fn folders(settings: &Settings, origin: Origin, clock: Clock) -> Result<Vec<FolderPlan>, StartError> {
    settings.pickup.iter().map(|one| open(settings, one, origin, clock)).collect()
}

fn open(settings: &Settings, one: &Pickup, origin: Origin, clock: Clock) -> Result<FolderPlan, StartError> {
    let bad = settings.badmail().ok_or_else(|| {
        SettingsError::new("report.badmail", "it is off, and pickup folders need it", "set it to a folder")
    })?;
    let mut is = PickupSettings::new(settings.hostname.as_str());
    is.rules = settings.file_rules(one);
    (is.rest, is.mode, is.key_life) = (one.rest, one.mode, settings.send.key_life);
    is.give_up = settings.delivery.retry.give_up;
    let tick = Tick { now: clock.now(), ..Tick::default() };
    let folder = PickupFolder::open(&one.folder, is, BadMailFolder::new(bad, origin.spool), tick)?;
    let hint = FolderHint::new(&one.folder);
    if let Err(error) = &hint {
        warn!(folder = %one.folder.display(), %error, "the system does not say when files come; it is looked for them in time");
    }
    Ok(FolderPlan {
        folder: Box::new(folder),
        hint: hint.ok().map(|hint| Box::new(hint) as _),
        scan: one.scan,
        remember: settings.send.remember,
    })
}
