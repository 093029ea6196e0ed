//! Rewrites recipients, and the sender if asked to, by a table and by patterns.
//!
//! Rule: what the sender asked for about a recipient stays with it, and so does the address that it was first (ORCPT). A
//! rewriting that goes round in a circle, or gives no address, leaves the address as it came.

#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};

use postrider_engine::{
    events::{MayChangeRecipients, Message, Sink, Verdict},
    Address, Notify, RcptNo, Recipient, Recipients,
};
use regex::{Regex, RegexBuilder};
use thiserror::Error;
use tracing::warn;

/// Rounds by default, and the most that settings may say.
pub const MOST_ROUNDS: usize = 10;
/// Octets that one pattern may take when it is compiled.
const PATTERN_SIZE: usize = 1 << 20;
/// The key of the line for all that no other line is for.
const CATCH_ALL: &str = "*";

/// How addresses are rewritten.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RewriteSettings {
    /// From `user@domain`, `@domain` or `*` to an address, or to `@domain`, which keeps what stands before the `@`. The
    /// exact address counts before its domain, and that before `*`.
    pub table: Vec<(String, String)>,
    /// Regular expressions for the whole address, in their order, and what is put in its place (`$1`, `${name}`). They
    /// count behind exact addresses and before domains.
    pub patterns: Vec<(String, String)>,
    /// Recipients are rewritten; they are by default.
    pub recipients: bool,
    /// The sender is rewritten as well; by default it is not.
    pub sender: bool,
    /// What comes out is rewritten again, so many times in all; 1 to [`MOST_ROUNDS`].
    pub rounds: usize,
}

impl Default for RewriteSettings {
    fn default() -> Self {
        RewriteSettings {
            table: Vec::new(),
            patterns: Vec::new(),
            recipients: true,
            sender: false,
            rounds: MOST_ROUNDS,
        }
    }
}

/// What is wrong with the settings.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RewriteError {
    /// A line of the table is from something else.
    #[error("\"{0}\" is nothing to rewrite from: write user@domain, @domain or *")]
    From(String),
    /// A line of the table is to something else.
    #[error("\"{0}\" is nothing to rewrite to: write user@domain or @domain")]
    To(String),
    /// Two lines are from the same.
    #[error("\"{0}\" stands in the table twice")]
    Twice(String),
    /// A pattern cannot be read.
    #[error("the pattern \"{0}\" cannot be read: {1}")]
    Pattern(String, String),
    /// None, or too many.
    #[error("rounds are 1 to {MOST_ROUNDS}")]
    Rounds,
}

/// Rewrites addresses at `end_of_data`, `submission`, `categorize` or `post_categorize`. Case does not matter.
///
/// For the client's dialogue there is `Command::set_argument`: this sink has no place at `rcpt_to`.
#[derive(Clone, Debug)]
pub struct Rewrite {
    table: HashMap<String, To>,
    patterns: Vec<(Regex, String)>,
    recipients: bool,
    sender: bool,
    rounds: usize,
}

#[derive(Clone, Debug)]
enum To {
    Address(Address),
    Domain(String),
}

impl Rewrite {
    /// A sink with these settings.
    ///
    /// # Errors
    /// [`RewriteError`] says which line makes no sense.
    pub fn new(settings: RewriteSettings) -> Result<Self, RewriteError> {
        if !(1..=MOST_ROUNDS).contains(&settings.rounds) {
            return Err(RewriteError::Rounds);
        }
        let mut table = HashMap::new();
        for (from, to) in settings.table {
            let key = from_key(&from).ok_or_else(|| RewriteError::From(from.clone()))?;
            if table.insert(key, read_to(to)?).is_some() {
                return Err(RewriteError::Twice(from));
            }
        }
        let patterns = settings.patterns.into_iter().map(pattern).collect::<Result<_, _>>()?;
        let RewriteSettings { recipients, sender, rounds, .. } = settings;
        Ok(Rewrite { table, patterns, recipients, sender, rounds })
    }

    /// What the address becomes; `None`: it stays.
    fn rewritten(&self, from: &Address) -> Option<Address> {
        let mut address = from.clone();
        for _ in 0..self.rounds {
            match self.once(&address) {
                Some(next) => address = next,
                None => return Some(address).filter(|end| key(end) != key(from)),
            }
        }
        match self.once(&address) {
            None => Some(address).filter(|end| key(end) != key(from)),
            Some(_) => {
                warn!(address = %from, rounds = self.rounds, "rewriting goes round and round: the address stays");
                None
            }
        }
    }

    /// One round; `None`: nothing changes any more.
    fn once(&self, address: &Address) -> Option<Address> {
        let key = key(address);
        let of_table = |from: &str| self.table.get(from).and_then(|to| to.apply(address));
        let next = match self.table.get(&key) {
            Some(to) => to.apply(address),
            None => self
                .by_pattern(address)
                .or_else(|| of_table(&format!("@{}", address.domain_key())))
                .or_else(|| of_table(CATCH_ALL)),
        };
        next.filter(|next| self::key(next) != key)
    }

    fn by_pattern(&self, address: &Address) -> Option<Address> {
        let found = self.patterns.iter().find_map(|(from, to)| Some((from.captures(address.as_str())?, to)));
        let (captures, to) = found?;
        let mut text = String::new();
        captures.expand(to, &mut text);
        let next = Address::parse(&text);
        if next.is_err() {
            warn!(%address, to = text.escape_debug().to_string(), "a pattern gives no address: the address stays");
        }
        // What stays is found, and nothing else is looked for.
        Some(next.unwrap_or_else(|_| address.clone()))
    }

    fn list(&self, recipients: &Recipients) -> Option<Recipients> {
        let (mut kept, mut new): (Vec<(RcptNo, Recipient)>, Vec<Recipient>) = Default::default();
        for (no, recipient) in recipients.iter() {
            match self.rewritten(&recipient.address) {
                Some(address) => new.push(moved(recipient, address)),
                None => kept.push((no, recipient.clone())),
            }
        }
        if new.is_empty() {
            return None;
        }
        let mut seen: HashSet<_> = kept.iter().map(|(_, recipient)| identity(recipient)).collect();
        let mut list = Recipients::restore(kept, recipients.next_number())?;
        for recipient in new {
            if seen.insert(identity(&recipient)) {
                list.add(recipient);
            }
        }
        Some(list)
    }
}

/// By what two recipients are one: whoever asked for other reports gets them.
fn identity(recipient: &Recipient) -> (String, Option<(bool, bool, bool)>) {
    let bits = |notify: Notify| (notify.success, notify.failure, notify.delay);
    (key(&recipient.address), recipient.notify.map(bits))
}

fn moved(recipient: &Recipient, address: Address) -> Recipient {
    let orcpt = recipient.orcpt.clone().or_else(|| recipient.as_orcpt());
    Recipient { address, notify: recipient.notify, orcpt }
}

/// The address without regard to case.
fn key(address: &Address) -> String {
    match address.domain() {
        "" => address.as_str().to_lowercase(),
        _ => format!("{}@{}", address.local_part().to_lowercase(), address.domain_key()),
    }
}

fn from_key(text: &str) -> Option<String> {
    match text.strip_prefix('@') {
        _ if text == CATCH_ALL => Some(CATCH_ALL.to_owned()),
        Some(domain) => Some(format!("@{}", on_domain("x", domain)?.domain_key())),
        None => Address::parse(text).ok().map(|address| key(&address)),
    }
}

fn read_to(text: String) -> Result<To, RewriteError> {
    let to = match text.strip_prefix('@') {
        Some(domain) => on_domain("x", domain).map(|_| To::Domain(domain.to_owned())),
        None => Address::parse(&text).ok().map(To::Address),
    };
    to.ok_or(RewriteError::To(text))
}

fn on_domain(local_part: &str, domain: &str) -> Option<Address> {
    Address::parse(&format!("{local_part}@{domain}")).ok()
}

fn pattern((from, to): (String, String)) -> Result<(Regex, String), RewriteError> {
    let built = RegexBuilder::new(&format!("^(?:{from})$")).case_insensitive(true).size_limit(PATTERN_SIZE).build();
    match built {
        Ok(regex) => Ok((regex, to)),
        Err(error) => Err(RewriteError::Pattern(from, error.to_string())),
    }
}

impl To {
    fn apply(&self, address: &Address) -> Option<Address> {
        match self {
            To::Address(to) => Some(to.clone()),
            To::Domain(domain) => on_domain(address.local_part(), domain),
        }
    }
}

impl<E: MayChangeRecipients> Sink<E> for Rewrite {
    async fn on(&mut self, mut mail: Message<E>) -> Verdict<E> {
        let list = if self.recipients { self.list(&mail.envelope().recipients) } else { None };
        if let Some(list) = list {
            *mail.recipients_mut() = list;
        }
        let sender = mail.envelope().sender.as_ref().filter(|_| self.sender);
        if let Some(sender) = sender.and_then(|sender| self.rewritten(sender)) {
            mail.set_sender(Some(sender));
        }
        mail.next()
    }
}
