//! A folder and its collector: round after round, each settled before the next, and an end that leaves nothing half done.

#![allow(clippy::disallowed_types)] // folders are asked on threads that may wait, while the test looks at them

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use actix::prelude::*;
use postrider::{
    rules::{
        pickup::{FileMail, Hint, Pickup, Round, Settled, Tick},
        BoxFuture, Reply,
    },
    QueueId,
};
use postrider_actors::{
    clerk::{NotPosted, Post, Posted},
    clock::Clock,
    collector::{Collector, FolderPlan, Ways},
    messages::{Drain, Forget},
};
use tokio::sync::oneshot;

use crate::world::{draft, pass, run, BEGIN, BUSY, DAY, SECOND, UNKNOWN};

/// What the folder of a test has, and what it was told. It is asked from threads that may wait, so it has a lock.
#[derive(Default)]
struct Told {
    /// Mails of each round to come, by name, and mails to forget.
    rounds: VecDeque<(Vec<&'static str>, Vec<QueueId>)>,
    /// When rounds began.
    began: Vec<Duration>,
    settled: Vec<(String, String)>,
    panics: bool,
}

#[derive(Clone, Default)]
struct Scripted(Arc<Mutex<Told>>);

impl Scripted {
    fn with(rounds: impl IntoIterator<Item = Vec<&'static str>>) -> Self {
        let folder = Scripted::default();
        folder.0.lock().unwrap().rounds = rounds.into_iter().map(|mails| (mails, Vec::new())).collect();
        folder
    }

    fn began(&self) -> Vec<u64> {
        self.0.lock().unwrap().began.iter().map(Duration::as_secs).collect()
    }

    fn settled(&self) -> Vec<(String, String)> {
        self.0.lock().unwrap().settled.clone()
    }
}

impl Pickup for Scripted {
    fn round(&mut self, tick: Tick) -> Round {
        let mut told = self.0.lock().unwrap();
        told.began.push(tick.passed);
        if told.panics {
            drop(told);
            panic!("a fault of the folder, made by a test");
        }
        let (mails, forget) = told.rounds.pop_front().unwrap_or_default();
        let mail = |claim: &str| FileMail {
            claim: claim.into(),
            draft: draft(BEGIN, Some("me@home.example"), &["you@b.example"]),
        };
        Round { mails: mails.into_iter().map(mail).collect(), forget, again: None }
    }

    fn settle(&mut self, settled: Vec<(Arc<str>, Settled)>, _: Tick) {
        let words = settled.into_iter().map(|(claim, what)| (claim.to_string(), word(&what)));
        self.0.lock().unwrap().settled.extend(words);
    }

    fn name(&self) -> String {
        "/pickup".into()
    }
}

fn word(settled: &Settled) -> String {
    let code = |reply: &Reply| reply.code.to_string();
    match settled {
        Settled::Mailed(id) => format!("mailed {}", id.0),
        Settled::Discarded => "discarded".into(),
        Settled::Refused(reply) => format!("refused {}", code(reply)),
        Settled::PutOff(reply) => format!("put off {}", code(reply)),
        Settled::Later => "later".into(),
    }
}

/// Takes mails, and answers when the test does.
struct Counter(Arc<Mutex<Vec<Post>>>);

impl Actor for Counter {
    type Context = Context<Self>;
}

impl Handler<Post> for Counter {
    type Result = ();

    fn handle(&mut self, post: Post, _: &mut Context<Self>) {
        self.0.lock().unwrap().push(post);
    }
}

/// Is told which keys to forget.
struct Memory(Arc<Mutex<Vec<Forget>>>);

impl Actor for Memory {
    type Context = Context<Self>;
}

impl Handler<Forget> for Memory {
    type Result = ();

    fn handle(&mut self, forget: Forget, _: &mut Context<Self>) {
        self.0.lock().unwrap().push(forget);
    }
}

/// Says that something has come, when the test does.
struct Bell(tokio::sync::mpsc::UnboundedReceiver<()>);

impl Hint for Bell {
    fn wait(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            if self.0.recv().await.is_none() {
                std::future::pending::<()>().await;
            }
        })
    }
}

/// A collector, and all whom it knows.
struct Place {
    folder: Scripted,
    posts: Arc<Mutex<Vec<Post>>>,
    forgets: Arc<Mutex<Vec<Forget>>>,
    bell: tokio::sync::mpsc::UnboundedSender<()>,
    collector: Addr<Collector>,
}

impl Place {
    async fn new(folder: Scripted) -> Place {
        let (posts, forgets) = (Arc::default(), Arc::default());
        let (bell, rings) = tokio::sync::mpsc::unbounded_channel();
        let plan = FolderPlan {
            folder: Box::new(folder.clone()),
            hint: Some(Box::new(Bell(rings))),
            scan: 10 * SECOND,
            remember: DAY,
        };
        let ways = Ways {
            clerk: Counter(Arc::clone(&posts)).start().recipient(),
            spooler: Memory(Arc::clone(&forgets)).start().recipient(),
            clock: Clock::following_tokio(BEGIN),
        };
        let collector = Collector::new(plan, ways).start();
        pass(SECOND / 10).await;
        Place { folder, posts, forgets, bell, collector }
    }

    /// Something has come.
    async fn ring(&self) {
        self.bell.send(()).unwrap();
        pass(SECOND / 10).await;
    }

    /// How many mails wait for an answer.
    fn waiting(&self) -> usize {
        self.posts.lock().unwrap().len()
    }

    /// Answers all that wait, in turn.
    async fn answer(&self, answers: impl IntoIterator<Item = Option<Result<Posted, NotPosted>>>) {
        let posts = std::mem::take(&mut *self.posts.lock().unwrap());
        for (post, answer) in posts.into_iter().zip(answers) {
            if let Some(answer) = answer {
                post.answer.send(answer).ok().unwrap();
            }
        }
        pass(SECOND / 10).await;
    }

    async fn drain(&self) -> oneshot::Receiver<()> {
        let (answer, drained) = oneshot::channel();
        self.collector.do_send(Drain(answer));
        pass(SECOND / 10).await;
        drained
    }
}

fn mailed(id: u64) -> Option<Result<Posted, NotPosted>> {
    Some(Ok(Posted { id: QueueId(id), repeated: false }))
}

/// The drain was answered, by letting go of its sender.
fn is_over(drained: &mut oneshot::Receiver<()>) -> bool {
    !matches!(drained.try_recv(), Err(oneshot::error::TryRecvError::Empty))
}

#[test]
fn a_round_begins_when_the_last_is_settled_and_what_rings_meanwhile_is_not_lost() {
    run(|| async {
        let place = Place::new(Scripted::with([vec!["a", "b"], vec!["c"]])).await;
        assert_eq!((place.waiting(), place.folder.began()), (2, vec![0]));
        place.ring().await;
        pass(60 * SECOND).await;
        assert_eq!((place.waiting(), place.folder.began()), (2, vec![0]), "nobody begins another round");
        place.answer([mailed(1), mailed(2)]).await;
        assert_eq!((place.waiting(), place.folder.began()), (1, vec![0, 60]), "the next begins at once");
        place.answer([mailed(3)]).await;
        let settled: Vec<String> = place.folder.settled().into_iter().map(|(claim, _)| claim).collect();
        assert_eq!(settled, ["a", "b", "c"]);
    });
}

#[test]
fn each_mail_is_settled_by_its_own_answer() {
    run(|| async {
        let place = Place::new(Scripted::with([vec!["a", "b", "c", "d", "e", "f"]])).await;
        let keys: Vec<_> = place.posts.lock().unwrap().iter().map(|post| post.terms.key).collect();
        assert!(keys.iter().all(Option::is_some) && keys[0] != keys[1], "each has a key of its own");
        let rejected = |reply| Some(Err(NotPosted::Rejected(reply)));
        let (full, lost) = (Some(Err(NotPosted::NoSpace)), None);
        let discarded = Some(Err(NotPosted::Discarded));
        place.answer([mailed(7), discarded, rejected(UNKNOWN), rejected(BUSY), full, lost]).await;
        let words: Vec<String> = place.folder.settled().into_iter().map(|(_, word)| word).collect();
        assert_eq!(words, ["mailed 7", "discarded", "refused 550", "put off 451", "later", "later"]);
    });
}

#[test]
fn a_ring_ends_the_pause_and_without_one_the_folder_is_looked_through_in_time() {
    run(|| async {
        let place = Place::new(Scripted::default()).await;
        pass(3 * SECOND).await;
        place.ring().await;
        assert_eq!(place.folder.began(), [0, 3]);
        pass(11 * SECOND).await;
        assert_eq!(place.folder.began(), [0, 3, 13]);
    });
}

#[test]
fn rings_without_end_make_no_rounds_without_end() {
    run(|| async {
        let place = Place::new(Scripted::default()).await;
        for _ in 0..1000 {
            place.bell.send(()).unwrap();
            pass(SECOND / 1000).await;
        }
        assert!((10..=25).contains(&place.folder.began().len()), "{:?}", place.folder.began());
    });
}

#[test]
fn keys_of_files_that_are_gone_are_given_up_and_their_ends_remembered() {
    run(|| async {
        let folder = Scripted::default();
        folder.0.lock().unwrap().rounds.push_back((Vec::new(), vec![QueueId(4), QueueId(5)]));
        let place = Place::new(folder).await;
        let forgets = place.forgets.lock().unwrap();
        assert_eq!(forgets.len(), 1, "and nothing is said of nothing");
        assert_eq!((&*forgets[0].mails, forgets[0].until), (&[QueueId(4), QueueId(5)][..], BEGIN + DAY));
    });
}

#[test]
fn an_orderly_end_settles_what_is_under_way_and_begins_no_other_round() {
    run(|| async {
        let place = Place::new(Scripted::with([vec!["a"], vec!["b"]])).await;
        let mut drained = place.drain().await;
        assert!(!is_over(&mut drained), "a mail is under way");
        place.answer([mailed(1)]).await;
        assert!(is_over(&mut drained));
        place.ring().await;
        pass(60 * SECOND).await;
        assert_eq!((place.folder.settled().len(), place.folder.began().len()), (1, 1));
        assert!(is_over(&mut place.drain().await), "who is at rest has nothing to settle");
    });
}

#[test]
fn a_folder_with_a_fault_is_given_up_and_keeps_nobody_from_an_end() {
    run(|| async {
        let folder = Scripted::default();
        folder.0.lock().unwrap().panics = true;
        let place = Place::new(folder).await;
        place.ring().await;
        pass(60 * SECOND).await;
        assert_eq!(place.folder.began(), [0], "it is not touched again");
        assert!(is_over(&mut place.drain().await));
    });
}
