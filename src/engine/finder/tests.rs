//! Forms of recipients × answers of the DNS × routes: what becomes of the mail.

use std::{collections::HashMap, net::IpAddr};

use postrider_engine::Address;

use super::*;

/// What the DNS says of some names; the others do not exist.
#[derive(Default)]
struct Zone {
    exchangers: HashMap<&'static str, Result<Vec<Exchanger>, ResolveError>>,
    addresses: HashMap<&'static str, Result<Vec<IpAddr>, ResolveError>>,
    silent: bool,
}

impl Resolve for Zone {
    fn resolve<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Vec<IpAddr>, ResolveError>> {
        let found = self.addresses.get(name).cloned().unwrap_or(Err(ResolveError::NotFound));
        Box::pin(async { found })
    }

    fn exchangers<'a>(&'a self, domain: &'a str) -> BoxFuture<'a, Result<Vec<Exchanger>, ResolveError>> {
        let found = self.exchangers.get(domain).cloned().unwrap_or(Err(ResolveError::NotFound));
        let silent = self.silent;
        Box::pin(async move {
            if silent {
                std::future::pending().await
            } else {
                found
            }
        })
    }
}

fn mx(texts: &[&str]) -> Result<Vec<Exchanger>, ResolveError> {
    let one = |text: &&str| {
        let (preference, host) = text.split_once(' ').unwrap();
        Exchanger { preference: preference.parse().unwrap(), host: host.into() }
    };
    Ok(texts.iter().map(one).collect())
}

fn zone() -> Zone {
    let servfail = || ResolveError::Trouble("SERVFAIL".into());
    let ip: IpAddr = [192, 0, 2, 7].into();
    Zone {
        exchangers: HashMap::from([
            ("one.example", mx(&["10 mx.one.example."])),
            ("two.example", mx(&["20 b.example.", "10 a.example."])),
            ("equal.example", mx(&["10 b.example.", "10 a.example."])),
            ("hosted.example", mx(&["10 a.example.", "10 b.example."])),
            ("null.example", mx(&["0 ."])),
            ("bare.example", mx(&[])),
            ("empty.example", mx(&[])),
            ("half.example", mx(&[])),
            ("loop.example", mx(&["10 mail.home.example."])),
            ("backup.example", mx(&["10 a.example.", "20 mail.home.example.", "30 c.example."])),
            ("broken.example", Err(servfail())),
            ("xn--bcher-kva.example", mx(&["10 mx.one.example."])),
        ]),
        addresses: HashMap::from([("bare.example", Ok(vec![ip])), ("half.example", Err(servfail()))]),
        silent: false,
    }
}

fn finder(toml: &str, zone: Zone) -> Finder {
    let settings = Settings::from_toml(&format!("hostname = \"mail.home.example\"\n{toml}")).unwrap();
    let routes = Arc::new(settings.routes().unwrap());
    Finder::new(&settings, routes, Arc::new(zone), Events::none())
}

async fn hop(finder: &Finder, to: &str) -> String {
    let recipient = Recipient::from(Address::parse(to).unwrap());
    let route = match finder.way(&recipient) {
        Way::Known(route) => route,
        Way::Ask(question) => finder.ask(question).await,
    };
    route.hop.to_string()
}

const MX: &str = "[[route]]\ndomain = \"*\"\nto = \"mx\"\n";

#[tokio::test]
async fn every_form_of_domain_and_answer_has_its_way() {
    let table = [
        ("u@one.example", "mx mx.one.example:25"),
        ("u@ONE.Example", "mx mx.one.example:25"),
        ("u@two.example", "mx a.example:25,b.example:25"),
        ("u@equal.example", "mx a.example:25=b.example:25"),
        ("u@hosted.example", "mx a.example:25=b.example:25"),
        ("u@b\u{fc}cher.example", "mx mx.one.example:25"),
        ("u@xn--bcher-kva.example", "mx mx.one.example:25"),
        ("\"q u\"@one.example", "mx mx.one.example:25"),
        ("u@bare.example", "mx bare.example:25"),
        ("u@backup.example", "mx a.example:25"),
        ("u@[192.0.2.1]", "mx 192.0.2.1:25"),
        ("u@[IPv6:2001:db8::1]", "mx [2001:db8::1]:25"),
        ("u@null.example", "error 556 5.1.10 null.example takes no mail (null MX)"),
        ("u@missing.example", "error 550 5.1.2 the domain missing.example does not exist, or takes no mail"),
        ("u@empty.example", "error 550 5.1.2 the domain empty.example does not exist, or takes no mail"),
    ];
    let finder = finder(MX, zone());
    for (to, expected) in table {
        assert_eq!(hop(&finder, to).await, expected, "{to}");
    }
    for to in ["u@loop.example", "u@LOOP.example"] {
        assert!(hop(&finder, to).await.starts_with("error 554 5.4.6 mail for loop.example would come back"), "{to}");
    }
    for to in ["u@broken.example", "u@half.example"] {
        assert!(hop(&finder, to).await.starts_with("wait 451 4.4.3 the mail exchangers of "), "{to}");
    }
}

#[tokio::test]
async fn a_route_of_its_own_wins_and_asks_nobody() {
    let toml = format!("{MX}[[route]]\ndomain = \".fixed.example\"\nto = [\"10.0.0.5\"]\n[[route]]\ndomain = \"gone.example\"\nerror = \"550 5.1.6 gone\"\n[[route]]\ndomain = \"keep.example\"\nto = \"keep\"\n");
    let finder = finder(&toml, Zone { silent: true, ..Zone::default() });
    let table = [
        ("u@a.fixed.example", "smtp 10.0.0.5:25"),
        ("u@gone.example", "error 550 5.1.6 gone"),
        ("u@keep.example", "keep"),
    ];
    for (to, expected) in table {
        assert_eq!(hop(&finder, to).await, expected, "{to}");
    }
}

#[tokio::test]
async fn domains_with_the_same_exchangers_and_options_share_a_queue_and_others_do_not() {
    let toml = format!(
        "{MX}[[route]]\ndomain = \"equal.example\"\nto = \"mx\"\nqueue = \"bulk\"\nhelo = \"out.home.example\"\n"
    );
    let finder = finder(&toml, zone());
    assert_eq!(hop(&finder, "u@hosted.example").await, "mx a.example:25=b.example:25");
    assert_eq!(hop(&finder, "u@equal.example").await, "mx a.example:25=b.example:25 as out.home.example queue bulk");
}

#[tokio::test]
async fn the_port_of_exchangers_can_be_set_for_tests() {
    let finder = finder(&format!("{MX}[dns]\nmx_port = 2626\n"), zone());
    assert_eq!(hop(&finder, "u@one.example").await, "mx mx.one.example:2626");
    assert_eq!(hop(&finder, "u@[192.0.2.1]").await, "mx 192.0.2.1:2626");
}

#[tokio::test(start_paused = true)]
async fn a_dns_that_never_answers_makes_mail_wait_and_nothing_else() {
    let finder = finder(MX, Zone { silent: true, ..zone() });
    assert!(hop(&finder, "u@one.example").await.starts_with("wait 451 4.4.3"));
}

#[tokio::test]
async fn a_fallback_comes_last_and_gets_what_nobody_knows_a_way_for_at_present() {
    let finder = finder(&format!("{MX}fallback = [\"smart.example:587\", \"10.0.0.9\"]\n"), zone());
    let table = [
        ("u@two.example", "mx a.example:25,b.example:25,smart.example:587,10.0.0.9:25"),
        ("u@broken.example", "mx smart.example:587,10.0.0.9:25"),
        ("u@null.example", "error 556 5.1.10 null.example takes no mail (null MX)"),
    ];
    for (to, expected) in table {
        assert_eq!(hop(&finder, to).await, expected, "{to}");
    }
}

/// A table of routes with every kind of line, and a host of ours.
const EVERYTHING: &str = "local_domains = [\"home.example\", \".users.home.example\"]\n\
    [[route]]\ndomain = \"*\"\nto = \"mx\"\n\
    [[route]]\ndomain = [\"fixed.example\", \".fixed.example\"]\nto = [\"10.0.0.5:2525\", \"smart.example\"]\n\
    [[route]]\ndomain = \"deep.fixed.example\"\nto = \"discard\"\n\
    [[route]]\ndomain = \".deep.fixed.example\"\nerror = \"550 5.1.6 gone deep\"\n\
    [[route]]\ndomain = \"b\u{fc}cher.example\"\nto = \"keep\"\n\
    [[route]]\ndomain = \"box.example\"\nto = \"lmtp:/run/lmtp\"\n\
    [[route]]\ndomain = \"far.box.example\"\nto = \"lmtp:10.0.0.6:24\"\n\
    [[route]]\ndomain = \"[192.0.2.9]\"\nto = [\"10.0.0.7\"]\n\
    [[route]]\ndomain = \"[IPv6:2001:db8::9]\"\nerror = \"554 5.7.1 not there\"\n\
    [[route]]\ndomain = \"two.example\"\nto = \"mx\"\nqueue = \"slow\"\nsource = \"192.0.2.77\"\n\
    [[route]]\ndomain = \"hosted.example\"\nto = [\"10.0.0.8\"]\nmasquerade = \"example.org\"\n";

#[tokio::test]
async fn settings_forms_of_recipients_and_answers_together_have_one_way_each() {
    let finder = finder(EVERYTHING, zone());
    let table = [
        // The recipients of this host.
        ("u@home.example", "maildir"),
        ("U+tag@HOME.example", "maildir"),
        ("u@a.users.home.example", "maildir"),
        ("u@users.home.example", "error 550 5.1.2 the domain users.home.example does not exist, or takes no mail"),
        ("postmaster", "maildir"),
        ("\"quoted one\"@home.example", "maildir"),
        // Lines for one domain and for all below it.
        ("u@fixed.example", "smtp 10.0.0.5:2525,smart.example:25"),
        ("u@Fixed.Example", "smtp 10.0.0.5:2525,smart.example:25"),
        ("u@a.fixed.example", "smtp 10.0.0.5:2525,smart.example:25"),
        ("u@a.b.fixed.example", "smtp 10.0.0.5:2525,smart.example:25"),
        ("u@deep.fixed.example", "discard"),
        ("u@a.deep.fixed.example", "error 550 5.1.6 gone deep"),
        ("u@notfixed.example", "error 550 5.1.2 the domain notfixed.example does not exist, or takes no mail"),
        // U-labels and A-labels are the same domain, on either side.
        ("u@b\u{fc}cher.example", "keep"),
        ("u@B\u{dc}CHER.example", "keep"),
        ("u@xn--bcher-kva.example", "keep"),
        ("u@XN--BCHER-KVA.example", "keep"),
        ("j\u{fc}rgen@one.example", "mx mx.one.example:25"),
        // Services.
        ("u@box.example", "lmtp /run/lmtp"),
        ("u@far.box.example", "lmtp 10.0.0.6:24"),
        ("u@near.box.example", "error 550 5.1.2 the domain near.box.example does not exist, or takes no mail"),
        // Address literals: a line of their own, or the address itself.
        ("u@[192.0.2.9]", "smtp 10.0.0.7:25"),
        ("u@[192.0.2.10]", "mx 192.0.2.10:25"),
        ("u@[IPv6:2001:db8::9]", "error 554 5.7.1 not there"),
        ("u@[IPv6:2001:DB8:0::9]", "error 554 5.7.1 not there"),
        ("u@[IPv6:2001:db8::10]", "mx [2001:db8::10]:25"),
        // The DNS, with the options of the line.
        ("u@one.example", "mx mx.one.example:25"),
        ("u@two.example", "mx a.example:25,b.example:25 from 192.0.2.77 queue slow"),
        ("u@equal.example", "mx a.example:25=b.example:25"),
        ("u@hosted.example", "smtp 10.0.0.8:25 masquerading example.org"),
        ("u@bare.example", "mx bare.example:25"),
        ("u@null.example", "error 556 5.1.10 null.example takes no mail (null MX)"),
        ("u@backup.example", "mx a.example:25"),
        ("u@missing.example", "error 550 5.1.2 the domain missing.example does not exist, or takes no mail"),
    ];
    for (to, expected) in table {
        assert_eq!(hop(&finder, to).await, expected, "{to}");
    }
}
