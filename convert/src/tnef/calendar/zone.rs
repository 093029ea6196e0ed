//! The zone of a meeting that is repeated (PidLidTimeZoneStruct, \[MS-OXOCAL\] 2.2.1.39).
//!
//! Rule: a zone has two halves or one, and the half of the summer begins and ends on weekdays of months.

use crate::tnef::{cursor::Cursor, lines::Lines, Civil, FileTime};

const WEEKDAYS: [&str; 7] = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"];

/// A zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zone {
    /// Minutes that UTC is ahead, out of summer.
    standard: i32,
    /// And in summer.
    summer: i32,
    /// When the summer ends and when it begins; `None`: there is none.
    changes: Option<(Change, Change)>,
}

/// When a clock is changed: on the n-th weekday of a month, the fifth being the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Change {
    month: u8,
    weekday: u8,
    nth: u8,
    hour: u8,
    minute: u8,
}

impl Zone {
    pub fn read(octets: &[u8]) -> Option<Zone> {
        let mut cursor = Cursor::new(octets, 0);
        let mut minutes = || cursor.array().map(i32::from_le_bytes).filter(|minutes| minutes.unsigned_abs() <= 26 * 60);
        let (bias, standard, summer) = (minutes()?, minutes()?, minutes()?);
        cursor.u16()?;
        let ends = change(&mut cursor)?;
        cursor.u16()?;
        let begins = change(&mut cursor)?;
        Some(Zone { standard: bias + standard, summer: bias + summer, changes: ends.zip(begins) })
    }

    /// What a clock of this place shows then.
    pub fn local(&self, time: FileTime) -> Civil {
        let at = |minutes: i32| Civil::of_unix(time.unix() - i64::from(minutes) * 60);
        let standard = at(self.standard);
        let Some((ends, begins)) = self.changes else { return standard };
        // The end is on the clock of the summer.
        let end = ends.of_year(standard.year) - i64::from(self.standard - self.summer) * 60;
        let begin = begins.of_year(standard.year);
        let now = standard.unix();
        let is_summer = if begin < end { (begin..end).contains(&now) } else { !(end..begin).contains(&now) };
        if is_summer {
            at(self.summer)
        } else {
            standard
        }
    }

    /// UTC of what a clock of this place shows out of summer.
    pub fn utc(&self, local: Civil) -> Civil {
        Civil::of_unix(local.unix() + i64::from(self.standard) * 60)
    }

    pub fn write(&self, lines: &mut Lines) {
        lines.raw("BEGIN", "VTIMEZONE");
        lines.raw("TZID", "Zone");
        match self.changes {
            None => half(lines, "STANDARD", self.standard, self.standard, None),
            Some((ends, begins)) => {
                half(lines, "STANDARD", self.summer, self.standard, Some(ends));
                half(lines, "DAYLIGHT", self.standard, self.summer, Some(begins));
            }
        }
        lines.raw("END", "VTIMEZONE");
    }
}

fn half(lines: &mut Lines, name: &str, from: i32, to: i32, change: Option<Change>) {
    lines.raw("BEGIN", name);
    let begins =
        change.map_or_else(|| "16010101T000000".into(), |change| Civil::of_unix(change.of_year(1601)).basic_local());
    lines.raw("DTSTART", &begins);
    if let Some(Change { month, weekday, nth, .. }) = change {
        let nth = if nth == 5 { -1 } else { i32::from(nth) };
        let weekday = WEEKDAYS[usize::from(weekday)];
        lines.raw("RRULE", &format!("FREQ=YEARLY;BYMONTH={month};BYDAY={nth}{weekday}"));
    }
    lines.raw("TZOFFSETFROM", &offset(from));
    lines.raw("TZOFFSETTO", &offset(to));
    lines.raw("END", name);
}

/// What is ahead for Windows is behind for a calendar.
fn offset(minutes: i32) -> String {
    let sign = if minutes > 0 { '-' } else { '+' };
    format!("{sign}{:02}{:02}", minutes.abs() / 60, minutes.abs() % 60)
}

/// `None`: it is no time; `Some(None)`: there is no change.
fn change(cursor: &mut Cursor<'_>) -> Option<Option<Change>> {
    let mut next = || cursor.u16();
    let [_year, month, weekday, nth, hour, minute, _, _] =
        [next()?, next()?, next()?, next()?, next()?, next()?, next()?, next()?];
    if month == 0 {
        return Some(None);
    }
    let within =
        |number: u16, least: u16, most: u16| u8::try_from(number).ok().filter(|_| (least..=most).contains(&number));
    Some(Some(Change {
        month: within(month, 1, 12)?,
        weekday: within(weekday, 0, 6)?,
        nth: within(nth, 1, 5)?,
        hour: within(hour, 0, 23)?,
        minute: within(minute, 0, 59)?,
    }))
}

impl Change {
    /// When it is in this year, as a clock shows it before.
    fn of_year(self, year: i64) -> i64 {
        const DAY: i64 = 86_400;
        let first = Civil { year, month: self.month, day: 1, hour: self.hour, minute: self.minute, second: 0 };
        let next = if self.month == 12 {
            Civil { year: year + 1, month: 1, ..first }
        } else {
            Civil { month: self.month + 1, ..first }
        };
        // 1 January 1970 was a Thursday.
        let weekday = (first.unix().div_euclid(DAY) + 4).rem_euclid(7);
        let ahead = (i64::from(self.weekday) - weekday).rem_euclid(7);
        let mut at = first.unix() + (ahead + 7 * (i64::from(self.nth) - 1)) * DAY;
        while at >= next.unix() {
            at -= 7 * DAY;
        }
        at
    }
}
