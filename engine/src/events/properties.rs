//! Free values that sinks leave for each other, on a session or a mail.
//!
//! Rule: bounded in number and octets; a value that does not fit is refused, and what was there stays.

use std::collections::BTreeMap;

/// Properties of one session or mail.
pub const MOST_PROPERTIES: usize = 100;
/// Octets of all names and values together: a mail's are written to disk with it.
pub const MOST_PROPERTY_OCTETS: usize = 16 * 1024;

/// There is no room for this property.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no room for the property: {MOST_PROPERTIES} properties and {MOST_PROPERTY_OCTETS} octets are the most")]
pub struct PropertiesFull;

/// Names and values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Properties(BTreeMap<String, String>);

impl Properties {
    /// The value of this name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Sets a value, in the place of the one that was there.
    ///
    /// # Errors
    /// [`PropertiesFull`]: nothing was changed.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) -> Result<(), PropertiesFull> {
        set(&mut self.0, name.into(), value.into())
    }

    /// Takes a value out.
    pub fn remove(&mut self, name: &str) -> Option<String> {
        self.0.remove(name)
    }

    /// All, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Properties {
    /// Those that fit.
    fn from_iter<I: IntoIterator<Item = (N, V)>>(properties: I) -> Self {
        let mut all = Properties::default();
        for (name, value) in properties {
            let _ = all.set(name, value);
        }
        all
    }
}

pub(super) fn set(all: &mut BTreeMap<String, String>, name: String, value: String) -> Result<(), PropertiesFull> {
    let others = || all.iter().filter(|(other, _)| **other != name);
    let octets: usize = others().map(|(name, value)| name.len() + value.len()).sum();
    if others().count() >= MOST_PROPERTIES || octets + name.len() + value.len() > MOST_PROPERTY_OCTETS {
        return Err(PropertiesFull);
    }
    all.insert(name, value);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_takes_the_place_of_the_one_before_and_counts_once() {
        let mut all = Properties::default();
        let big = "x".repeat(MOST_PROPERTY_OCTETS - 1);
        all.set("a", big.clone()).unwrap();
        all.set("a", big).unwrap();
        assert_eq!(all.set("b", ""), Err(PropertiesFull));
        assert_eq!(all.iter().count(), 1);
    }

    #[test]
    fn there_are_never_more_than_the_limit() {
        let all: Properties = (0..=MOST_PROPERTIES).map(|n| (n.to_string(), "")).collect();
        assert_eq!(all.iter().count(), MOST_PROPERTIES);
    }
}
