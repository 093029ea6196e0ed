//! Settings of what goes out: how it is delivered, and the routes.
//!
//! Every field is the key of the same name; `docs/configuration.md` says more about each. A route has what `[delivery]`
//! says unless it says otherwise.

mod timeouts;

use std::{net::IpAddr, path::Path, time::Duration};

use postrider_engine::{Convertible, Domains, DropPlace, HostPort, Next, Perhaps, Retry, RetryError};

pub use self::timeouts::DeliveryTimeouts;
use super::{
    raw::ValueKind,
    reader::Section,
    receiving::{DAY, HOUR, SECOND, SHORTEST},
    value::{Helo, Refusal},
};

/// `[delivery]`, and the keys of the same names in a `[[route]]`.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Delivery {
    /// When mail is tried again: the keys `retry`, `then`, `give_up` and `jitter`.
    pub retry: Retry,
    /// Connections at once to one next hop.
    pub connections: usize,
    /// Recipients of one transaction.
    pub recipients_per_transaction: usize,
    /// Mails over one connection.
    pub mails_per_connection: u32,
    /// How long a connection may stand idle.
    pub idle: Duration,
    /// Mails in a second, at most; `None`: as many as there are.
    pub mails_per_second: Option<f64>,
    /// Hosts that get what no exchanger takes.
    pub fallback: Vec<HostPort>,
    /// What becomes of a mail whose final dot was never answered.
    pub perhaps: Perhaps,
    /// From which address of ours connections are made; `None`: the system chooses.
    pub source: Option<IpAddr>,
    /// What we call ourselves in EHLO; `None`: `hostname`.
    pub helo: Option<String>,
    /// The domain of senders of ours as the next host sees it; `None`: as it is.
    pub masquerade: Option<String>,
    /// Which mail may be converted for a host that cannot take it as it is.
    pub downgrade: Convertible,
}

impl Default for Delivery {
    fn default() -> Self {
        let route = postrider_engine::Route::new(Next::Keep);
        Delivery {
            retry: route.retry,
            connections: route.connections,
            recipients_per_transaction: route.recipients_per_transaction,
            mails_per_connection: route.mails_per_connection,
            idle: route.idle,
            mails_per_second: route.mails_per_second,
            fallback: route.fallback,
            perhaps: route.perhaps,
            source: route.source,
            helo: route.helo,
            masquerade: route.masquerade,
            downgrade: route.downgrade,
        }
    }
}

impl Delivery {
    /// Reads the keys that a section and a route have in common.
    pub(super) fn read(from: &mut Section<'_>, is: &Delivery) -> Self {
        let recipients = is.recipients_per_transaction;
        Delivery {
            retry: retry(from, &is.retry),
            connections: from.number("connections", is.connections, 1..=10_000),
            recipients_per_transaction: from.number("recipients_per_transaction", recipients, 1..=10_000),
            mails_per_connection: from.number("mails_per_connection", is.mails_per_connection, 1..=u32::MAX),
            idle: from.time("idle", is.idle, Duration::ZERO..=HOUR),
            mails_per_second: mails_per_second(from).or(is.mails_per_second),
            fallback: from.list("fallback", is.fallback.clone()),
            perhaps: from.choice("perhaps", is.perhaps, &[("retry", Perhaps::Retry), ("hold", Perhaps::Hold)]),
            source: from.optional("source").or(is.source),
            helo: from.optional("helo").map(|Helo(name)| name).or(is.helo.clone()),
            masquerade: masquerade(from).or(is.masquerade.clone()),
            downgrade: downgrade(from, is.downgrade),
        }
    }
}

fn downgrade(from: &mut Section<'_>, is: Convertible) -> Convertible {
    const WORDS: [(&str, Convertible); 4] = [
        ("unsigned", Convertible::Unsigned),
        ("intact", Convertible::Intact),
        ("always", Convertible::Always),
        ("never", Convertible::Never),
    ];
    from.choice("downgrade", is, &WORDS)
}

fn masquerade(from: &mut Section<'_>) -> Option<String> {
    match from.optional("masquerade")? {
        Domains::One(name) => Some(name.to_string()),
        _ => {
            from.complain("masquerade", "it is not one domain", "write the domain, as in \"example.org\"");
            None
        }
    }
}

fn mails_per_second(from: &mut Section<'_>) -> Option<f64> {
    let rate: f64 = from.optional("mails_per_second")?;
    if !(0.001..=100_000.0).contains(&rate) {
        from.complain("mails_per_second", format!("{rate} is out of bounds"), "it is from 0.001 to 100000");
    }
    Some(rate)
}

/// A preset, or the first pauses; the keys beside it change what it says.
fn retry(from: &mut Section<'_>, is: &Retry) -> Retry {
    let mut retry = is.clone();
    match from.any("retry") {
        None => {}
        Some(ValueKind::String(preset)) if preset == "default" => retry = Retry::default(),
        Some(ValueKind::String(preset)) if preset == "iis" => retry = Retry::iis(),
        Some(other) => {
            from.put_back("retry", other);
            retry.first = from.list("retry", retry.first);
        }
    }
    retry.then = from.time("then", retry.then, SHORTEST..=365 * DAY);
    retry.give_up = from.time("give_up", retry.give_up, SECOND..=365 * DAY);
    retry.jitter = from.value("jitter", retry.jitter);
    if let Err(error) = retry.check() {
        let (key, remedy) = match error {
            RetryError::Jitter => ("jitter", "write a number from 0 to 0.5"),
            _ => ("retry", "write \"default\", \"iis\" or pauses, as in [\"1 min\", \"5 min\"]"),
        };
        from.complain(key, error.to_string(), remedy);
    }
    retry
}

/// `[[route]]`: where mail for some domains goes.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Route {
    /// For which domains.
    pub domains: Vec<Domains>,
    /// The keys `to` and `error`.
    pub next: Next,
    /// Sets it apart from other routes to the same hosts.
    pub queue: Option<String>,
    /// Nothing is tried until it is asked for.
    pub hold_for_etrn: bool,
    /// How it is delivered.
    pub delivery: Delivery,
}

impl Route {
    /// `None`: its end is missing or wrong.
    pub(super) fn read(mut from: Section<'_>, is: &Delivery) -> Option<Self> {
        let before = from.has("domain");
        let domains: Vec<Domains> = from.list("domain", Vec::new());
        if !before {
            from.complain("domain", "it is missing", "write for which domains the route is, as in domain = \"*\"");
        }
        let next = next(&mut from);
        let (queue, hold_for_etrn) = (from.optional("queue"), from.value("hold_for_etrn", false));
        let delivery = Delivery::read(&mut from, is);
        from.finish();
        Some(Route { domains, next: next?, queue, hold_for_etrn, delivery })
    }
}

fn next(from: &mut Section<'_>) -> Option<Next> {
    let refuses = from.has("error");
    let envelope: Option<bool> = from.optional("drop_envelope");
    let refusal: Option<Refusal> = from.optional("error");
    if refuses && from.has("to") {
        from.complain("error", "the route has to as well", "keep one of the two");
    }
    let to = match from.any("to") {
        Some(ValueKind::String(word)) if word == "maildir" => Some(Next::Maildir),
        Some(ValueKind::String(word)) if word == "discard" => Some(Next::Discard),
        Some(ValueKind::String(word)) if word == "keep" => Some(Next::Keep),
        Some(ValueKind::String(word)) if word == "mx" => Some(Next::Direct),
        Some(ValueKind::String(word)) if word.starts_with("target:") => target(from, &word),
        Some(ValueKind::String(word)) if word.starts_with("lmtp:") => lmtp(from, &word),
        Some(ValueKind::String(word)) if word.starts_with("drop:") => {
            drop_folder(from, &word, envelope.unwrap_or(true))
        }
        Some(other) => {
            from.put_back("to", other);
            let hosts: Vec<HostPort> = from.list("to", Vec::new());
            (!hosts.is_empty()).then_some(Next::Relay { hosts })
        }
        None if !refuses => {
            let remedy = "write to = [\"host:port\"], to = \"mx\", to = \"maildir\", to = \"discard\", to = \"keep\" or error = \"text\"";
            from.complain("to", "the route leads nowhere", remedy);
            None
        }
        None => None,
    };
    if envelope.is_some() && !matches!(to, Some(Next::Drop { .. })) {
        from.complain(
            "drop_envelope",
            "the route leads into no folder",
            "remove it, or write to = \"drop:/var/spool/drop\"",
        );
    }
    refusal.map(|Refusal(reply)| Next::Refuse(reply)).or(to)
}

fn drop_folder(from: &mut Section<'_>, word: &str, envelope: bool) -> Option<Next> {
    let path = Path::new(word.trim_start_matches("drop:"));
    let good = path.is_absolute() && !word.contains(char::is_control);
    if !good {
        from.complain("to", "it names no folder", "write to = \"drop:/var/spool/drop\" with the whole path");
    }
    let place = DropPlace::new(path);
    if let (true, Err(problem)) = (good, &place) {
        from.complain(
            "to",
            problem.to_string(),
            "write to = \"drop:/var/spool/drop/{domain}\", or a path without braces",
        );
    }
    place.ok().filter(|_| good).map(|place| Next::Drop { place, envelope })
}

fn target(from: &mut Section<'_>, word: &str) -> Option<Next> {
    let name = word.trim_start_matches("target:");
    let good = !name.is_empty() && !name.contains(char::is_whitespace) && !name.contains(char::is_control);
    if !good {
        from.complain("to", "it names no target", "write to = \"target:NAME\" with the name that the program gave it");
    }
    good.then(|| Next::Target(name.into()))
}

fn lmtp(from: &mut Section<'_>, word: &str) -> Option<Next> {
    let socket = word.trim_start_matches("lmtp:").parse();
    if socket.is_err() {
        let remedy = "write to = \"lmtp:/run/dovecot/lmtp\" with the whole path, or to = \"lmtp:127.0.0.1:24\"";
        from.complain("to", "it names no socket", remedy);
    }
    socket.ok().map(|socket| Next::Lmtp { socket })
}
