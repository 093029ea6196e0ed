//! Times: those of properties, those of attributes, and what they are in a calendar.
//!
//! Rule: all are UTC. A time that no calendar has is none.

/// 1 January 1601 in seconds of Unix.
const BEGINNING: i64 = -11_644_473_600;
const SECOND: u64 = 10_000_000;
const DAY: i64 = 86_400;

/// A time of Windows: tenths of microseconds since the beginning of 1601.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileTime(pub u64);

impl FileTime {
    /// That of a time of Unix; times before 1601 are 1601.
    pub fn of_unix(seconds: i64) -> Self {
        let seconds = u64::try_from(seconds.saturating_sub(BEGINNING)).unwrap_or_default();
        FileTime(seconds.saturating_mul(SECOND))
    }

    /// In seconds of Unix.
    pub fn unix(self) -> i64 {
        i64::try_from(self.0 / SECOND).unwrap_or(i64::MAX / 2) + BEGINNING
    }

    /// In a calendar.
    pub fn civil(self) -> Civil {
        Civil::of_unix(self.unix())
    }

    /// That of minutes since 1601, as recurrences have them.
    pub fn of_minutes(minutes: u32) -> Self {
        FileTime(u64::from(minutes) * 60 * SECOND)
    }
}

/// A time in the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Civil {
    /// The year.
    pub year: i64,
    /// The month, from 1.
    pub month: u8,
    /// The day, from 1.
    pub day: u8,
    /// The hour.
    pub hour: u8,
    /// The minute.
    pub minute: u8,
    /// The second.
    pub second: u8,
}

impl Civil {
    /// That of a time of Unix.
    pub fn of_unix(seconds: i64) -> Self {
        let (days, rest) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
        let (year, month, day) = date_of(days);
        let small = |number: i64| u8::try_from(number).unwrap_or_default();
        Civil {
            year,
            month: small(month),
            day: small(day),
            hour: small(rest / 3600),
            minute: small(rest / 60 % 60),
            second: small(rest % 60),
        }
    }

    /// In seconds of Unix.
    pub fn unix(self) -> i64 {
        let [month, day, hour, minute, second] =
            [self.month, self.day, self.hour, self.minute, self.second].map(i64::from);
        days_of(self.year, month, day) * DAY + hour * 3600 + minute * 60 + second
    }

    /// That of the fourteen octets of an attribute (DTR); `None`: it is no time.
    pub fn of_attribute(octets: &[u8]) -> Option<Self> {
        let number = |at: usize| Some(u16::from_le_bytes([*octets.get(at)?, *octets.get(at + 1)?]));
        let within = |at: usize, most: u16| number(at).filter(|number| *number <= most);
        let small = |at, most| u8::try_from(within(at, most)?).ok();
        let civil = Civil {
            year: i64::from(number(0).filter(|year| (1601..=9999).contains(year))?),
            month: small(2, 12).filter(|month| *month > 0)?,
            day: small(4, 31).filter(|day| *day > 0)?,
            hour: small(6, 23)?,
            minute: small(8, 59)?,
            second: small(10, 59)?,
        };
        // The thirtieth of February is a day of March.
        Some(Civil::of_unix(civil.unix()))
    }

    /// `20240131T120000Z`, as iCalendar has it.
    pub fn basic(self) -> String {
        let Civil { year, month, day, hour, minute, second } = self;
        format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z")
    }

    /// `20240131T120000`: what a clock shows, without a zone.
    pub fn basic_local(self) -> String {
        self.basic().trim_end_matches('Z').to_owned()
    }

    /// `20240131`, as iCalendar has it.
    pub fn basic_date(self) -> String {
        format!("{:04}{:02}{:02}", self.year, self.month, self.day)
    }
}

/// Days since 1970, by the cycle of 400 years that begins with a March.
fn days_of(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (cycle, year) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    cycle * 146_097 + year * 365 + year / 4 - year / 100 + of_year - 719_468
}

fn date_of(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (cycle, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + cycle * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_the_same_in_all_forms() {
        for (unix, basic) in [
            (0, "19700101T000000Z"),
            (951_782_400, "20000229T000000Z"),
            (951_868_799, "20000229T235959Z"),
            (1_706_702_400, "20240131T120000Z"),
            (-11_644_473_600, "16010101T000000Z"),
            (4_107_542_400, "21000301T000000Z"),
        ] {
            let civil = Civil::of_unix(unix);
            assert_eq!((civil.basic().as_str(), civil.unix()), (basic, unix));
            assert_eq!(FileTime::of_unix(unix).unix(), unix);
        }
        assert_eq!(FileTime(u64::MAX).civil().year, 60056);
        assert_eq!(FileTime::of_unix(i64::MIN), FileTime(0));
    }

    #[test]
    fn an_attribute_that_is_no_time_is_none() {
        let time = |numbers: [u16; 7]| {
            Civil::of_attribute(&numbers.iter().flat_map(|one| one.to_le_bytes()).collect::<Vec<_>>())
        };
        assert_eq!(time([2024, 1, 31, 12, 0, 5, 3]).unwrap().basic(), "20240131T120005Z");
        assert_eq!(time([2023, 2, 30, 0, 0, 0, 0]).unwrap().basic_date(), "20230302");
        for bad in [[0; 7], [2024, 13, 1, 0, 0, 0, 0], [2024, 1, 1, 24, 0, 0, 0], [u16::MAX; 7]] {
            assert!(time(bad).is_none(), "{bad:?}");
        }
        assert!(Civil::of_attribute(&[232, 7, 1, 0]).is_none());
    }
}
