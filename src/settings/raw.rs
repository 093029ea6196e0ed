//! Values as they were written, before anybody knows what they stand for; where they were written does not matter here.

use std::{collections::BTreeMap, fmt};

/// A value, and where it stands if that is not the file.
#[derive(Clone, Debug)]
pub(super) struct Value {
    pub kind: ValueKind,
    pub origin: Option<String>,
}

/// The kinds that files and the environment have.
#[derive(Clone, Debug)]
pub(super) enum ValueKind {
    Boolean(bool),
    I64(i64),
    U64(u64),
    Float(f64),
    String(String),
    Table(BTreeMap<String, Value>),
    Array(Vec<Value>),
    /// One that no key has.
    Other(String),
}

impl fmt::Display for ValueKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ValueKind::Boolean(yes) => yes.fmt(f),
            ValueKind::I64(number) => number.fmt(f),
            ValueKind::U64(number) => number.fmt(f),
            ValueKind::Float(number) => number.fmt(f),
            ValueKind::String(text) | ValueKind::Other(text) => text.fmt(f),
            ValueKind::Table(_) => f.write_str("a section"),
            ValueKind::Array(_) => f.write_str("a list"),
        }
    }
}

/// All values, and what else is to be known of them.
pub(super) struct Source {
    pub values: BTreeMap<String, Value>,
    /// Variables of the environment that were ignored.
    pub ignored: Vec<String>,
    /// There is no file: what is not said is made for trying things out.
    pub no_file: bool,
}
