//! The sinks: each reads the whole mail, takes its time, and leaves its line on it. One of them is bad on purpose.
//!
//! Rule: what a sink does to a mail follows from the mail and the sink, so that who tries again fails no more than a few
//! times.

use std::{
    convert::Infallible,
    future::pending,
    panic::resume_unwind,
    sync::{
        atomic::{AtomicBool, AtomicU64, Ordering},
        Arc,
    },
    time::Duration,
};

use postrider::{
    events::{Given, Kind, MailEvent, Message, Sink, Verdict},
    rules::Content,
};

use super::{
    edit,
    mail::{draw, AttemptId},
};

/// A guest may have its thread for a second; this is too long.
const BLOCKS: Duration = Duration::from_secs(3);
/// Mails that are large beyond what the harness sends are not read.
const MOST_OCTETS: usize = 1 << 24;

/// What a bad sink does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    Panics,
    NeverAnswers,
    BlocksItsThread,
    /// Keeps a copy and answers with it when it has another mail.
    AnswersTwice,
    /// Puts the draft of another mail into the one it has.
    ReturnsAnOldDraft,
}

const DEEDS: [Deed; 5] =
    [Deed::Panics, Deed::NeverAnswers, Deed::BlocksItsThread, Deed::AnswersTwice, Deed::ReturnsAnOldDraft];

/// How often each was done.
#[derive(Debug, Default)]
pub struct Deeds {
    counts: [AtomicU64; DEEDS.len()],
    /// Mails that have failed behind the commit: once is enough there. By number.
    failed: Vec<AtomicBool>,
}

impl Deeds {
    pub fn new(mails: usize) -> Self {
        Deeds { counts: Default::default(), failed: (0..mails).map(|_| AtomicBool::new(false)).collect() }
    }

    /// Each and how often.
    pub fn counted(&self) -> impl Iterator<Item = (Deed, u64)> + '_ {
        DEEDS.into_iter().zip(self.counts.iter().map(|count| count.load(Ordering::SeqCst)))
    }

    fn note(&self, deed: Deed) {
        DEEDS.iter().zip(&self.counts).filter(|(of, _)| **of == deed).for_each(|(_, count)| {
            count.fetch_add(1, Ordering::SeqCst);
        });
    }

    fn is_first(&self, mail: usize) -> bool {
        self.failed.get(mail).is_some_and(|failed| !failed.swap(true, Ordering::SeqCst))
    }

    /// What is done to this mail at this event.
    fn of(&self, id: AttemptId, event: Kind) -> Option<Deed> {
        let behind = !matches!(event, Kind::EndOfData | Kind::Submission);
        let deed = match (id.mail, event, draw(1000, (id, event.name()))) {
            _ if !behind && id.attempt > 3 => return None,
            (75, Kind::EndOfData, _) | (300, Kind::Submission, _) if id.attempt == 0 => Deed::BlocksItsThread,
            (_, _, 0..15) => Deed::Panics,
            (_, _, 15..25) => Deed::NeverAnswers,
            (_, _, 25..40) => Deed::AnswersTwice,
            (_, _, 40..55) => Deed::ReturnsAnOldDraft,
            _ => return None,
        };
        (!behind || self.is_first(id.mail)).then_some(deed)
    }
}

/// A sink. `deeds`: it is the bad one.
pub struct Editor {
    pub label: Arc<str>,
    pub deeds: Option<Arc<Deeds>>,
    /// An answer to another mail, kept from it.
    pub old: Option<Box<dyn std::any::Any + Send>>,
}

impl<E: MailEvent> Sink<E> for Editor {
    async fn on(&mut self, mut mail: Message<E>) -> Verdict<E> {
        let Ok(seen) = mail.content().all(MOST_OCTETS) else { return mail.next() };
        let [first, second] = edit::pauses(E::KIND.name(), &self.label, &seen);
        tokio::time::sleep(first).await;
        mail = self.misbehave(mail, &seen).await;
        let line = edit::line(E::KIND.name(), &self.label, &seen);
        match draw(2, &line) {
            0 => mail.content_mut().prepend(line),
            _ => *mail.content_mut() = Content::new([line.as_bytes(), &seen].concat()),
        }
        tokio::time::sleep(second).await;
        mail.next()
    }
}

impl Editor {
    async fn misbehave<E: MailEvent>(&mut self, mail: Message<E>, seen: &[u8]) -> Message<E> {
        let Some(deeds) = self.deeds.clone() else { return mail };
        let deed = AttemptId::found_in(seen).and_then(|(id, _)| deeds.of(id, E::KIND));
        let old = self.old.take();
        self.old = Some(Box::new(mail.spare()));
        let old = old.and_then(|old| old.downcast::<Message<E>>().ok());
        match (deed, old) {
            (Some(deed @ (Deed::AnswersTwice | Deed::ReturnsAnOldDraft)), Some(old)) => {
                deeds.note(deed);
                swapped(deed, mail, *old)
            }
            (Some(deed @ (Deed::Panics | Deed::NeverAnswers | Deed::BlocksItsThread)), _) => {
                deeds.note(deed);
                fail(deed).await;
                mail
            }
            _ => mail,
        }
    }
}

async fn fail(deed: Deed) {
    match deed {
        Deed::Panics => resume_unwind(Box::new("as the harness asks")), // says nothing on standard error
        Deed::NeverAnswers => match pending::<Infallible>().await {},
        _ => std::thread::sleep(BLOCKS),
    }
}

fn swapped<E: MailEvent>(deed: Deed, mail: Message<E>, old: Message<E>) -> Message<E> {
    match deed {
        Deed::ReturnsAnOldDraft => {
            let mut parts = mail.into_parts();
            parts.draft = old.into_parts().draft;
            Message::new(parts)
        }
        _ => old,
    }
}
