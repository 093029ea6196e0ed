//! One mail over one connection: from MAIL to the answer to its end.
//!
//! Rule: until the lease has become [`InDoubt`] nothing can have been delivered, and another host may be tried; from
//! then on the answer decides, and where none comes, or none that can be understood, the mail was perhaps delivered.

use std::sync::Arc;

use bytes::Buf;
use postrider_engine::{Diagnosis, Draft, InDoubt, Lease, Outcome, Outcomes, RcptNo, Reply, Scope};
use tokio::io::{AsyncRead, AsyncWrite};

use super::{
    connection::Connection,
    content::ContentTrouble,
    outcome::{of_mail, of_recipient, said},
    plan::{unreadable, Fitting, Plan},
    settings::Protocol,
    talk::Heard,
    trouble::Trouble,
    words::Script,
    RelaySettings,
};

/// A lease, and what hosts have said for good about some of its recipients.
pub(super) struct Job {
    pub lease: Lease,
    pub known: Outcomes,
}

/// How a mail fared on a connection.
pub(super) enum Ended {
    /// The lease is answered.
    Answered(Fit),
    /// Nothing was delivered, and the connection is of no use any more; another may be tried.
    Lost(Job, Arc<Diagnosis>),
    /// The spool does not answer: the lease has ended, and nothing may be sent.
    SpoolGone,
}

/// Whether the connection can carry another mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    Yes,
    No,
}

/// A mail whose recipients were asked for.
struct Asked {
    lease: Lease,
    who: Vec<RcptNo>,
    heard: Heard,
}

impl Asked {
    fn settle(self, fit: Fit) -> Ended {
        self.lease.settle(self.heard.end(&self.who));
        Ended::Answered(fit)
    }

    fn refused(mut self, why: Arc<Diagnosis>, fit: Fit) -> Ended {
        self.heard.refused = Some(why);
        self.heard.accepted.clear();
        self.settle(fit)
    }

    /// Only what a host has said for good holds for the next host as well.
    fn lost(mut self, why: Arc<Diagnosis>) -> Ended {
        let for_good = |o: &Outcome| matches!(o, Outcome::Failed(why) if why.remote.is_some());
        self.heard.known.retain(|_, outcome| for_good(outcome));
        Ended::Lost(Job { lease: self.lease, known: self.heard.known }, why)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Connection<S> {
    /// Carries the mail to everybody on the slip about whom nothing is known.
    pub async fn carry(&mut self, job: Job, settings: &RelaySettings) -> Ended {
        self.mails = self.mails.saturating_add(1);
        let Some(slip) = job.lease.slip() else { return Ended::Answered(Fit::Yes) };
        let draft = Arc::clone(&slip.draft);
        let who = slip.recipients.iter().filter(|no| !job.known.contains_key(no)).copied().collect();
        let mut asked = Asked { lease: job.lease, who, heard: Heard { known: job.known, ..Heard::default() } };
        let sender = draft.envelope.sender.as_ref().map(|sender| settings.said(sender));
        let (sender, chunking) = (sender.as_deref(), settings.chunking);
        let (downgrade, which) = (settings.converter(), settings.convertible);
        let fitting =
            Fitting { draft: &draft, sender, offers: &self.offers, host: &self.name, chunking, downgrade, which };
        let plan = match fitting.plan(&mut asked.who, &mut asked.heard.known).await {
            Ok(plan) => plan,
            Err(why) => return asked.refused(why, Fit::Yes),
        };
        if asked.who.is_empty() {
            return asked.settle(Fit::Yes);
        }
        let script = Script::new(&draft, sender, &asked.who, &plan, &self.offers, self.open_transaction);
        self.open_transaction = true;
        if let Err(trouble) = self.talk(&script, &mut asked.heard, &settings.timeouts).await {
            return asked.lost(trouble.diagnosis(Scope::Hop, &self.name, "before the content"));
        }
        match asked.heard.goes_on() {
            true => self.deliver(asked, &draft, &plan, settings).await,
            false => self.deliver_to_nobody(asked, settings).await,
        }
    }

    /// Nobody is accepted. If the peer waits for content nevertheless, it gets none (RFC 2920, 3.1): this dot ends a mail
    /// that nobody can get. A peer that has accepted somebody, for a mail it has refused, gets no dot.
    async fn deliver_to_nobody(&mut self, asked: Asked, settings: &RelaySettings) -> Ended {
        let (wants_content, accepted) = (asked.heard.wants_content, !asked.heard.accepted.is_empty());
        let ended = asked.settle(Fit::Yes);
        match (wants_content, accepted) {
            (false, _) => ended,
            (true, true) => Ended::Answered(Fit::No),
            (true, false) => match self.end_of_nothing(settings).await {
                Ok(421) | Err(_) => Ended::Answered(Fit::No),
                Ok(_) => ended,
            },
        }
    }

    async fn end_of_nothing(&mut self, settings: &RelaySettings) -> Result<u16, Trouble> {
        self.write_unasked(&mut &b".\r\n"[..], settings.timeouts.chunk).await?;
        let reply = self.reply(settings.timeouts.end).await?;
        self.open_transaction = false;
        Ok(reply.code)
    }

    async fn deliver(&mut self, asked: Asked, draft: &Draft, plan: &Plan, settings: &RelaySettings) -> Ended {
        let content = plan.content.as_ref().unwrap_or(&draft.content);
        let sent = match plan.chunked {
            true => self.by_chunks(content, settings).await,
            false => self.by_data(content, settings).await,
        };
        match sent {
            Ok(()) => self.end_content(asked, plan, settings).await,
            Err(ContentTrouble::Refused(reply)) => asked.refused(of_mail(reply, &self.name), Fit::Yes),
            Err(ContentTrouble::Unreadable(error)) => asked.refused(unreadable(&error), Fit::No),
            Err(ContentTrouble::Peer(Trouble::Said(reply))) if reply.code != 421 => {
                asked.refused(of_mail(reply, &self.name), Fit::No)
            }
            Err(ContentTrouble::Peer(trouble)) => asked.lost(self.trouble_with_content(trouble)),
        }
    }

    /// The host answers and took the commands, so this says nothing about other mail, unless it says 421.
    fn trouble_with_content(&self, trouble: Trouble) -> Arc<Diagnosis> {
        let scope = if matches!(trouble, Trouble::Said(_)) { Scope::Hop } else { Scope::Mail };
        trouble.diagnosis(scope, &self.name, "in the content")
    }

    /// From here on they may have it.
    async fn end_content(&mut self, asked: Asked, plan: &Plan, settings: &RelaySettings) -> Ended {
        let Asked { lease, mut heard, .. } = asked;
        let known = std::mem::take(&mut heard.known);
        let Ok(mut doubt) = lease.at_final_dot_of_the_rest(Arc::clone(&self.name), known).await else {
            return Ended::SpoolGone;
        };
        let (outcomes, fit) = match (self.write_end(&mut doubt, plan, settings).await, settings.protocol) {
            (Err(outcome), _) => (heard.all_accepted(&outcome), Fit::No),
            (Ok(()), Protocol::Lmtp) => self.answers(&heard.accepted, settings).await,
            (Ok(()), Protocol::Smtp) => {
                let (outcome, fit) = match self.reply(settings.timeouts.end).await {
                    Ok(reply) => self.answer(reply, plan),
                    Err(trouble) => (self.perhaps(trouble), Fit::No),
                };
                (heard.all_accepted(&outcome), fit)
            }
        };
        doubt.answered(outcomes);
        Ended::Answered(fit)
    }

    /// One reply for each who was accepted, in the order of the commands (RFC 2033, 4.2). Who has none is in doubt.
    async fn answers(&mut self, accepted: &[RcptNo], settings: &RelaySettings) -> (Outcomes, Fit) {
        let mut outcomes = Outcomes::new();
        self.open_transaction = false;
        for (at, no) in accepted.iter().enumerate() {
            let reply = match self.reply(settings.timeouts.end).await {
                Ok(reply) if !(300..=399).contains(&reply.code) => reply,
                Ok(reply) => return self.rest_in_doubt(outcomes, &accepted[at..], Trouble::OutOfTurn(reply)),
                Err(trouble) => return self.rest_in_doubt(outcomes, &accepted[at..], trouble),
            };
            let outcome = match reply.code {
                200..=299 => Outcome::Delivered(Some(said(Scope::Recipient, reply, &self.name))),
                _ => of_recipient(reply, &self.name),
            };
            outcomes.insert(*no, outcome);
        }
        (outcomes, Fit::Yes)
    }

    fn rest_in_doubt(&self, mut outcomes: Outcomes, rest: &[RcptNo], trouble: Trouble) -> (Outcomes, Fit) {
        let outcome = self.perhaps(trouble);
        outcomes.extend(rest.iter().map(|no| (*no, outcome.clone())));
        (outcomes, Fit::No)
    }

    /// What is left of the content, and its end, in one write. (`&mut`, as a shared reference could not be sent.)
    async fn write_end(&mut self, doubt: &mut InDoubt, plan: &Plan, settings: &RelaySettings) -> Result<(), Outcome> {
        let mut octets = std::mem::take(&mut self.output);
        let (command, end) = match plan.chunked {
            true => (format!("BDAT {} {}\r\n", octets.len(), doubt.last()), 1),
            false => {
                octets.extend_from_slice(doubt.final_dot());
                (String::new(), doubt.final_dot().len())
            }
        };
        let mut all = command.as_bytes().chain(&octets[..]);
        let written = self.write_unasked(&mut all, settings.timeouts.chunk).await;
        let unsent = all.remaining() >= end;
        self.output = octets;
        written.map_err(|trouble| match trouble {
            trouble if !unsent => self.perhaps(trouble),
            Trouble::Said(reply) => Outcome::refused(of_mail(reply, &self.name)),
            trouble => Outcome::Deferred(self.trouble_with_content(trouble)),
        })
    }

    /// What the reply to the end of the content comes to for all who were accepted.
    fn answer(&mut self, reply: Reply, plan: &Plan) -> (Outcome, Fit) {
        self.open_transaction = plan.chunked && !reply.is_positive();
        match reply.code {
            200..=299 => {
                let why = Some(said(Scope::Mail, reply, &self.name));
                (Outcome::Relayed { why, told: self.offers.dsn }, Fit::Yes)
            }
            300..=399 => (self.perhaps(Trouble::OutOfTurn(reply)), Fit::No),
            421 => (Outcome::refused(of_mail(reply, &self.name)), Fit::No),
            _ => (Outcome::refused(of_mail(reply, &self.name)), Fit::Yes),
        }
    }

    fn perhaps(&self, trouble: Trouble) -> Outcome {
        Outcome::PerhapsDelivered(Some(trouble.diagnosis(Scope::Mail, &self.name, "after the final dot")))
    }
}
