//! What a program asks about mail that it has sent, and its tickets.
//!
//! Rule: while recipients are listed the question is under way, so only so many lists are in memory; a watch has its weight
//! from then on until it ends.

use std::{cell::Cell, collections::BTreeSet, rc::Rc};

use postrider_engine::{
    program::{Answer, Code, Problem, MOST_WATCHED, MOST_WATCHES},
    QueueId, RcptNo, Ticket, TicketState,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadHalf},
    sync::{mpsc, oneshot},
};

use super::{talk::Talk, Service};
use crate::{
    messages::{AskStatus, MailOf, NoStatus, Redeem},
    watching::weight,
};

/// The program is gone.
struct Gone;

/// What all watches of a connection weigh.
#[derive(Clone, Default)]
pub(super) struct Scales(Rc<Cell<usize>>);

/// What one of them weighs, taken off when it is dropped.
struct Weight(Scales, usize);

impl Scales {
    /// A mail that weighs more than all may is watched alone.
    fn put_on(&self, weight: usize) -> Option<Weight> {
        let with = self.0.get() + weight;
        let has_room = with <= MOST_WATCHED || with == weight;
        has_room.then(|| {
            self.0.set(with);
            Weight(self.clone(), weight)
        })
    }
}

impl Drop for Weight {
    fn drop(&mut self) {
        let Weight(Scales(all), weight) = self;
        all.set(all.get() - *weight);
    }
}

impl<S: AsyncRead + AsyncWrite> Talk<ReadHalf<S>> {
    pub(super) async fn redeem(&mut self, tag: u64, ticket: Ticket) {
        let Some(permit) = self.under_way.one().await else { return };
        let (service, tell) = (self.service.clone(), self.tell.clone());
        actix_rt::spawn(async move {
            let answer = match redeemed(&service, ticket).await {
                Ok(()) => Answer::Redeemed { tag, id: ticket.id() },
                Err(problem) => problem.of(tag).into(),
            };
            let _ = tell.send(answer).await;
            drop(permit);
        });
    }

    pub(super) async fn status(&mut self, tag: u64, id: QueueId) {
        let Some(permit) = self.under_way.one().await else { return };
        let (service, tell) = (self.service.clone(), self.tell.clone());
        actix_rt::spawn(async move {
            let _ = match found(&service, id, false).await {
                Ok(mail) => list(&tell, tag, &mail).await,
                Err(problem) => said(&tell, problem.of(tag).into()).await,
            };
            drop(permit);
        });
    }

    /// A watch has a permit of its own kind: it may last for days.
    pub(super) async fn watch(&mut self, tag: u64, id: QueueId) {
        let Some(permit) = self.watching.one_now() else {
            return self.say(Problem::new(Code::Busy, TOO_MANY).of(tag)).await;
        };
        let Some(listing) = self.under_way.one().await else { return };
        if self.watches.len() >= MOST_WATCHES {
            self.watches.retain(|_, stop| !stop.is_closed());
        }
        let (stop, mut stopped) = oneshot::channel();
        self.watches.insert(tag, stop);
        let (service, tell, scales) = (self.service.clone(), self.tell.clone(), self.scales.clone());
        actix_rt::spawn(async move {
            let found = found(&service, id, true).await.and_then(|mail| weighed(&scales, mail));
            let _ = match found {
                Ok((mail, weight)) => {
                    let listed = list(&tell, tag, &mail).await;
                    drop(listing);
                    let watched = match listed {
                        Ok(()) => watched(&tell, tag, mail, &mut stopped).await,
                        gone => gone,
                    };
                    drop(weight);
                    watched
                }
                Err(problem) => said(&tell, problem.of(tag).into()).await,
            };
            drop(permit);
        });
    }
}

const TOO_MANY: &str = "this connection watches too much; stop some watches, or ask by status";

async fn redeemed(service: &Service, ticket: Ticket) -> Result<(), Problem> {
    if ticket.spool() != service.spool {
        return Err(Problem::new(Code::OtherSpool, "the ticket is of another spool"));
    }
    let (answer, answered) = oneshot::channel();
    service.tickets.do_send(Redeem(ticket.id(), answer));
    match answered.await {
        Ok(Some(TicketState::Redeemed)) => Ok(()),
        Ok(_) => Err(Problem::new(Code::TicketExpired, "the ticket was not redeemed in time; its mail was not sent")),
        Err(_) => Err(Problem::new(Code::Failed, "the engine has failed; redeem it again when it is started again")),
    }
}

async fn found(service: &Service, id: QueueId, watch: bool) -> Result<MailOf, Problem> {
    let (answer, answered) = oneshot::channel();
    service.statuses.do_send(AskStatus { id, watch, answer });
    match answered.await {
        Ok(Ok(mail)) => Ok(mail),
        Ok(Err(NoStatus::Forgotten)) => Err(Problem::new(Code::Forgotten, "nothing is known of this mail any more")),
        Ok(Err(NoStatus::Busy)) => {
            Err(Problem::new(Code::Busy, "too much is watched at present; watch it later, or ask by status"))
        }
        Err(_) => Err(Problem::new(Code::Failed, "the engine has failed; ask again when it is started again")),
    }
}

fn weighed(scales: &Scales, mail: MailOf) -> Result<(MailOf, Weight), Problem> {
    let weight = scales.put_on(weight(mail.open().count()));
    let weight = weight.ok_or_else(|| Problem::new(Code::Busy, TOO_MANY))?;
    Ok((mail, weight))
}

/// Names all recipients.
async fn list(tell: &mpsc::Sender<Answer>, tag: u64, mail: &MailOf) -> Result<(), Gone> {
    for (number, address, status) in &mail.recipients {
        let (number, address, status) = (number.0, address.clone(), status.into());
        said(tell, Answer::Recipient { tag, number, address, status }).await?;
    }
    said(tell, Answer::Listed { tag, recipients: mail.recipients.len() }).await
}

async fn watched(
    tell: &mpsc::Sender<Answer>,
    tag: u64,
    mail: MailOf,
    stopped: &mut oneshot::Receiver<()>,
) -> Result<(), Gone> {
    let mut open: BTreeSet<RcptNo> = mail.open().collect();
    let MailOf { recipients, mut changes } = mail;
    drop(recipients);
    loop {
        let change = tokio::select! {
            change = changes.recv() => change,
            _ = &mut *stopped => None,
            () = tell.closed() => return Err(Gone),
        };
        let Some((number, status)) = change else { break };
        if status.is_final() {
            open.remove(&number);
        }
        said(tell, Answer::Changed { tag, number: number.0, status: (&status).into() }).await?;
    }
    said(tell, Answer::Over { tag, complete: open.is_empty() }).await
}

async fn said(tell: &mpsc::Sender<Answer>, answer: Answer) -> Result<(), Gone> {
    tell.send(answer).await.map_err(|_| Gone)
}
