//! Limits on size and recipients for the mail that a binding's rule picks, and for recipients of some domains.
//!
//! Rule: whoever passes a limit hears so while the mail is still theirs, as early as it is known, and nothing is lost.

use postrider_engine::{
    events::{BeforeCommit, Command, EndOfData, MailFrom, Message, RcptTo, Sink, Submission, Verdict},
    Address, DomainSet, Domains, RcptNo, Recipients, Reply,
};

/// A larger mail will not become smaller (RFC 3463, 3.4: message too big for system).
const TOO_LARGE: Reply = Reply::new(552, 3, 4, "The mail is too large");
/// The client sends the others in a further transaction (RFC 5321, 4.5.3.1.10).
const TOO_MANY_NOW: Reply = Reply::new(452, 5, 3, "Too many recipients for one mail: send the others in another");
/// Repeating the same mail changes nothing, so this is for good.
const TOO_MANY: Reply = Reply::new(554, 5, 3, "The mail has too many recipients");

/// What a mail may have. Nothing is limited by default.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct LimitsSettings {
    /// Octets of a mail, its header included.
    pub size: Option<u64>,
    /// Recipients of a mail.
    pub recipients: Option<usize>,
    /// What recipients of some domains add to it: the first line counts that has the recipient's domain.
    pub domains: Vec<DomainLimits>,
}

/// What a mail for some domains may have.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DomainLimits {
    /// Recipients of which domains.
    pub domains: Domains,
    /// Octets of a mail for them: a larger one is refused for these recipients only.
    pub size: Option<u64>,
    /// How many of them a mail may have.
    pub recipients: Option<usize>,
}

impl DomainLimits {
    /// For these domains, without a limit yet.
    pub fn new(domains: Domains) -> Self {
        DomainLimits { domains, size: None, recipients: None }
    }
}

/// Refuses what passes a limit.
///
/// At `mail_from` what `SIZE=` announces (552 5.3.4), at `rcpt_to` the recipient beyond the limit (452 4.5.3: the client
/// sends it in another mail), at `end_of_data` and `submission` the mail (552 5.3.4, 554 5.5.3) or recipients of it. Bind
/// it to `submission` if only one: that has the mail of all doors.
#[derive(Clone, Debug)]
pub struct Limits {
    settings: LimitsSettings,
    lines: Vec<DomainSet>,
}

impl Limits {
    /// A sink with these limits.
    pub fn new(settings: LimitsSettings) -> Self {
        let lines = settings.domains.iter().map(|line| DomainSet::from_iter([line.domains.clone()])).collect();
        Limits { settings, lines }
    }

    /// The line for this recipient, by its place.
    fn line(&self, address: &Address) -> Option<usize> {
        let key = address.domain_key();
        self.lines.iter().position(|set| set.has(&key))
    }

    fn is_full(&self, there: &Recipients, new: &Address) -> bool {
        let all = self.settings.recipients.is_some_and(|most| there.len() >= most);
        let of_line = || {
            let line = self.line(new)?;
            let most = self.settings.domains[line].recipients?;
            let same = there.iter().filter(|(_, other)| self.line(&other.address) == Some(line)).count();
            Some(same >= most)
        };
        all || of_line().unwrap_or(false)
    }

    /// Recipients that go beyond what their domain may have.
    fn refused(&self, recipients: &Recipients, size: u64) -> Vec<(RcptNo, Reply)> {
        let mut counts = vec![0_usize; self.lines.len()];
        let mut refused = Vec::new();
        for (no, recipient) in recipients.iter() {
            let Some(at) = self.line(&recipient.address) else { continue };
            let line = &self.settings.domains[at];
            counts[at] += 1;
            if line.size.is_some_and(|most| size > most) {
                refused.push((no, TOO_LARGE));
            } else if line.recipients.is_some_and(|most| counts[at] > most) {
                refused.push((no, TOO_MANY));
            }
        }
        refused
    }

    fn mail<E: BeforeCommit>(&self, mut mail: Message<E>) -> Verdict<E> {
        let (size, recipients) = (mail.content().len(), &mail.envelope().recipients);
        let count = recipients.len();
        if self.settings.size.is_some_and(|most| size > most) {
            return mail.reject(TOO_LARGE);
        }
        if self.settings.recipients.is_some_and(|most| count > most) {
            return mail.reject(TOO_MANY);
        }
        let refused = self.refused(recipients, size);
        if let (true, Some((_, reply))) = (refused.len() == count, refused.first()) {
            return mail.reject(reply.clone());
        }
        refused.into_iter().for_each(|(no, reply)| mail.refuse(no, reply));
        mail.next()
    }
}

/// What MAIL FROM announces (RFC 1870).
fn announced(argument: &str) -> Option<u64> {
    let size = |word: &str| word.split_once('=').filter(|(name, _)| name.eq_ignore_ascii_case("SIZE"))?.1.parse().ok();
    argument.split_ascii_whitespace().find_map(size)
}

impl Sink<MailFrom> for Limits {
    async fn on(&mut self, mut command: Command<MailFrom>) -> Verdict<MailFrom> {
        let size = announced(command.argument());
        if self.settings.size.zip(size).is_some_and(|(most, size)| size > most) {
            command.refuse(TOO_LARGE);
        }
        command.next()
    }
}

impl Sink<RcptTo> for Limits {
    async fn on(&mut self, mut command: Command<RcptTo>) -> Verdict<RcptTo> {
        let is_full = command.recipient().is_some_and(|new| self.is_full(command.recipients(), new));
        if is_full && command.reply().is_none_or(Reply::is_positive) {
            command.refuse(TOO_MANY_NOW);
        }
        command.next()
    }
}

impl Sink<EndOfData> for Limits {
    async fn on(&mut self, mail: Message<EndOfData>) -> Verdict<EndOfData> {
        self.mail(mail)
    }
}

impl Sink<Submission> for Limits {
    async fn on(&mut self, mail: Message<Submission>) -> Verdict<Submission> {
        self.mail(mail)
    }
}

#[cfg(test)]
mod tests {
    use postrider_engine::events::Said;

    use super::*;
    use crate::events::given::{address, draft, mail, rcpt, refused, run, said, told};

    fn limits(size: Option<u64>, recipients: Option<usize>, line: Option<(Option<u64>, Option<usize>)>) -> Limits {
        let mut settings = LimitsSettings { size, recipients, ..LimitsSettings::default() };
        let line = line.map(|(size, recipients)| DomainLimits {
            size,
            recipients,
            ..DomainLimits::new("small.example".parse().unwrap())
        });
        settings.domains.extend(line);
        Limits::new(settings)
    }

    #[tokio::test]
    async fn a_mail_beyond_the_size_is_refused_for_good_and_one_at_it_is_not() {
        let mut sink = limits(Some(4), None, None);
        assert_eq!(refused::<Submission>(&mut sink, mail("12345")).await.unwrap(), "552 5.3.4 The mail is too large");
        assert_eq!(refused::<EndOfData>(&mut sink, mail("1234")).await, None);
    }

    #[tokio::test]
    async fn what_is_announced_too_large_is_refused_before_it_is_sent() {
        let mut sink = limits(Some(1000), None, None);
        for (argument, is_refused) in [("FROM:<a@b> BODY=8BITMIME size=1001", true), ("FROM:<a@b> SIZE=1000", false)] {
            let said = Said { argument: argument.into(), ..said("192.0.2.1") };
            assert_eq!(told::<MailFrom>(&mut sink, said).await.is_some(), is_refused, "{argument}");
        }
    }

    #[tokio::test]
    async fn the_recipient_beyond_the_limit_is_to_come_in_another_mail() {
        let mut sink = limits(None, Some(2), Some((None, Some(1))));
        let with = |there: &[&str], to: &str| {
            let recipients = there.iter().map(|to| address(to)).collect();
            Said { recipients, ..rcpt("192.0.2.1", to) }
        };
        let too_many = Some(TOO_MANY_NOW.to_string());
        assert_eq!(told::<RcptTo>(&mut sink, with(&["a@x", "b@x"], "c@x")).await, too_many);
        assert_eq!(told::<RcptTo>(&mut sink, with(&["a@small.example"], "b@Small.Example")).await, too_many);
        assert_eq!(told::<RcptTo>(&mut sink, with(&["a@x"], "b@small.example")).await, None);
    }

    #[tokio::test]
    async fn what_the_service_refuses_for_good_is_not_made_a_refusal_for_now() {
        let mut sink = limits(None, Some(0), None);
        let unknown =
            Said { native: Some(Reply::new(550, 1, 1, "no")), recipient: Some(address("b@x")), ..said("192.0.2.1") };
        assert_eq!(told::<RcptTo>(&mut sink, unknown).await, None);
        assert!(told::<RcptTo>(&mut sink, rcpt("192.0.2.1", "b@x")).await.is_some());
    }

    #[tokio::test]
    async fn limits_of_a_domain_refuse_its_recipients_only() {
        let mut sink = limits(None, None, Some((Some(9), Some(1))));
        let two = ["a@small.example", "b@small.example", "c@x"];
        let parts = run::<Submission>(&mut sink, draft("123", &two)).await.0;
        assert_eq!(parts.refused, [(RcptNo(1), TOO_MANY)]);
        let parts = run::<Submission>(&mut sink, draft("1234567890", &two)).await.0;
        assert_eq!(parts.refused, [(RcptNo(0), TOO_LARGE), (RcptNo(1), TOO_LARGE)]);
        let all = draft("1234567890", &two[..2]);
        assert_eq!(refused::<Submission>(&mut sink, all).await.unwrap(), TOO_LARGE.to_string());
    }
}
