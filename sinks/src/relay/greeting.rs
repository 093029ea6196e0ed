//! The first words: the peer's greeting, our EHLO, and HELO for a peer that does not know it; LHLO in LMTP.
//!
//! Rule: a host that refuses us here refuses us, not a mail: whatever its code, another host or a later time may do.
//! A 5xx greeting from a smart host is a mistake between two machines of one operator, or the host is overloaded; to
//! give up mail for it would return everything that is queued.

use std::sync::Arc;

use postrider_engine::Reply;
use tokio::io::{AsyncRead, AsyncWrite};

use super::{connection::Connection, offers::Offers, settings::Protocol, trouble::Trouble, RelaySettings};

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Connection<S> {
    /// Greets and is greeted (RFC 5321, 3.1 and 3.2).
    pub async fn greet(stream: S, name: Arc<str>, settings: &RelaySettings) -> Result<Self, Trouble> {
        let mut connection = Connection::new(stream, name);
        let greeting = connection.reply(settings.timeouts.greeting).await?;
        if greeting.code != 220 {
            return Err(refused(greeting));
        }
        let is_lmtp = settings.protocol == Protocol::Lmtp;
        let hello = connection.hello(if is_lmtp { "LHLO" } else { "EHLO" }, settings).await?;
        if hello.code == 250 {
            connection.offers = Offers::parse(&hello.text);
            return Ok(connection);
        }
        if !hello.is_permanent() || is_lmtp {
            return Err(refused(hello));
        }
        match connection.hello("HELO", settings).await? {
            reply if reply.code == 250 => Ok(connection),
            reply => Err(refused(reply)),
        }
    }

    async fn hello(&mut self, verb: &str, settings: &RelaySettings) -> Result<Reply, Trouble> {
        let line = format!("{verb} {}\r\n", settings.helo());
        self.write_unasked(&mut line.as_bytes(), settings.timeouts.mail).await?;
        self.reply(settings.timeouts.hello).await
    }
}

fn refused(reply: Reply) -> Trouble {
    match reply.is_positive() {
        true => Trouble::OutOfTurn(reply),
        false => Trouble::Said(reply),
    }
}
