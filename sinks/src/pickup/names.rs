//! Names of files: those that are passed over, those that are whole at sight, and those of claims.
//!
//! Rule: no name is made of a clock alone, and none is made of what somebody else wrote.

use std::io;

use postrider_engine::{Moment, QueuePriority};

/// What a name begins with whose file was renamed into place: it is whole, whenever it was written.
const WHOLE: &str = "whole-";
/// Octets of a claim's name that are the file's own.
const KEPT: usize = 100;

/// A text that nobody else has and nobody can guess.
pub(super) fn unguessable() -> io::Result<String> {
    let mut octets = [0; 16];
    rustix::rand::getrandom(&mut octets, rustix::rand::GetRandomFlags::empty())?;
    Ok(format!("{:032x}", u128::from_ne_bytes(octets)))
}

/// While it is written.
pub(super) fn hidden(unique: &str) -> String {
    format!(".{unique}.tmp")
}

/// When it is.
pub(super) fn whole(unique: &str) -> String {
    format!("{WHOLE}{unique}.eml")
}

/// It was renamed into place.
pub(super) fn is_whole(name: &str) -> bool {
    name.starts_with(WHOLE)
}

/// Its writer is not done: programs write under such names and rename.
pub(super) fn is_unfinished(name: &str) -> bool {
    let ends = [".tmp", ".part", ".partial", ".swp", "~"];
    name.starts_with('.') || ends.iter().any(|end| name.len() > end.len() && name.ends_with(end))
}

/// What a claim's name says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Claim {
    /// When it was claimed; claims of one second are in order by a number.
    pub at: Moment,
    /// How urgent the folder was that it lay in.
    pub priority: QueuePriority,
    /// As much of its name as can be kept.
    pub file: String,
    /// The whole name, which is the mail's key.
    pub name: String,
}

impl Claim {
    /// A claim of this file: the `number`-th of this process, which has this number that nobody guesses.
    pub(super) fn new(at: Moment, number: u64, process: &str, priority: QueuePriority, file: &str) -> Self {
        let urgency = match priority {
            QueuePriority::High => 'h',
            QueuePriority::Normal => 'n',
            QueuePriority::Low => 'l',
        };
        let file: String = file.chars().take(KEPT).map(|c| if is_plain(c) { c } else { '_' }).collect();
        let name = format!("{:010x}-{number:08x}-{process}-{urgency}-{file}", at.seconds());
        Claim { at: Moment(at.seconds() * 1000), priority, file, name }
    }

    /// The beginning of its name, by which a trace field and the log know it.
    pub(super) fn id(&self) -> &str {
        let second = self.name.match_indices('-').nth(1).map_or(self.name.len(), |(at, _)| at);
        &self.name[..second]
    }

    /// The claim that has this name; `None`: no claim has.
    pub(super) fn of(name: &str) -> Option<Self> {
        let mut parts = name.splitn(5, '-');
        let (at, number, process) = (parts.next()?, parts.next()?, parts.next()?);
        let (urgency, file) = (parts.next()?, parts.next()?);
        let is_hex = |text: &str| !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_hexdigit());
        let priority = match urgency {
            "h" => QueuePriority::High,
            "n" => QueuePriority::Normal,
            "l" => QueuePriority::Low,
            _ => return None,
        };
        let seconds = u64::from_str_radix(at, 16).ok().filter(|_| is_hex(number) && is_hex(process))?;
        let at = Moment(seconds.checked_mul(1000)?);
        file.chars().all(is_plain).then(|| Claim { at, priority, file: file.into(), name: name.into() })
    }
}

fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_is_known_again_by_its_name_and_names_are_in_order() {
        let claim =
            |number, file: &str| Claim::new(Moment(1_795_156_274_123), number, "00ff", QueuePriority::Low, file);
        let first = claim(9, "Größe/../x y.eml");
        assert_eq!(first.name, "006affe932-00000009-00ff-l-Gr__e_.._x_y.eml");
        assert_eq!((Claim::of(&first.name), first.id()), (Some(first.clone()), "006affe932-00000009"));
        assert!(first.name < claim(10, "a").name);
        assert!(claim(u64::MAX, &"x".repeat(255)).name.len() <= 200);
        for other in ["", "x", ".lock", "1-2-3-x-f", "1-2-3-n-ü", "z-2-3-n-f", "ffffffffffffffff-1-1-n-f"] {
            assert_eq!(Claim::of(other), None, "{other}");
        }
    }

    #[test]
    fn names_say_whether_a_file_is_done() {
        let unique = unguessable().unwrap();
        assert_ne!(unique, unguessable().unwrap());
        assert!(is_unfinished(&hidden(&unique)) && !is_unfinished(&whole(&unique)) && is_whole(&whole(&unique)));
        for name in [".a", "a.tmp", "a.eml.part", "a~"] {
            assert!(is_unfinished(name), "{name}");
        }
        for name in ["a", "a.eml", "~", "tmp"] {
            assert!(!is_unfinished(name) && !is_whole(name), "{name}");
        }
    }
}
