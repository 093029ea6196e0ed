//! Mails that somebody got more than once.

use std::{collections::BTreeMap, fmt};

use super::{assert, CheckFailed, Taken, Witness};

/// A recipient who got the same mail more than once.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Duplicate {
    /// Who.
    pub recipient: String,
    /// Each time, in the order in which they were taken.
    pub taken: Vec<Taken>,
}

impl fmt::Display for Duplicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.taken.first().map(|mail| mail.message_id().unwrap_or_else(|| format!("the mail {mail}")));
        write!(f, "{} got {} {} times", self.recipient, name.unwrap_or_default(), self.taken.len())
    }
}

/// All who got a mail more than once. Mails are the same if they have the same `Message-ID`, or none and the same octets.
pub fn duplicates(witness: &(impl Witness + ?Sized)) -> Vec<Duplicate> {
    let mut seen: BTreeMap<(Vec<u8>, String), Vec<Taken>> = BTreeMap::new();
    for mail in witness.taken() {
        let name = mail.message_id().map_or_else(|| mail.content.clone(), String::into_bytes);
        for recipient in &mail.recipients {
            seen.entry((name.clone(), recipient.address.to_ascii_lowercase())).or_default().push(mail.clone());
        }
    }
    let twice = seen.into_iter().filter(|(_, taken)| taken.len() > 1);
    twice.map(|((_, recipient), taken)| Duplicate { recipient, taken }).collect()
}

/// Nobody got a mail more than once.
///
/// # Errors
/// [`CheckFailed`] names who did.
pub fn check_no_duplicates(witness: &(impl Witness + ?Sized)) -> Result<(), CheckFailed> {
    let twice: Vec<_> = duplicates(witness).iter().map(Duplicate::to_string).collect();
    match twice.is_empty() {
        true => Ok(()),
        false => Err(CheckFailed::new(twice.join("\n"), witness)),
    }
}

/// Fails the test if somebody got a mail more than once.
#[track_caller]
pub fn assert_no_duplicates(witness: &(impl Witness + ?Sized)) {
    assert(check_no_duplicates(witness));
}
