//! Where settings come from: one TOML file, and the environment over it.
//!
//! `POSTRIDER_SPOOL__FOLDER` is `spool.folder`. A variable without `__` that is no key is ignored, not refused:
//! container systems set such names for every service they know (`POSTRIDER_PORT`, `POSTRIDER_SERVICE_HOST`).

use std::{collections::BTreeMap, fs, io, path::Path};

use config::{Config, ConfigError, Environment, File, FileFormat, Map, Value};

use super::error::SettingsError;

/// What the names of our variables begin with.
const PREFIX: &str = "POSTRIDER";

/// The keys outside of sections.
const TOP: [&str; 3] = ["hostname", "local_domains", "smart_host"];

/// The values, and the variables that were ignored.
pub(super) struct Source {
    pub values: BTreeMap<String, Value>,
    pub ignored: Vec<String>,
    /// There is no file: what is not said is made for trying things out.
    pub no_file: bool,
}

/// The text of the file.
pub(super) fn file(path: &Path) -> Result<String, SettingsError> {
    let name = path.display().to_string();
    fs::read(path).and_then(|octets| String::from_utf8(octets).map_err(|_| io::ErrorKind::InvalidData.into())).map_err(
        |error| match error.kind() {
            io::ErrorKind::NotFound => {
                SettingsError::new(name, "there is no such file", "check the path given with --config")
            }
            io::ErrorKind::InvalidData => SettingsError::new(name, "it is not text in UTF-8", "write it as TOML"),
            _ => SettingsError::new(name, format!("it cannot be read: {error}"), "let the user of the program read it"),
        },
    )
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
    let values = table.map_err(|error| syntax(name, &error))?.into_iter().collect();
    Ok(Source { values, ignored, no_file: false })
}

/// The variables that name a key, and the names of ours that do not.
fn ours(variables: impl IntoIterator<Item = (String, String)>) -> (Map<String, String>, Vec<String>) {
    let (mut ours, mut ignored) = (Map::new(), Vec::new());
    for (name, value) in variables {
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
