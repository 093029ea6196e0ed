//! Mail exchangers: from what the DNS says of a domain to the hosts that take its mail (RFC 5321, 5.1; RFC 7505).
//!
//! Rule: only what is certain is permanent. A domain that does not exist, that takes no mail, or whose mail would come back
//! to us, is refused with its reason; whatever could not be found out is tried again.

use crate::{host_port::host_name, Host, HostPort, Reply};

/// Exchangers of one domain that are used; those of worse preference are left out.
pub const EXCHANGERS: usize = 20;

/// One exchanger, as the DNS says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchanger {
    /// The smallest comes first.
    pub preference: u16,
    /// Its name; `.` or nothing is that of no host (a null MX).
    pub host: String,
}

/// The hosts for mail of `domain`, best ones first; those of equal preference are together, by name. `own` are the names
/// that are ours, in normal form.
///
/// # Errors
/// The reply with which its mail is refused.
pub fn exchangers(domain: &str, found: &[Exchanger], own: &[String], port: u16) -> Result<Vec<Vec<HostPort>>, Reply> {
    if found.is_empty() {
        return implicit(domain, own, port);
    }
    if found.iter().all(|exchanger| exchanger.host.trim_end_matches('.').is_empty()) {
        return Err(Reply::new(556, 1, 10, "").with_text(format!("{domain} takes no mail (null MX)")));
    }
    let named = |exchanger: &Exchanger| Some((exchanger.preference, host_name(&exchanger.host)?));
    let mut hosts: Vec<(u16, String)> = found.iter().filter_map(named).collect();
    if hosts.is_empty() {
        let text = format!("no mail exchanger of {domain} has a name that can be used");
        return Err(Reply::new(451, 4, 4, "").with_text(text));
    }
    hosts.sort();
    if let Some(ours) = hosts.iter().position(|(_, name)| own.contains(name)) {
        // Mail goes only to hosts that are nearer than we are: those as far away as we would send it back.
        let our_preference = hosts[ours].0;
        hosts.retain(|(preference, _)| *preference < our_preference);
        if hosts.is_empty() {
            return Err(loops(domain));
        }
    }
    Ok(ranks(hosts, port))
}

/// A domain without exchangers is its own.
fn implicit(domain: &str, own: &[String], port: u16) -> Result<Vec<Vec<HostPort>>, Reply> {
    match host_name(domain) {
        Some(name) if own.contains(&name) => Err(loops(domain)),
        Some(name) => Ok(ranks(vec![(0, name)], port)),
        None => Err(unknown(domain)),
    }
}

/// Each name counts once, where it is best.
fn ranks(hosts: Vec<(u16, String)>, port: u16) -> Vec<Vec<HostPort>> {
    let mut ranks: Vec<(u16, Vec<HostPort>)> = Vec::new();
    for (preference, name) in hosts {
        let host = HostPort { host: Host::Name(name.into()), port };
        let count: usize = ranks.iter().map(|(_, hosts)| hosts.len()).sum();
        if count == EXCHANGERS || ranks.iter().any(|(_, hosts)| hosts.contains(&host)) {
            continue;
        }
        match ranks.last_mut() {
            Some((last, hosts)) if *last == preference => hosts.push(host),
            _ => ranks.push((preference, vec![host])),
        }
    }
    ranks.into_iter().map(|(_, hosts)| hosts).collect()
}

/// The domain does not exist, or has neither exchanger nor address.
pub fn unknown(domain: &str) -> Reply {
    Reply::new(550, 1, 2, "").with_text(format!("the domain {domain} does not exist, or takes no mail"))
}

/// It could not be found out at present.
pub fn undecided(domain: &str, why: &str) -> Reply {
    Reply::new(451, 4, 3, "")
        .with_text(format!("the mail exchangers of {domain} cannot be looked up at present: {why}"))
}

fn loops(domain: &str) -> Reply {
    Reply::new(554, 4, 6, "")
        .with_text(format!("mail for {domain} would come back to us: its best mail exchanger is this host"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dns(texts: &[&str]) -> Vec<Exchanger> {
        let one = |text: &&str| {
            let (preference, host) = text.split_once(' ').unwrap();
            Exchanger { preference: preference.parse().unwrap(), host: host.into() }
        };
        texts.iter().map(one).collect()
    }

    fn shown(domain: &str, found: &[&str]) -> String {
        let own = ["us.example".to_owned(), "also.us.example".to_owned()];
        match exchangers(domain, &dns(found), &own, 25) {
            Ok(ranks) => {
                let names = |hosts: Vec<HostPort>| hosts.iter().map(HostPort::to_string).collect::<Vec<_>>().join("=");
                ranks.into_iter().map(names).collect::<Vec<_>>().join(",").replace(":25", "")
            }
            Err(reply) => reply.to_string(),
        }
    }

    #[test]
    fn every_form_of_answer_has_its_way() {
        let table: &[(&str, &[&str], &str)] = &[
            ("a.example", &["10 mx.a.example."], "mx.a.example"),
            ("a.example", &["20 b.example.", "10 a.example."], "a.example,b.example"),
            ("a.example", &["10 c.example", "10 b.example", "5 d.example"], "d.example,b.example=c.example"),
            ("a.example", &["10 B.Example.", "20 b.example"], "b.example"),
            ("a.example", &["0 b.example", "65535 c.example"], "b.example,c.example"),
            // RFC 5321, 5.1: no exchanger, so the domain itself
            ("a.example", &[], "a.example"),
            ("A.Example.", &[], "a.example"),
            ("bücher.example", &[], "xn--bcher-kva.example"),
            // RFC 7505
            ("a.example", &["0 ."], "556 5.1.10 a.example takes no mail (null MX)"),
            ("a.example", &["10 "], "556 5.1.10 a.example takes no mail (null MX)"),
            // RFC 7505, 3: beside other exchangers it says nothing
            ("a.example", &["0 .", "10 b.example"], "b.example"),
            // loops
            (
                "a.example",
                &["10 us.example"],
                "554 5.4.6 mail for a.example would come back to us: its best mail exchanger is this host",
            ),
            ("a.example", &["10 b.example", "20 us.example", "20 c.example", "30 d.example"], "b.example"),
            (
                "a.example",
                &["10 us.example", "10 b.example"],
                "554 5.4.6 mail for a.example would come back to us: its best mail exchanger is this host",
            ),
            (
                "a.example",
                &["10 Also.US.example."],
                "554 5.4.6 mail for a.example would come back to us: its best mail exchanger is this host",
            ),
            (
                "us.example",
                &[],
                "554 5.4.6 mail for us.example would come back to us: its best mail exchanger is this host",
            ),
            // what nobody should write, and many do
            ("a.example", &["10 192.0.2.1"], "451 4.4.4 no mail exchanger of a.example has a name that can be used"),
            ("a.example", &["10 -bad-.example", "20 b.example"], "b.example"),
            ("a.example", &["10 under_score.example"], "under_score.example"),
        ];
        for (domain, found, expected) in table {
            assert_eq!(shown(domain, found), *expected, "{domain} {found:?}");
        }
    }

    #[test]
    fn a_domain_with_a_thousand_exchangers_uses_the_best_twenty() {
        let many: Vec<String> = (0..1000).map(|n| format!("{} mx{n:04}.example", 1000 - n)).collect();
        let found = shown("a.example", &many.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(found.split(',').count(), EXCHANGERS);
        assert!(found.starts_with("mx0999.example,mx0998.example"), "{found}");
    }

    #[test]
    fn the_order_of_the_answer_changes_nothing() {
        let (one, other) = (["10 b.example", "10 a.example"], ["10 a.example", "10 b.example"]);
        assert_eq!(shown("x.example", &one), shown("x.example", &other));
    }
}
