//! A copy of each mail for an archive, as it is or within a report that says who sent it to whom.
//!
//! Rule: a mail is journaled once for each address, and what a journal makes is never journaled again. The copy is written
//! in the same entry as the mail, or neither is.

use postrider_engine::{
    events::{MailEvent, Message, Sink, Verdict},
    header::HeaderError,
    Address, Body, Content, Door, Draft, Envelope,
};
use tracing::warn;

use super::time::unguessable;

/// The property of what a journal made: no journal looks at it again.
pub const JOURNAL_REPORT: &str = "postrider.journal-report";
/// The property of a mail that was journaled is this and the address.
pub const JOURNALED: &str = "postrider.journaled:";

/// Octets of a header that is looked at for subject and Message-ID.
const HEADER: usize = 256 * 1024;

/// What an archive gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum JournalForm {
    /// The mail, octet for octet, with another envelope: who the recipients were is lost where the header does not say.
    #[default]
    Copy,
    /// A mail with two parts, as Exchange makes them: sender, recipients, subject and Message-ID in lines of text, and
    /// the mail within (`message/rfc822`). Blind recipients are named.
    Report,
}

/// Where a journal goes.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct JournalSettings {
    /// Who gets it. A folder is an address that a route leads to a Maildir or a drop folder.
    pub address: Address,
    /// Who hears if it cannot be delivered; by default nobody does (the null sender), and it ends as bad mail.
    pub sender: Option<Address>,
    /// What it gets.
    pub form: JournalForm,
    /// `From` of reports.
    pub from: Address,
}

impl JournalSettings {
    /// Plain copies to this address, with the null sender; reports would come from the address itself.
    pub fn new(address: Address) -> Self {
        JournalSettings { from: address.clone(), address, sender: None, form: JournalForm::default() }
    }
}

/// Makes a copy of each mail. For every event that has a mail: at `submission` the mail as it came, at
/// `post_categorize` with the recipients that it ends with.
#[derive(Clone, Debug)]
pub struct Journal {
    settings: JournalSettings,
    mark: String,
}

impl Journal {
    /// A journal with these settings.
    pub fn new(settings: JournalSettings) -> Self {
        let mark = format!("{JOURNALED}{}", settings.address.as_str().to_lowercase());
        Journal { settings, mark }
    }

    /// What is the archive's own anyway is not journaled.
    fn passes<E: MailEvent>(&self, mail: &Message<E>) -> bool {
        let mut recipients = mail.envelope().recipients.iter();
        let is_archive = |to: &Address| to.as_str().eq_ignore_ascii_case(self.settings.address.as_str());
        mail.property(JOURNAL_REPORT).is_some()
            || mail.property(&self.mark).is_some()
            || recipients.all(|(_, to)| is_archive(&to.address))
    }

    fn copy(&self, of: &Envelope, content: &Content) -> Result<Draft, HeaderError> {
        let mut envelope = Envelope::default();
        envelope.sender = self.settings.sender.clone();
        envelope.recipients = [self.settings.address.clone()].into_iter().collect();
        envelope.door = Door::Sink;
        (envelope.body, envelope.smtputf8, envelope.arrived) = (of.body, of.smtputf8, of.arrived);
        envelope.properties.insert(JOURNAL_REPORT.to_owned(), "yes".to_owned());
        let content = match self.settings.form {
            JournalForm::Copy => content.clone(),
            JournalForm::Report => {
                let lines = lines(of, content);
                if !lines.is_ascii() && envelope.body == Body::SevenBit {
                    envelope.body = Body::EightBitMime;
                }
                self.report(&envelope, &lines, content)?
            }
        };
        Ok(Draft::new(envelope, content))
    }

    fn report(&self, envelope: &Envelope, lines: &str, mail: &Content) -> Result<Content, HeaderError> {
        let number = unguessable();
        let boundary = format!("=_journal_{number:032x}");
        let (encoding, within) = (encoding(envelope.body), within(envelope));
        let mut report = Content::new("\r\n");
        report.edit_header(|header| {
            header.utf8(envelope.smtputf8);
            header.append("From", &format!("<{}>", self.settings.from))?;
            header.append("To", &format!("<{}>", self.settings.address))?;
            header.append("Subject", "Journal report")?;
            header.append("Date", &envelope.arrived.rfc5322())?;
            header.append("Message-ID", &message_id(number, &self.settings.from))?;
            header.append("X-MS-Journal-Report", "")?;
            header.append("Auto-Submitted", "auto-generated")?;
            header.append("MIME-Version", "1.0")?;
            header.append("Content-Type", &format!("multipart/mixed; boundary=\"{boundary}\""))?;
            header.append("Content-Transfer-Encoding", encoding)
        })?;
        let top = format!(
            "--{boundary}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{lines}\
             \r\n--{boundary}\r\nContent-Type: {within}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
        );
        let pieces = [report.pieces(), Content::new(top).pieces(), mail.pieces()].concat();
        let mut whole = Content::from_pieces(pieces);
        Content::new(format!("\r\n--{boundary}--\r\n")).pieces().iter().for_each(|end| whole.push(end.clone()));
        Ok(whole)
    }
}

fn encoding(body: Body) -> &'static str {
    match body {
        Body::SevenBit => "7bit",
        Body::EightBitMime => "8bit",
        Body::BinaryMime => "binary",
    }
}

/// A header beyond ASCII may stand in `message/global` only (RFC 6532, 3.7).
fn within(envelope: &Envelope) -> &'static str {
    if envelope.smtputf8 {
        "message/global"
    } else {
        "message/rfc822"
    }
}

fn message_id(number: u128, from: &Address) -> String {
    format!("<{number:032x}@{}>", if from.domain().is_empty() { "localhost" } else { from.domain() })
}

/// The lines of an Exchange journal report: who, what, to whom.
fn lines(envelope: &Envelope, content: &Content) -> String {
    let header = content.head(HEADER).unwrap_or_default();
    let field = |name| postrider_engine::header::fields(&header).find(|field| field.is(name));
    let text = |name| field(name).map(|field| clean(&field.text())).unwrap_or_default();
    let sender = envelope.sender.as_ref().map_or("<>", Address::as_str);
    let (subject, message_id) = (text("Subject"), text("Message-ID"));
    let mut lines = format!("Sender: {sender}\r\nSubject: {subject}\r\nMessage-Id: {message_id}\r\n");
    for (_, recipient) in envelope.recipients.iter() {
        lines.push_str(&format!("Recipient: {}\r\n", recipient.address));
    }
    lines
}

/// Octets of a field within the report: it is one line of it (RFC 5322, 2.1.1).
const MOST_OF_A_FIELD: usize = 900;

fn clean(text: &str) -> String {
    let mut line = String::new();
    for c in text.chars().map(|c| if c.is_control() { ' ' } else { c }) {
        if line.len() + c.len_utf8() > MOST_OF_A_FIELD {
            break;
        }
        line.push(c);
    }
    line
}

impl<E: MailEvent> Sink<E> for Journal {
    async fn on(&mut self, mut mail: Message<E>) -> Verdict<E> {
        if self.passes(&mail) {
            return mail.next();
        }
        let copy = self.copy(mail.envelope(), mail.content());
        match copy {
            Ok(copy) => {
                if mail.set_property(&*self.mark, "yes").is_err() {
                    warn!("a mail has no room for the mark of its journal: a later stage may journal it once more");
                }
                mail.next().with(copy)
            }
            Err(error) => {
                warn!(%error, "a journal report cannot be written: the mail is held");
                mail.hold("it could not be journaled");
                mail.next()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use postrider_engine::events::{PostCategorize, Submission};

    use super::*;
    use crate::events::given::{address, draft, parts, run, text};

    fn journal(form: JournalForm) -> Journal {
        Journal::new(JournalSettings { form, ..JournalSettings::new(address("archive@j.example")) })
    }

    const MAIL: &str = "Subject: hi\r\n there\r\nMessage-ID: <1@x>\r\n\r\nbody\r\n";

    #[tokio::test]
    async fn the_copy_is_the_mail_octet_for_octet_for_the_archive_alone() {
        let parts = parts::<Submission>(&mut journal(JournalForm::Copy), draft(MAIL, &["b@x", "c@x"])).await;
        let [copy] = &parts.made[..] else { panic!("{:?}", parts.made) };
        assert_eq!(text(&copy.content), MAIL);
        assert_eq!((&copy.envelope.sender, copy.envelope.door), (&None, Door::Sink));
        let to: Vec<_> = copy.envelope.recipients.iter().map(|(_, to)| to.address.as_str()).collect();
        assert_eq!(to, ["archive@j.example"]);
        assert_eq!(text(&parts.draft.content), MAIL);
    }

    #[tokio::test]
    async fn a_mail_is_journaled_once_also_at_a_later_stage_but_for_each_archive() {
        let mut first = journal(JournalForm::Copy);
        let first_parts = parts::<Submission>(&mut first, draft(MAIL, &["b@x"])).await;
        let later = parts::<PostCategorize>(&mut first, first_parts.draft.clone()).await;
        assert!(later.made.is_empty());
        let mut other = Journal::new(JournalSettings::new(address("other@j.example")));
        assert_eq!(run::<PostCategorize>(&mut other, first_parts.draft).await.0.made.len(), 1);
    }

    #[tokio::test]
    async fn no_journal_is_journaled_by_any_journal_nor_mail_for_the_archive() {
        let parts = parts::<Submission>(&mut journal(JournalForm::Report), draft(MAIL, &["b@x"])).await;
        let mut other = Journal::new(JournalSettings::new(address("other@j.example")));
        let again = run::<Submission>(&mut other, parts.made[0].clone()).await.0;
        assert!(again.made.is_empty());
        let own = draft(MAIL, &["Archive@J.example"]);
        assert!(run::<Submission>(&mut journal(JournalForm::Copy), own).await.0.made.is_empty());
    }

    #[tokio::test]
    async fn a_report_names_blind_recipients_and_has_the_mail_within() {
        let parts = parts::<Submission>(&mut journal(JournalForm::Report), draft(MAIL, &["b@x", "blind@x"])).await;
        let octets = parts.made[0].content.all(9999).unwrap();
        let report = mail_parser::MessageParser::default().parse(&octets[..]).unwrap();
        let lines = report.body_text(0).unwrap();
        let expected =
            "Sender: a@from.example\r\nSubject: hi there\r\nMessage-Id: <1@x>\r\nRecipient: b@x\r\nRecipient: blind@x\r\n";
        assert_eq!(lines.trim_end(), expected.trim_end());
        let within = report.attachment(0).unwrap().message().unwrap();
        assert_eq!((within.subject(), within.body_text(0).unwrap().trim_end()), (Some("hi there"), "body"));
        assert!(report.header("X-MS-Journal-Report").is_some() && report.message_id().is_some());
    }

    #[tokio::test]
    async fn a_mail_beyond_seven_bits_is_within_a_report_that_says_so() {
        let mut mail = draft("Subject: x\r\n\r\nä\r\n", &["b@x"]);
        (mail.envelope.body, mail.envelope.smtputf8) = (Body::EightBitMime, true);
        let parts = parts::<Submission>(&mut journal(JournalForm::Report), mail).await;
        let whole = text(&parts.made[0].content);
        assert!(whole.contains("Content-Type: message/global\r\nContent-Transfer-Encoding: 8bit\r\n"), "{whole}");
        assert_eq!(parts.made[0].envelope.body, Body::EightBitMime);
    }
}
