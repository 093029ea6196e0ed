//! Settings of mail that programs send by a call: how long what is remembered of it, and where other programs come in.
//!
//! Every field is the key of the same name; `docs/configuration.md` says more about each.

use std::{path::Path, sync::Arc, time::Duration};

use super::{
    reader::Section,
    receiving::{DAY, SECOND},
    socket::{SocketMode, SocketPath},
};

/// `[send]`: mail that programs send.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Send {
    /// How long a key keeps the same mail from being sent again.
    pub key_life: Duration,
    /// How long a ticket can be redeemed.
    pub ticket_life: Duration,
    /// How long it is known what became of other mail; zero: as long as it is not done.
    pub remember: Duration,
    /// How many mails are remembered at the same time.
    pub most_remembered: usize,
    /// The socket by which other programs of this host send; `None`: they do not.
    pub socket: Option<Arc<Path>>,
    /// Its mode: who may open it may send to anybody.
    pub socket_mode: u32,
}

impl Default for Send {
    fn default() -> Self {
        Send {
            key_life: 7 * DAY,
            ticket_life: 30 * DAY,
            remember: DAY,
            most_remembered: 1_000_000,
            socket: None,
            socket_mode: 0o600,
        }
    }
}

impl Send {
    pub(super) fn read(mut from: Section<'_>) -> Self {
        let is = Self::default();
        let SocketMode(socket_mode) = from.value("socket_mode", SocketMode(is.socket_mode));
        let send = Send {
            socket: from.optional("socket").map(|SocketPath(path)| path),
            socket_mode,
            key_life: from.time("key_life", is.key_life, SECOND..=365 * DAY),
            ticket_life: from.time("ticket_life", is.ticket_life, SECOND..=365 * DAY),
            remember: from.time("remember", is.remember, Duration::ZERO..=365 * DAY),
            most_remembered: from.number("most_remembered", is.most_remembered, 1..=100_000_000),
        };
        from.finish();
        send
    }
}
