//! What an operator asks: answered to root and to the user of the engine, refused to everybody else.
//!
//! Rule: whether somebody may is asked before anything else, for each request. A list is read as it is written, portion by
//! portion, so a program that reads slowly costs no memory.

use postrider_engine::{
    program::{
        admin::{
            may_administer, not_permitted, portion, AdminAnswer, AdminRequest, Audited, HeldLine, Sink, WhichMail,
            MOST_STRAYS,
        },
        Answer, Code, Problem,
    },
    QueueId,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadHalf},
    sync::{mpsc, oneshot},
};
use tracing::{debug, info};

use super::talk::Talk;
use crate::{
    chain::{AskBindings, BindError, BindingStatus, Change, ChangeBinding},
    messages::{AskAudit, AskHeld, AskQueue, Audit, FlushNow, Release},
};

/// Who answers an operator.
#[derive(Clone)]
pub struct Administration {
    /// The user that the engine runs as; `None`: there is no socket, and nobody asks.
    pub owner: Option<u32>,
    /// Audits the spool.
    pub audits: actix::Recipient<AskAudit>,
    /// Knows what is held.
    pub held: actix::Recipient<AskHeld>,
    /// Lets it go.
    pub releases: actix::Recipient<Release>,
    /// Knows the queue.
    pub queue: actix::Recipient<AskQueue>,
    /// Makes mail due.
    pub flushes: actix::Recipient<FlushNow>,
    /// Knows the sinks.
    pub bindings: actix::Recipient<AskBindings>,
    /// Changes them.
    pub changes: actix::Recipient<ChangeBinding>,
}

type Told = Result<AdminAnswer, Problem>;

/// Where a list goes.
struct List<'a> {
    tell: &'a mpsc::Sender<Answer>,
    tag: u64,
    count: usize,
}

impl<S: AsyncRead + AsyncWrite> Talk<ReadHalf<S>> {
    pub(super) async fn administer(&mut self, request: AdminRequest) {
        let tag = request.tag();
        let owner = self.service.administration.owner;
        if !owner.is_some_and(|owner| may_administer(self.user, owner)) {
            info!(uid = self.user, ?request, "not permitted to this user");
            return self.say(not_permitted(owner.unwrap_or(0)).of(tag)).await;
        }
        match request.changes() {
            true => info!(uid = self.user, ?request, "an operator asks"),
            false => debug!(uid = self.user, ?request, "an operator asks"),
        }
        let Some(permit) = self.under_way.one().await else { return };
        let (administration, tell) = (self.service.administration.clone(), self.tell.clone());
        actix_rt::spawn(async move {
            tokio::select! {
                told = administration.answer(request, &tell) => {
                    let last: Answer = told.map_or_else(|problem| problem.of(tag).into(), Answer::from);
                    let _ = tell.send(last).await;
                }
                () = tell.closed() => {} // who is gone hears nothing
            }
            drop(permit);
        });
    }
}

impl Administration {
    /// Gives the last line; those before it are told.
    async fn answer(&self, request: AdminRequest, tell: &mpsc::Sender<Answer>) -> Told {
        let mut list = List { tell, tag: request.tag(), count: 0 };
        match request {
            AdminRequest::Audit { tag } => {
                let found = asked(|answer| self.audits.do_send(AskAudit(answer))).await?;
                Ok(AdminAnswer::Audited { tag, found: audited(&found) })
            }
            AdminRequest::Held { after, limit, .. } => self.held(after, portion(limit), list).await,
            AdminRequest::Queue { after, limit, .. } => self.queue(after, portion(limit), list).await,
            AdminRequest::Release { tag, id } => {
                let is_held = asked(|answer| self.releases.do_send(Release(id, answer))).await?;
                let none =
                    || Problem::new(Code::NotHeld, format_args!("no mail {id} is held; `held` lists those that are"));
                is_held.then_some(AdminAnswer::Released { tag, id }).ok_or_else(none)
            }
            AdminRequest::Flush { tag, what } => self.flush(tag, &what).await,
            AdminRequest::Sinks { tag } => {
                for status in asked(|answer| self.bindings.do_send(AskBindings(answer))).await? {
                    list.line(AdminAnswer::Sink { tag, sink: Box::new(sink(&status)) }).await;
                }
                Ok(list.end(None))
            }
            AdminRequest::Suspend { tag, sink } => self.enable(tag, sink, false).await,
            AdminRequest::Resume { tag, sink } => self.enable(tag, sink, true).await,
            _ => Err(Problem::new(Code::UnknownRequest, "not known here")),
        }
    }

    async fn held(&self, after: Option<QueueId>, most: usize, mut list: List<'_>) -> Told {
        let mut held = asked(|answer| self.held.do_send(AskHeld(answer))).await?;
        held.retain(|(id, _)| after.is_none_or(|after| *id > after));
        held.sort_unstable_by_key(|(id, _)| *id);
        let next = held.get(most).and_then(|_| held.get(most - 1)).map(|(id, _)| *id);
        for (id, why) in held.into_iter().take(most) {
            list.line(AdminAnswer::Held { tag: list.tag, mail: HeldLine::of(id, &why) }).await;
        }
        Ok(list.end(next))
    }

    async fn queue(&self, after: Option<QueueId>, most: usize, mut list: List<'_>) -> Told {
        let mut after = after.unwrap_or(QueueId(0));
        while list.count < most {
            let most = most - list.count;
            let some = asked(|answer| self.queue.do_send(AskQueue { after, most, answer })).await?;
            for mail in some.lines {
                list.line(AdminAnswer::Mail { tag: list.tag, mail: Box::new(mail) }).await;
            }
            match some.next {
                Some(next) => after = next,
                None => return Ok(list.end(None)),
            }
        }
        Ok(list.end(Some(after)))
    }

    async fn flush(&self, tag: u64, what: &WhichMail) -> Told {
        let what = what.flush().ok_or_else(|| {
            Problem::new(Code::BadRequest, "what: it is no domain, @domain (with all below it) or #queue")
        })?;
        let mails = asked(|answer| self.flushes.do_send(FlushNow(what.normal(), answer))).await?;
        Ok(AdminAnswer::Flushed { tag, mails })
    }

    async fn enable(&self, tag: u64, sink: String, takes_part: bool) -> Told {
        let change = Change::Enabled(takes_part);
        let changed = asked(|answer| self.changes.do_send(ChangeBinding(sink, change, answer))).await?;
        changed.map(|()| AdminAnswer::Done { tag }).map_err(|why| not_changed(&why))
    }
}

impl List<'_> {
    async fn line(&mut self, answer: AdminAnswer) {
        self.count += 1;
        let _ = self.tell.send(answer.into()).await; // who is gone hears nothing
    }

    fn end(&self, next: Option<QueueId>) -> AdminAnswer {
        AdminAnswer::End { tag: self.tag, count: self.count, next }
    }
}

async fn asked<T>(ask: impl FnOnce(oneshot::Sender<T>)) -> Result<T, Problem> {
    let (answer, answered) = oneshot::channel();
    ask(answer);
    let failed = |_| Problem::new(Code::Failed, "the engine has failed; ask again when it is started again");
    answered.await.map_err(failed)
}

fn not_changed(why: &BindError) -> Problem {
    match why {
        BindError::Unknown(_) => Problem::new(Code::NoSuchSink, format_args!("{why}; `sinks` lists those that are")),
        _ => Problem::new(Code::BadRequest, why),
    }
}

fn audited(found: &Audit) -> Audited {
    Audited {
        on_disk: found.on_disk,
        out: found.out,
        resting: found.resting,
        held: found.held,
        prepared: found.prepared,
        stray_count: found.strays.len(),
        strays: found.strays.iter().take(MOST_STRAYS).map(ToString::to_string).collect(),
    }
}

fn sink(status: &BindingStatus) -> Sink {
    let mut sink = Sink::of(&status.settings, &status.events);
    (sink.suspended, sink.in_hand) = (status.suspended, status.in_hand);
    (sink.served, sink.faults, sink.faults_in_a_row) = (status.served, status.faults, status.faults_in_a_row);
    sink
}
