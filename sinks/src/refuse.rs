//! A target that refuses every mail with one reply: for routes `error "text"`.
//!
//! Rule: a text that begins with a code of refusal says it as it is; any other is refused with 550 5.7.1.

use std::sync::Arc;

use postrider_engine::{After, BoxFuture, Diagnosis, Enhanced, Lease, Outcome, Outcomes, Reply, Scope, Target};

const NOT_HERE: Reply = Reply::new(550, 7, 1, "mail is not accepted for this destination");

/// Refuses every recipient: for good by a reply of 5xx, for now by one of 4xx.
pub struct Refuse(Arc<Diagnosis>);

impl Refuse {
    /// Refuses with this reply; one that refuses nothing counts as 550 5.7.1 with its text.
    pub fn new(reply: Reply) -> Self {
        let refuses = reply.is_transient() || reply.is_permanent();
        let reply = if refuses { reply } else { Reply { text: reply.text, ..NOT_HERE } };
        Refuse(Diagnosis::own(Scope::Recipient, reply))
    }

    /// The reply of a route `error "text"`: `550 5.7.1 not here`, `450 later`, or just `not here`, which is
    /// `550 5.7.1 not here`.
    ///
    /// A code that refuses nothing is part of the text. An enhanced code of another class than the code's, or none, is
    /// replaced by x.7.1. Controls become blanks.
    pub fn parse(text: &str) -> Reply {
        let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let (code, rest) = split_code(clean.trim()).unwrap_or((550, clean.trim()));
        let class = if code >= 500 { 5 } else { 4 };
        let (word, after) = rest.split_once(' ').unwrap_or((rest, ""));
        let (enhanced, rest) = match parse_enhanced(word) {
            Some(found) if found.0 == class => (found, after.trim_start()),
            Some(_) => (Enhanced(class, 7, 1), after.trim_start()),
            None => (Enhanced(class, 7, 1), rest),
        };
        let text = if rest.is_empty() { NOT_HERE.text } else { rest.to_owned().into() };
        Reply { code, enhanced: Some(enhanced), text }
    }

    /// What is said to each recipient.
    pub fn reply(&self) -> &Reply {
        &self.0.reply
    }
}

/// A leading code of 400 to 599 and what follows it.
fn split_code(text: &str) -> Option<(u16, &str)> {
    let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
    let code = word.parse().ok().filter(|code| word.len() == 3 && (400..600).contains(code))?;
    Some((code, rest.trim_start()))
}

fn parse_enhanced(word: &str) -> Option<Enhanced> {
    let mut parts = word.split('.').map(|part| part.parse::<u16>().ok().filter(|n| *n < 1000));
    let (class, subject, detail) = (parts.next()??, parts.next()??, parts.next()??);
    parts.next().is_none().then_some(Enhanced(u8::try_from(class).ok()?, subject, detail))
}

impl Target for Refuse {
    fn deliver(&mut self, lease: Lease) -> BoxFuture<'_, After> {
        let outcome = Outcome::refused(Arc::clone(&self.0));
        let all =
            lease.slip().map(|slip| slip.recipients.iter().map(|no| (*no, outcome.clone())).collect::<Outcomes>());
        lease.settle(all.unwrap_or_default());
        Box::pin(async { After::Reusable })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::relay::tests::{mail, spool::Spool};

    #[tokio::test]
    async fn everybody_is_refused_for_good_or_for_now_as_the_reply_says() {
        for (reply, came) in [
            (Reply::new(550, 1, 1, "no"), "failed Recipient: (ours) 550 5.1.1 no"),
            (Reply::new(450, 7, 1, "later"), "deferred Recipient: (ours) 450 4.7.1 later"),
            (Reply::plain(250, "yes"), "failed Recipient: (ours) 550 5.7.1 yes"),
        ] {
            let spool = Spool::default();
            assert_eq!(Refuse::new(reply).deliver(spool.lend(mail(2, "hi"))).await, After::Reusable);
            spool.played().came_to(&[&format!("0 {came}"), &format!("1 {came}")]);
        }
    }

    #[test]
    fn the_text_of_a_route_becomes_a_reply() {
        for (text, reply) in [
            ("550 5.7.1 not here", "550 5.7.1 not here"),
            ("not here", "550 5.7.1 not here"),
            ("450 later", "450 4.7.1 later"),
            ("451 4.3.0 later", "451 4.3.0 later"),
            ("550 4.3.0 mixed", "550 5.7.1 mixed"),
            ("250 ok", "550 5.7.1 250 ok"),
            ("5.1.1 nobody", "550 5.1.1 nobody"),
            ("554", "554 5.7.1 mail is not accepted for this destination"),
            ("", "550 5.7.1 mail is not accepted for this destination"),
            ("550 a\r\nRSET", "550 5.7.1 a  RSET"),
        ] {
            assert_eq!(Refuse::new(Refuse::parse(text)).reply().to_string(), reply, "{text:?}");
        }
    }
}
