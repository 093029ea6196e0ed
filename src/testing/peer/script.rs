//! What a peer is told to do: plain data that reads like a sentence in a test.
//!
//! Rule: what is told for once goes before what is told for always; of the former the first counts, of the latter the last.

use std::time::Duration;

/// At which step of the dialogue (RFC 5321, 4.1).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum At {
    /// The connection is made; the greeting is due.
    Connect,
    /// EHLO, HELO or LHLO.
    Hello,
    /// Any MAIL.
    Mail,
    /// MAIL from this address; the null sender is the empty text.
    MailFrom(String),
    /// The n-th RCPT of a mail, counted from 1.
    Rcpt(usize),
    /// RCPT for this address.
    RcptTo(String),
    /// Any RCPT.
    EveryRcpt,
    /// DATA, or the first BDAT of a mail (RFC 3030).
    Data,
    /// The end of the content: after the final dot, or after the last chunk. With LMTP: for every recipient.
    End,
    /// The end of the content for the n-th accepted recipient, counted from 1; LMTP only (RFC 2033).
    EndFor(usize),
    /// RSET.
    Reset,
    /// QUIT.
    Quit,
}

impl At {
    /// RCPT for this address.
    pub fn rcpt_to(address: impl Into<String>) -> Self {
        At::RcptTo(address.into())
    }

    /// MAIL from this address.
    pub fn mail_from(address: impl Into<String>) -> Self {
        At::MailFrom(address.into())
    }
}

/// What the peer does there.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Act {
    /// What it does without being told: it accepts.
    Usual,
    /// It says this: a code, and a text with an enhanced code if there is to be one. `\n` begins another line.
    Say(u16, String),
    /// It closes the connection without a word. At [`At::End`] it has taken the mail.
    Cut,
    /// At [`At::Data`]: it asks for the content, closes the connection after so many octets of it, and has taken nothing. As
    /// [`Act::Cut`] anywhere else.
    CutAfter(u64),
    /// It says nothing more, and keeps the connection open until the client goes.
    Hang,
    /// It does so after a while.
    Late(Duration, Box<Act>),
}

impl Act {
    /// The same after a while.
    #[must_use]
    pub fn late(self, pause: Duration) -> Self {
        Act::Late(pause, Box::new(self))
    }
}

/// `(451, "4.2.1 Not now")`
impl From<(u16, &str)> for Act {
    fn from((code, text): (u16, &str)) -> Self {
        Act::Say(code, text.to_owned())
    }
}

/// A step as it happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Connect,
    Hello,
    Mail {
        from: String,
    },
    Rcpt {
        nth: usize,
        to: String,
    },
    Data,
    End,
    EndFor(usize),
    Reset,
    Quit,
    /// Whatever nobody tells anything about.
    Other,
}

impl At {
    fn is(&self, step: &Step) -> bool {
        match (self, step) {
            (At::Connect, Step::Connect) | (At::Hello, Step::Hello) | (At::Mail, Step::Mail { .. }) => true,
            (At::EveryRcpt, Step::Rcpt { .. }) | (At::Data, Step::Data) => true,
            (At::End, Step::End | Step::EndFor(_)) | (At::Reset, Step::Reset) | (At::Quit, Step::Quit) => true,
            (At::MailFrom(address), Step::Mail { from }) => address.eq_ignore_ascii_case(from),
            (At::Rcpt(n), Step::Rcpt { nth, .. }) | (At::EndFor(n), Step::EndFor(nth)) => n == nth,
            (At::RcptTo(address), Step::Rcpt { to, .. }) => address.eq_ignore_ascii_case(to),
            _ => false,
        }
    }
}

#[derive(Debug)]
struct Rule {
    at: At,
    act: Act,
    /// How often it still counts; `None`: always.
    left: Option<usize>,
}

/// All that a peer is told.
#[derive(Debug, Default)]
pub(super) struct Script(Vec<Rule>);

impl Script {
    /// Adds what counts so often, or always.
    pub fn tell(&mut self, at: At, act: Act, left: Option<usize>) {
        if left != Some(0) {
            self.0.push(Rule { at, act, left });
        }
    }

    /// It is told nothing.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// What is to be done at this step; what is told for once is used up.
    pub fn act(&mut self, step: &Step) -> Act {
        if let Some(at) = self.0.iter().position(|rule| rule.left.is_some() && rule.at.is(step)) {
            let rule = &mut self.0[at];
            let act = rule.act.clone();
            rule.left = rule.left.map(|left| left.saturating_sub(1));
            if rule.left == Some(0) {
                self.0.remove(at);
            }
            return act;
        }
        let standing = self.0.iter().rev().find(|rule| rule.at.is(step));
        standing.map_or(Act::Usual, |rule| rule.act.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rcpt(nth: usize, to: &str) -> Step {
        Step::Rcpt { nth, to: to.into() }
    }

    #[test]
    fn once_goes_before_always_the_first_of_the_one_and_the_last_of_the_other() {
        let mut script = Script::default();
        let say = |code| Act::Say(code, String::new());
        script.tell(At::EveryRcpt, say(450), None);
        script.tell(At::rcpt_to("ann@x.org"), say(451), None);
        script.tell(At::Rcpt(1), say(550), Some(2));
        script.tell(At::Rcpt(1), say(551), Some(1));
        let said: Vec<_> = (0..4).map(|_| script.act(&rcpt(1, "Ann@x.org"))).collect();
        assert_eq!(said, [say(550), say(550), say(551), say(451)]);
        assert_eq!(script.act(&rcpt(2, "bob@x.org")), say(450));
        assert_eq!(script.act(&Step::Data), Act::Usual);
    }

    #[test]
    fn what_counts_no_times_never_counts() {
        let mut script = Script::default();
        script.tell(At::Mail, Act::Cut, Some(0));
        assert_eq!(script.act(&Step::Mail { from: "a@x.org".into() }), Act::Usual);
    }
}
