//! The end of a mail: past its sinks, through the door, and what the client hears of it.
//!
//! Rule: what sinks say is an answer to a client that still has its mail. From the hand-over to the spool on there is no
//! way back and no time limit.

use std::time::Duration;

use postrider_engine::{session, Arrival, Draft};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::Instant,
};
use tracing::warn;

use super::{note::Note, unkept, Dialogue, Over, NO_SPACE};
use crate::{
    budget::Share,
    door::{NotTaken, Taken},
    messages::Refused,
};

/// When sinks have worked for so long it is worth a look whether the client is still there.
const LONG: Duration = Duration::from_millis(50);

impl<S: AsyncRead + AsyncWrite + Unpin> Dialogue<S> {
    /// Hands the mail to the door and waits for its answer, however long that takes.
    pub(super) async fn commit(&mut self, mut arrival: Arrival) -> Result<(), Over> {
        if !self.header_seen && Box::pin(self.show_last_header(&arrival)).await?.is_break() {
            return Ok(());
        }
        let Some(intake) = self.intake.take() else { return Err(Over) };
        let trace = arrival.stamp(self.hall.clock.now());
        let (content, share) = match intake.finish(trace).await {
            Ok(kept) => kept,
            Err(error) => {
                warn!(session = arrival.id, %error, "content is refused");
                self.session.committed(Err(unkept(&error)));
                return Ok(());
            }
        };
        let note = Note::of(&arrival);
        let draft = Draft::new(arrival.envelope, content);
        match self.submit(draft, share).await? {
            Ok(Taken { id, refused }) => {
                id.into_iter().for_each(|id| note.log(id));
                let id = id.map(|id| id.to_string());
                self.session.taken(session::Taken { id: id.as_deref(), refused: &refused });
                Ok(())
            }
            Err(NotTaken::Rejected(reply)) => {
                self.session.committed(Err(reply));
                Ok(())
            }
            Err(NotTaken::Refused(Refused::Failed(_))) => Err(Over), // nothing is known of it: no answer is the only true one
            Err(NotTaken::Refused(_)) => {
                warn!(session = note.session, "refused: no space");
                self.session.committed(Err(NO_SPACE));
                Ok(())
            }
        }
    }

    /// The octets count as in DATA until the spool has them.
    ///
    /// A client that has hung up while sinks worked for long still has its mail and sends it again: taking it as well would
    /// make two of it (RFC 1047).
    async fn submit(&mut self, draft: Draft, share: Share) -> Result<Result<Taken, NotTaken>, Over> {
        let (caller, begun) = (self.session.caller(), Instant::now());
        let screened = match self.hall.door.screen(draft, &mut self.guests, Some(caller)).await {
            Ok(screened) => screened,
            Err(reply) => return Ok(Err(NotTaken::Rejected(reply))),
        };
        if begun.elapsed() >= LONG && self.wire.is_gone().await {
            warn!(session = self.session.mail_id(), "the client has hung up while sinks worked; its mail is not taken");
            return Err(Over);
        }
        let submitted = self.hall.door.take(screened).await;
        drop(share);
        Ok(submitted)
    }
}
