//! Meetings.

use super::{recurrence::Recurrence, zone::Zone, *};
use crate::{
    tnef::{Message, NameKey, Property},
    Allowance, Limits,
};

fn named(set: crate::tnef::Guid, id: u32, value: Value<'_>) -> Property<'_> {
    Property::named(set, NameKey::Id(id), value)
}

fn at(unix: i64) -> Value<'static> {
    Value::Time(FileTime::of_unix(unix))
}

/// A meeting of this class from 31 January 2024, 12:00 to 13:00 UTC.
fn meeting<'a>(class: &str, more: Vec<Property<'a>>) -> Message<'a> {
    let text = |id, text: &str| Property::new(id, Value::text(text));
    let mut properties = vec![
        text(tag::MESSAGE_CLASS, class),
        text(tag::SUBJECT, "Lunch, again"),
        text(tag::BODY, "Bring\r\nfood"),
        text(tag::SENT_REPRESENTING_NAME, "Ann \"A\""),
        text(tag::SENT_REPRESENTING_SMTP_ADDRESS, "ann@b.test"),
        named(APPOINTMENT, 0x820D, at(1_706_702_400)),
        named(APPOINTMENT, 0x820E, at(1_706_706_000)),
        named(APPOINTMENT, 0x8208, Value::text("Room; 1")),
        named(APPOINTMENT, 0x8201, Value::I32(3)),
    ];
    properties.extend(more);
    let row = |kind, name: &str, address: &str| {
        vec![
            Property::new(tag::RECIPIENT_TYPE, Value::I32(kind)),
            text(tag::DISPLAY_NAME, name),
            text(tag::SMTP_ADDRESS, address),
        ]
    };
    let recipients = vec![row(1, "Bob", "bob@b.test"), row(2, "Cy", "cy@b.test"), row(3, "Room", "room@b.test")];
    Message { properties, recipients, ..Message::default() }
}

/// Its lines, unfolded, and what was wrong.
fn lines(message: &Message<'_>) -> (Vec<String>, usize) {
    let mut reading = Reading::new(message, Allowance::new(Limits::default()));
    let envelope = reading.envelope().unwrap();
    let calendar = of(&mut reading, &envelope).unwrap();
    let text = calendar.map(|calendar| calendar.text.replace("\r\n ", "")).unwrap_or_default();
    (text.lines().map(Into::into).collect(), reading.flaws.count())
}

fn has_all(lines: &[String], expected: &[&str]) {
    for line in expected {
        assert!(lines.iter().any(|one| one == line), "{line} is not in {lines:#?}");
    }
}

#[test]
fn a_request_is_a_meeting_with_all_who_are_asked() {
    let (lines, flaws) = lines(&meeting("IPM.Schedule.Meeting.Request", vec![]));
    assert_eq!(flaws, 0);
    has_all(
        &lines,
        &[
            "METHOD:REQUEST",
            "DTSTART:20240131T120000Z",
            "DTEND:20240131T130000Z",
            "SUMMARY:Lunch\\, again",
            "LOCATION:Room\\; 1",
            "DESCRIPTION:Bring\\nfood",
            "SEQUENCE:3",
            "ORGANIZER;CN=\"Ann 'A'\":mailto:ann@b.test",
            "ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;CN=\"Bob\":mailto:bob@b.test",
            "ATTENDEE;ROLE=OPT-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;CN=\"Cy\":mailto:cy@b.test",
            "ATTENDEE;CUTYPE=RESOURCE;ROLE=NON-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;CN=\"Room\":mailto:room@b.test",
        ],
    );
}

#[test]
fn classes_have_their_methods() {
    for (class, expected) in [
        ("IPM.Schedule.Meeting.Canceled", vec!["METHOD:CANCEL", "STATUS:CANCELLED"]),
        ("ipm.appointment", vec!["METHOD:PUBLISH"]),
        (
            "IPM.Schedule.Meeting.Resp.Pos",
            vec![
                "METHOD:REPLY",
                "ORGANIZER;CN=\"Bob\":mailto:bob@b.test",
                "ATTENDEE;PARTSTAT=ACCEPTED;CN=\"Ann 'A'\":mailto:ann@b.test",
            ],
        ),
        ("IPM.Schedule.Meeting.Resp.Neg.Mine", vec!["ATTENDEE;PARTSTAT=DECLINED;CN=\"Ann 'A'\":mailto:ann@b.test"]),
    ] {
        has_all(&lines(&meeting(class, vec![])).0, &expected);
    }
    let counter = vec![named(APPOINTMENT, 0x8257, Value::Bool(true))];
    has_all(&lines(&meeting("IPM.Schedule.Meeting.Resp.Tent", counter)).0, &["METHOD:COUNTER"]);
    for class in ["IPM.Note", "IPM.Appointments", "IPM.Schedule.Meeting.Requested"] {
        assert_eq!(lines(&meeting(class, vec![])), (vec![], 0), "{class}");
    }
}

#[test]
fn a_meeting_without_a_time_is_a_flaw() {
    let mut message = meeting("IPM.Schedule.Meeting.Request", vec![]);
    message.properties.truncate(5);
    assert_eq!(lines(&message), (vec![], 1));
}

#[test]
fn the_id_is_that_of_the_calendar_that_it_comes_from() {
    let mut global = vec![0x04, 0, 0, 0, 0x82];
    global.resize(16, 0xAA);
    global.extend([7, 0xE8, 1, 31]);
    global.resize(40, 0);
    let mut foreign = global.clone();
    foreign.extend(b"vCal-Uid\x01\0\0\0abc-1@x.test\0");
    global.extend([1, 2]);
    let digits =
        global.iter().enumerate().map(|(at, one)| format!("{:02X}", if (16..20).contains(&at) { 0 } else { *one }));
    assert_eq!(uid(&global).unwrap(), digits.collect::<String>());
    assert!(uid(&global).unwrap().starts_with("0400000082AAAA") && uid(&global).unwrap().ends_with("0102"));
    assert_eq!(uid(&foreign).unwrap(), "abc-1@x.test");
    assert_eq!(uid(&global[..39]), None);
    let more = vec![named(MEETING, 0x0003, Value::Binary(foreign.into()))];
    has_all(&lines(&meeting("IPM.Schedule.Meeting.Request", more)).0, &["UID:abc-1@x.test"]);
}

#[test]
fn a_whole_day_is_a_day_wherever_its_midnight_is() {
    let mut message = meeting("IPM.Appointment", vec![named(APPOINTMENT, 0x8215, Value::Bool(true))]);
    for (start, end) in [(1_706_655_600, 1_706_742_000), (1_706_673_600, 1_706_760_000), (1_706_659_200, 1_706_659_200)]
    {
        message.properties[5] = named(APPOINTMENT, 0x820D, at(start));
        message.properties[6] = named(APPOINTMENT, 0x820E, at(end));
        has_all(&lines(&message).0, &["DTSTART;VALUE=DATE:20240131", "DTEND;VALUE=DATE:20240201"]);
    }
}

/// Central Europe: summer from the last Sunday of March, 2:00, to the last one of October, 3:00.
fn europe() -> Vec<u8> {
    let mut octets: Vec<u8> = [-60_i32, 0, -60].iter().flat_map(|one| one.to_le_bytes()).collect();
    for change in [[0_u16, 0, 10, 0, 5, 3, 0, 0, 0], [0, 0, 3, 0, 5, 2, 0, 0, 0]] {
        octets.extend(change.iter().flat_map(|one| one.to_le_bytes()));
    }
    octets
}

#[test]
fn a_zone_shows_what_a_clock_of_it_shows() {
    let zone = Zone::read(&europe()).unwrap();
    for (unix, local) in [
        (1_706_702_400, "20240131T130000"),
        (1_719_835_200, "20240701T140000"),
        // The hour before and after each change.
        (1_711_846_799, "20240331T015959"),
        (1_711_846_800, "20240331T030000"),
        (1_729_990_799, "20241027T025959"),
        (1_729_990_800, "20241027T020000"),
    ] {
        assert_eq!(zone.local(FileTime::of_unix(unix)).basic_local(), local);
    }
    let mut lines = Lines::default();
    zone.write(&mut lines);
    let text = lines.finish();
    assert!(text.contains("BEGIN:DAYLIGHT\r\nDTSTART:16010325T020000\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\n"), "{text}");
    let mut least = europe();
    least[..4].copy_from_slice(&i32::MIN.to_le_bytes());
    assert!(Zone::read(&least).is_none() && Zone::read(&europe()[..47]).is_none() && Zone::read(&[0xFF; 48]).is_none());
}

/// A recurrence from Wednesday, 31 January 2024, 13:00.
fn recurrence(head: [u16; 2], period: u32, days: &[u32], end: [u32; 2], deleted: &[u32]) -> Vec<u8> {
    let mut octets: Vec<u8> =
        [0x3004, 0x3004, head[0], head[1], 0].iter().flat_map(|one: &u16| one.to_le_bytes()).collect();
    let mut numbers = vec![0, period, 0];
    numbers.extend(days);
    numbers.extend(end);
    numbers.push(1);
    numbers.push(deleted.len() as u32);
    numbers.extend(deleted);
    numbers.extend([0, start_day(), start_day() + 28 * 1440, 0x3006, 0x3008, 13 * 60, 14 * 60]);
    octets.extend(numbers.iter().flat_map(|one| one.to_le_bytes()));
    octets.extend([0, 0]);
    octets
}

/// 31 January 2024 in minutes since 1601.
fn start_day() -> u32 {
    u32::try_from((1_706_659_200 + 11_644_473_600_i64) / 60).unwrap()
}

#[test]
fn rules_are_those_of_the_pattern() {
    const NEVER: [u32; 2] = [0x2023, 0];
    let zone = Zone::read(&europe()).unwrap();
    for (head, period, days, end, expected) in [
        ([0x200A, 0], 2880, &[][..], [0x2022, 5], "FREQ=DAILY;INTERVAL=2;COUNT=5"),
        ([0x200A, 1], 1, &[0x3E], NEVER, "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;WKST=MO"),
        ([0x200B, 1], 2, &[0x08], [0x2021, 0], "FREQ=WEEKLY;INTERVAL=2;BYDAY=WE;WKST=MO;UNTIL=20240228T120000Z"),
        ([0x200C, 2], 1, &[31], NEVER, "FREQ=MONTHLY;BYMONTHDAY=-1"),
        ([0x200C, 3], 3, &[0x08, 5], NEVER, "FREQ=MONTHLY;INTERVAL=3;BYDAY=WE;BYSETPOS=-1"),
        ([0x200D, 2], 12, &[30], NEVER, "FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=30"),
    ] {
        let octets = recurrence(head, period, days, end, &[]);
        assert_eq!(Recurrence::read(&octets).unwrap().rule(&zone, false), expected);
        // What is cut short is no rule.
        (0..octets.len() - 2).for_each(|size| assert!(Recurrence::read(&octets[..size]).is_none(), "{size}"));
    }
    for (head, period, days) in [
        ([0x200A, 0], 60, &[][..]),
        ([0x200B, 1], 1, &[0]),
        ([0x200C, 3], 1, &[1, 6]),
        ([0x200C, 0xA], 1, &[1]),
        ([1, 1], 1, &[1]),
    ] {
        assert!(Recurrence::read(&recurrence(head, period, days, NEVER, &[])).is_none(), "{head:?}");
    }
}

#[test]
fn what_is_repeated_keeps_the_clock_of_its_place() {
    let rule = recurrence([0x200B, 1], 1, &[0x08], [0x2022, 9], &[start_day() + 7 * 1440]);
    let more = |zone: Vec<u8>| {
        vec![
            named(APPOINTMENT, 0x8216, Value::Binary(rule.clone().into())),
            named(APPOINTMENT, 0x8233, Value::Binary(zone.into())),
        ]
    };
    let (all, flaws) = lines(&meeting("IPM.Schedule.Meeting.Request", more(europe())));
    assert_eq!(flaws, 0);
    has_all(
        &all,
        &[
            "BEGIN:VTIMEZONE",
            "DTSTART;TZID=Zone:20240131T130000",
            "RRULE:FREQ=WEEKLY;BYDAY=WE;WKST=MO;COUNT=9",
            "EXDATE;TZID=Zone:20240207T130000",
        ],
    );
    let (all, flaws) = lines(&meeting("IPM.Schedule.Meeting.Request", more(vec![1])));
    assert_eq!(flaws, 1);
    has_all(&all, &["DTSTART:20240131T120000Z"]);
    assert!(!all.iter().any(|line| line.starts_with("RRULE")));
}

proptest::proptest! {
    #[test]
    fn any_zone_and_any_rule_come_to_an_end(
        flips in proptest::collection::vec((proptest::prelude::any::<proptest::sample::Index>(), 0..=255_u8), 0..6),
        time in 0..1_000_000_000_000_000_000_u64,
        pattern in 0..5_u16,
    ) {
        let mut zone = europe();
        let days = [&[][..], &[3], &[31], &[0x7F, 5], &[31]][usize::from(pattern)];
        let deleted = [start_day(), u32::MAX];
        let mut rule = recurrence([0x200C, pattern], 1, days, [0x2021, u32::MAX], &deleted);
        for (at, value) in flips {
            zone[at.index(48)] = value;
            let at = at.index(rule.len());
            rule[at] = value;
        }
        if let (Some(zone), Some(rule)) = (Zone::read(&zone), Recurrence::read(&rule)) {
            let local = zone.local(FileTime(time));
            proptest::prop_assert!((local.unix() - FileTime(time).unix()).abs() <= 60 * 60 * 60);
            proptest::prop_assert!(rule.rule(&zone, false).starts_with("FREQ="));
            proptest::prop_assert!(rule.left_out().count() <= 3);
            let mut lines = Lines::default();
            zone.write(&mut lines);
            proptest::prop_assert!(lines.finish().ends_with("END:VTIMEZONE\r\n"));
        }
    }
}
