//! How long each step of a delivery may take.
//!
//! Every field is the key of the same name; `docs/configuration.md` says more about each.

use std::time::Duration;

use super::super::{
    reader::Section,
    receiving::{HOUR, SECOND, SHORTEST},
};

/// `[delivery.timeouts]`: how long a next hop is waited for, step by step (RFC 5321, 4.5.3.2).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeliveryTimeouts {
    /// For the addresses of a host.
    pub resolve: Duration,
    /// For one address to accept the connection.
    pub connect: Duration,
    /// For the greeting.
    pub greeting: Duration,
    /// For the reply to EHLO or HELO.
    pub hello: Duration,
    /// For the reply to MAIL.
    pub mail: Duration,
    /// For the reply to RCPT.
    pub recipient: Duration,
    /// For the reply to DATA.
    pub data: Duration,
    /// For the next chunk of content to be taken.
    pub chunk: Duration,
    /// For the reply to the final dot.
    pub end: Duration,
    /// For the reply to QUIT.
    pub quit: Duration,
}

impl Default for DeliveryTimeouts {
    fn default() -> Self {
        let [half, two, three, five, ten] = [30, 120, 180, 300, 600].map(Duration::from_secs);
        DeliveryTimeouts {
            resolve: half,
            connect: half,
            greeting: five,
            hello: five,
            mail: five,
            recipient: five,
            data: two,
            chunk: three,
            end: ten,
            quit: 5 * SECOND,
        }
    }
}

impl DeliveryTimeouts {
    pub(in crate::settings) fn read(mut from: Section<'_>) -> Self {
        let is = Self::default();
        let mut time = |key, is| from.time(key, is, SHORTEST..=HOUR);
        let timeouts = DeliveryTimeouts {
            resolve: time("resolve", is.resolve),
            connect: time("connect", is.connect),
            greeting: time("greeting", is.greeting),
            hello: time("hello", is.hello),
            mail: time("mail", is.mail),
            recipient: time("recipient", is.recipient),
            data: time("data", is.data),
            chunk: time("chunk", is.chunk),
            end: time("end", is.end),
            quit: time("quit", is.quit),
        };
        from.finish();
        timeouts
    }
}
