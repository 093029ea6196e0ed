//! Load: many connections, each mail with a name of its own, and a note of every mail that was promised.

use std::{
    collections::hash_map::DefaultHasher,
    hash::{Hash, Hasher},
    io,
    net::SocketAddr,
    sync::{
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
        Arc,
    },
    thread::{self, JoinHandle},
};

use super::{client::Client, sink::Taken};

const MARK: &[u8] = b"X-Test-Id: ";

/// A mail for which the daemon has said 250.
#[derive(Clone, Debug)]
pub struct Promise {
    /// The test's name for it.
    pub id: String,
    /// The queue's name for it.
    pub queued_as: String,
    /// A checksum of what was sent.
    pub sum: u64,
}

/// What is sent.
#[derive(Clone, Debug)]
pub struct Kind {
    /// Connections at once.
    pub threads: usize,
    /// Mails in all; load that has no end is stopped.
    pub mails: usize,
    /// The domain of all recipients. Their local part is the mail's name, and the sender's too.
    pub domain: &'static str,
    /// Each mail has between half of these octets and all.
    pub octets: usize,
}

/// What one connection came to: what was promised on it, and the refusal at its end, if it did not break.
type Ended = (Vec<Promise>, io::Result<Option<String>>);

/// Load under way.
pub struct Load {
    threads: Vec<JoinHandle<Ended>>,
    ends: Arc<AtomicBool>,
    promised: Arc<AtomicUsize>,
}

/// What load came to.
#[derive(Debug, Default)]
pub struct Sent {
    pub promises: Vec<Promise>,
    /// What the daemon said to those whom it refused.
    pub refusals: Vec<String>,
    /// Connections that ended before their client had said all.
    pub broken: usize,
}

impl Load {
    /// Begins; `name` makes the names of this load's mails differ from all others.
    pub fn start(address: SocketAddr, name: &str, kind: &Kind) -> Self {
        let (ends, next) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let promised = Arc::new(AtomicUsize::new(0));
        let one = |_| {
            let (ends, next, promised) = (Arc::clone(&ends), Arc::clone(&next), Arc::clone(&promised));
            let (name, kind) = (name.to_owned(), kind.clone());
            thread::spawn(move || {
                let mut promises = Vec::new();
                let again = || (!ends.load(Relaxed)).then(|| next.fetch_add(1, Relaxed)).filter(|n| *n < kind.mails);
                let note = |promise| {
                    promises.push(promise);
                    promised.fetch_add(1, Relaxed);
                };
                // An error is the end of the daemon: what was not promised by then never was.
                let refused = run(address, &name, &kind, again, note);
                (promises, refused)
            })
        };
        Load { threads: (0..kind.threads).map(one).collect(), ends, promised }
    }

    /// How many mails were promised so far.
    pub fn promised(&self) -> usize {
        self.promised.load(Relaxed)
    }

    /// Waits until all is sent, or the daemon is gone.
    pub fn wait(self) -> Sent {
        let mut sent = Sent::default();
        for thread in self.threads {
            let (promises, refused) = thread.join().expect("a sender does not panic");
            sent.promises.extend(promises);
            sent.broken += usize::from(refused.is_err());
            sent.refusals.extend(refused.unwrap_or(None));
        }
        sent
    }

    /// Ends after the mails in hand.
    pub fn stop(self) -> Sent {
        self.ends.store(true, Relaxed);
        self.wait()
    }
}

fn run(
    address: SocketAddr,
    name: &str,
    kind: &Kind,
    again: impl Fn() -> Option<usize>,
    mut note: impl FnMut(Promise),
) -> io::Result<Option<String>> {
    let mut client = Client::connect(address)?;
    while let Some(number) = again() {
        let id = format!("{name}-{number}");
        let content = content(&id, kind.octets);
        let (from, to) = (format!("{id}@from.example"), format!("{id}@{}", kind.domain));
        match client.send(&from, &[&to], &content)? {
            Ok(queued_as) => note(Promise { id, queued_as, sum: hash(&content) }),
            Err(refusal) => return Ok(Some(refusal)),
        }
    }
    Ok(None)
}

/// A mail of this name, at most this large: lines of all lengths and octets, some of them dots.
pub fn content(id: &str, octets: usize) -> Vec<u8> {
    let mut seed = hash(id.as_bytes()) | 1;
    let mut random = move || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 40).expect("24 bits")
    };
    let mut mail = [MARK, id.as_bytes(), b"\r\nSubject: load\r\n\r\n"].concat();
    let size = octets / 2 + random() % (octets / 2 + 1);
    while mail.len() + 2 < size {
        let line = (random() % 120).min(size - mail.len() - 2);
        match random() % 16 {
            0 => mail.extend(std::iter::repeat_n(b'.', line)),
            1 => mail.extend(std::iter::repeat_n(0xE4, line)),
            letter => mail.extend(std::iter::repeat_n(b"abcdefghijklmnop"[letter], line)),
        }
        mail.extend_from_slice(b"\r\n");
    }
    mail
}

/// A checksum.
pub fn hash(octets: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    octets.hash(&mut hasher);
    hasher.finish()
}

/// The name of a mail that came out again, and the checksum of what was sent: everything from the first field that
/// was ours.
pub fn recognised(taken: &Taken) -> Option<(String, u64)> {
    let at = taken.content.windows(MARK.len()).position(|here| here == MARK)?;
    let own = &taken.content[at..];
    let end = own.windows(2).position(|here| here == b"\r\n")?;
    let id = String::from_utf8(own[MARK.len()..end].to_vec()).ok()?;
    Some((id, hash(own)))
}
