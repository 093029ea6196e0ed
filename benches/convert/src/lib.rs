//! The conversions by name, and what they are given: for the benchmark of `run.py` and for the test of their memory.
//!
//! Rule: what a conversion needs besides itself is made before it is measured, and what it makes lives until it has been measured.

pub mod conversions;
pub mod hostile;
pub mod inputs;

pub use conversions::{Conversion, CONVERSIONS};
pub use inputs::Input;

/// What an input is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A document.
    Rtf,
    /// A document that holds a page.
    Holder,
    /// Compressed RTF.
    Packed,
    /// A page.
    Html,
    /// Plain text.
    Text,
    /// A `winmail.dat`.
    Tnef,
}

impl Kind {
    /// What the name of its file ends with.
    pub fn extension(self) -> &'static str {
        match self {
            Kind::Rtf => "rtf",
            Kind::Holder => "holder.rtf",
            Kind::Packed => "lzfu",
            Kind::Html => "html",
            Kind::Text => "txt",
            Kind::Tnef => "tnef",
        }
    }
}
