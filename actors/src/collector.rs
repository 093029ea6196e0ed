//! Collects the files of one folder: claims and reads them in rounds, hands them to the clerk, and settles what became of them.
//!
//! Rule: the folder is with one of us at a time: here, or on a thread that may wait for the disk. The next round begins when the
//! last is settled, so no more than one round of mails is in memory. What is claimed and not settled is on disk, and the next
//! process goes on with it.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use actix::prelude::*;
use futures_util::future::join_all;
use postrider_engine::{
    pickup::{FileMail, Hint, Pickup, Round, Settled, Tick},
    KeyHash,
};
use tokio::{
    sync::oneshot,
    time::{sleep, timeout, Instant},
};
use tracing::{error, info};

use crate::{
    clerk::{NotPosted, Post, Posted, Terms},
    clock::Clock,
    messages::{Drain, Forget},
};

/// What the key of a file begins with: no key of a program is one by chance.
const KEY: &str = "pickup/";

/// Whoever makes hints without end has a round of each so often, and not all of the thread.
const HINTS_APART: Duration = Duration::from_millis(50);

/// A folder, and how it is looked after.
pub struct FolderPlan {
    /// The folder.
    pub folder: Box<dyn Pickup>,
    /// Says when something comes; without it the folder is looked through in time.
    pub hint: Option<Box<dyn Hint>>,
    /// How often it is looked through at least.
    pub scan: Duration,
    /// How long it is known what became of its mails.
    pub remember: Duration,
}

/// Whom it tells.
#[derive(Clone)]
pub struct Ways {
    /// Takes the mails.
    pub clerk: Recipient<Post>,
    /// Forgets keys.
    pub spooler: Recipient<Forget>,
    /// What time it is.
    pub clock: Clock,
}

/// Looks after one folder.
pub struct Collector {
    /// Away while a round is under way.
    folder: Option<Box<dyn Pickup>>,
    hint: Option<Box<dyn Hint>>,
    scan: Duration,
    remember: Duration,
    ways: Ways,
    begun: Instant,
    /// Ends the pause before the next round.
    wake: Option<oneshot::Sender<()>>,
    /// Something has come while a round was under way.
    has_come: bool,
    /// A fault has cost us the folder.
    is_lost: bool,
    closed: bool,
    draining: Vec<oneshot::Sender<()>>,
}

/// Something may have come into the folder.
#[derive(Message)]
#[rtype(result = "()")]
struct Came;

/// One round, on its way.
struct Going {
    folder: Box<dyn Pickup>,
    ways: Ways,
    begun: Instant,
    remember: Duration,
}

impl Collector {
    /// Looks after this folder from its start on.
    pub fn new(FolderPlan { folder, hint, scan, remember }: FolderPlan, ways: Ways) -> Self {
        Collector {
            folder: Some(folder),
            hint,
            scan,
            remember,
            ways,
            begun: Instant::now(),
            wake: None,
            has_come: false,
            is_lost: false,
            closed: false,
            draining: Vec::new(),
        }
    }

    /// Begins a round, unless one is under way.
    fn go(&mut self, ctx: &mut Context<Self>) {
        let Some(folder) = self.folder.take() else { return self.has_come = true };
        if self.closed {
            self.folder = Some(folder);
            return self.draining.clear(); // dropping the answers tells
        }
        self.has_come = false;
        let going = Going { folder, ways: self.ways.clone(), begun: self.begun, remember: self.remember };
        ctx.spawn(going.run().into_actor(self).map(|(folder, again), this, ctx| {
            this.is_lost = folder.is_none();
            this.folder = folder;
            this.rest(again, ctx);
        }));
    }

    /// Until something is due, something comes, or it is time to look.
    fn rest(&mut self, again: Option<Duration>, ctx: &mut Context<Self>) {
        if self.is_lost {
            return self.draining.clear();
        }
        let pause = again.map_or(self.scan, |again| again.min(self.scan));
        if self.closed || self.has_come || pause.is_zero() {
            return ctx.address().do_send(Came); // by the mailbox: others on the thread have their turn
        }
        let (wake, woken) = oneshot::channel::<()>();
        self.wake = Some(wake);
        ctx.spawn(timeout(pause, woken).into_actor(self).map(|_, this, ctx| {
            this.wake = None;
            this.go(ctx);
        }));
    }
}

impl Going {
    /// Gives the folder back, and says when to look again.
    async fn run(self) -> (Option<Box<dyn Pickup>>, Option<Duration>) {
        let Going { folder, ways, begun, remember } = self;
        let tick = move || Tick { now: ways.clock.now(), passed: begun.elapsed() };
        let Some((folder, Round { mails, forget, again })) = on_disk(folder, move |folder| folder.round(tick())).await
        else {
            return (None, None);
        };
        if !forget.is_empty() {
            ways.spooler.do_send(Forget { mails: forget, until: ways.clock.now() + remember });
        }
        if mails.is_empty() {
            return (Some(folder), again);
        }
        let settled = join_all(mails.into_iter().map(|mail| sent(&ways.clerk, mail))).await;
        // What was settled is synced by the next round.
        match on_disk(folder, move |folder| folder.settle(settled, tick())).await {
            Some((folder, ())) => (Some(folder), Some(Duration::ZERO)),
            None => (None, None),
        }
    }
}

/// Does something with the folder on a thread that may wait. `None`: that has panicked, and nobody looks after it any more.
async fn on_disk<T: Send + 'static>(
    mut folder: Box<dyn Pickup>,
    what: impl FnOnce(&mut dyn Pickup) -> T + Send + 'static,
) -> Option<(Box<dyn Pickup>, T)> {
    let name = folder.name();
    let work = move || {
        let done = std::panic::catch_unwind(AssertUnwindSafe(|| what(folder.as_mut())));
        done.map(|done| (folder, done))
    };
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(done)) => Some(done),
        _ => {
            error!(
                folder = name,
                "a fault: the folder is not looked after any more until the next start; nothing is lost"
            );
            None
        }
    }
}

/// Mails go to the clerk in the order of their files.
fn sent(clerk: &Recipient<Post>, mail: FileMail) -> impl std::future::Future<Output = (Arc<str>, Settled)> {
    let FileMail { claim, draft } = mail;
    // Programs that use up all keys do not stop files: there are no more of these than claims, and each is given up.
    let terms = Terms { key: Some(KeyHash::of(&format!("{KEY}{claim}"))), owed: true, ..Terms::default() };
    let (answer, answered) = oneshot::channel();
    clerk.do_send(Post { draft, terms, answer });
    async move {
        let settled = match answered.await {
            Ok(posted) => settled(posted),
            Err(_) => Settled::Later, // a fault, which is in the log
        };
        (claim, settled)
    }
}

fn settled(posted: Result<Posted, NotPosted>) -> Settled {
    match posted {
        Ok(Posted { id, .. }) => Settled::Mailed(id),
        Err(NotPosted::Discarded) => Settled::Discarded,
        Err(NotPosted::Rejected(reply)) if reply.is_permanent() => Settled::Refused(reply),
        Err(NotPosted::Rejected(reply)) => Settled::PutOff(reply),
        Err(_) => Settled::Later,
    }
}

impl Actor for Collector {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        if let Some(mut hint) = self.hint.take() {
            let collector = ctx.address();
            let listening = async move {
                loop {
                    hint.wait().await;
                    collector.do_send(Came);
                    sleep(HINTS_APART).await;
                }
            };
            ctx.spawn(listening.into_actor(self));
        }
        if let Some(folder) = &self.folder {
            info!(folder = folder.name(), "looking after a pickup folder");
        }
        self.go(ctx);
    }
}

impl Handler<Came> for Collector {
    type Result = ();

    /// Whoever rests is woken, and looks.
    fn handle(&mut self, Came: Came, ctx: &mut Context<Self>) {
        match self.wake.take() {
            Some(wake) => drop(wake.send(())),
            None => self.go(ctx),
        }
    }
}

impl Handler<Drain> for Collector {
    type Result = ();

    /// The round that is under way is settled; no other begins.
    fn handle(&mut self, Drain(answer): Drain, _: &mut Context<Self>) {
        self.closed = true;
        if self.folder.is_none() && !self.is_lost {
            self.draining.push(answer);
        } // else dropping the answer tells
    }
}
