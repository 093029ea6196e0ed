//! A mail that a program sends: its content comes in, then it goes to the clerk, and the next request is read meanwhile.

use bytes::Bytes;
use postrider_engine::{
    program::{admin::may_administer, Answer, BodyKind, Code, Problem, SendRequest},
    session::{Counted, CountedEnd, HeaderText},
    Draft, Envelope, KeyHash, Reply, StagingError, Ticket,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadHalf},
    sync::oneshot,
};
use tracing::warn;

use super::{
    line::Ended,
    talk::{Over, Talk},
    Service,
};
use crate::{
    clerk::{NotPosted, Post, Terms},
    door::NOT_KEPT,
    intake::Intake,
};

const NOT_UTF8: Reply = Reply::new(550, 6, 0, "The header is neither ASCII nor UTF-8");

impl<S: AsyncRead + AsyncWrite> Talk<ReadHalf<S>> {
    /// Reads past the content of a request that is not done.
    pub(super) async fn refuse(&mut self, problem: Problem, octets: u64) -> Result<(), Over> {
        let Some(mut counted) = Counted::new(&self.service.limits, octets, true) else {
            return Err(too_large(problem.tag));
        };
        counted.skip();
        // Nothing is kept, so nothing can go wrong with keeping it.
        let _ = self.incoming.content(&mut counted, None).await?;
        self.say(problem).await;
        Ok(())
    }

    /// `line`: octets of its line. They count as content does: many recipients are large, too.
    pub(super) async fn send(&mut self, request: SendRequest, line: usize) -> Result<(), Over> {
        let limits = &self.service.limits;
        let checked = request.key_hash().and_then(|key| {
            let envelope = request.envelope(self.service.clock.now(), limits.recipients)?;
            Ok((key, envelope))
        });
        let (key, mut envelope) = match checked {
            Ok(checked) => checked,
            Err(problem) => return self.refuse(problem, request.octets).await,
        };
        let key = key.map(|key| self.own(key));
        envelope.peer.identity.clone_from(&self.identity);
        let Some(permit) = self.under_way.one().await else { return Err(Ended::Client.into()) };
        let Some(mut counted) = Counted::new(limits, request.octets, request.body == BodyKind::Binary) else {
            return Err(too_large(Some(request.tag)));
        };
        let mut share = self.service.intakes.budget.share();
        share.grow(line);
        let mut intake = self.service.intakes.begin();
        let kept = self.incoming.content(&mut counted, Some(&mut intake)).await?;
        let SendRequest { prepared, buffered, or_busy, .. } = request;
        let terms = Terms { key, prepared, buffered, or_busy, owed: false };
        let (service, tell, tag) = (self.service.clone(), self.tell.clone(), request.tag);
        actix_rt::spawn(async move {
            let taken = async {
                kept.map_err(|error| unkept(&error))?;
                post(&service, envelope, counted, intake, terms).await
            };
            tokio::select! {
                taken = taken => {
                    let answer = match taken {
                        Ok((id, repeated)) => {
                            let ticket = terms.prepared.then(|| Ticket::new(service.spool, id));
                            Answer::Sent { tag, id, repeated, ticket }
                        }
                        Err(problem) => problem.of(tag).into(),
                    };
                    let _ = tell.send(answer).await;
                }
                // What stands in line and is not begun is not sent when its program has gone.
                () = tell.closed() => {}
            }
            drop((permit, share));
        });
        Ok(())
    }
}

impl<S> Talk<S> {
    /// Users of one socket do not know each other's keys, but can guess them, and a mail under a key that was used is not sent.
    /// Operators have those of the engine itself.
    fn own(&self, key: KeyHash) -> KeyHash {
        let owner = self.service.administration.owner;
        match (self.user, owner) {
            (Some(user), Some(owner)) if !may_administer(Some(user), owner) => key.of_user(user),
            _ => key,
        }
    }
}

fn too_large(tag: Option<u64>) -> Over {
    let text = "the content is so far above max_octets that it is not even read";
    Over(Ended::Client, Some(Problem::new(Code::TooLarge, text).of(tag)))
}

fn unkept(error: &StagingError) -> Problem {
    warn!(%error, "content of a program is not kept");
    match error {
        StagingError::NoSpace => Problem::new(Code::NoSpace, "no space is left for new mail"),
        _ => Problem::rejected(&NOT_KEPT), // as by SMTP: temporary, and nothing of it was taken
    }
}

type Number = (postrider_engine::QueueId, bool);

/// The octets count as in DATA until the spool has them.
async fn post(
    service: &Service,
    mut envelope: Envelope,
    counted: Counted,
    mut intake: Intake,
    terms: Terms,
) -> Result<Number, Problem> {
    let CountedEnd { last, body, header } = counted.finish().map_err(|reply| Problem::rejected(&reply))?;
    intake.add(&last).await.map_err(|error| unkept(&error))?;
    envelope.body = body;
    match header {
        HeaderText::Ascii => {}
        HeaderText::Utf8 => envelope.smtputf8 = true,
        HeaderText::Neither => return Err(Problem::rejected(&NOT_UTF8)),
    }
    let (content, share) = intake.finish(Bytes::new()).await.map_err(|error| unkept(&error))?;
    let (answer, answered) = oneshot::channel();
    service.clerk.do_send(Post { draft: Draft::new(envelope, content), terms, answer });
    let posted = answered.await;
    drop(share);
    match posted {
        Ok(Ok(posted)) => Ok((posted.id, posted.repeated)),
        Ok(Err(why)) => Err(problem(&why)),
        Err(_) => Err(Problem::new(Code::Failed, "a fault in the engine, which is in its log")),
    }
}

fn problem(why: &NotPosted) -> Problem {
    match why {
        NotPosted::Rejected(reply) => Problem::rejected(reply),
        NotPosted::Discarded => Problem::new(Code::Discarded, why),
        NotPosted::NoSpace => Problem::new(Code::NoSpace, why),
        NotPosted::Busy => Problem::new(Code::Busy, why),
        NotPosted::TooManyKeys => Problem::new(Code::TooManyKeys, why),
        NotPosted::Stopping => Problem::new(Code::Stopping, why),
        NotPosted::Failed(_) => Problem::new(Code::Failed, why),
    }
}
