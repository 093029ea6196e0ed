//! The thread that hears answers, one for each connection: it alone knows who waits for which.
//!
//! Rule: whoever asks is made known before the request is written, so no answer finds nobody. When the connection ends all
//! who wait are told by dropping; after a last word of the engine they hear that nothing was taken.

use std::{
    collections::{BTreeSet, HashMap},
    io::BufReader,
    os::unix::net::UnixStream,
    sync::{
        atomic::{AtomicBool, Ordering::Release},
        mpsc::Receiver,
        Arc,
    },
};

use postrider_actors::{
    messages::MailOf,
    watching::{unwatched, StatusChange},
};
use postrider_engine::{
    program::{
        admin::{AdminAnswer, MOST_PORTION},
        Answer,
    },
    Address, DeliveryStatus, RcptNo,
};
use tokio::sync::{mpsc, oneshot};
use tracing::debug;

use super::connect::line;

/// Recipients of a mail that are listed: as many as a mail can be composed for.
const MOST_LISTED: usize = postrider_engine::MAX_RECIPIENTS;
/// Lines for an operator that are kept for one question.
const MOST_LINES: usize = MOST_PORTION;
/// Room for news of mails with few recipients.
const ROOM: usize = 16;

/// What is heard.
pub(super) enum Heard {
    /// One answer, good or bad.
    Answer(Answer),
    /// How the recipients of a mail stand.
    Mail(MailOf),
    /// What an operator asked for: all lines of the answer.
    Lines(Vec<AdminAnswer>),
    /// The engine stops, and nothing was taken.
    NotTaken,
}

/// Who waits.
pub(super) type Waits = oneshot::Sender<Heard>;

/// Someone who asks.
pub(super) struct Asks {
    pub tag: u64,
    /// Changes follow what is listed.
    pub watches: bool,
    pub who: Waits,
}

enum Pending {
    /// Nothing was said yet, or recipients are being listed.
    Asked(Asks, Vec<(RcptNo, Address, DeliveryStatus)>),
    /// Lines for an operator come.
    Listing(Asks, Vec<AdminAnswer>),
    /// Changes are told.
    Watching(BTreeSet<RcptNo>, mpsc::Sender<StatusChange>),
}

/// One connection's ear.
pub(super) struct Ear {
    pub lines: BufReader<UnixStream>,
    pub asks: Receiver<Asks>,
    pub alive: Arc<AtomicBool>,
}

impl Ear {
    /// Hears until the connection ends.
    pub(super) fn run(mut self) {
        let (mut waiting, mut octets, mut was_told) = (HashMap::new(), Vec::new(), false);
        while line(&mut self.lines, &mut octets).is_ok() && !octets.is_empty() {
            self.make_known(&mut waiting);
            match Answer::parse(&octets) {
                Some(Answer::Bye { text }) => {
                    debug!(text, "the engine says good-bye");
                    was_told = true;
                }
                Some(answer) => hear(&mut waiting, answer),
                None => debug!("an answer of another version is passed over"),
            }
        }
        self.alive.store(false, Release);
        self.make_known(&mut waiting);
        for pending in waiting.into_values() {
            match pending {
                Pending::Asked(asks, _) if was_told => drop(asks.who.send(Heard::NotTaken)),
                _ => {} // dropping tells
            }
        }
    }

    fn make_known(&self, waiting: &mut HashMap<u64, Pending>) {
        waiting.extend(self.asks.try_iter().map(|asks| (asks.tag, Pending::Asked(asks, Vec::new()))));
    }
}

fn hear(waiting: &mut HashMap<u64, Pending>, answer: Answer) {
    let Some(tag) = answer.tag() else { return debug!(?answer, "the engine says") };
    match (waiting.remove(&tag), answer) {
        (Some(Pending::Asked(asks, mut list)), Answer::Recipient { number, address, status, .. }) => {
            if list.len() < MOST_LISTED {
                list.push((RcptNo(number), address, status.into()));
                waiting.insert(tag, Pending::Asked(asks, list));
            }
        }
        (Some(Pending::Asked(Asks { who, watches: false, .. }, recipients)), Answer::Listed { .. }) => {
            let _ = who.send(Heard::Mail(MailOf { recipients, changes: unwatched() }));
        }
        (Some(Pending::Asked(Asks { who, .. }, recipients)), Answer::Listed { .. }) => {
            let mut mail = MailOf { recipients, changes: unwatched() };
            let open: BTreeSet<_> = mail.open().collect();
            let (tell, changes) = mpsc::channel(2 * open.len() + ROOM);
            mail.changes = changes;
            if who.send(Heard::Mail(mail)).is_ok() {
                waiting.insert(tag, Pending::Watching(open, tell));
            }
        }
        (Some(Pending::Asked(asks, _)), Answer::Admin(line)) => list(waiting, asks, Vec::new(), line),
        (Some(Pending::Listing(asks, lines)), Answer::Admin(line)) => list(waiting, asks, lines, line),
        (Some(Pending::Asked(asks, _) | Pending::Listing(asks, _)), answer) => {
            drop(asks.who.send(Heard::Answer(answer)))
        }
        (Some(Pending::Watching(mut open, tell)), Answer::Changed { number, status, .. }) => {
            change(&mut open, &tell, (RcptNo(number), status.into()));
            waiting.insert(tag, Pending::Watching(open, tell));
        }
        (Some(Pending::Watching(..)), _) | (None, _) => {} // over, or nobody waits any more
    }
}

/// One more line for an operator; the last one tells who waits. More than a portion has nobody asked for.
fn list(waiting: &mut HashMap<u64, Pending>, asks: Asks, mut lines: Vec<AdminAnswer>, line: AdminAnswer) {
    let is_last = line.is_last();
    lines.push(line);
    if is_last {
        let _ = asks.who.send(Heard::Lines(lines));
    } else if lines.len() <= MOST_LINES {
        waiting.insert(asks.tag, Pending::Listing(asks, lines));
    }
}

/// As many places as there are open recipients are kept for their ends.
fn change(open: &mut BTreeSet<RcptNo>, tell: &mpsc::Sender<StatusChange>, (number, status): StatusChange) {
    if !open.contains(&number) || (!status.is_final() && tell.capacity() <= open.len()) {
        return;
    }
    if status.is_final() {
        open.remove(&number);
    }
    let _ = tell.try_send((number, status));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How much is kept for someone who asks how a mail stands when that is answered, and whether more can be heard.
    fn kept(watches: bool) -> (usize, bool) {
        let (who, mut heard) = oneshot::channel();
        let mut waiting = HashMap::from([(7, Pending::Asked(Asks { tag: 7, watches, who }, Vec::new()))]);
        let (address, status) = ("bob@example.net".parse().unwrap(), (&DeliveryStatus::Queued).into());
        hear(&mut waiting, Answer::Recipient { tag: 7, number: 0, address, status });
        hear(&mut waiting, Answer::Listed { tag: 7, recipients: 1 });
        match heard.try_recv() {
            Ok(Heard::Mail(mail)) if mail.recipients.len() == 1 => (waiting.len(), !mail.changes.is_closed()),
            _ => panic!("it is listed"),
        }
    }

    #[test]
    fn nothing_is_kept_for_whoever_only_asks() {
        assert_eq!(kept(false), (0, false));
        assert_eq!(kept(true), (1, true));
    }
}
