//! Reads sections key by key, so that every key has a name, a default and its errors, and none is overlooked.
//!
//! Everything wrong is collected; what is read then has its default, so that one run tells all.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    fmt::Display,
    ops::RangeInclusive,
    time::Duration,
};

use super::{
    error::{SettingsError, SettingsErrors},
    raw::{Value, ValueKind},
    value::{Readable, Size},
};

/// All that was found while reading.
#[derive(Default)]
pub(super) struct Findings {
    errors: RefCell<Vec<SettingsError>>,
    /// Every key that was asked for, without the numbers of `[[route]]`.
    asked: RefCell<BTreeSet<String>>,
}

impl Findings {
    pub fn add(&self, error: SettingsError) {
        self.errors.borrow_mut().push(error);
    }

    pub fn errors(self) -> SettingsErrors {
        SettingsErrors(self.errors.into_inner())
    }

    #[cfg(test)]
    pub fn keys(&self) -> BTreeSet<String> {
        self.asked.borrow().clone()
    }
}

/// The keys of one section.
pub(super) struct Section<'a> {
    path: String,
    /// The path without numbers.
    name: String,
    values: BTreeMap<String, Value>,
    known: BTreeSet<&'static str>,
    findings: &'a Findings,
}

impl<'a> Section<'a> {
    pub fn root(values: BTreeMap<String, Value>, findings: &'a Findings) -> Self {
        Section { path: String::new(), name: String::new(), values, known: BTreeSet::new(), findings }
    }

    /// The full name of one of its keys.
    pub fn key(&self, key: &str) -> String {
        join(&self.path, key)
    }

    pub fn complain(&self, key: &str, problem: impl Into<String>, remedy: impl Into<String>) {
        self.findings.add(SettingsError::new(self.key(key), problem, remedy));
    }

    /// `item` is the value, or one of its list.
    fn no_value(&self, key: &str, value: &Value, item: &ValueKind, remedy: impl Into<String>) {
        let from = value.origin.as_ref().map(|origin| format!(" from {origin}")).unwrap_or_default();
        self.complain(key, format!("{}{from} is no value for it", shown(item)), remedy);
    }

    fn take(&mut self, key: &'static str) -> Option<Value> {
        self.known.insert(key);
        self.findings.asked.borrow_mut().insert(join(&self.name, key));
        self.values.remove(key)
    }

    /// The key is there and not read yet.
    pub fn has(&self, key: &str) -> bool {
        self.values.contains_key(key)
    }

    pub fn optional<T: Readable>(&mut self, key: &'static str) -> Option<T> {
        let value = self.take(key)?;
        let read = T::read(&value.kind);
        read.map_err(|remedy| self.no_value(key, &value, &value.kind, remedy)).ok()
    }

    pub fn value<T: Readable>(&mut self, key: &'static str, default: T) -> T {
        self.optional(key).unwrap_or(default)
    }

    pub fn list<T: Readable>(&mut self, key: &'static str, default: Vec<T>) -> Vec<T> {
        let Some(value) = self.take(key) else { return default };
        let read = |item: &ValueKind| T::read(item).map_err(|remedy| self.no_value(key, &value, item, remedy)).ok();
        match &value.kind {
            ValueKind::Array(values) => values.iter().filter_map(|value| read(&value.kind)).collect(),
            // The environment has no lists.
            ValueKind::String(text) => {
                let items = text.split(',').filter(|item| !item.trim().is_empty());
                items.filter_map(|item| read(&ValueKind::String(item.into()))).collect()
            }
            other => read(other).into_iter().collect(),
        }
    }

    /// A number within bounds.
    pub fn number<T>(&mut self, key: &'static str, default: T, bounds: RangeInclusive<T>) -> T
    where
        T: Readable + PartialOrd + Display + Copy,
    {
        let value = self.value(key, default);
        self.within(key, value, default, bounds, |n| n.to_string())
    }

    pub fn size(&mut self, key: &'static str, default: u64, bounds: RangeInclusive<u64>) -> u64 {
        let Size(value) = self.value(key, Size(default));
        self.within(key, value, default, bounds, |octets| written_size(*octets))
    }

    pub fn time(&mut self, key: &'static str, default: Duration, bounds: RangeInclusive<Duration>) -> Duration {
        let value = self.value(key, default);
        self.within(key, value, default, bounds, |time| written_time(*time))
    }

    fn within<T>(&self, key: &str, value: T, default: T, is: RangeInclusive<T>, write: impl Fn(&T) -> String) -> T
    where
        T: PartialOrd,
    {
        if is.contains(&value) {
            return value;
        }
        let (least, most) = (write(is.start()), write(is.end()));
        self.complain(key, format!("{} is out of bounds", write(&value)), format!("it is from {least} to {most}"));
        default
    }

    /// One of some words.
    pub fn choice<T: Copy>(&mut self, key: &'static str, default: T, words: &[(&str, T)]) -> T {
        let Some(value) = self.take(key) else { return default };
        let chosen =
            words.iter().find(|(word, _)| matches!(&value.kind, ValueKind::String(text) if text.trim() == *word));
        if let Some((_, choice)) = chosen {
            return *choice;
        }
        let all: Vec<String> = words.iter().map(|(word, _)| format!("\"{word}\"")).collect();
        self.no_value(key, &value, &value.kind, format!("write {}", all.join(" or ")));
        default
    }

    /// A value that may be of several kinds.
    pub fn any(&mut self, key: &'static str) -> Option<ValueKind> {
        self.take(key).map(|value| value.kind)
    }

    /// Puts a value back under its key, to be read in another way.
    pub fn put_back(&mut self, key: &'static str, value: ValueKind) {
        self.values.insert(key.into(), Value { kind: value, origin: None });
    }

    /// A section below this one; empty if it is not there.
    pub fn section(&mut self, key: &'static str) -> Section<'a> {
        self.known.insert(key);
        let values = match self.values.remove(key).map(|value| value.kind) {
            None => BTreeMap::new(),
            Some(ValueKind::Table(table)) => table.into_iter().collect(),
            Some(other) => {
                let remedy = format!("write [{}] above its keys", self.key(key));
                self.complain(key, format!("{} is no section", shown(&other)), remedy);
                BTreeMap::new()
            }
        };
        let (path, name) = (self.key(key), join(&self.name, key));
        Section { path, name, values, known: BTreeSet::new(), findings: self.findings }
    }

    /// The sections of a list, `[[key]]`, counted from 1.
    pub fn sections(&mut self, key: &'static str) -> Vec<Section<'a>> {
        self.known.insert(key);
        let list = match self.values.remove(key).map(|value| value.kind) {
            None => Vec::new(),
            Some(ValueKind::Array(list)) => list,
            Some(other) => {
                self.complain(
                    key,
                    format!("{} is no list of sections", shown(&other)),
                    format!("write [[{key}]] above its keys"),
                );
                Vec::new()
            }
        };
        let mut sections = Vec::new();
        for (value, number) in list.into_iter().zip(1..) {
            match value.kind {
                ValueKind::Table(table) => sections.push(Section {
                    path: format!("{}[{number}]", self.key(key)),
                    name: join(&self.name, key),
                    values: table.into_iter().collect(),
                    known: BTreeSet::new(),
                    findings: self.findings,
                }),
                other => self.complain(
                    key,
                    format!("{} is no section", shown(&other)),
                    format!("write [[{key}]] above its keys"),
                ),
            }
        }
        sections
    }

    /// Nothing more is read: what is left is unknown.
    pub fn finish(self) {
        for key in self.values.keys() {
            let near = self.known.iter().map(|known| (distance(key, known), known)).min();
            let remedy = match near {
                Some((0..=2, known)) => format!("did you mean {}?", join(&self.path, known)),
                _ => "all keys are in docs/configuration.md".into(),
            };
            self.findings.add(SettingsError::new(join(&self.path, key), "there is no such key", remedy));
        }
    }
}

fn join(path: &str, key: &str) -> String {
    match path {
        "" => key.into(),
        path => format!("{path}.{key}"),
    }
}

fn shown(value: &ValueKind) -> String {
    match value {
        ValueKind::String(text) => format!("{text:?}"),
        ValueKind::Table(_) => "a section".into(),
        ValueKind::Array(_) => "a list".into(),
        other => other.to_string(),
    }
}

/// A size as settings write it.
pub(super) fn written_size(octets: u64) -> String {
    match octets {
        0 => "0".into(),
        n if n % (1 << 30) == 0 => format!("{} GiB", n >> 30),
        n if n % (1 << 20) == 0 => format!("{} MiB", n >> 20),
        n if n % (1 << 10) == 0 => format!("{} KiB", n >> 10),
        n => n.to_string(),
    }
}

/// A time as settings write it.
pub(super) fn written_time(time: Duration) -> String {
    match time.as_millis() {
        n if n == 0 || n % 1000 != 0 => format!("{n} ms"),
        n if n % 86_400_000 == 0 => format!("{} days", n / 86_400_000),
        n if n % 3_600_000 == 0 => format!("{} h", n / 3_600_000),
        n if n % 60_000 == 0 => format!("{} min", n / 60_000),
        n => format!("{} s", n / 1000),
    }
}

/// How many letters differ (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
