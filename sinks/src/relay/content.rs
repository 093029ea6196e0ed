//! Content on its way to the peer, up to its end and not further: by DATA (RFC 5321) or by BDAT (RFC 3030).
//!
//! Rule: what is ready but for the final dot, or LAST, waits in the connection's output; nothing here can end a mail.

use std::io;

use postrider_engine::{Content, Reply};
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite};

use super::{
    cargo::Cargo, connection::Connection, settings::CONTENT_CHUNK, stuffing::Stuffer, trouble::Trouble, RelaySettings,
};

/// Room for a command, the dots of common mail and its end.
const SLACK: usize = 256;

/// Why content did not come to its end. It cannot have been delivered.
#[derive(Debug, Error)]
pub(super) enum ContentTrouble {
    /// The connection is lost, or the peer spoke too early.
    #[error(transparent)]
    Peer(#[from] Trouble),
    /// We cannot read it.
    #[error(transparent)]
    Unreadable(#[from] io::Error),
    /// The peer refused a chunk; commands can follow.
    #[error("{0}")]
    Refused(Reply),
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Connection<S> {
    /// All content but the final dot is written, or, if it is small, ready in `output`.
    pub async fn by_data(&mut self, content: &Content, settings: &RelaySettings) -> Result<(), ContentTrouble> {
        self.make_room(content);
        let (mut cargo, mut stuffer) = (Cargo::new(content), Stuffer::new());
        while let Some(part) = cargo.next(u64::MAX).await? {
            stuffer.push(part, &mut self.output);
            if self.output.len() >= CONTENT_CHUNK {
                self.write_output(settings).await?;
            }
        }
        stuffer.finish(&mut self.output);
        Ok(())
    }

    /// All chunks but the last are with the peer; the last is ready in `output`, without its command.
    pub async fn by_chunks(&mut self, content: &Content, settings: &RelaySettings) -> Result<(), ContentTrouble> {
        self.make_room(content);
        let (mut cargo, mut left) = (Cargo::new(content), content.len());
        let size = settings.chunk_size.max(1);
        let last = size.min(CONTENT_CHUNK as u64);
        while left > last {
            let octets = size.min(left - last);
            self.output.extend_from_slice(format!("BDAT {octets}\r\n").as_bytes());
            self.load(&mut cargo, octets, settings).await?;
            self.write_output(settings).await?;
            self.chunk_taken(settings).await?;
            left -= octets;
        }
        self.load(&mut cargo, left, settings).await
    }

    async fn chunk_taken(&mut self, settings: &RelaySettings) -> Result<(), ContentTrouble> {
        let reply = self.reply(settings.timeouts.end).await?;
        match reply.code {
            200..=299 => Ok(()),
            421 => Err(Trouble::Said(reply).into()),
            300..=399 => Err(Trouble::OutOfTurn(reply).into()),
            _ => Err(ContentTrouble::Refused(reply)),
        }
    }

    /// Puts so many octets into the output, and what does not fit there out.
    async fn load(
        &mut self,
        cargo: &mut Cargo<'_>,
        octets: u64,
        settings: &RelaySettings,
    ) -> Result<(), ContentTrouble> {
        let mut left = octets;
        while left > 0 {
            let part = cargo.next(left).await?.ok_or(io::ErrorKind::UnexpectedEof).map_err(io::Error::from)?;
            self.output.extend_from_slice(part);
            left -= part.len() as u64;
            if left > 0 && self.output.len() >= CONTENT_CHUNK {
                self.write_output(settings).await?;
            }
        }
        Ok(())
    }

    fn make_room(&mut self, content: &Content) {
        let octets = usize::try_from(content.len()).unwrap_or(usize::MAX).min(CONTENT_CHUNK);
        self.output.clear();
        self.output.reserve(octets + SLACK);
    }

    async fn write_output(&mut self, settings: &RelaySettings) -> Result<(), Trouble> {
        let octets = std::mem::take(&mut self.output);
        let written = self.write_unasked(&mut &octets[..], settings.timeouts.chunk).await;
        self.output = octets;
        self.output.clear();
        written
    }
}
