//! One mail's way from a program to the disk: is its key known, large content aside, past its sinks, written.

use postrider_engine::{
    Address, Content, Draft, Durability, KeyHash, Moment, NotWritten, QueueId, Remember, Reply, StagingError,
};
use tokio::sync::oneshot;
use tracing::{info, warn};

use super::{Desk, Lives, NotPosted, Posted, Terms};
use crate::{
    chain::SessionGuests,
    door::NotTaken,
    messages::{AskKey, Refused},
};

const UNKEPT: Reply = Reply::new(451, 3, 0, "The content cannot be kept at present; try again later");

/// From a draft to a mail on disk.
pub(super) async fn post(desk: Desk, mut draft: Draft, terms: Terms) -> Result<Posted, NotPosted> {
    if let Some(id) = known(&desk, terms.key).await {
        return Ok(Posted { id, repeated: true });
    }
    draft.envelope.recipients.name_once();
    let draft = staged(&desk, draft).await?;
    let note = Note::of(&draft);
    let screened = desk.door.screen(draft, &mut SessionGuests::default(), None).await.map_err(NotPosted::Rejected)?;
    let screened = match remember(&desk.lives, terms, desk.clock.now()) {
        Some(remember) => screened.remembered(remember),
        None => screened,
    };
    let durability = if terms.buffered { Durability::Written } else { Durability::Synced };
    match desk.door.take_as(screened, durability).await {
        Ok(taken) => {
            let id = taken.id.ok_or(NotPosted::Discarded)?;
            note.log(id, terms);
            Ok(Posted { id, repeated: false })
        }
        Err(NotTaken::Refused(Refused::NotWritten(why))) => match why {
            NotWritten::KeyKnown(id) => Ok(Posted { id, repeated: true }),
            NotWritten::TooManyKeys => Err(NotPosted::TooManyKeys),
            _ => Err(NotPosted::NoSpace),
        },
        Err(NotTaken::Refused(Refused::Failed(failed))) => Err(NotPosted::Failed(failed.reason)),
        Err(NotTaken::Rejected(reply)) => Err(NotPosted::Rejected(reply)),
    }
}

/// What the log says of a mail that a program sent.
struct Note {
    from: Option<Address>,
    /// Whose program it was, if it came by the socket.
    by: Option<String>,
    recipients: usize,
    size: u64,
}

impl Note {
    fn of(draft: &Draft) -> Self {
        let (sender, recipients) = (draft.envelope.sender.clone(), draft.envelope.recipients.len());
        let by = draft.envelope.peer.identity.clone();
        Note { from: sender, by, recipients, size: draft.content.len() }
    }

    fn log(&self, id: QueueId, Terms { prepared, buffered, .. }: Terms) {
        let from = self.from.as_ref().map_or("<>", Address::as_str);
        let (by, recipients, size) = (self.by.as_deref(), self.recipients, self.size);
        info!(%id, from, by, recipients, size, prepared, buffered, "received from a program");
    }
}

async fn known(desk: &Desk, key: Option<KeyHash>) -> Option<QueueId> {
    let (answer, answered) = oneshot::channel();
    desk.keys.do_send(AskKey(key?, answer));
    answered.await.ok()?
}

fn remember(lives: &Lives, terms: Terms, now: Moment) -> Option<Remember> {
    let life = match terms {
        Terms { prepared: true, .. } => lives.ticket,
        Terms { key: Some(_), .. } => lives.key,
        _ if lives.other.is_zero() => return None,
        _ => lives.other,
    };
    Some(Remember { key: terms.key, prepared: terms.prepared, owed: terms.owed, until: now + life })
}

/// Large content goes to a side file before the mail is written, but for its header.
async fn staged(desk: &Desk, mut draft: Draft) -> Result<Draft, NotPosted> {
    if draft.content.octets_in_memory() <= desk.stage_from.always {
        return Ok(draft);
    }
    let failed = |error| match error {
        StagingError::NoSpace => NotPosted::NoSpace,
        error => {
            warn!(%error, "content of a program's mail cannot be kept");
            NotPosted::Rejected(UNKEPT) // nothing was taken
        }
    };
    draft.content = stage(desk, &draft.content).await.map_err(failed)?;
    Ok(draft)
}

async fn stage(desk: &Desk, content: &Content) -> Result<Content, StagingError> {
    let unreadable = |error: std::io::Error| StagingError::Failed(error.to_string().into());
    let body = content.body_from().map_err(unreadable)?;
    let mut staged = desk.staging.begin().await?;
    for chunk in content.chunks(body..) {
        staged.append(chunk.map_err(unreadable)?).await?;
    }
    let mut whole = content.slice(..body);
    whole.push(staged.seal().await?);
    Ok(whole)
}
