//! Refuses mail that goes round in a circle.
//!
//! Rule: what is counted is written by hosts that the mail passed, so a mail that is no loop passes; whoever forges such
//! fields loses a mail of their own.

use postrider_engine::{
    events::{BeforeCommit, Message, Sink, Verdict},
    header::{fields, MAX_HEADER},
    Address, RcptNo, Reply,
};
use thiserror::Error;
use tracing::{info, warn};

/// Received fields by default: RFC 5321, 6.3 asks for 100 at least where nothing else is known, and knows more here.
pub const MOST_RECEIVED: usize = 50;
/// Received fields of our own host by default: filters and aliases lead a mail back to us a few times.
pub const MOST_OWN: usize = 5;
/// The field by which this sink knows a mail again.
const MARK: &str = "X-Loop";

const LOOP: Reply = Reply::new(554, 4, 6, "The mail goes round in a circle");

/// What is called a circle.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LoopGuardSettings {
    /// The name of this host, as its Received fields have it behind `by`.
    pub hostname: String,
    /// A mail may have so many Received fields; 50. The one that this host has just written counts.
    pub received: usize,
    /// So many of them may be `by` this host; 5, the one just written included.
    pub own: usize,
    /// A recipient is refused whose address stands in a field `Delivered-To`: it got the mail before. It is on by default.
    pub delivered_to: bool,
    /// A mail with a field `X-Loop` that says this host's name is refused, and every mail that passes gets one. It is off
    /// by default: it forbids that a mail comes back even once.
    pub mark: bool,
}

impl LoopGuardSettings {
    /// The defaults for a host of this name.
    pub fn new(hostname: impl Into<String>) -> Self {
        let hostname = hostname.into();
        LoopGuardSettings { hostname, received: MOST_RECEIVED, own: MOST_OWN, delivered_to: true, mark: false }
    }
}

/// What is wrong with the settings.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LoopGuardError {
    /// Nothing is by a host without a name.
    #[error("\"{0}\" is no name of a host")]
    Hostname(String),
    /// No mail would pass.
    #[error("received and own must be 1 or more: this host writes a field too")]
    Nothing,
}

/// Refuses mail with 554 5.4.6 at `end_of_data` or `submission`.
#[derive(Clone, Debug)]
pub struct LoopGuard {
    settings: LoopGuardSettings,
}

/// What a header says about where the mail was.
#[derive(Debug, Default)]
struct Past {
    received: usize,
    own: usize,
    is_marked: bool,
    delivered_to: Vec<String>,
}

impl LoopGuard {
    /// A sink with these settings.
    ///
    /// # Errors
    /// [`LoopGuardError`]: they make no sense.
    pub fn new(settings: LoopGuardSettings) -> Result<Self, LoopGuardError> {
        match Address::parse(&format!("x@{}", settings.hostname)) {
            Err(_) => Err(LoopGuardError::Hostname(settings.hostname)),
            Ok(_) if settings.received == 0 || settings.own == 0 => Err(LoopGuardError::Nothing),
            Ok(_) => Ok(LoopGuard { settings }),
        }
    }

    fn past(&self, header: &[u8]) -> Past {
        let mut past = Past::default();
        let is_us = |host: &str| host.trim_end_matches('.').eq_ignore_ascii_case(&self.settings.hostname);
        for field in fields(header) {
            if field.is("Received") {
                past.received += 1;
                past.own += usize::from(by(&field.text()).is_some_and(|host| is_us(&host)));
            } else if field.is(MARK) {
                past.is_marked |= is_us(&field.text());
            } else if field.is("Delivered-To") {
                past.delivered_to.push(field.text().trim_matches(['<', '>']).to_lowercase());
            }
        }
        past
    }

    /// What the mail as a whole is, if it is a circle.
    fn circle(&self, past: &Past) -> Option<&'static str> {
        match () {
            () if past.received > self.settings.received => Some("it passed too many hosts"),
            () if past.own > self.settings.own => Some("it passed this host too often"),
            () if self.settings.mark && past.is_marked => Some("it has the mark of this host"),
            () => None,
        }
    }

    fn run<E: BeforeCommit>(&self, mut mail: Message<E>) -> Verdict<E> {
        let past = match mail.content().header(MAX_HEADER) {
            Ok(header) => self.past(&header),
            Err(trouble) => {
                warn!(%trouble, "a header cannot be read: loops are not looked for");
                return mail.next();
            }
        };
        if let Some(why) = self.circle(&past) {
            info!(why, "a mail goes round in a circle and is refused");
            return mail.reject(LOOP.with_text(format!("The mail goes round in a circle: {why}")));
        }
        let recipients = &mail.envelope().recipients;
        let was_there = |address: &Address| past.delivered_to.contains(&address.as_str().to_lowercase());
        let again = recipients.iter().filter(|(_, to)| self.settings.delivered_to && was_there(&to.address));
        let again: Vec<RcptNo> = again.map(|(no, _)| no).collect();
        if !again.is_empty() && again.len() == recipients.len() {
            return mail.reject(LOOP.with_text("The mail goes round in a circle: it was delivered here before"));
        }
        again.into_iter().for_each(|no| mail.refuse(no, LOOP));
        if self.settings.mark {
            let marked = mail.content_mut().edit_header(|header| header.add(MARK, &self.settings.hostname));
            marked.unwrap_or_else(|trouble| warn!(%trouble, "a mail cannot be marked against loops"));
        }
        mail.next()
    }
}

/// The host behind `by`, which stands outside comments and quoted strings (RFC 5321, 4.4).
fn by(received: &str) -> Option<String> {
    let (mut depth, mut quoted, mut escaped, mut plain) = (0_usize, false, false, String::new());
    for c in received.chars() {
        match c {
            _ if std::mem::take(&mut escaped) => {}
            '\\' => escaped = true,
            '"' if depth == 0 => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth = depth.saturating_sub(1),
            c if depth == 0 && !quoted => plain.push(c),
            _ => {}
        }
        if c == ')' {
            plain.push(' ');
        }
    }
    let mut words = plain.split_ascii_whitespace();
    words.find(|word| word.eq_ignore_ascii_case("by"))?;
    words.next().map(|host| host.trim_end_matches(';').to_owned())
}

impl<E: BeforeCommit> Sink<E> for LoopGuard {
    async fn on(&mut self, mail: Message<E>) -> Verdict<E> {
        self.run(mail)
    }
}

#[cfg(test)]
mod tests {
    use postrider_engine::events::{EndOfData, Submission};

    use super::*;
    use crate::events::given::{draft, mail, parts, refused, text};

    fn guard(change: impl Fn(&mut LoopGuardSettings)) -> LoopGuard {
        let mut settings = LoopGuardSettings::new("mx.example.org");
        change(&mut settings);
        LoopGuard::new(settings).unwrap()
    }

    fn received(by: &str, count: usize) -> String {
        format!("Received: from a (by mx.example.org)\r\n\t{by} with SMTP; date\r\n").repeat(count) + "\r\n"
    }

    #[tokio::test]
    async fn a_mail_that_passed_too_many_hosts_is_refused() {
        let mut sink = guard(|_| {});
        assert_eq!(refused::<Submission>(&mut sink, mail(received("by b", 50))).await, None);
        let circle = refused::<EndOfData>(&mut sink, mail(received("by b", 51))).await.unwrap();
        assert!(circle.starts_with("554 5.4.6 "), "{circle}");
    }

    #[tokio::test]
    async fn a_mail_that_passed_us_too_often_is_refused_and_a_comment_is_not_us() {
        let mut sink = guard(|_| {});
        assert_eq!(refused::<Submission>(&mut sink, mail(received("by b", 20))).await, None);
        assert_eq!(refused::<Submission>(&mut sink, mail(received("BY MX.Example.org", 5))).await, None);
        let circle = refused::<Submission>(&mut sink, mail(received("by mx.example.org.", 6))).await;
        assert!(circle.unwrap().contains("this host too often"));
    }

    #[test]
    fn the_host_behind_by_is_found_wherever_it_stands() {
        for (field, host) in [
            ("from a (x (by c) y) by b.example with SMTP id 1; date", Some("b.example")),
            ("from \"by c\" by b;", Some("b")),
            ("from a (\\) by c)by b", Some("b")),
            ("by b", Some("b")),
            ("from a by", None),
            ("(unknown", None),
        ] {
            assert_eq!(by(field).as_deref(), host, "{field}");
        }
    }

    #[tokio::test]
    async fn a_recipient_that_got_it_before_is_refused_alone() {
        let mut sink = guard(|_| {});
        let seen = "Delivered-To: B@to.example\r\n\r\nDelivered-To: c@x\r\n";
        let two = parts::<Submission>(&mut sink, draft(seen, &["c@x", "b@to.example"])).await;
        assert_eq!(two.refused.iter().map(|(no, _)| no.0).collect::<Vec<_>>(), [1]);
        assert!(refused::<Submission>(&mut sink, mail(seen)).await.is_some());
        let mut sink = guard(|settings| settings.delivered_to = false);
        assert_eq!(refused::<Submission>(&mut sink, mail(seen)).await, None);
    }

    #[tokio::test]
    async fn a_mark_is_known_again() {
        let mut sink = guard(|settings| settings.mark = true);
        let first = parts::<Submission>(&mut sink, mail("X-Loop: other.example\r\n\r\n")).await.draft;
        assert_eq!(text(&first.content), "X-Loop: mx.example.org\r\nX-Loop: other.example\r\n\r\n");
        assert!(refused::<Submission>(&mut sink, first).await.unwrap().contains("the mark of this host"));
    }

    #[test]
    fn settings_that_make_no_sense_are_refused() {
        let with = |name: &str, own| {
            LoopGuard::new(LoopGuardSettings { own, ..LoopGuardSettings::new(name) }).map(drop).unwrap_err()
        };
        assert_eq!(with("", 1), LoopGuardError::Hostname(String::new()));
        assert_eq!(with("a", 0), LoopGuardError::Nothing);
    }
}
