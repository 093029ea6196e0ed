//! How values are written: times with a unit, sizes with a unit, networks, hosts, replies.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use ipnet::IpNet;
use postrider_engine::{Address, Domains, Door, Enhanced, Host, HostPort, Reply, UserName};
use postrider_sinks::maildir::Owner;

use super::raw::ValueKind;

/// What a value should have been: the second half of an error.
pub(super) type Wrong = &'static str;

/// A value of a key.
pub(super) trait Readable: Sized {
    /// Reads it. A text from the environment stands for any kind.
    fn read(value: &ValueKind) -> Result<Self, Wrong>;
}

/// Octets.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Size(pub u64);

pub(super) fn text(value: &ValueKind) -> Option<&str> {
    match value {
        ValueKind::String(text) => Some(text.trim()),
        _ => None,
    }
}

fn whole(value: &ValueKind) -> Option<u64> {
    match value {
        ValueKind::I64(n) => u64::try_from(*n).ok(),
        ValueKind::U64(n) => Some(*n),
        ValueKind::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// A number and its unit.
fn with_unit(value: &ValueKind) -> Option<(u64, &str)> {
    let text = text(value)?;
    let end = text.find(|c: char| !c.is_ascii_digit())?;
    Some((text[..end].parse().ok()?, text[end..].trim()))
}

impl Readable for String {
    fn read(value: &ValueKind) -> Result<Self, Wrong> {
        match text(value) {
            Some(text) if !text.is_empty() && !text.contains(char::is_control) => Ok(text.into()),
            _ => Err("write a text in quotes"),
        }
    }
}

impl Readable for bool {
    fn read(value: &ValueKind) -> Result<Self, Wrong> {
        match (value, text(value)) {
            (ValueKind::Boolean(yes), _) => Ok(*yes),
            (_, Some("true")) => Ok(true),
            (_, Some("false")) => Ok(false),
            _ => Err("write true or false"),
        }
    }
}

impl Readable for f64 {
    fn read(value: &ValueKind) -> Result<Self, Wrong> {
        let number = match value {
            ValueKind::Float(n) => Some(*n),
            ValueKind::I64(n) => Some(*n as f64),
            value => text(value).and_then(|text| text.parse().ok()),
        };
        number.filter(|n: &f64| n.is_finite()).ok_or("write a number, as in 0.1")
    }
}

macro_rules! readable_integer {
    ($($kind:ty),*) => {$(
        impl Readable for $kind {
            fn read(value: &ValueKind) -> Result<Self, Wrong> {
                whole(value).and_then(|n| n.try_into().ok()).ok_or("write a whole number without quotes")
            }
        }
    )*};
}
readable_integer!(u8, u16, u32, usize);

impl Readable for i32 {
    fn read(value: &ValueKind) -> Result<Self, Wrong> {
        let below_zero = match value {
            ValueKind::I64(n) => Some(*n),
            value => text(value).and_then(|text| text.parse().ok()),
        };
        below_zero.and_then(|n| n.try_into().ok()).ok_or("write a whole number without quotes")
    }
}

impl Readable for Duration {
    fn read(value: &ValueKind) -> Result<Self, Wrong> {
        const REMEDY: Wrong = "write a time with its unit (ms, s, min, h, days), as in \"30 s\"";
        let (number, unit) = with_unit(value).ok_or(REMEDY)?;
        let milliseconds = match unit {
            "ms" => 1,
            "s" => 1000,
            "min" => 60_000,
            "h" => 3_600_000,
            "d" | "day" | "days" => 86_400_000,
            _ => return Err(REMEDY),
        };
        number.checked_mul(milliseconds).map(Duration::from_millis).ok_or(REMEDY)
    }
}

impl Readable for Size {
    fn read(value: &ValueKind) -> Result<Self, Wrong> {
        const REMEDY: Wrong = "write a size in octets or with its unit (KiB, MiB, GiB), as in \"64 MiB\"";
        if let Some(octets) = whole(value) {
            return Ok(Size(octets));
        }
        let (number, unit) = with_unit(value).ok_or(REMEDY)?;
        let shift = match unit {
            "B" => 0,
            "KiB" => 10,
            "MiB" => 20,
            "GiB" => 30,
            _ => return Err(REMEDY),
        };
        number.checked_mul(1 << shift).map(Size).ok_or(REMEDY)
    }
}

impl Readable for PathBuf {
    fn read(value: &ValueKind) -> Result<Self, Wrong> {
        text(value).filter(|text| !text.is_empty()).map(PathBuf::from).ok_or("write a path in quotes")
    }
}

pub(super) fn parsed<T: std::str::FromStr>(value: &ValueKind, remedy: Wrong) -> Result<T, Wrong> {
    text(value).and_then(|text| text.parse().ok()).ok_or(remedy)
}

impl Readable for SocketAddr {
    fn read(value: &ValueKind) -> Result<Self, Wrong> {
        parsed(value, "write an address and a port, as in \"192.0.2.1:25\", \"0.0.0.0:25\" or \"[::]:25\"")
    }
}

impl Readable for IpAddr {
    fn read(value: &ValueKind) -> Result<Self, Wrong> {
        parsed(value, "write an IP address, as in \"192.0.2.1\" or \"2001:db8::1\"")
    }
}

impl Readable for IpNet {
    fn read(value: &ValueKind) -> Result<Self, Wrong> {
        let one = || parsed::<IpAddr>(value, "").map(IpNet::from);
        let network = parsed::<IpNet>(value, "").or_else(|_| one()).map(|network| network.trunc());
        network.map_err(|_| "write a network or an address, as in \"192.0.2.0/24\", \"2001:db8::/32\" or \"127.0.0.1\"")
    }
}

impl Readable for HostPort {
    fn read(value: &ValueKind) -> Result<Self, Wrong> {
        parsed(value, "write a host and its port, as in \"mail.example.org:25\", \"192.0.2.1:25\" or \"[::1]:25\"")
    }
}

impl Readable for Address {
    fn read(value: &ValueKind) -> Result<Self, Wrong> {
        parsed(value, "write a mail address, as in \"postmaster@example.org\"")
    }
}

impl Readable for Door {
    fn read(value: &ValueKind) -> Result<Self, Wrong> {
        text(value).and_then(|text| text.parse().ok()).ok_or("write \"smtp\", \"lmtp\" or another door")
    }
}

impl Readable for Domains {
    fn read(value: &ValueKind) -> Result<Self, Wrong> {
        const REMEDY: Wrong =
            "write a domain, \".example.org\" for all below one, \"[192.0.2.1]\", or \"*\" for all others";
        parsed(value, REMEDY)
    }
}

impl Readable for UserName {
    fn read(value: &ValueKind) -> Result<Self, Wrong> {
        const REMEDY: Wrong = "write the name of a local user, as in \"ann\"";
        text(value).and_then(|text| UserName::new(text).ok()).ok_or(REMEDY)
    }
}

/// What parts a user from a tag: one character, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tag(pub Option<char>);

impl Readable for Tag {
    fn read(value: &ValueKind) -> Result<Self, Wrong> {
        const REMEDY: Wrong = "write one character that is no letter and no digit, as in \"+\", or \"\" for no tags";
        let mut chars = text(value).ok_or(REMEDY)?.chars();
        match (chars.next(), chars.next()) {
            (None, _) => Ok(Tag(None)),
            (Some(c), None) if !c.is_alphanumeric() && !c.is_control() => Ok(Tag(Some(c))),
            _ => Err(REMEDY),
        }
    }
}

/// The mode of a folder: its owner may do everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FileMode(pub u32);

impl Readable for FileMode {
    fn read(value: &ValueKind) -> Result<Self, Wrong> {
        let mode = text(value).filter(|text| text.len() <= 4).and_then(|text| u32::from_str_radix(text, 8).ok());
        let good = mode.filter(|mode| (0o700..=0o777).contains(mode));
        good.map(FileMode).ok_or("write a mode in octal from \"0700\" to \"0777\"")
    }
}

impl Readable for Owner {
    fn read(value: &ValueKind) -> Result<Self, Wrong> {
        const REMEDY: Wrong = "write the numbers of a user and a group, as in \"5000:5000\"";
        let (uid, gid) = text(value).and_then(|text| text.split_once(':')).ok_or(REMEDY)?;
        // The highest number means "leave it as it is" to the system.
        let number = |text: &str| text.parse().ok().filter(|number| *number < u32::MAX).ok_or(REMEDY);
        Ok(Owner { uid: number(uid)?, gid: number(gid)? })
    }
}

/// A domain whose mail is accepted, or `.domain` for all below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Accepted(pub String);

impl Readable for Accepted {
    fn read(value: &ValueKind) -> Result<Self, Wrong> {
        match Domains::read(value) {
            Ok(domains @ (Domains::One(_) | Domains::Below(_))) => Ok(Accepted(domains.to_string())),
            _ => Err("write a domain, or \".example.org\" for all below one"),
        }
    }
}

/// A name that can be said in EHLO (RFC 5321, 4.1.1.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Helo(pub String);

impl Readable for Helo {
    fn read(value: &ValueKind) -> Result<Self, Wrong> {
        const REMEDY: Wrong = "write the full name of the host, as in \"mail.example.org\", or its address in brackets";
        let text = text(value).ok_or(REMEDY)?;
        match (text.parse::<Domains>(), text.parse::<Host>()) {
            (Ok(Domains::Literal(_)), _) => Ok(Helo(text.into())),
            (_, Ok(Host::Name(name))) => Ok(Helo(name.to_string())),
            _ => Err(REMEDY),
        }
    }
}

/// A reply by which a route refuses; permanent always.
pub(super) struct Refusal(pub Reply);

impl Readable for Refusal {
    fn read(value: &ValueKind) -> Result<Self, Wrong> {
        const REMEDY: Wrong = "write a text, or a permanent reply as in \"550 5.7.1 no mail for them\"";
        let text = String::read(value).ok().filter(|text| text.is_ascii() && text.len() <= 400).ok_or(REMEDY)?;
        let (code, rest) = match text.split_once(' ') {
            Some((code, rest)) if code.len() == 3 && code.bytes().all(|b| b.is_ascii_digit()) => (code, rest),
            _ => return Ok(Refusal(Reply { text: text.into(), ..Reply::new(550, 7, 1, "") })),
        };
        let code = code.parse().ok().filter(|code| (500..600).contains(code)).ok_or(REMEDY)?;
        let (enhanced, words) =
            match rest.trim_start().split_once(' ').and_then(|(first, rest)| Some((enhanced(first)?, rest))) {
                Some((enhanced, rest)) => (Some(enhanced), rest),
                None => (None, rest),
            };
        let words = words.trim();
        if words.is_empty() || enhanced.is_some_and(|enhanced| enhanced.0 != 5) {
            return Err(REMEDY);
        }
        Ok(Refusal(Reply { code, enhanced: enhanced.or(Some(Enhanced(5, 7, 1))), text: words.to_owned().into() }))
    }
}

fn enhanced(text: &str) -> Option<Enhanced> {
    let mut parts = text.split('.');
    let code = Enhanced(parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    parts.next().is_none().then_some(code)
}
