//! Where mail comes out: a target of the program's own, which takes everything at once. The engine forgets the mail then.
//!
//! Rule: a mail is read to its last octet before it counts as delivered, and judged as soon as it is there.

use std::sync::{
    atomic::{AtomicUsize, Ordering},
    mpsc::Sender,
    Arc,
};

use postrider::rules::{After, BoxFuture, Lease, Outcome, Outcomes, Target};

use super::{
    edit::{undone, Edit},
    mail::AttemptId,
};

const MOST_OCTETS: usize = 1 << 24;

/// A mail that has come out.
#[derive(Debug)]
pub struct Came {
    pub to: Vec<String>,
    /// Which it is, and who has edited it; or what is wrong with it.
    pub what: Result<(AttemptId, Vec<Edit>), (Option<AttemptId>, String)>,
}

impl Came {
    /// Judges what has come out.
    pub fn new(content: &[u8], to: Vec<String>) -> Self {
        let id = AttemptId::found_in(content).map(|(id, _)| id);
        Came { to, what: judge(content).map_err(|why| (id, why)) }
    }
}

fn judge(content: &[u8]) -> Result<(AttemptId, Vec<Edit>), String> {
    let (edits, received) = undone(content)?;
    let (id, at) = AttemptId::found_in(received).ok_or("it does not say which mail it is")?;
    let (trace, own) = received.split_at(at);
    match () {
        () if own != id.content() => Err("it is not what its client has sent".into()),
        () if trace.windows(2).filter(|here| here == b"\r\n").count() > 0 && !trace.starts_with(b"Received:") => {
            Err("something stands between the edits and what its client has sent".into())
        }
        () => Ok((id, edits)),
    }
}

/// The target; a part of a mail for each hop.
pub struct Counting {
    pub tell: Sender<Came>,
    pub count: Arc<AtomicUsize>,
}

impl Target for Counting {
    fn deliver(&mut self, lease: Lease) -> BoxFuture<'_, After> {
        let came = lease.slip().and_then(|slip| {
            let content = slip.draft.content.all(MOST_OCTETS).ok()?;
            let to: Vec<String> = slip.addressees().map(|(_, to)| to.address.to_string()).collect();
            let outcomes: Outcomes = slip.recipients.iter().map(|no| (*no, Outcome::Delivered(None))).collect();
            Some((Came::new(&content, to), outcomes))
        });
        if let Some((came, outcomes)) = came {
            let _ = self.tell.send(came);
            self.count.fetch_add(1, Ordering::SeqCst);
            lease.settle(outcomes);
        }
        Box::pin(async { After::Reusable })
    }
}
