//! What programs and the engine say to each other through a Unix socket: plain data, without I/O.
//!
//! Rule: one line of JSON is one request or one answer, and a line says how many octets of content follow it. So whoever can
//! read lines and count can speak it, and a request that is refused never puts the stream out of step. `docs/socket.md` says
//! the same for people.

pub mod admin;
mod answer;
mod envelope;
mod error;
mod request;
mod status;
#[cfg(test)]
mod tests;

pub use answer::{Answer, Hello};
pub use error::{Code, Problem, ProgramReply};
pub use request::{BodyKind, Framed, NotifyOn, Priority, Request, ReturnWhat, SendRequest, To};
pub use status::{ProgramStatus, Why};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The version of what is spoken here. A number that rises may break things.
pub const PROTOCOL: u32 = 1;
/// Octets of a line with its LF: [`MOST_RECIPIENTS`] usual recipients have room in it.
pub const MAX_LINE: usize = 1024 * 1024;
/// Recipients of one mail: above what other hosts take at once, and what a line has room for.
pub const MOST_RECIPIENTS: usize = 10_000;
/// Requests of one connection that are under way at once; the next ones are not read meanwhile. Enough for all of them to
/// share a sync, and a fraction of what the engine takes at once.
pub const MOST_UNDER_WAY: usize = 256;
/// Mails that one connection watches at once: one that is watched costs a little memory, for days perhaps.
pub const MOST_WATCHES: usize = 10_000;
/// What they may weigh together: each one, and one for each recipient that is open when it begins. So the largest mails are
/// watched too, and one program takes no more than a tenth of what the engine keeps for all.
pub const MOST_WATCHED: usize = 100_000;
/// Octets of a text that an answer has: more no person reads.
pub const MAX_TEXT: usize = 4096;
/// Octets of a key that is given as text. A hash of it is kept.
pub const MAX_KEY: usize = 4096;

/// One line with its LF.
pub fn line(what: &impl Serialize) -> Vec<u8> {
    let mut line = serde_json::to_vec(what).unwrap_or_default(); // all keys are texts, so it cannot fail
    line.push(b'\n');
    line
}

/// As much of a text as an answer has room for.
pub(crate) fn cut(text: &str) -> &str {
    shortened(text, MAX_TEXT)
}

/// So many octets of a text at most, and whole characters.
fn shortened(text: &str, most: usize) -> &str {
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

fn is_default<T: Default + PartialEq>(what: &T) -> bool {
    *what == T::default()
}

/// Values that are written as their text.
pub(crate) mod as_text {
    use super::*;

    pub fn serialize<S: Serializer>(what: &impl std::fmt::Display, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(what)
    }

    pub fn deserialize<'de, T, D>(from: D) -> Result<T, D::Error>
    where
        T: std::str::FromStr,
        T::Err: std::fmt::Display,
        D: Deserializer<'de>,
    {
        let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
    /// The same of a value that may be null.
    pub mod optional {
        use super::*;

        pub fn serialize<S: Serializer>(what: &Option<impl std::fmt::Display>, to: S) -> Result<S::Ok, S::Error> {
            match what {
                Some(what) => to.collect_str(what),
                None => to.serialize_none(),
            }
        }

        pub fn deserialize<'de, T, D>(from: D) -> Result<Option<T>, D::Error>
        where
            T: std::str::FromStr,
            T::Err: std::fmt::Display,
            D: Deserializer<'de>,
        {
            let text = Option::<std::borrow::Cow<'de, str>>::deserialize(from)?;
            text.map(|text| text.parse()).transpose().map_err(serde::de::Error::custom)
        }
    }
}
