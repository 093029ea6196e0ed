//! The name of a file: the same for every attempt for the same recipients of a mail, and for no other.
//!
//! `<arrival>.S<spool>Q<mail>R<first recipient>N<how many>H<which>.eml`. Which recipients they are is a number made of all of
//! theirs: if routes change between two attempts, a file for some is not taken for one for others.

use postrider_engine::{Moment, Origin, QueueId, RcptNo};

/// The name in the folder. While it is written it has [`hidden`] instead.
pub(super) fn name(origin: &Origin, id: QueueId, arrived: Moment, to: impl Iterator<Item = RcptNo> + Clone) -> String {
    let (first, count) = (to.clone().next().map_or(0, |no| no.0), to.clone().count());
    let (spool, which) = (origin.spool, which(to));
    format!("{}.S{spool:016X}Q{id}R{first}N{count}H{which:016X}.eml", arrived.seconds())
}

/// Programs that look for mail pass over names with a dot in front.
pub(super) fn hidden(name: &str) -> String {
    format!(".{name}.tmp")
}

/// FNV-1a, which is the same in every version of this program.
fn which(to: impl Iterator<Item = RcptNo>) -> u64 {
    let octets = to.flat_map(|no| no.0.to_be_bytes());
    octets.fold(0xCBF2_9CE4_8422_2325, |sum, octet| (sum ^ u64::from(octet)).wrapping_mul(0x0100_0000_01B3))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(spool: u64, id: u64, to: &[u32]) -> String {
        let origin = Origin { spool, first: QueueId(1) };
        name(&origin, QueueId(id), Moment(1_500), to.iter().map(|no| RcptNo(*no)))
    }

    #[test]
    fn a_name_says_which_mail_and_which_recipients_it_is() {
        assert_eq!(of(0xAB, 0x1F, &[2]), "1.S00000000000000ABQ0000001FR2N1H4D25747F9DCE108F.eml");
        let all =
            [of(1, 1, &[0]), of(1, 1, &[0, 1]), of(1, 1, &[0, 2]), of(1, 1, &[1]), of(1, 2, &[0]), of(2, 1, &[0])];
        let mut names = all.to_vec();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all.len());
        assert!(of(u64::MAX, u64::MAX, &[u32::MAX]).len() < 200);
    }
}
