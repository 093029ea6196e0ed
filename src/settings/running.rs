//! Settings of the program as a whole: whom it asks for names, how it ends and what it logs.

use std::{net::SocketAddr, time::Duration};

use postrider_actors::converters::ConverterLimits;

use super::{reader::Section, receiving::SECOND};

/// `[drain]`: how the engine ends.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Drain {
    /// What is not done by then is left to the next start; nothing is lost.
    pub deadline: Duration,
}

impl Default for Drain {
    fn default() -> Self {
        Drain { deadline: 25 * SECOND }
    }
}

impl Drain {
    pub(super) fn read(mut from: Section<'_>) -> Self {
        let deadline = from.time("deadline", Self::default().deadline, SECOND..=3600 * SECOND);
        from.finish();
        Drain { deadline }
    }
}

/// `[converters]`: those who convert whole mails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Converters {
    /// How many, and for how long.
    pub limits: ConverterLimits,
}

impl Converters {
    pub(super) fn read(mut from: Section<'_>) -> Self {
        let is = ConverterLimits::default();
        let limits = ConverterLimits {
            hosts: from.number("hosts", is.hosts, 1..=256),
            waiting: from.number("waiting", is.waiting, 1..=1_000_000),
            waiting_limit: from.time("waiting_limit", is.waiting_limit, SECOND..=3600 * SECOND),
            time_limit: from.time("time_limit", is.time_limit, SECOND..=3600 * SECOND),
        };
        from.finish();
        Converters { limits }
    }
}

/// `[dns]`: who is asked for names.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Dns {
    /// These servers; none: those of `/etc/resolv.conf`.
    pub servers: Vec<SocketAddr>,
    /// The port of mail exchangers: 25, but for tests.
    pub mx_port: u16,
}

impl Default for Dns {
    fn default() -> Self {
        Dns { servers: Vec::new(), mx_port: 25 }
    }
}

impl Dns {
    pub(super) fn read(mut from: Section<'_>) -> Self {
        let is = Self::default();
        let dns =
            Dns { servers: from.list("servers", is.servers), mx_port: from.number("mx_port", is.mx_port, 1..=65535) };
        from.finish();
        dns
    }
}

/// `[log]`: what the daemon writes. The library writes nothing by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Log {
    /// Directives as `tracing-subscriber` reads them.
    pub filter: String,
}

impl Default for Log {
    fn default() -> Self {
        Log { filter: "info".into() }
    }
}

impl Log {
    pub(super) fn read(mut from: Section<'_>) -> Self {
        let filter = from.value("filter", Self::default().filter);
        from.finish();
        Log { filter }
    }
}
