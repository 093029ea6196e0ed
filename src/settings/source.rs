//! Where settings come from: one TOML file, and the environment over it.
//!
//! `POSTRIDER_SPOOL__FOLDER` is `spool.folder`. A variable without `__` that is no key is ignored, not refused:
//! container systems set such names for every service they know (`POSTRIDER_PORT`, `POSTRIDER_SERVICE_HOST`).

use std::path::Path;

use config::{Config, ConfigError, Environment, File, FileFormat, Map};

use super::{
    machine,
    raw::{Source, Value, ValueKind},
    reader::Findings,
    Settings, SettingsError, SettingsErrors,
};

/// What the names of our variables begin with.
const PREFIX: &str = "POSTRIDER";

/// Names the file itself, to the command; no key.
const FILE: &str = "POSTRIDER_CONFIG";

/// The keys outside of sections.
const TOP: [&str; 3] = ["hostname", "local_domains", "smart_host"];

impl Settings {
    /// What is written in a file is for an engine that somebody reaches; a program that only calls its own needs no socket,
    /// nor does one that could have none.
    fn no_way_in(&self) -> Option<SettingsError> {
        let remedy = "name at least one, as in [\"127.0.0.1:2525\"], or a listen.lmtp, send.socket or pickup.folder";
        let is_none = self.listen.sockets.is_empty()
            && self.listen.lmtp.is_empty()
            && self.send.socket.is_none()
            && self.pickup.is_empty();
        (is_none && cfg!(feature = "listen")).then(|| SettingsError::new("listen.sockets", "there is none", remedy))
    }

    /// Reads the file, if one is given, and the environment over it.
    ///
    /// # Errors
    /// Everything that is wrong, one line each.
    pub fn load(path: Option<&Path>) -> Result<Self, SettingsErrors> {
        let text = path.map(machine::text).transpose()?.unwrap_or_default();
        let name = path.map_or("the environment".into(), |path| path.display().to_string());
        let variables = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.to_string_lossy().into_owned())));
        let source = merge(&name, &text, variables)?;
        Self::read(Source { no_file: path.is_none(), ..source })
    }

    /// Reads a text of TOML; the environment is not asked.
    ///
    /// # Errors
    /// Everything that is wrong, one line each.
    pub fn from_toml(text: &str) -> Result<Self, SettingsErrors> {
        Self::read(merge("the text", text, [])?)
    }

    pub(super) fn read(source: Source) -> Result<Self, SettingsErrors> {
        let findings = Findings::default();
        let settings = Self::sections(source, &findings);
        findings.errors().or(())?;
        let mut wrong = settings.check().err().unwrap_or_default();
        wrong.0.extend(settings.no_way_in());
        wrong.or(settings)
    }
}

/// `text` is TOML; `variables` are those of the environment, or none.
pub(super) fn merge(
    name: &str,
    text: &str,
    variables: impl IntoIterator<Item = (String, String)>,
) -> Result<Source, SettingsError> {
    let (ours, ignored) = ours(variables);
    let environment = Environment::with_prefix(PREFIX).prefix_separator("_").separator("__").source(Some(ours));
    let built = Config::builder().add_source(File::from_str(text, FileFormat::Toml)).add_source(environment).build();
    let table = built.and_then(|config| config.cache.into_table());
    let values =
        table.map_err(|error| syntax(name, &error))?.into_iter().map(|(key, value)| (key, raw(value))).collect();
    Ok(Source { values, ignored, no_file: false })
}

/// The variables that name a key, and the names of ours that do not.
fn ours(variables: impl IntoIterator<Item = (String, String)>) -> (Map<String, String>, Vec<String>) {
    let (mut ours, mut ignored) = (Map::new(), Vec::new());
    for (name, value) in variables.into_iter().filter(|(name, _)| name != FILE) {
        let Some(key) = name.strip_prefix(PREFIX).and_then(|rest| rest.strip_prefix('_')) else { continue };
        let key = key.to_ascii_lowercase();
        let plain = key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        let whole = key.split("__").all(|part| !part.is_empty() && !part.starts_with('_'));
        match plain && whole && (key.contains("__") || TOP.contains(&key.as_str())) {
            true => drop(ours.insert(name, value)),
            false => ignored.push(name),
        }
    }
    ignored.sort_unstable();
    (ours, ignored)
}

/// The error of the parser in one line: where, and what.
fn syntax(name: &str, error: &ConfigError) -> SettingsError {
    let text = error.to_string();
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.contains('|'));
    let problem = lines.collect::<Vec<_>>().join(": ");
    SettingsError::new(name, problem, "correct the line")
}

fn raw(value: config::Value) -> Value {
    use config::ValueKind as Read;
    let origin = value.origin().map(str::to_owned);
    let kind = match value.kind {
        Read::Boolean(yes) => ValueKind::Boolean(yes),
        Read::I64(number) => ValueKind::I64(number),
        Read::U64(number) => ValueKind::U64(number),
        Read::Float(number) => ValueKind::Float(number),
        Read::String(text) => ValueKind::String(text),
        Read::Table(table) => ValueKind::Table(table.into_iter().map(|(key, value)| (key, raw(value))).collect()),
        Read::Array(list) => ValueKind::Array(list.into_iter().map(raw).collect()),
        other => ValueKind::Other(other.to_string()),
    };
    Value { kind, origin }
}
