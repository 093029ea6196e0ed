//! What is legal and surprises people.
//!
//! Rule: nothing is refused for it, and nothing is changed; it is said once, at the start.

use postrider_engine::Address;

use super::Settings;

impl Settings {
    /// What is legal and should be known: to be logged at start.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if !self.has_default_route() {
            let what = match (self.routes.is_empty(), self.local_domains.is_empty()) {
                (true, true) => "mail",
                (true, false) => "mail for other domains",
                (false, _) => "mail that no route is for",
            };
            notes.push(format!("no smart host is known: {what} is kept queued; set smart_host or give --smart-host"));
        }
        if let Some(all) = self.relay.networks.iter().find(|network| network.prefix_len() == 0) {
            notes.push(format!("relay.networks has {all}: whoever reaches the sockets may relay to anybody"));
        }
        notes.extend(self.postmaster_is_missing());
        if !self.hostname.contains(['.', '[']) {
            notes.push(format!("hostname is {:?}, not a full name: some hosts refuse mail from it", self.hostname));
        }
        notes.extend(self.ignored.iter().map(|name| format!("{name} in the environment is no key and is ignored")));
        notes
    }

    /// Everybody should be able to write to the postmaster of a host (RFC 5321, 4.5.1).
    fn postmaster_is_missing(&self) -> Option<String> {
        let (local, postmaster) = (self.local().ok()??, Address::parse("postmaster").ok()?);
        let missing = local.users.find(&postmaster, &local.place).is_err();
        missing.then(|| "there is no mailbox for postmaster: set maildir.postmaster or maildir.catch_all".into())
    }
}
