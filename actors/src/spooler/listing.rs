//! The queue for an operator to look at: some mails at a time, by their numbers.
//!
//! Rule: nothing is kept between two questions, and of the records that are read one is in memory at a time. Who is in line
//! goes on meanwhile.

use postrider_engine::{
    program::admin::{Portion, QueuedMail},
    FetchError, Kept,
};

use super::*;

/// Mails that are looked up for one question: each pass over the index and each hand-over is worth so many.
const MOST_AT_ONCE: usize = 64;

impl Handler<AskQueue> for Spooler {
    type Result = ();

    fn handle(&mut self, AskQueue { after, most, answer }: AskQueue, ctx: &mut Context<Self>) {
        let most = most.clamp(1, MOST_AT_ONCE);
        let found = self.spool.apply(looked(vec![Look::Behind(after, most)])).into_actor(self);
        ctx.spawn(found.map(move |found, this, ctx| match found {
            Ok(applied) => {
                let ids = applied.seen.into_iter().find_map(|seen| match seen {
                    Seen::Behind(ids) => Some(ids),
                    _ => None,
                });
                this.list(ids.unwrap_or_default(), most, answer, ctx);
            }
            Err(failed) => this.fail(failed),
        }));
    }
}

impl Spooler {
    fn list(
        &mut self,
        ids: Vec<QueueId>,
        most: usize,
        answer: oneshot::Sender<Portion<QueuedMail>>,
        ctx: &mut Context<Self>,
    ) {
        let next = (ids.len() == most).then(|| ids.last().copied()).flatten();
        let out: Vec<bool> = ids.iter().map(|id| self.index.is_out(*id)).collect();
        let looks = ids.into_iter().map(|id| Look::Kept(id, Vec::new())).collect();
        let (looking, reader) = (self.spool.apply(looked(looks)), Arc::clone(&self.reader));
        let read = async move {
            let mut mails = Vec::new();
            for (seen, is_out) in looking.await?.seen.into_iter().zip(out) {
                if let Seen::Kept(id, _, Some(kept)) = seen {
                    mails.extend(read(&*reader, id, &kept, is_out).await);
                } // else it is gone
            }
            Ok(Portion::new(mails, next))
        };
        ctx.spawn(read.into_actor(self).map(|listed, this, _| match listed {
            Ok(portion) => drop(answer.send(portion)),
            Err(failed) => this.fail(failed),
        }));
    }
}

/// `None`: it is just being moved, or goes; whoever asks again sees it, if it is there.
async fn read(reader: &dyn Reader, id: QueueId, kept: &Kept, is_out: bool) -> Option<QueuedMail> {
    match reader.fetch(id, kept.place).await {
        Ok(draft) => Some(QueuedMail::of(id, &kept.standing, Ok(&draft), is_out)),
        Err(FetchError::Moved) => None,
        Err(damage) => Some(QueuedMail::of(id, &kept.standing, Err(&damage.to_string()), is_out)),
    }
}

fn looked(looks: Vec<Look>) -> Batch {
    Batch { entries: Vec::new(), looks, durability: Durability::Written }
}
