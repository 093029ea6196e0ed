//! What a program asks about mail that it has sent, and its tickets.

use postrider_engine::{
    program::{Answer, Code, Problem, MOST_WATCHES},
    DeliveryStatus, QueueId, RcptNo, Ticket, TicketState,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadHalf},
    sync::{mpsc, oneshot},
};

use super::{talk::Talk, Service};
use crate::messages::{AskStatus, MailOf, Redeem};

/// The program is gone.
struct Gone;

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
            let _ = listed(&service, &tell, tag, id).await;
            drop(permit);
        });
    }

    /// A watch has a permit of its own kind: it may last for days.
    pub(super) async fn watch(&mut self, tag: u64, id: QueueId) {
        let Some(permit) = self.watching.one_now() else {
            let text = "this connection watches too many mails; stop some, or ask by status";
            return self.say(Problem::new(Code::Busy, text).of(tag)).await;
        };
        if self.watches.len() >= MOST_WATCHES {
            self.watches.retain(|_, stop| !stop.is_closed());
        }
        let (stop, mut stopped) = oneshot::channel();
        self.watches.insert(tag, stop);
        let (service, tell) = (self.service.clone(), self.tell.clone());
        actix_rt::spawn(async move {
            let _ = watched(&service, &tell, tag, id, &mut stopped).await;
            drop(permit);
        });
    }
}

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

/// Names all recipients. `None`: nothing more becomes of the mail, as far as is known.
async fn listed(service: &Service, tell: &mpsc::Sender<Answer>, tag: u64, id: QueueId) -> Result<Option<MailOf>, Gone> {
    let (answer, answered) = oneshot::channel();
    service.statuses.do_send(AskStatus(id, answer));
    let problem = match answered.await {
        Ok(Some(mail)) => {
            for (number, address, status) in &mail.recipients {
                let (number, address, status) = (number.0, address.clone(), status.into());
                said(tell, Answer::Recipient { tag, number, address, status }).await?;
            }
            said(tell, Answer::Listed { tag, recipients: mail.recipients.len() }).await?;
            return Ok(Some(mail));
        }
        Ok(None) => Problem::new(Code::Forgotten, "nothing is known of this mail any more"),
        Err(_) => Problem::new(Code::Busy, "too many mails are watched at present"),
    };
    said(tell, problem.of(tag).into()).await?;
    Ok(None)
}

async fn watched(
    service: &Service,
    tell: &mpsc::Sender<Answer>,
    tag: u64,
    id: QueueId,
    stopped: &mut oneshot::Receiver<()>,
) -> Result<(), Gone> {
    let Some(MailOf { recipients, mut changes }) = listed(service, tell, tag, id).await? else { return Ok(()) };
    let mut open: std::collections::BTreeSet<RcptNo> =
        recipients.iter().filter(|(.., status)| !status.is_final()).map(|(number, ..)| *number).collect();
    drop(recipients);
    loop {
        let change: Option<(RcptNo, DeliveryStatus)> = tokio::select! {
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
