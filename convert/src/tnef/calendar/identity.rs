//! Which meeting it is, and on which day.
//!
//! Rule: the id of a meeting is the same as in the calendar that it comes from.

use crate::tnef::{Civil, FileTime};

/// The day that begins nearest to this time: midnight of a place is no midnight of UTC.
pub fn day(time: FileTime) -> Civil {
    Civil::of_unix((time.unix() + 43_200).div_euclid(86_400) * 86_400)
}

/// The id of a meeting in a calendar (\[MS-OXCICAL\] 2.1.3.1.1.20.26).
pub fn uid(global: &[u8]) -> Option<String> {
    const HEADER: usize = 40;
    let data = global.get(HEADER..)?;
    if let Some(id) = data.strip_prefix(b"vCal-Uid\x01\0\0\0") {
        let id = id.split(|octet| *octet == 0).next()?;
        let id = std::str::from_utf8(id).ok().filter(|id| !id.is_empty() && id.chars().all(|one| !one.is_control()));
        return id.map(Into::into);
    }
    // The day of one of many meetings is not of the id of all.
    let is_day = |at: usize| (16..20).contains(&at);
    let digits = global.iter().enumerate().map(|(at, octet)| if is_day(at) { 0 } else { *octet });
    Some(digits.take(1000).map(|octet| format!("{octet:02X}")).collect())
}
