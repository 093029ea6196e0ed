//! What the tests of the spool share: mails, facts, and a spool that is asked from a thread without a runtime.

use std::{
    future::Future,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
    thread::Thread,
};

use postrider_engine::{
    Address, Applied, Batch, Content, Diagnosis, Door, Draft, Durability, Entry, Envelope, Fact, FetchError, Files,
    How, Kept, Look, Moment, NotWritten, QueueId, RcptNo, Receipt, Reply, Scope, Seen, Spool, SpoolFailed, Success,
};

use super::super::{open, DiskSpool, OpenError, Settings};

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Waits for a future on this thread.
pub fn wait<T>(future: impl Future<Output = T>) -> T {
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(done) => return done,
            Poll::Pending => std::thread::park(),
        }
    }
}

/// Until the threads have done what they can.
pub fn until(what: &str, mut is: impl FnMut() -> bool) {
    for _ in 0..2000 {
        if is() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    panic!("never {what}");
}

/// Small segments, nothing prepared ahead.
pub fn small() -> Settings {
    Settings { segment_octets: 16 << 10, prepared_segments: 0, min_free_octets: 0, ..Settings::default() }
}

pub fn draft(recipients: u32, text: impl Into<bytes::Bytes>) -> Draft {
    let mut envelope = Envelope::default();
    envelope.sender = Some(Address::parse("from@example.org").unwrap());
    envelope.arrived = Moment(1_000);
    for n in 0..recipients {
        envelope.recipients.add(Address::parse(&format!("to{n}@example.net")).unwrap());
    }
    Draft::new(envelope, Content::new(text))
}

pub fn report(text: &'static str) -> Entry {
    let mut draft = draft(1, text);
    draft.envelope.door = Door::Report;
    Entry { facts: vec![Fact::Fault { mail: QueueId(0) }], ..Entry::mail(draft) }
}

pub fn delivered(mail: u64, recipients: &[u32]) -> Fact {
    let recipients = recipients.iter().copied().map(RcptNo).collect();
    Fact::Finished { mail: QueueId(mail), recipients, how: How::Delivered }
}

pub fn failed(mail: u64, recipients: &[u32]) -> Fact {
    let recipients = recipients.iter().copied().map(RcptNo).collect();
    let why = Diagnosis::remote(Scope::Recipient, Reply::new(550, 1, 1, "no such user"), "mx.example.net");
    Fact::Finished { mail: QueueId(mail), recipients, how: How::Failed(why) }
}

/// A good end that is to be told.
pub fn confirmed(mail: u64, recipients: &[u32], success: Success) -> Fact {
    let recipients: Vec<RcptNo> = recipients.iter().copied().map(RcptNo).collect();
    let said = Diagnosis::remote(Scope::Mail, Reply::new(250, 0, 0, "queued"), "mx.example.net");
    let how = How::Confirm(success, (success == Success::Relayed).then_some(said));
    Fact::Finished { mail: QueueId(mail), recipients, how }
}

pub fn scheduled(mail: u64, recipients: &[u32], attempts: u32) -> Fact {
    let recipients = recipients.iter().copied().map(RcptNo).collect();
    let last = Some(Diagnosis::remote(Scope::Hop, Reply::new(421, 4, 2, "busy"), "mx.example.net"));
    let due = Moment(u64::from(attempts) * 60_000);
    Fact::Schedule { mail: QueueId(mail), recipients, attempts, due, last, perhaps: false }
}

pub fn try_open(files: Arc<dyn Files>) -> Result<DiskSpool, OpenError> {
    open(small(), files)
}

/// The short ways to ask a spool.
pub trait Ask {
    fn try_put(&mut self, entries: Vec<Entry>, durability: Durability) -> Result<Applied, SpoolFailed>;
    fn look(&mut self, look: Look) -> Seen;

    fn put(&mut self, entries: Vec<Entry>) -> Vec<Result<Receipt, NotWritten>> {
        self.try_put(entries, Durability::Synced).unwrap().receipts
    }

    fn mail(&mut self, draft: Draft) -> QueueId {
        self.put(vec![Entry::mail(draft)]).remove(0).unwrap().ids()[0]
    }

    fn facts(&mut self, facts: Vec<Fact>) {
        self.put(vec![Entry::facts(facts)]);
    }

    fn flush(&mut self) {
        self.put(Vec::new());
    }

    fn kept(&mut self, mail: u64) -> Option<Kept> {
        match self.look(Look::Kept(QueueId(mail), Vec::new())) {
            Seen::Kept(_, _, kept) => kept,
            _ => None,
        }
    }
}

impl Ask for DiskSpool {
    fn try_put(&mut self, entries: Vec<Entry>, durability: Durability) -> Result<Applied, SpoolFailed> {
        wait(self.apply(Batch { entries, looks: Vec::new(), durability }))
    }

    fn look(&mut self, look: Look) -> Seen {
        let batch = Batch { entries: Vec::new(), looks: vec![look], durability: Durability::Written };
        wait(self.apply(batch)).unwrap().seen.remove(0)
    }
}

/// The text of a mail; it may be moved while we ask.
pub fn text_of(spool: &mut DiskSpool, mail: u64) -> Vec<u8> {
    loop {
        let place = spool.kept(mail).unwrap().place;
        match wait(spool.reader().fetch(QueueId(mail), place)) {
            Err(FetchError::Moved) if spool.kept(mail).unwrap().place != place => {}
            read => return read.unwrap().content.head(usize::MAX).unwrap(),
        }
    }
}
