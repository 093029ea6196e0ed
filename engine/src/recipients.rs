//! The recipients of a mail and their numbers.
//!
//! A number is given once and never again, so a fact about a number stays true whatever sinks and expansions do to the
//! list. Text lives here and nowhere else.

use std::{collections::HashSet, fmt};

use crate::{compose::mailbox_key, Address};

/// The number of a recipient within its mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RcptNo(pub u32);

impl fmt::Display for RcptNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// When the sender wants to be told about a recipient (RFC 3461, 4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notify {
    /// `NOTIFY=SUCCESS`
    pub success: bool,
    /// `NOTIFY=FAILURE`
    pub failure: bool,
    /// `NOTIFY=DELAY`
    pub delay: bool,
}

impl Notify {
    /// `NOTIFY=NEVER`
    pub const NEVER: Notify = Notify { success: false, failure: false, delay: false };
}

/// One recipient: its address and what its sender asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// Where mail for it goes.
    pub address: Address,
    /// `None`: the sender said nothing, which means failure and, if the server wishes, delay.
    pub notify: Option<Notify>,
    /// The original recipient as `addr-type;address`, still in xtext (RFC 3461, 4.2).
    pub orcpt: Option<String>,
}

impl From<Address> for Recipient {
    fn from(address: Address) -> Self {
        Recipient { address, notify: None, orcpt: None }
    }
}

impl Recipient {
    /// Its address as an original recipient, in xtext (RFC 3461, 4); `None` if that cannot say it.
    pub fn as_orcpt(&self) -> Option<String> {
        let address = &self.address;
        address.is_ascii().then(|| format!("rfc822;{}", to_xtext(address.as_str())))
    }
}

/// ASCII as xtext (RFC 3461, 4).
pub(crate) fn to_xtext(text: &str) -> String {
    let mut xtext = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if c.is_ascii_graphic() && !matches!(c, '+' | '=') => xtext.push(c),
            c => xtext.push_str(&format!("+{:02X}", u32::from(c))),
        }
    }
    xtext
}

/// All recipients of a mail, in the order of their numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recipients {
    list: Vec<(RcptNo, Recipient)>,
    next: u32,
}

impl Recipients {
    /// Adds one at the end and says its number.
    pub fn add(&mut self, recipient: impl Into<Recipient>) -> RcptNo {
        let no = RcptNo(self.next);
        self.next += 1;
        self.list.push((no, recipient.into()));
        no
    }

    /// Takes one out; its number is never given again.
    pub fn remove(&mut self, no: RcptNo) -> Option<Recipient> {
        let at = self.place(no)?;
        Some(self.list.remove(at).1)
    }

    /// Puts others in the place of one; they get numbers of their own.
    pub fn expand(&mut self, no: RcptNo, into: impl IntoIterator<Item = Recipient>) -> Vec<RcptNo> {
        self.remove(no);
        into.into_iter().map(|recipient| self.add(recipient)).collect()
    }

    /// Puts those back who were taken out; who is here already stays as he is.
    pub fn rejoin(&mut self, others: Recipients) {
        self.next = self.next.max(others.next);
        for (no, recipient) in others.list {
            if let Err(at) = self.list.binary_search_by_key(&no, |(no, _)| *no) {
                self.list.insert(at, (no, recipient));
            }
        }
    }

    /// Changes one, who keeps his number. `false`: he is not on the list.
    pub fn change(&mut self, no: RcptNo, change: impl FnOnce(&mut Recipient)) -> bool {
        match self.place(no) {
            Some(at) => {
                change(&mut self.list[at].1);
                true
            }
            None => false,
        }
    }

    /// Keeps those of whom `keep` says so.
    pub fn retain(&mut self, keep: impl Fn(RcptNo) -> bool) {
        self.list.retain(|(no, _)| keep(*no));
    }

    /// Keeps the first of those who are one mailbox: the case of a domain means nothing, that of a local part may
    /// (RFC 5321, 2.4).
    pub fn name_once(&mut self) {
        let mut named = HashSet::with_capacity(self.list.len());
        self.list.retain(|(_, recipient)| named.insert(mailbox_key(&recipient.address)));
    }

    /// The recipient with this number, if it is still on the list.
    pub fn get(&self, no: RcptNo) -> Option<&Recipient> {
        self.place(no).map(|at| &self.list[at].1)
    }

    /// All, with their numbers.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (RcptNo, &Recipient)> {
        self.list.iter().map(|(no, recipient)| (*no, recipient))
    }

    /// All numbers.
    pub fn numbers(&self) -> impl ExactSizeIterator<Item = RcptNo> + '_ {
        self.list.iter().map(|(no, _)| *no)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Nobody is left.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The number that the next recipient will get: for a record on disk.
    pub fn next_number(&self) -> u32 {
        self.next
    }

    /// The list as it was written down. Numbers must ascend and be below `next`; otherwise `None`.
    pub fn restore(list: Vec<(RcptNo, Recipient)>, next: u32) -> Option<Self> {
        let ascends = list.windows(2).all(|pair| pair[0].0 < pair[1].0);
        let below = list.last().is_none_or(|(no, _)| no.0 < next);
        (ascends && below).then_some(Recipients { list, next })
    }

    fn place(&self, no: RcptNo) -> Option<usize> {
        self.list.binary_search_by_key(&no, |(no, _)| *no).ok()
    }
}

impl<R: Into<Recipient>> FromIterator<R> for Recipients {
    fn from_iter<I: IntoIterator<Item = R>>(recipients: I) -> Self {
        let mut list = Recipients::default();
        for recipient in recipients {
            list.add(recipient);
        }
        list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Recipient {
        Address::parse(text).unwrap().into()
    }

    #[test]
    fn an_address_as_xtext_has_neither_blank_nor_plus_nor_equals_sign() {
        assert_eq!(to_xtext("\"a b\"+c=d@x.org"), "\"a+20b\"+2Bc+3Dd@x.org");
    }

    #[test]
    fn a_number_is_never_given_twice() {
        let mut list: Recipients = [address("a@x"), address("team@x")].into_iter().collect();
        list.remove(RcptNo(0));
        assert_eq!(list.add(address("c@x")), RcptNo(2));
        assert_eq!(list.expand(RcptNo(1), [address("d@x"), address("e@x")]), [RcptNo(3), RcptNo(4)]);
        let left: Vec<_> = list.iter().map(|(no, r)| (no.0, r.address.as_str())).collect();
        assert_eq!(left, [(2, "c@x"), (3, "d@x"), (4, "e@x")]);
    }

    #[test]
    fn a_list_whose_numbers_do_not_ascend_is_not_restored() {
        let twice = vec![(RcptNo(1), address("a@x")), (RcptNo(1), address("b@x"))];
        assert_eq!(Recipients::restore(twice, 2), None);
        assert_eq!(Recipients::restore(vec![(RcptNo(2), address("a@x"))], 2), None);
    }
}
