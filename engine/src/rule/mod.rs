//! Rules that say for which mails something is done: `MAIL FROM=*@example.com;CLIENT=192.0.2.0/24`.
//!
//! Rule: whoever asks says what is known so far, and a condition on what is not known yet does not hold. So the same
//! rule can be asked at every stage of a mail.

mod condition;
mod error;
mod part;
#[cfg(test)]
mod tests;
mod text;
mod who;

use std::{fmt, str::FromStr, sync::Arc};

use condition::Condition;
use error::Wrong;
pub use error::{RuleError, RuleProblem};
use part::Part;

use crate::{Address, Content, Door, Draft, Peer, Recipient, Recipients};

/// Octets of a rule.
pub const MAX_RULE: usize = 4096;
/// Conditions of a rule.
pub const MAX_CONDITIONS: usize = 32;

/// Conditions that a mail must meet, all of them; a rule without any matches every mail.
///
/// Conditions are parted by semicolons. Case does not matter, nor do blanks around words. A `;`, `=`, `@` or `,` in
/// double quotes belongs to the text, and so do blanks; a backslash in quotes makes the next character stand for itself
/// (`"\*"` is a star).
///
/// | condition | it holds if |
/// | --- | --- |
/// | `EHLO=<domain>`, also `HELO=`, `LHLO=` | the client called itself so |
/// | `MAIL FROM=<address>` | the sender is such; `<>` is the null one |
/// | `RCPT TO=<address>` | one of the recipients is such |
/// | `HEADER <name>=<text>` | a field of this name has such a value |
/// | `CLIENT=<ip or network>,…` | the client's address is one of these; IPv4 written as IPv6 is IPv4 |
/// | `DOOR=<door>,…` | the mail came by one of these ([`Door::name`]) |
/// | `AUTHENTICATED=yes` or `no` | the client has proved who it is, or has not |
///
/// A domain is `example.com`, `*example.com` (all that end so, itself too), `*.example.com` (all below it) or `*`; it is
/// compared in A-labels. An address is `name@domain` or `name` (in any domain); a name may have stars anywhere, and is
/// compared by what it means, whether quoted or not. `*` alone is every sender, even the null one; `*@*` is every
/// sender with an address. A text may have stars anywhere; it is compared with the unfolded value as it stands in the
/// mail and with its encoded words decoded. A field in a side file is not looked at: headers are in memory, but for
/// enormous ones.
///
/// ```
/// # use postrider_engine::{Rule, Subject};
/// let rule: Rule = "rcpt to = info@example.com; header Subject = *urgent*".parse()?;
/// assert!(rule.needs_header() && !rule.matches(&Subject::default()));
/// # Ok::<(), postrider_engine::RuleError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rule {
    conditions: Arc<[Condition]>,
}

/// What is known of a mail, when a rule is asked.
#[derive(Clone, Copy, Debug, Default)]
pub struct Subject<'a> {
    /// Who brings it.
    pub peer: Option<&'a Peer>,
    /// By which door.
    pub door: Option<Door>,
    /// The reverse-path: `Some(None)` is the null one, `None` is not known yet.
    pub sender: Option<Option<&'a Address>>,
    /// To whom it goes.
    pub recipients: Addressees<'a>,
    /// Its content, from the header on.
    pub header: Option<&'a Content>,
}

/// The recipients that a rule is asked about.
#[derive(Clone, Copy, Debug, Default)]
pub enum Addressees<'a> {
    /// None is known yet.
    #[default]
    None,
    /// This one.
    One(&'a Address),
    /// All of a mail.
    All(&'a Recipients),
}

impl Addressees<'_> {
    fn any(&self, is_such: impl Fn(&Address) -> bool) -> bool {
        match self {
            Addressees::None => false,
            Addressees::One(address) => is_such(address),
            Addressees::All(recipients) => recipients.iter().any(|(_, recipient)| is_such(&recipient.address)),
        }
    }
}

impl<'a> From<&'a Address> for Addressees<'a> {
    fn from(address: &'a Address) -> Self {
        Addressees::One(address)
    }
}

impl<'a> From<&'a Recipient> for Addressees<'a> {
    fn from(recipient: &'a Recipient) -> Self {
        Addressees::One(&recipient.address)
    }
}

impl<'a> From<&'a Recipients> for Addressees<'a> {
    fn from(recipients: &'a Recipients) -> Self {
        Addressees::All(recipients)
    }
}

impl<'a> From<&'a Draft> for Subject<'a> {
    fn from(draft: &'a Draft) -> Self {
        let envelope = &draft.envelope;
        Subject {
            peer: Some(&envelope.peer),
            door: Some(envelope.door),
            sender: Some(envelope.sender.as_ref()),
            recipients: Addressees::All(&envelope.recipients),
            header: Some(&draft.content),
        }
    }
}

impl Rule {
    /// All conditions hold. Nothing is allocated for it, but for conditions on the header and for addresses and domains
    /// beyond ASCII; those on the header are looked at last.
    pub fn matches(&self, subject: &Subject<'_>) -> bool {
        let holds = |of_header: bool| {
            let mut some = self.conditions.iter().filter(move |condition| condition.is_of_header() == of_header);
            some.all(|condition| condition.holds(subject))
        };
        holds(false) && holds(true)
    }

    /// It matches every mail.
    pub fn is_always(&self) -> bool {
        self.conditions.is_empty()
    }

    /// It has a condition on the header: before the content has come it does not match.
    pub fn needs_header(&self) -> bool {
        self.conditions.iter().any(Condition::is_of_header)
    }
}

impl FromStr for Rule {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        read(text).map_err(|wrong| wrong.in_rule(text))
    }
}

fn read(text: &str) -> Result<Rule, Wrong> {
    let whole = Part { text, at: 0 };
    if text.len() > MAX_RULE {
        return Err(Wrong { at: MAX_RULE, problem: RuleProblem::TooLong });
    }
    let mut parts: Vec<Part<'_>> = whole.split_all(';')?.into_iter().map(Part::trimmed).collect();
    if parts.last().is_some_and(|last| last.text.is_empty()) {
        parts.pop();
    }
    if let Some(beyond) = parts.get(MAX_CONDITIONS) {
        return Err(beyond.wrong(RuleProblem::TooMany));
    }
    let conditions = parts.into_iter().map(|part| match part.text {
        "" => Err(part.wrong(RuleProblem::Empty)),
        _ => Condition::read(part),
    });
    Ok(Rule { conditions: conditions.collect::<Result<_, _>>()? })
}

/// Text that is read as the same rule; nothing for the one that always matches.
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, condition) in self.conditions.iter().enumerate() {
            write!(f, "{}{condition}", if index > 0 { ";" } else { "" })?;
        }
        Ok(())
    }
}
