//! The name of a delivered mail: the same for every attempt, and for no other mail and no other recipient.
//!
//! `<arrival>.S<spool>Q<mail>R<recipient>.<host>`: when the mail came, as it is written in the spool, so that names
//! sort by age; the number of the spool; the number of the mail in it; the number of the recipient in that. No clock is
//! asked. The host is for people: it is not compared, so that it may change.

use postrider_engine::{Moment, Origin, QueueId, RcptNo};

/// Octets of the host's name; a whole name of a file has at most 255.
const MAX_HOST: usize = 128;

/// Name of one recipient's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FileName {
    whole: String,
    /// How much of it says which mail it is, the dot before the host included.
    stem: usize,
}

impl FileName {
    pub fn new(origin: &Origin, id: QueueId, no: RcptNo, arrived: Moment, host: &str) -> Self {
        let spool = origin.spool;
        let mut whole = format!("{}.S{spool:016X}Q{id}R{no}.", arrived.seconds());
        let stem = whole.len();
        for c in host.chars() {
            let part = match c {
                '/' => "\\057".to_owned(),
                ':' => "\\072".to_owned(),
                c if c.is_control() => "_".to_owned(),
                c => c.to_string(),
            };
            if whole.len() - stem + part.len() <= MAX_HOST {
                whole.push_str(&part);
            }
        }
        FileName { whole, stem }
    }

    pub fn as_str(&self) -> &str {
        &self.whole
    }

    /// The file of this name is of the same mail for the same recipient: readers put flags behind a name.
    pub fn is_of(&self, name: &[u8]) -> bool {
        name.starts_with(&self.whole.as_bytes()[..self.stem])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(spool: u64, id: u64, no: u32, host: &str) -> FileName {
        FileName::new(&Origin { spool, first: QueueId(1) }, QueueId(id), RcptNo(no), Moment(1_500), host)
    }

    #[test]
    fn a_name_says_which_mail_it_is_and_fits_the_rules_of_maildir() {
        assert_eq!(name(0xAB, 0x1F, 12, "a.example").as_str(), "1.S00000000000000ABQ0000001FR12.a.example");
        assert_eq!(name(1, 1, 0, "[IPv6:::1]/").as_str(), "1.S0000000000000001Q00000001R0.[IPv6\\072\\072\\0721]\\057");
        assert!(name(u64::MAX, u64::MAX, u32::MAX, &":x".repeat(300)).as_str().len() < 255);
    }

    #[test]
    fn a_file_is_known_with_flags_and_under_another_host_and_no_other_is() {
        let one = name(1, 1, 1, "a");
        for other in ["a", "b"].map(|host| name(1, 1, 1, host).as_str().to_owned()) {
            assert!(one.is_of(other.as_bytes()) && one.is_of(format!("{other},S=3:2,FS").as_bytes()));
        }
        for other in [name(1, 1, 10, "a"), name(1, 1, 0, "a"), name(1, 16, 1, "a"), name(2, 1, 1, "a")] {
            assert!(!one.is_of(other.as_str().as_bytes()), "{other:?}");
        }
    }
}
