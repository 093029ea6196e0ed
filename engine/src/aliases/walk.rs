//! From one address to all who stand for it in the end.
//!
//! Rule: each address is met once, whichever ways lead to it; a way that leads back is a loop and ends there.

use std::collections::HashSet;

use super::{read::plain_address, AliasProblem, Aliases, Found, Key, Member, MAX_NESTING};
use crate::{Address, Reply};

/// An address that stands for itself, at the end of a way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Leaf {
    pub address: Address,
    /// The list it is on has an owner, who hears of failures in the sender's place.
    pub owner: Option<Address>,
    /// It cannot be reached, for this reason.
    pub trouble: Option<Reply>,
}

const LOOP: Reply = Reply::new(550, 4, 6, "The alias leads back to itself");
const EMPTY: Reply = Reply::new(550, 2, 4, "The list has no members");
const TOO_DEEP: Reply = Reply::new(550, 4, 6, "The alias is nested too deep");
const TOO_MANY: Reply = Reply::new(550, 2, 4, "The alias stands for too many recipients");
pub(super) const UNKNOWN: Reply = Reply::new(550, 1, 1, "No such user here");

/// A walk through the aliases of one mail.
pub(super) struct Walk<'a> {
    aliases: &'a Aliases,
    /// Those who were met, by key.
    seen: HashSet<(String, String)>,
    /// Names that are being looked up, the outermost first.
    path: Vec<(String, String)>,
    /// Lines whose members were all met, and at which domain: so each line costs its length once for a mail.
    walked: HashSet<(*const Member, String)>,
    leaves: Vec<Leaf>,
    /// Members that may still be looked at: a bound of the work where each address has other members (`@domain`).
    left: usize,
    /// Somebody stands for the address, be it nobody.
    reached: bool,
}

impl<'a> Walk<'a> {
    pub fn new(aliases: &'a Aliases) -> Self {
        let (seen, walked, left) = (HashSet::new(), HashSet::new(), aliases.scope.most.saturating_mul(2));
        Walk { aliases, seen, path: Vec::new(), walked, leaves: Vec::new(), left, reached: false }
    }

    /// This one gets the mail already. False: it was met before.
    pub fn meet(&mut self, address: &Address) -> bool {
        let key = self.key(address);
        self.seen.insert(key)
    }

    /// All who stand for this address and were not met before. An address that stands for itself is not asked about.
    pub fn leaves(&mut self, address: &Address) -> Vec<Leaf> {
        self.reached = false;
        self.step(address, None);
        if !self.reached && self.leaves.is_empty() {
            self.trouble(address, EMPTY);
        }
        std::mem::take(&mut self.leaves)
    }

    fn key(&self, address: &Address) -> (String, String) {
        let Key { local, domain } = Key::of(address, &self.aliases.scope);
        (local.into_owned(), domain.into_owned())
    }

    fn step(&mut self, address: &Address, owner: Option<&Address>) {
        let key = self.key(address);
        let found = self.aliases.find(&Key { local: key.0.as_str().into(), domain: key.1.as_str().into() });
        let own = self.path.last() == Some(&key);
        match found {
            Found::Members(_) if own => self.leaf(address, owner),
            // Who stands for himself as well gets it by his own line.
            Found::Members(members) if self.path.contains(&key) && self.has_itself(&key, members) => {}
            Found::Members(_) if self.path.contains(&key) => self.trouble(address, LOOP),
            Found::Members(_) if self.path.len() >= MAX_NESTING => self.trouble(address, TOO_DEEP),
            Found::Members(members) if self.is_walked(&key, members) => self.reached = true,
            Found::Members(members) => self.members(key, address, members, owner),
            Found::Plain => self.leaf(address, owner),
            Found::Unknown => match self.postmaster_of_a_virtual_domain(&key) {
                Some(address) => self.step(&address, owner),
                None => self.trouble(address, UNKNOWN),
            },
        }
    }

    fn has_itself(&self, key: &(String, String), members: &[Member]) -> bool {
        let home = self.aliases.scope.home(&key.1);
        members.iter().any(|member| match member {
            Member::Address(address) => self.key(address) == *key,
            Member::Name(name, _) => home == key.1 && name.to_lowercase() == key.0,
            _ => false,
        })
    }

    /// Everybody can write to the postmaster of a domain (RFC 5321, 4.5.1): without a line of its own it is that of this
    /// host.
    fn postmaster_of_a_virtual_domain(&self, key: &(String, String)) -> Option<Address> {
        let origin = &self.aliases.scope.origin;
        (key.0 == "postmaster" && key.1 != *origin).then(|| plain_address("postmaster", origin)).flatten()
    }

    fn is_walked(&self, key: &(String, String), members: &[Member]) -> bool {
        self.walked.contains(&(members.as_ptr(), self.aliases.scope.home(&key.1).to_owned()))
    }

    fn members(&mut self, key: (String, String), from: &Address, members: &[Member], owner: Option<&Address>) {
        let own = self.aliases.owner_of(&key);
        let owner = own.as_ref().or(owner);
        self.path.push(key.clone());
        for member in members {
            if self.leaves.len() >= self.aliases.scope.most || self.left == 0 {
                self.trouble(from, TOO_MANY);
                break;
            }
            self.left -= 1;
            self.member(&key, from, member, owner);
        }
        self.path.pop();
        if !members.iter().any(|member| matches!(member, Member::Domain(_))) {
            self.walked.insert((members.as_ptr(), self.aliases.scope.home(&key.1).to_owned()));
        }
    }

    fn member(&mut self, key: &(String, String), from: &Address, member: &Member, owner: Option<&Address>) {
        let home = self.aliases.scope.home(&key.1);
        match member {
            Member::Address(address) => self.step(address, owner),
            Member::Nobody => self.reached = true,
            Member::Domain(domain) => {
                // The very same local part, as it was written.
                if let Ok(address) = Address::parse(&format!("{}@{domain}", from.local_part())) {
                    self.step(&address, owner);
                }
            }
            Member::Name(name, exact) => match plain_address(name, home) {
                Some(address) if *exact => self.leaf(&address, owner),
                Some(address) => self.step(&address, owner),
                None => {}
            },
        }
    }

    /// Tables say everything of a virtual domain, and have no mailboxes: nobody there stands for himself.
    fn leaf(&mut self, address: &Address, owner: Option<&Address>) {
        if self.aliases.is_virtual(address) {
            return self.trouble(address, UNKNOWN);
        }
        self.reached = true;
        if self.meet(address) {
            self.leaves.push(Leaf { address: address.clone(), owner: owner.cloned(), trouble: None });
        }
    }

    fn trouble(&mut self, address: &Address, reply: Reply) {
        if self.meet(address) {
            self.leaves.push(Leaf { address: address.clone(), owner: None, trouble: Some(reply) });
        }
    }
}

impl Aliases {
    /// `owner-NAME` where NAME has members (sendmail's rule).
    fn owner_of(&self, (local, domain): &(String, String)) -> Option<Address> {
        let name = format!("owner-{local}");
        let key = Key { local: name.as_str().into(), domain: domain.as_str().into() };
        // The owner of all owners is nobody's.
        let is_owner = local.starts_with("owner-");
        (self.named(&key).is_some() && !is_owner).then(|| plain_address(&name, domain)).flatten()
    }

    /// `good`: names that are known to come to an end.
    pub(super) fn check_one(&self, address: &Address, good: &mut HashSet<Address>) -> Result<(), AliasProblem> {
        if !good.insert(address.clone()) {
            return Ok(());
        }
        let leaves = Walk::new(self).leaves(address);
        let trouble = leaves.iter().find_map(|leaf| leaf.trouble.clone().map(|reply| (leaf, reply)));
        match trouble {
            Some((leaf, reply)) if reply == LOOP => Err(AliasProblem::Loop(leaf.address.local_part().into())),
            Some((_, reply)) if reply == TOO_MANY || reply == TOO_DEEP => {
                Err(AliasProblem::TooLarge(address.local_part().into()))
            }
            _ => Ok(()),
        }
    }
}
