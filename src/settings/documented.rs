//! The documentation is true: every key is in it, with its default, and with an example that is read.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    reader::Findings,
    source,
    tests::{named, NAME},
    Settings,
};

const DOCS: &str = include_str!("../../docs/configuration.md");

/// Rows of the tables of keys: key, default, example.
fn documented() -> Vec<(String, String, String)> {
    let rows = DOCS.lines().filter(|line| line.starts_with("| `"));
    let cells = rows.map(|line| line.split(" | ").map(|cell| cell.trim_matches(['|', ' '])).collect::<Vec<_>>());
    cells
        .map(|cells| {
            assert_eq!(cells.len(), 5, "{cells:?}");
            (cells[0].trim_matches('`').into(), cells[2].into(), cells[4].into())
        })
        .collect()
}

/// What stands in one pair of backticks.
fn quoted(cell: &str) -> Option<&str> {
    cell.strip_prefix('`')?.strip_suffix('`').filter(|inner| !inner.contains('`'))
}

#[test]
fn every_key_is_documented_and_every_documented_key_exists() {
    let findings = Findings::default();
    let lists = "[[route]]\ndomain = \"*\"\nto = \"keep\"\n[[pickup]]\nfolder = \"/p\"";
    let source = source::merge("", &format!("{NAME}{lists}"), []).unwrap();
    Settings::sections(source, &findings);
    let keys: BTreeSet<String> = findings.keys();
    let documented: Vec<String> = documented().into_iter().map(|(key, ..)| key).collect();
    assert_eq!(documented.iter().cloned().collect::<BTreeSet<_>>(), keys);
    assert_eq!(documented.len(), keys.len(), "a key is documented once");
}

#[test]
fn documented_defaults_are_the_defaults() {
    let mut said = 0;
    for (key, default, _) in documented() {
        let Some(value) = quoted(&default) else {
            assert!(!default.starts_with('`'), "{key}: {default}");
            continue;
        };
        said += 1;
        assert_eq!(named(&format!("{key} = {value}")), named(""), "{key}");
    }
    assert!(said > 50);
}

#[test]
fn documented_examples_are_read_and_change_something() {
    let whole: BTreeMap<&str, &str> = [("domain", "\"x\""), ("to", "\"keep\"")].into();
    for (key, _, example) in documented() {
        let value = quoted(&example).unwrap_or_else(|| panic!("{key}: {example}"));
        let of_folder = key.strip_prefix("pickup.");
        let (text, before) = match key.strip_prefix("route.") {
            None if key == "pickup.folder" => (format!("[[pickup]]\nfolder = {value}"), String::new()),
            None if of_folder.is_some() => {
                let before = "[[pickup]]\nfolder = \"/p\"\n".to_owned();
                (format!("{before}{} = {value}", of_folder.unwrap_or_default()), before)
            }
            None if key == "hostname" => (String::new(), "x = 1".into()),
            None => (format!("{key} = {value}"), String::new()),
            Some(key) => {
                let mut keys = whole.clone();
                if key == "error" {
                    keys.remove("to");
                }
                if key == "drop_envelope" {
                    keys.insert("to", "\"drop:/x\"");
                }
                let write = |keys: &BTreeMap<&str, &str>| {
                    keys.iter().fold("[[route]]\n".to_owned(), |text, (key, value)| format!("{text}{key} = {value}\n"))
                };
                let before = write(&whole);
                keys.insert(key, value);
                (write(&keys), before)
            }
        };
        let read = named(&text).unwrap_or_else(|wrong| panic!("{key}: {wrong}"));
        assert_ne!(Ok(read), named(&before), "{key}");
    }
    let toml = DOCS.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    toml.for_each(|text| drop(named(text).unwrap()));
}
