//! How a meeting is repeated (PidLidAppointmentRecur, \[MS-OXOCAL\] 2.2.1.44).
//!
//! Rule: what has no rule in RFC 5545 is not read: months of the moon, and calendars other than the Gregorian one.

use std::collections::BTreeSet;

use super::zone::Zone;
use crate::tnef::{cursor::Cursor, Civil, FileTime};

const WEEKDAYS: [&str; 7] = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"];

/// How a meeting is repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recurrence {
    frequency: &'static str,
    interval: u32,
    /// The parts of the rule about days.
    days: String,
    first_weekday: &'static str,
    end: End,
    /// Minutes since 1601, on the clock of the place: days on which it is left out.
    deleted: BTreeSet<u32>,
    /// Minutes since midnight at which it begins.
    begins: u32,
    /// Some are not as the rule has them.
    pub has_exceptions: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Never,
    After(u32),
    /// Minutes since 1601: the day of the last one.
    On(u32),
}

impl Recurrence {
    pub fn read(octets: &[u8]) -> Option<Recurrence> {
        const VERSION: u16 = 0x3004;
        let mut cursor = Cursor::new(octets, 0);
        let (version, _) = (cursor.u16()?, cursor.u16()?);
        let (frequency, pattern, calendar) = (cursor.u16()?, cursor.u16()?, cursor.u16()?);
        let (_first, period, _sliding) = (cursor.u32()?, cursor.u32()?, cursor.u32()?);
        // 0: as is usual; 1: Gregorian; those of Gregorian with names in other languages.
        if version != VERSION || !matches!(calendar, 0 | 1 | 2 | 9..=12) {
            return None;
        }
        let days = days(pattern, &mut cursor)?;
        let (end_kind, count, first_weekday) = (cursor.u32()?, cursor.u32()?, cursor.u32()?);
        let (_, mut deleted) = dates(&mut cursor)?;
        let (modified_count, _) = dates(&mut cursor)?;
        let (start_date, end_date) = (cursor.u32()?, cursor.u32()?);
        let (_, _) = (cursor.u32()?, cursor.u32()?);
        let begins = cursor.u32().filter(|minutes| *minutes < 24 * 60)?;
        let _ends = cursor.u32()?;
        // Those that are changed count as deleted: their days stay.
        let exceptions = exceptions(&mut cursor, modified_count);
        exceptions.iter().for_each(|original| {
            deleted.remove(&(original / 1440 * 1440));
        });
        let is_yearly = frequency == 0x200D;
        let (frequency, interval) = match (frequency, pattern) {
            (0x200A, 0) => ("DAILY", period / 1440),
            (0x200A | 0x200B, 1) => ("WEEKLY", period),
            (0x200C, 2..=4) => ("MONTHLY", period),
            (0x200D, 2..=4) => ("YEARLY", period / 12),
            _ => return None,
        };
        let month = FileTime::of_minutes(start_date).civil().month;
        let days = if is_yearly { format!(";BYMONTH={month}{days}") } else { days };
        let end = match end_kind {
            0x2021 => End::On(end_date),
            0x2022 => End::After(count.max(1)),
            _ => End::Never,
        };
        let first_weekday = WEEKDAYS.get(first_weekday as usize).copied().unwrap_or("MO");
        let interval = Some(interval).filter(|interval| (1..=9999).contains(interval))?;
        Some(Recurrence {
            frequency,
            interval,
            days,
            first_weekday,
            end,
            deleted,
            begins,
            has_exceptions: modified_count > 0,
        })
    }

    /// The rule. UNTIL is UTC where the meeting has a time, and a date where it has none.
    pub fn rule(&self, zone: &Zone, is_all_day: bool) -> String {
        let end = match self.end {
            End::Never => String::new(),
            End::After(count) => format!(";COUNT={count}"),
            End::On(day) if is_all_day => format!(";UNTIL={}", FileTime::of_minutes(day).civil().basic_date()),
            // In summer this is an hour late, and before the next one all the same.
            End::On(day) => format!(";UNTIL={}", zone.utc(self.at(day)).basic()),
        };
        let interval = if self.interval == 1 { String::new() } else { format!(";INTERVAL={}", self.interval) };
        let week = if self.frequency == "WEEKLY" { format!(";WKST={}", self.first_weekday) } else { String::new() };
        format!("FREQ={}{interval}{}{week}{end}", self.frequency, self.days)
    }

    /// When it would have begun on the days on which it is left out, on the clock of the place.
    pub fn left_out(&self) -> impl Iterator<Item = Civil> + '_ {
        self.deleted.iter().map(|day| self.at(*day))
    }

    fn at(&self, day: u32) -> Civil {
        FileTime::of_minutes((day / 1440 * 1440).saturating_add(self.begins)).civil()
    }
}

/// The part of a rule about days.
fn days(pattern: u16, cursor: &mut Cursor<'_>) -> Option<String> {
    match pattern {
        0 => Some(String::new()),
        1 => Some(format!(";BYDAY={}", weekdays(cursor.u32()?)?)),
        2 | 4 => match cursor.u32()? {
            // The 31st of a month without one is its last day.
            31 => Some(";BYMONTHDAY=-1".into()),
            day @ 1..=30 => Some(format!(";BYMONTHDAY={day}")),
            _ => None,
        },
        3 => {
            let days = weekdays(cursor.u32()?)?;
            let nth = match cursor.u32()? {
                nth @ 1..=4 => i64::from(nth),
                5 => -1,
                _ => return None,
            };
            Some(format!(";BYDAY={days};BYSETPOS={nth}"))
        }
        _ => None,
    }
}

fn weekdays(bits: u32) -> Option<String> {
    let days: Vec<&str> = (0..7).filter(|day| bits >> day & 1 == 1).map(|day| WEEKDAYS[day]).collect();
    (!days.is_empty()).then(|| days.join(","))
}

/// How many days are announced, and these.
fn dates(cursor: &mut Cursor<'_>) -> Option<(usize, BTreeSet<u32>)> {
    let count = cursor.size()?;
    // More than there can be are none.
    if count > cursor.left() / 4 {
        return None;
    }
    Some((count, (0..count).map_while(|_| cursor.u32()).collect()))
}

/// When those that are not as the rule has them would have been: the beginning of each ExceptionInfo.
fn exceptions(cursor: &mut Cursor<'_>, most: usize) -> Vec<u32> {
    let count = cursor.u16().map_or(0, usize::from).min(most);
    let mut originals = Vec::new();
    for _ in 0..count {
        let (Some(_), Some(_), Some(original), Some(flags)) = (cursor.u32(), cursor.u32(), cursor.u32(), cursor.u16())
        else {
            break;
        };
        originals.push(original);
        // What follows depends on the flags: subject and location with their lengths, numbers of four octets.
        for flag in 0..10 {
            match (flags >> flag & 1, flag) {
                (0, _) => {}
                (_, 0 | 4) => {
                    cursor.u16();
                    let size = cursor.u16().map_or(0, usize::from);
                    cursor.skip(size);
                }
                (_, 9) => {}
                _ => cursor.skip(4),
            }
        }
    }
    originals
}
