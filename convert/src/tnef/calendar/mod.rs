//! Meetings and appointments → iCalendar (\[MS-OXOCAL\], \[MS-OXCICAL\], RFC 5545 and 5546).
//!
//! Rule: times are UTC, but for what is repeated: that keeps the clock of its place, so it has a zone. What cannot be said as a
//! rule is left out with a flaw, and the first meeting stays.

mod identity;
mod recurrence;
#[cfg(test)]
mod tests;
mod zone;

use self::{
    identity::{day, uid},
    recurrence::Recurrence,
    zone::Zone,
};
use super::{
    lines::{quoted, Lines},
    meaning::{is_true, number, time, time_at, Envelope, Importance, Mailbox, Reading, RecipientKind, Sensitivity},
    model::Value,
    tags::{att, tag, APPOINTMENT, COMMON, MEETING},
    Civil, FileTime,
};
use crate::{ConvertError, Trouble};

/// A calendar with one meeting.
#[derive(Debug)]
pub(super) struct Calendar {
    pub text: String,
    /// What is to be done with it (RFC 5546).
    pub method: &'static str,
}

/// What a class of messages asks for, and what the one who answers has said.
fn method(class: &str) -> Option<(&'static str, Option<&'static str>)> {
    let class = class.to_ascii_lowercase();
    let is_of = |name: &str| class == name || class.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'));
    [
        ("ipm.schedule.meeting.request", ("REQUEST", None)),
        ("ipm.schedule.meeting.canceled", ("CANCEL", None)),
        ("ipm.schedule.meeting.resp.pos", ("REPLY", Some("ACCEPTED"))),
        ("ipm.schedule.meeting.resp.neg", ("REPLY", Some("DECLINED"))),
        ("ipm.schedule.meeting.resp.tent", ("REPLY", Some("TENTATIVE"))),
        ("ipm.appointment", ("PUBLISH", None)),
    ]
    .into_iter()
    .find(|(name, _)| is_of(name))
    .map(|(_, method)| method)
}

/// The meeting that this message is about; `None`: it is about none, or nobody knows when it is.
pub(super) fn of(reading: &mut Reading<'_, '_>, envelope: &Envelope) -> Result<Option<Calendar>, ConvertError> {
    let Some((method, answer)) = envelope.class.as_deref().and_then(method) else { return Ok(None) };
    let Some(start) = start(reading) else {
        reading.flaws.note(Trouble::Malformed, 0, "PidLidAppointmentStartWhole");
        return Ok(None);
    };
    let is_counter = answer.is_some() && is_true(reading.named(APPOINTMENT, 0x8257));
    let method = if is_counter { "COUNTER" } else { method };
    let mut meeting = Meeting { reading, envelope, method, answer, start, lines: Lines::default() };
    meeting.write()?;
    let text = meeting.lines.finish();
    reading.allowance.make(text.len())?;
    Ok(Some(Calendar { text, method }))
}

fn start(reading: &Reading<'_, '_>) -> Option<FileTime> {
    let named = |set, id| time(reading.named(set, id));
    named(APPOINTMENT, 0x820D)
        .or_else(|| named(COMMON, 0x8516))
        .or_else(|| reading.time(tag::START_DATE))
        .or_else(|| time_at(&reading.message.attributes, att::DATE_START))
}

fn end(reading: &Reading<'_, '_>, start: FileTime) -> FileTime {
    let named = |set, id| time(reading.named(set, id));
    let minutes = number(reading.named(APPOINTMENT, 0x8213)).map_or(0, i64::from);
    named(APPOINTMENT, 0x820E)
        .or_else(|| named(COMMON, 0x8517))
        .or_else(|| reading.time(tag::END_DATE))
        .or_else(|| time_at(&reading.message.attributes, att::DATE_END))
        .unwrap_or_else(|| FileTime::of_unix(start.unix() + minutes * 60))
        .max(start)
}

struct Meeting<'r, 'm, 'a> {
    reading: &'r mut Reading<'m, 'a>,
    envelope: &'r Envelope,
    method: &'static str,
    answer: Option<&'static str>,
    start: FileTime,
    lines: Lines,
}

impl Meeting<'_, '_, '_> {
    fn write(&mut self) -> Result<(), ConvertError> {
        let repeated = self.recurrence()?;
        self.lines.raw("BEGIN", "VCALENDAR");
        self.lines.raw("VERSION", "2.0");
        self.lines.raw("PRODID", "-//Postrider//convert//EN");
        self.lines.raw("METHOD", self.method);
        if let Some((_, zone)) = &repeated {
            zone.write(&mut self.lines);
        }
        self.lines.raw("BEGIN", "VEVENT");
        self.identity();
        self.times(repeated.as_ref());
        self.texts()?;
        self.people()?;
        self.state();
        self.reminder();
        self.lines.raw("END", "VEVENT");
        self.lines.raw("END", "VCALENDAR");
        Ok(())
    }

    /// Which meeting it is, and which version of it.
    fn identity(&mut self) {
        let binary = |id| self.reading.named(MEETING, id).and_then(|value: &Value<'_>| value.octets());
        let uid = binary(0x0023).or_else(|| binary(0x0003)).and_then(|octets| uid(octets));
        let stamp_id = if self.answer.is_some() { 0x0001 } else { 0x001A };
        let stamp = time(self.reading.named(MEETING, stamp_id)).or(self.envelope.sent).unwrap_or(self.start);
        // RFC 5545 wants one. Who has said none has the same one for the same meeting.
        let made = || {
            format!(
                "{}-{}",
                self.start.civil().basic(),
                self.reading.number(tag::OWNER_APPOINTMENT_ID).unwrap_or_default()
            )
        };
        let uid = uid.unwrap_or_else(made);
        self.lines.text("UID", &uid);
        self.lines.raw("DTSTAMP", &stamp.civil().basic());
        let sequence = number(self.reading.named(APPOINTMENT, 0x8201)).unwrap_or_default();
        self.lines.raw("SEQUENCE", &sequence.max(0).to_string());
    }

    fn is_all_day(&self) -> bool {
        is_true(self.reading.named(APPOINTMENT, 0x8215))
    }

    fn times(&mut self, repeated: Option<&(Recurrence, Zone)>) {
        let (start, end) = (self.start, end(self.reading, self.start));
        if self.is_all_day() {
            let (first, last) = (day(start), day(end));
            let last = if last <= first { Civil::of_unix(first.unix() + 86_400) } else { last };
            self.lines.raw("DTSTART;VALUE=DATE", &first.basic_date());
            self.lines.raw("DTEND;VALUE=DATE", &last.basic_date());
        } else if let Some((_, zone)) = repeated {
            self.lines.raw("DTSTART;TZID=Zone", &zone.local(start).basic_local());
            self.lines.raw("DTEND;TZID=Zone", &zone.local(end).basic_local());
        } else {
            self.lines.raw("DTSTART", &start.civil().basic());
            self.lines.raw("DTEND", &end.civil().basic());
        }
        if let Some((rule, zone)) = repeated {
            self.lines.raw("RRULE", &rule.rule(zone, self.is_all_day()));
            for date in rule.left_out() {
                if self.is_all_day() {
                    self.lines.raw("EXDATE;VALUE=DATE", &date.basic_date());
                } else {
                    self.lines.raw("EXDATE;TZID=Zone", &date.basic_local());
                }
            }
        } else if let Some(original) = time(self.reading.named(APPOINTMENT, 0x8228)) {
            self.lines.raw("RECURRENCE-ID", &original.civil().basic());
        }
    }

    /// How it is repeated, and in which zone.
    fn recurrence(&mut self) -> Result<Option<(Recurrence, Zone)>, ConvertError> {
        let Some(octets) = self.reading.named(APPOINTMENT, 0x8216).and_then(|value: &Value<'_>| value.octets()) else {
            return Ok(None);
        };
        if octets.is_empty() {
            return Ok(None);
        }
        self.reading.allowance.step(octets.len())?;
        self.reading.allowance.make(octets.len().saturating_mul(4))?;
        let Some(recurrence) = Recurrence::read(octets) else {
            self.reading.flaws.note(Trouble::Malformed, 0, "PidLidAppointmentRecur");
            return Ok(None);
        };
        if recurrence.has_exceptions {
            // Each has a message of its own; the days on which they are stay as the rule has them.
            self.reading.flaws.note(Trouble::NotSayable, 0, "ExceptionInfo");
        }
        let zone = self.reading.named(APPOINTMENT, 0x8233).and_then(|value: &Value<'_>| value.octets());
        match zone.and_then(|octets| Zone::read(octets)) {
            Some(zone) => Ok(Some((recurrence, zone))),
            // Days of the week are days of a place: without one, the rule could mean another day.
            None => {
                self.reading.flaws.note(Trouble::Malformed, 0, "PidLidTimeZoneStruct");
                Ok(None)
            }
        }
    }

    fn texts(&mut self) -> Result<(), ConvertError> {
        self.lines.some("SUMMARY", self.envelope.subject.as_deref());
        let location = match self.reading.named_text(APPOINTMENT, 0x8208)? {
            None => self.reading.named_text(MEETING, 0x0002)?,
            location => location,
        };
        self.lines.some("LOCATION", location.as_deref());
        let text = self.reading.text_body()?;
        self.lines.some("DESCRIPTION", text.as_deref().map(str::trim).filter(|text| !text.is_empty()));
        Ok(())
    }

    fn people(&mut self) -> Result<(), ConvertError> {
        let owner = self.reading.owner()?;
        let recipients = &self.envelope.recipients;
        let from = self.envelope.from.clone();
        if let Some(answer) = self.answer {
            // An answer goes to who has asked.
            let organizer = recipients.iter().find(|one| one.kind == RecipientKind::To).map(|one| &one.mailbox);
            person(&mut self.lines, "ORGANIZER", organizer.or(owner.as_ref()));
            person(&mut self.lines, &format!("ATTENDEE;PARTSTAT={answer}"), from.as_ref());
            return Ok(());
        }
        if self.method == "PUBLISH" && recipients.is_empty() {
            return Ok(());
        }
        let named = recipients.iter().find(|one| one.is_organizer).map(|one| &one.mailbox);
        let organizer = named.or(from.as_ref()).or(owner.as_ref());
        person(&mut self.lines, "ORGANIZER", organizer);
        for one in recipients.iter().filter(|one| !one.is_organizer && Some(&one.mailbox) != organizer) {
            let role = match one.kind {
                RecipientKind::To => "ROLE=REQ-PARTICIPANT",
                RecipientKind::Cc => "ROLE=OPT-PARTICIPANT",
                RecipientKind::Bcc => "CUTYPE=RESOURCE;ROLE=NON-PARTICIPANT",
            };
            let answer = match one.answer {
                2 => "TENTATIVE",
                3 => "ACCEPTED",
                4 => "DECLINED",
                _ => "NEEDS-ACTION",
            };
            let asks = if self.method == "REQUEST" { ";RSVP=TRUE" } else { "" };
            person(&mut self.lines, &format!("ATTENDEE;{role};PARTSTAT={answer}{asks}"), Some(&one.mailbox));
        }
        Ok(())
    }

    fn state(&mut self) {
        match (self.envelope.sensitivity, self.envelope.importance) {
            (Some(Sensitivity::CompanyConfidential), _) => self.lines.raw("CLASS", "CONFIDENTIAL"),
            (Some(_), _) => self.lines.raw("CLASS", "PRIVATE"),
            _ => {}
        }
        match self.envelope.importance {
            Some(Importance::High) => self.lines.raw("PRIORITY", "1"),
            Some(Importance::Low) => self.lines.raw("PRIORITY", "9"),
            _ => {}
        }
        let (transparency, busy) = match number(self.reading.named(APPOINTMENT, 0x8205)) {
            Some(0) => ("TRANSPARENT", "FREE"),
            Some(1) => ("OPAQUE", "TENTATIVE"),
            Some(3) => ("OPAQUE", "OOF"),
            Some(4) => ("TRANSPARENT", "WORKINGELSEWHERE"),
            _ => ("OPAQUE", "BUSY"),
        };
        if self.method == "CANCEL" {
            self.lines.raw("STATUS", "CANCELLED");
        }
        self.lines.raw("TRANSP", transparency);
        self.lines.raw("X-MICROSOFT-CDO-BUSYSTATUS", busy);
    }

    fn reminder(&mut self) {
        let is_set = is_true(self.reading.named(COMMON, 0x8503));
        let minutes = number(self.reading.named(COMMON, 0x8501)).filter(|minutes| (0..=525_600).contains(minutes));
        // 0x5AE980E1: as the one who gets it is used to.
        if let (true, Some(minutes), "REQUEST" | "PUBLISH") = (is_set, minutes, self.method) {
            self.lines.raw("BEGIN", "VALARM");
            self.lines.raw("ACTION", "DISPLAY");
            self.lines.raw("DESCRIPTION", "Reminder");
            self.lines.raw("TRIGGER", &format!("-PT{minutes}M"));
            self.lines.raw("END", "VALARM");
        }
    }
}

fn person(lines: &mut Lines, name: &str, mailbox: Option<&Mailbox>) {
    let Some(Mailbox { name: called, address: Some(address) }) = mailbox else { return };
    let called = called.as_deref().map(|called| format!(";CN={}", quoted(called))).unwrap_or_default();
    lines.raw(&format!("{name}{called}"), &format!("mailto:{address}"));
}
