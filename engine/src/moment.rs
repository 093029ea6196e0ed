//! A point of time, as it is written on disk: the wall clock in milliseconds since 1970.

use std::{
    fmt,
    ops::{Add, Sub},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// Milliseconds since the beginning of 1970 (UTC). `engine` never asks a clock: whoever has one passes this.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(pub u64);

impl Moment {
    /// How long before `later` this is; zero if it is after it.
    pub fn until(self, later: Moment) -> Duration {
        Duration::from_millis(later.0.saturating_sub(self.0))
    }

    /// Whole seconds since 1970.
    pub fn seconds(self) -> u64 {
        self.0 / 1000
    }
}

impl From<SystemTime> for Moment {
    /// What is before 1970 becomes its beginning.
    fn from(time: SystemTime) -> Moment {
        Moment(0) + time.duration_since(UNIX_EPOCH).unwrap_or_default()
    }
}

impl Add<Duration> for Moment {
    type Output = Moment;

    fn add(self, pause: Duration) -> Moment {
        Moment(self.0.saturating_add(u64::try_from(pause.as_millis()).unwrap_or(u64::MAX)))
    }
}

impl Sub<Duration> for Moment {
    type Output = Moment;

    fn sub(self, pause: Duration) -> Moment {
        Moment(self.0.saturating_sub(u64::try_from(pause.as_millis()).unwrap_or(u64::MAX)))
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rfc5322())
    }
}

const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

impl Moment {
    /// The date as a header field writes it, in UTC (RFC 5322, 3.3).
    pub fn rfc5322(self) -> String {
        let seconds = self.seconds();
        let (days, second) = (seconds / 86_400, seconds % 86_400);
        let (year, month, day) = civil(days);
        let name = DAYS[(days % 7) as usize];
        let month = MONTHS[month as usize - 1];
        let (h, m, s) = (second / 3600, second / 60 % 60, second % 60);
        format!("{name}, {day} {month} {year} {h:02}:{m:02}:{s:02} +0000")
    }

    /// The date as programs write it, in UTC (RFC 3339): sorted as texts, such dates are sorted by time.
    pub fn rfc3339(self) -> String {
        let (days, second, part) = (self.seconds() / 86_400, self.seconds() % 86_400, self.0 % 1000);
        let (year, month, day) = civil(days);
        let (h, m, s) = (second / 3600, second / 60 % 60, second % 60);
        format!("{year:04}-{month:02}-{day:02}T{h:02}:{m:02}:{s:02}.{part:03}Z")
    }
}

/// Year, month (1 to 12) and day of a number of days since 1970-01-01, in the proleptic Gregorian calendar.
fn civil(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468; // days since 0000-03-01
    let era = shifted / 146_097;
    let of_era = shifted % 146_097;
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year_of_era + era * 400 + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_as_header_fields_have_them() {
        let table = [
            (0, "Thu, 1 Jan 1970 00:00:00 +0000"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 +0000"),
            (1_795_156_274, "Fri, 20 Nov 2026 06:31:14 +0000"),
            (4_102_444_799, "Thu, 31 Dec 2099 23:59:59 +0000"),
        ];
        for (seconds, text) in table {
            assert_eq!(Moment(seconds * 1000).rfc5322(), text);
        }
    }

    #[test]
    fn dates_for_programs_have_all_digits() {
        let table = [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400_007, "2000-02-29T00:00:00.007Z"),
            (1_795_156_274_120, "2026-11-20T06:31:14.120Z"),
        ];
        for (moment, text) in table {
            assert_eq!(Moment(moment).rfc3339(), text);
        }
    }
}
