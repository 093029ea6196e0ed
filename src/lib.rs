//! Postrider: an actor-based mail transport engine.

pub mod settings;

pub use settings::{Settings, SettingsError, SettingsErrors};
