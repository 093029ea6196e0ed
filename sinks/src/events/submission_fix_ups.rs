//! Gives mail from programs that write mail what it must have: a date, an identity, and what says how it is to be read.
//!
//! Rule: it adds what is missing and changes nothing that is there. That is what RFC 6409, 8 allows to whoever takes mail
//! from its author, and only from there: a mail on its way is not ours to mend.

use postrider_engine::{
    events::{BeforeCommit, Message, Sink, Verdict},
    header::{HeaderEditor, HeaderError, RawField},
    Address, Body, Door, Envelope, Moment, Trace,
};
use thiserror::Error;
use tracing::warn;

use super::time::{unguessable, wall_clock, Now};

/// What is mended, and for whom.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SubmissionFixUpsSettings {
    /// Behind the `@` of a Message-ID, and `by` of a Received field: the name of this host.
    pub hostname: String,
    /// By which doors mail comes that is mended; `Library` and `Smtp` by default.
    pub doors: Vec<Door>,
    /// A client of SMTP or LMTP must have proved who it is; so it is by default. Where networks are trusted instead, say
    /// false here and name them in the binding's rule.
    pub identified: bool,
    /// `Date` is added (RFC 6409, 8.2): when the mail came.
    pub date: bool,
    /// `Message-ID` is added (8.3).
    pub message_id: bool,
    /// `MIME-Version` is added where a field of MIME stands; and to a mail of 8 bits without one, also that its text is in an
    /// unknown charset (RFC 1428, 3).
    pub mime: bool,
    /// A `Received` field is added on top where there is none at all: for mail of the library and of folders. Off by default.
    pub received: bool,
    /// Tells the time, for a mail that does not say when it came.
    pub now: Now,
}

impl SubmissionFixUpsSettings {
    /// The defaults for a host of this name.
    pub fn new(hostname: impl Into<String>) -> Self {
        SubmissionFixUpsSettings {
            hostname: hostname.into(),
            doors: vec![Door::Library, Door::Smtp],
            identified: true,
            date: true,
            message_id: true,
            mime: true,
            received: false,
            now: wall_clock,
        }
    }
}

/// The host has no name that could stand in a Message-ID.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("\"{0}\" is no name of a host")]
pub struct SubmissionFixUpsError(pub String);

/// Mends mail at `end_of_data` or `submission`.
#[derive(Clone, Debug)]
pub struct SubmissionFixUps {
    settings: SubmissionFixUpsSettings,
}

impl SubmissionFixUps {
    /// A sink with these settings.
    ///
    /// # Errors
    /// [`SubmissionFixUpsError`]: the name of the host is none.
    pub fn new(settings: SubmissionFixUpsSettings) -> Result<Self, SubmissionFixUpsError> {
        let is_host = Address::parse(&format!("x@{}", settings.hostname)).is_ok_and(|x| x.is_ascii());
        match is_host {
            true => Ok(SubmissionFixUps { settings }),
            false => Err(SubmissionFixUpsError(settings.hostname)),
        }
    }

    fn is_for(&self, envelope: &Envelope) -> bool {
        let is_client = matches!(envelope.door, Door::Smtp | Door::Lmtp);
        let is_known = !is_client || !self.settings.identified || envelope.peer.identity.is_some();
        self.settings.doors.contains(&envelope.door) && is_known
    }

    /// Names and values of what is missing.
    fn missing(&self, envelope: &Envelope, header: &HeaderEditor<'_>) -> Vec<(&'static str, String)> {
        let lacks = |name: &str| header.first(name).is_none();
        let mut missing = Vec::new();
        if self.settings.date && lacks("Date") {
            missing.push(("Date", self.arrived(envelope).rfc5322()));
        }
        if self.settings.message_id && lacks("Message-ID") {
            let id = format!("<{:x}.{:032x}@{}>", self.arrived(envelope).0, unguessable(), self.settings.hostname);
            missing.push(("Message-ID", id));
        }
        if self.settings.mime && lacks("MIME-Version") {
            missing.extend(mime(envelope, header.fields().any(is_mime)));
        }
        missing
    }

    fn arrived(&self, envelope: &Envelope) -> Moment {
        match envelope.arrived {
            Moment(0) => (self.settings.now)(),
            arrived => arrived,
        }
    }

    /// What stands behind `Received:`.
    fn trace(&self, envelope: &Envelope) -> String {
        let (id, date) = (format!("{:x}", unguessable()), self.arrived(envelope).rfc5322());
        let field = Trace { hostname: &self.settings.hostname, id: &id, date: &date }.received(envelope);
        let value = field.strip_prefix("Received:").unwrap_or_default();
        value.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn mend(&self, envelope: &Envelope, header: &mut HeaderEditor<'_>) -> Result<bool, HeaderError> {
        header.utf8(envelope.smtputf8);
        let missing = self.missing(envelope, header);
        for (name, value) in &missing {
            header.append(name, value)?;
        }
        let is_untraced = self.settings.received && header.first("Received").is_none();
        if is_untraced {
            header.add("Received", &self.trace(envelope))?;
        }
        Ok(is_untraced || !missing.is_empty())
    }
}

fn is_mime(field: RawField<'_>) -> bool {
    let mime = b"content-";
    field.name().get(..mime.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(mime))
}

fn mime(envelope: &Envelope, has_mime: bool) -> Vec<(&'static str, String)> {
    let version = ("MIME-Version", "1.0".to_owned());
    match (has_mime, envelope.body) {
        (true, _) => vec![version],
        (false, Body::SevenBit) => Vec::new(),
        (false, body) => {
            let encoding = if body == Body::BinaryMime { "binary" } else { "8bit" };
            let kind = ("Content-Type", "text/plain; charset=unknown-8bit".to_owned());
            vec![version, kind, ("Content-Transfer-Encoding", encoding.to_owned())]
        }
    }
}

impl<E: BeforeCommit> Sink<E> for SubmissionFixUps {
    async fn on(&mut self, mut mail: Message<E>) -> Verdict<E> {
        if !self.is_for(mail.envelope()) {
            return mail.next();
        }
        let mut content = mail.content().clone();
        match content.edit_header(|header| self.mend(mail.envelope(), header)) {
            Ok(true) => *mail.content_mut() = content,
            Ok(false) => {}
            Err(trouble) => warn!(%trouble, "a header cannot be mended: the mail goes on as it is"),
        }
        mail.next()
    }
}

#[cfg(test)]
mod tests {
    use postrider_engine::{
        events::{EndOfData, Submission},
        Draft,
    };

    use super::*;
    use crate::events::given::{mail, now, parts, text};

    fn fix_ups(change: impl Fn(&mut SubmissionFixUpsSettings)) -> SubmissionFixUps {
        let mut settings = SubmissionFixUpsSettings { now, ..SubmissionFixUpsSettings::new("h.example") };
        change(&mut settings);
        SubmissionFixUps::new(settings).unwrap()
    }

    fn by(door: Door, content: &'static str) -> Draft {
        let mut draft = mail(content);
        draft.envelope.door = door;
        draft
    }

    async fn mended(sink: &mut SubmissionFixUps, draft: Draft) -> String {
        text(&parts::<Submission>(sink, draft).await.draft.content)
    }

    #[tokio::test]
    async fn what_is_missing_is_added_below_and_nothing_else_changes() {
        let mut sink = fix_ups(|_| {});
        let after = mended(&mut sink, by(Door::Library, "Subject: x\r\nContent-Type: text/html\r\n\r\nbody")).await;
        let (before, rest) = after.split_once("Message-ID: <1a1f7a6eb50.").unwrap_or_else(|| panic!("{after}"));
        let date = "Date: Fri, 20 Nov 2026 06:31:14 +0000\r\n";
        assert_eq!(before, format!("Subject: x\r\nContent-Type: text/html\r\n{date}"));
        assert!(rest.ends_with("@h.example>\r\nMIME-Version: 1.0\r\n\r\nbody"), "{after}");
    }

    #[tokio::test]
    async fn a_mail_that_has_all_is_not_written_anew() {
        let whole = by(Door::Library, "date: x\r\nMessage-Id: broken\r\n\r\nbody");
        assert!(!parts::<EndOfData>(&mut fix_ups(|_| {}), whole).await.changed);
    }

    #[tokio::test]
    async fn two_mails_never_get_the_same_message_id() {
        let mut sink = fix_ups(|_| {});
        let first = mended(&mut sink, by(Door::Library, "\r\n")).await;
        assert_ne!(mended(&mut sink, by(Door::Library, "\r\n")).await, first);
    }

    #[tokio::test]
    async fn mail_on_its_way_is_not_mended_and_that_of_whoever_signed_in_is() {
        let mut sink = fix_ups(|_| {});
        for door in [Door::Smtp, Door::Lmtp, Door::Report] {
            assert_eq!(mended(&mut sink, by(door, "A: b\r\n\r\n")).await, "A: b\r\n\r\n", "{door:?}");
        }
        let mut own = by(Door::Smtp, "A: b\r\n\r\n");
        own.envelope.peer.identity = Some("me".into());
        assert!(mended(&mut sink, own).await.contains("Message-ID: "));
    }

    #[tokio::test]
    async fn a_mail_of_eight_bits_says_that_nobody_knows_its_charset() {
        let mut sink = fix_ups(|settings| (settings.date, settings.message_id) = (false, false));
        let mut eight = by(Door::Library, "A: b\r\n\r\n\u{e4}");
        assert_eq!(mended(&mut sink, eight.clone()).await, "A: b\r\n\r\n\u{e4}");
        eight.envelope.body = Body::EightBitMime;
        let fields = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=unknown-8bit\r\n\
                      Content-Transfer-Encoding: 8bit\r\n";
        assert_eq!(mended(&mut sink, eight).await, format!("A: b\r\n{fields}\r\n\u{e4}"));
    }

    #[tokio::test]
    async fn a_received_field_is_added_where_there_is_none_and_the_time_where_nobody_knows_it() {
        let mut sink = fix_ups(|settings| (settings.received, settings.message_id) = (true, false));
        let mut untraced = by(Door::Library, "A: b\r\n\r\n");
        untraced.envelope.arrived = Moment(0);
        let after = mended(&mut sink, untraced).await;
        assert!(after.starts_with("Received: by h.example id "), "{after}");
        assert!(after.contains("\r\nA: b\r\nDate: Sun, 9 Sep 2001 01:46:40 +0000\r\n"), "{after}");
        let traced = mended(&mut sink, by(Door::Library, "Received: by x\r\n\r\n")).await;
        assert!(traced.starts_with("Received: by x\r\nDate: "), "{traced}");
    }

    #[test]
    fn a_host_without_a_name_is_refused() {
        assert!(SubmissionFixUps::new(SubmissionFixUpsSettings::new("a b")).is_err());
    }
}
