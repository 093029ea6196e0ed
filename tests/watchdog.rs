//! A guest that keeps its thread to itself, in real time and over real sockets: what that costs its own mail, the mails
//! that were in the hands of others on that thread, and those that come after it.
//!
//! Rule: nobody is compared with a clock alone: the others are served while the guest that blocks is still asleep.

// What it unwraps is the test failing.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used)]

#[allow(dead_code)] // the other tests use the rest
#[path = "daemon/client.rs"]
mod client;

use std::{
    future::Future,
    net::SocketAddr,
    sync::{
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
        mpsc, Arc,
    },
    thread::{self, ThreadId},
    time::{Duration, Instant},
};

use client::Client;
use postrider::{
    events::{MailEvent, Message, PreCategorize, Sink, Submission, Verdict},
    rules::{After, BoxFuture, Lease, Outcome, Target},
    sinks::Memory,
    AnyBinding, Binding, BindingStatus, End, Engine, OnFault, Settings,
};

const BLOCKS: Duration = Duration::from_secs(3);
/// What the others do takes so long, and they wait meanwhile.
const WORKS: Duration = Duration::from_millis(500);
/// Until it shows that a thread is blocked, and all others have moved.
const DELAY: Duration = Duration::from_millis(2300);

/// What the sink and the test know of each other.
#[derive(Default)]
struct Seen {
    /// How often a guest has begun to block.
    blocked: AtomicUsize,
    awake: AtomicBool,
}

/// Leaves a mark on each mail; that for `blocks` it keeps, and its thread with it.
struct Blocker(Arc<Seen>, mpsc::Sender<(String, ThreadId)>);

impl<E: MailEvent> Sink<E> for Blocker {
    async fn on(&mut self, mut mail: Message<E>) -> Verdict<E> {
        let to = mail.envelope().recipients.iter().next().unwrap().1.address.to_string();
        self.1.send((to.clone(), thread::current().id())).unwrap();
        mail.content_mut().prepend("X-Seen: yes\r\n");
        if to.starts_with("blocks") && self.0.blocked.fetch_add(1, SeqCst) == 0 {
            thread::sleep(BLOCKS);
            self.0.awake.store(true, SeqCst);
        }
        if to.starts_with("slow") {
            tokio::time::sleep(WORKS).await;
        }
        if to.starts_with("ends") && self.0.blocked.fetch_add(1, SeqCst) == 0 {
            postrider::actix::Arbiter::current().stop();
            std::future::pending::<()>().await;
        }
        mail.next()
    }
}

/// Tells what came out: to whom, and with the mark or without.
struct Out(mpsc::Sender<(String, bool)>);

impl Target for Out {
    fn deliver(&mut self, lease: Lease) -> BoxFuture<'_, After> {
        let slip = lease.slip().unwrap();
        let marked = slip.draft.content.head(8).unwrap().starts_with(b"X-Seen");
        slip.addressees().for_each(|(_, to)| self.0.send((to.address.to_string(), marked)).unwrap());
        let outcomes = slip.recipients.iter().map(|no| (*no, Outcome::Delivered(None))).collect();
        lease.settle(outcomes);
        Box::pin(async { After::Reusable })
    }
}

struct World {
    engine: Engine,
    seen: Arc<Seen>,
    served: mpsc::Receiver<(String, ThreadId)>,
    out: mpsc::Receiver<(String, bool)>,
}

impl World {
    fn with(bind: impl FnOnce(Binding<Blocker>) -> Binding<Blocker>) -> World {
        let (seen, (tell_served, served), (tell_out, out)) = (Arc::<Seen>::default(), mpsc::channel(), mpsc::channel());
        let known = Arc::clone(&seen);
        let binding: AnyBinding =
            bind(Binding::new("blocker", move || Blocker(Arc::clone(&known), tell_served.clone()))).into();
        let settings = "hostname = \"watchdog.localhost\"\n[listen]\nsockets = [\"127.0.0.1:0\"]\n\
                        [[route]]\ndomain = \"*\"\nto = \"target:out\"\n";
        let engine = Engine::builder(Settings::from_toml(settings).unwrap()).spool(Box::new(Memory::new()));
        let engine = engine.bind(binding).target("out", move || Out(tell_out.clone())).start().unwrap();
        World { engine, seen, served, out }
    }

    /// Sends a mail from a thread of its own: the answer, how long it took, and whether the sleeper was still asleep.
    fn send(&self, to: &str) -> thread::JoinHandle<(client::Answer, Duration, bool)> {
        let (server, seen, to): (SocketAddr, _, _) =
            (self.engine.addresses()[0], Arc::clone(&self.seen), format!("{to}@x.example"));
        thread::spawn(move || {
            let mut client = Client::connect(server).unwrap();
            let begin = Instant::now();
            let answer = client.send("me@home.example", &[&to], b"Subject: x\r\n\r\nbody\r\n").unwrap();
            (answer, begin.elapsed(), !seen.awake.load(SeqCst))
        })
    }

    fn until_it_blocks(&self) {
        while self.seen.blocked.load(SeqCst) == 0 {
            thread::sleep(Duration::from_millis(1));
        }
    }

    fn binding(&self) -> BindingStatus {
        wait(self.engine.bindings()).unwrap().remove(0)
    }

    /// To whom mail came out, once all has; in the order of names.
    fn delivered(&self, mails: usize) -> Vec<(String, bool)> {
        let mut all: Vec<_> = (0..mails).map(|_| self.out.recv_timeout(4 * BLOCKS).unwrap()).collect();
        assert_eq!(wait(self.engine.drain(BLOCKS)), End::Drained);
        all.extend(self.out.try_iter()); // there is nothing more
        all.sort();
        all
    }
}

fn wait<F: Future>(work: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

fn names(all: &[(String, bool)]) -> Vec<&str> {
    all.iter().map(|(to, _)| to.trim_end_matches("@x.example")).collect()
}

#[test]
fn who_blocks_the_thread_of_all_is_refused_and_the_others_lose_two_seconds_at_most() {
    let world = World::with(|binding| binding.on(Submission));
    let others: Vec<_> = (0..6).map(|no| world.send(&format!("slow{no}"))).collect();
    while world.binding().in_hand < others.len() {
        thread::sleep(Duration::from_millis(1));
    }
    let blocks = world.send("blocks");
    world.until_it_blocks();
    let (answer, took, asleep) = blocks.join().unwrap();
    assert!(answer.unwrap_err().starts_with("451 4.3.0 ") && asleep, "refused after {took:?}");
    let (answer, took, asleep) = world.send("next").join().unwrap();
    assert!(answer.is_ok() && asleep && took < BLOCKS / 3, "the next is served at once, not after {took:?}");
    for other in others {
        let (answer, took, asleep) = other.join().unwrap();
        answer.unwrap();
        assert!(asleep && took < WORKS + DELAY, "one of the others has waited {took:?}");
    }
    let status = world.binding();
    assert_eq!((status.served, status.faults, status.suspended), (7, 1, false));
    let served: Vec<(String, ThreadId)> = world.served.try_iter().collect();
    let thread_of = |name: &str| served.iter().rfind(|(to, _)| to.starts_with(name)).unwrap().1;
    assert_ne!(thread_of("blocks"), thread_of("next"), "the thread is left to who blocks it");
    let delivered = world.delivered(7);
    assert_eq!(names(&delivered), ["next", "slow0", "slow1", "slow2", "slow3", "slow4", "slow5"]);
    assert!(delivered.iter().all(|(_, marked)| *marked));
}

#[test]
fn where_the_binding_says_so_the_mail_of_who_blocks_goes_on_without_it() {
    let world = World::with(|binding| binding.on(Submission).on_fault(OnFault::Bypass));
    let (answer, took, asleep) = world.send("blocks").join().unwrap();
    assert!(answer.is_ok() && asleep, "after {took:?}");
    assert_eq!((world.binding().faults, world.seen.blocked.load(SeqCst)), (1, 1), "it is not asked again");
    assert_eq!(world.delivered(1), [("blocks@x.example".into(), false)]);
}

#[test]
fn behind_the_commit_who_blocks_costs_its_mail_a_delay_and_the_others_too() {
    let world = World::with(|binding| binding.on(PreCategorize));
    world.send("blocks").join().unwrap().0.unwrap();
    world.until_it_blocks();
    world.send("next").join().unwrap().0.unwrap();
    let delivered = world.delivered(2);
    assert_eq!(names(&delivered), ["blocks", "next"]);
    assert!(delivered.iter().all(|(_, marked)| *marked), "the stage began anew, with the sink");
    assert_eq!(world.seen.blocked.load(SeqCst), 2);
}

#[test]
fn a_guest_that_ends_the_thread_of_all_costs_nobody_more_than_a_new_one() {
    let world = World::with(|binding| binding.on(Submission));
    let (ends, other) = (world.send("ends"), world.send("slow"));
    for mail in [ends, other, world.send("next")] {
        let (answer, took, _) = mail.join().unwrap();
        assert!(answer.is_ok() && took < WORKS + DELAY, "{took:?}: {answer:?}");
    }
    assert_eq!(names(&world.delivered(3)), ["ends", "next", "slow"]);
}

#[test]
fn a_session_whose_guest_lived_on_a_thread_that_was_given_up_goes_on_with_a_new_one() {
    let world = World::with(|binding| binding.on(Submission).scope(postrider::BindingScope::Session));
    let mut idle = Client::connect(world.engine.addresses()[0]).unwrap();
    let mail = |client: &mut Client| client.send("me@home.example", &["idle@x.example"], b"Subject: x\r\n\r\nbody\r\n");
    mail(&mut idle).unwrap().unwrap();
    let blocks = world.send("blocks");
    assert!(blocks.join().unwrap().0.is_err());
    let begin = Instant::now();
    mail(&mut idle).unwrap().unwrap();
    assert!(begin.elapsed() < BLOCKS, "{:?}", begin.elapsed());
    assert_eq!(names(&world.delivered(2)), ["idle", "idle"]);
}
