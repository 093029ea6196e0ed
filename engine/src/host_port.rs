//! A host and its port, as settings write them: `mail.example.org:25`, `192.0.2.1`, `[2001:db8::1]:587`.
//!
//! Whatever is read here can be written into a log line and into the name of a queue as it is: one spelling per host.

use std::{
    fmt,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    str::FromStr,
    sync::Arc,
};

use thiserror::Error;

/// A host that has to be found, or one that is known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Host {
    /// Its address: nobody is asked.
    Ip(IpAddr),
    /// Its name, in lower case and ASCII (RFC 5890, A-labels).
    Name(Arc<str>),
}

/// Where to connect to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostPort {
    /// Which host.
    pub host: Host,
    /// 1 to 65535.
    pub port: u16,
}

/// Why a text is not a host and its port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum HostPortError {
    /// Neither an address nor a name of letters, digits, hyphens and dots.
    #[error("a host is a name or an address, as in mail.example.org:25 or 192.0.2.1:25")]
    Host,
    /// An IPv6 address whose end and whose port could not be told apart.
    #[error("an IPv6 address stands in brackets, as in [::1]:25")]
    Brackets,
    /// Not a number from 1 to 65535.
    #[error("a port is a number from 1 to 65535")]
    Port,
}

impl HostPort {
    /// The port where none is given: that of SMTP.
    pub const SMTP: u16 = 25;

    /// The address, if nobody needs to be asked for it.
    pub fn socket(&self) -> Option<SocketAddr> {
        match self.host {
            Host::Ip(ip) => Some(SocketAddr::new(ip, self.port)),
            Host::Name(_) => None,
        }
    }
}

impl From<SocketAddr> for HostPort {
    fn from(socket: SocketAddr) -> Self {
        HostPort { host: Host::Ip(socket.ip()), port: socket.port() }
    }
}

impl FromStr for HostPort {
    type Err = HostPortError;

    fn from_str(text: &str) -> Result<Self, HostPortError> {
        let (host, port) = match text.strip_prefix('[') {
            Some(rest) => {
                let (ip, rest) = rest.split_once(']').ok_or(HostPortError::Brackets)?;
                let ip: Ipv6Addr = ip.parse().map_err(|_| HostPortError::Host)?;
                let port = match rest {
                    "" => None,
                    rest => Some(rest.strip_prefix(':').ok_or(HostPortError::Host)?),
                };
                (Host::Ip(ip.into()), port)
            }
            None if text.parse::<Ipv6Addr>().is_ok() => return Err(HostPortError::Brackets),
            None => match text.split_once(':') {
                Some((host, port)) => (host.parse()?, Some(port)),
                None => (text.parse()?, None),
            },
        };
        Ok(HostPort { host, port: port.map_or(Ok(Self::SMTP), read_port)? })
    }
}

fn read_port(text: &str) -> Result<u16, HostPortError> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match text.parse() {
        Ok(port) if digits && port > 0 => Ok(port),
        _ => Err(HostPortError::Port),
    }
}

impl FromStr for Host {
    type Err = HostPortError;

    fn from_str(text: &str) -> Result<Self, HostPortError> {
        if let Ok(ip) = text.parse() {
            return Ok(Host::Ip(ip));
        }
        let name = host_name(text).ok_or(HostPortError::Host)?;
        Ok(Host::Name(name.into()))
    }
}

/// The one spelling of a host name: lower case, A-labels, no dot at the end; `None` if it is none.
pub(crate) fn host_name(text: &str) -> Option<String> {
    let name = idna::domain_to_ascii(text.strip_suffix('.').unwrap_or(text)).ok()?;
    let octet = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    let label = |label: &str| {
        (1..=63).contains(&label.len()) && label.bytes().all(octet) && !label.starts_with('-') && !label.ends_with('-')
    };
    let numbers = name.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    (name.len() <= 253 && !numbers && name.split('.').all(label)).then_some(name)
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Host::Ip(IpAddr::V6(ip)) => write!(f, "[{ip}]"),
            Host::Ip(IpAddr::V4(ip)) => ip.fmt(f),
            Host::Name(name) => name.fmt(f),
        }
    }
}

impl fmt::Display for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn hosts_are_read_in_every_spelling_and_written_in_one() {
        let table = [
            ("127.0.0.1:2626", "127.0.0.1:2626"),
            ("127.0.0.1", "127.0.0.1:25"),
            ("[::1]:587", "[::1]:587"),
            ("[2001:DB8:0:0::1]", "[2001:db8::1]:25"),
            ("Mail.Example.ORG.:26", "mail.example.org:26"),
            ("localhost", "localhost:25"),
            ("post.bücher.example", "post.xn--bcher-kva.example:25"),
            ("smtp_in:25", "smtp_in:25"),
        ];
        for (text, written) in table {
            let read: HostPort = text.parse().unwrap();
            assert_eq!(read.to_string(), written, "{text}");
            assert_eq!(written.parse(), Ok(read), "{written}");
        }
    }

    #[test]
    fn what_is_no_host_and_port_is_refused_with_the_reason() {
        use HostPortError::{Brackets, Host, Port};
        let table = [
            ("", Host),
            (":25", Host),
            ("a b:25", Host),
            ("-a:25", Host),
            ("a..b", Host),
            ("1.2.3.400:25", Host),
            ("[1.2.3.4]:25", Host),
            ("[::1]x25", Host),
            ("::1", Brackets),
            ("2001:db8::1:25", Brackets),
            ("[::1", Brackets),
            ("a:", Port),
            ("a:0", Port),
            ("a:+25", Port),
            ("a:65536", Port),
            ("a:25:25", Port),
        ];
        for (text, why) in table {
            assert_eq!(text.parse::<HostPort>(), Err(why), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_a_host_that_could_end_a_line(text in "\\PC*|[\\[\\]a-z0-9.:\r\n ]*") {
            if let Ok(host) = text.parse::<HostPort>() {
                let written = host.to_string();
                prop_assert!(written.bytes().all(|b| b.is_ascii_graphic()), "{}", written);
                prop_assert_eq!(written.parse(), Ok(host));
            }
        }
    }
}
