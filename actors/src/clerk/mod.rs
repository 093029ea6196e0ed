//! The window for programs: takes mail that a program sends by a call, and hands it to the door.
//!
//! Rule: so much is under way at once, and who comes then waits in line or goes away, as it wishes. What was begun comes to
//! its end, also if nobody waits for the answer any more; what was not begun when its sender went away is not sent.

mod posting;

use std::{collections::VecDeque, panic::AssertUnwindSafe, sync::Arc};

use actix::prelude::*;
use futures_util::FutureExt;
use postrider_engine::{Draft, KeyHash, QueueId, Reply, Staging};
use tokio::sync::oneshot;

use self::posting::post;
use crate::{
    clock::Clock,
    door::Door,
    intake::StageFrom,
    messages::{AskKey, Drain},
};

/// Mails that are under way to the disk at once. With ten, each sync would carry ten; a million would be memory without end.
const MOST_AT_ONCE: usize = 1000;
/// Octets of them in memory. One mail that is larger goes alone.
const MOST_OCTETS: usize = 64 << 20;

/// A line of fewer is not looked through for those who have gone.
const TIDY_FROM: usize = 64;

/// What a program wants of a send.
#[derive(Clone, Copy, Debug, Default)]
pub struct Terms {
    /// The same key is sent once.
    pub key: Option<KeyHash>,
    /// It waits on disk until its ticket is redeemed.
    pub prepared: bool,
    /// How durable it is when the answer comes.
    pub buffered: bool,
    /// If too much is under way, the answer is that, and nothing is sent.
    pub or_busy: bool,
    /// Its key is remembered also where no more are: few are under way at once, and each is given up.
    pub owed: bool,
}

/// handle -> clerk, awaited: send this.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Post {
    /// The mail.
    pub draft: Draft,
    /// How.
    pub terms: Terms,
    /// Told when it is on disk.
    pub answer: oneshot::Sender<Result<Posted, NotPosted>>,
}

/// A mail that is on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posted {
    /// Its number.
    pub id: QueueId,
    /// It was there before, under the same key.
    pub repeated: bool,
}

/// Why a mail was not taken.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotPosted {
    /// A sink has refused it, or has failed.
    #[error("{0}")]
    Rejected(Reply),
    /// A sink has taken it out: it is not sent, and is not to be sent again.
    #[error("a sink has discarded the mail")]
    Discarded,
    /// There is no space.
    #[error("no space is left for new mail")]
    NoSpace,
    /// As much is under way as may be.
    #[error("too many mails are being sent at present")]
    Busy,
    /// As many keys and tickets are remembered as may be.
    #[error("no more keys and tickets can be remembered at present")]
    TooManyKeys,
    /// The engine ends, and takes nothing more.
    #[error("the engine is stopping")]
    Stopping,
    /// Nothing is known of it: the disk failed.
    #[error("{0}")]
    Failed(Arc<str>),
}

/// How long what is remembered. A reload may change it.
#[derive(Clone, Copy, Debug)]
pub struct Lives {
    /// Of mails with a key: as long as the same key is not sent again.
    pub key: std::time::Duration,
    /// Of tickets: as long as they can be redeemed.
    pub ticket: std::time::Duration,
    /// Of other mails: as long as a receipt finds out what became of it. Zero: as long as the mail lives.
    pub other: std::time::Duration,
}

/// What the clerk works with.
#[derive(Clone)]
pub struct Desk {
    /// The way in.
    pub door: Door,
    /// Is asked about keys.
    pub keys: Recipient<AskKey>,
    /// Keeps large content.
    pub staging: Arc<dyn Staging>,
    /// What is large.
    pub stage_from: StageFrom,
    /// How long what is remembered.
    pub lives: Lives,
    /// What time it is.
    pub clock: Clock,
}

/// Takes mail from programs.
pub struct Clerk {
    desk: Desk,
    under_way: usize,
    octets: usize,
    /// Bounded by the callers: each waits for its own. Those who have gone are let out when it has doubled.
    line: VecDeque<Post>,
    tidy_at: usize,
    closed: bool,
    draining: Vec<oneshot::Sender<()>>,
}

impl Clerk {
    /// A clerk at this desk.
    pub fn new(desk: Desk) -> Self {
        Clerk {
            desk,
            under_way: 0,
            octets: 0,
            line: VecDeque::new(),
            tidy_at: TIDY_FROM,
            closed: false,
            draining: Vec::new(),
        }
    }

    fn has_room_for(&self, octets: usize) -> bool {
        let is_alone = self.under_way == 0;
        is_alone || (self.under_way < MOST_AT_ONCE && self.octets.saturating_add(octets) <= MOST_OCTETS)
    }

    fn wait_in_line(&mut self, post: Post) {
        if self.line.len() >= self.tidy_at {
            self.line.retain(|post| !post.answer.is_closed());
            self.tidy_at = (2 * self.line.len()).max(TIDY_FROM);
        }
        self.line.push_back(post);
    }

    fn begin_some(&mut self, ctx: &mut Context<Self>) {
        while let Some(post) = self.line.pop_front() {
            if post.answer.is_closed() {
                continue; // whoever sent it has gone
            }
            if !self.has_room_for(post.draft.content.octets_in_memory()) {
                self.line.push_front(post);
                return;
            }
            self.begin(post, ctx);
        }
    }

    fn begin(&mut self, Post { draft, terms, answer }: Post, ctx: &mut Context<Self>) {
        let octets = draft.content.octets_in_memory();
        self.under_way += 1;
        self.octets += octets;
        let posted = AssertUnwindSafe(post(self.desk.clone(), draft, terms)).catch_unwind().into_actor(self);
        ctx.spawn(posted.map(move |posted, this, ctx| {
            this.under_way -= 1;
            this.octets -= octets;
            if let Ok(posted) = posted {
                let _ = answer.send(posted);
            } // else dropping the answer tells
            this.begin_some(ctx);
            this.end_if_drained();
        }));
    }

    fn end_if_drained(&mut self) {
        if self.under_way == 0 && self.line.is_empty() {
            self.draining.clear(); // dropping the answers tells
        }
    }
}

impl Actor for Clerk {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        ctx.set_mailbox_capacity(0); // bounded by the callers
    }
}

impl Handler<Post> for Clerk {
    type Result = ();

    fn handle(&mut self, post: Post, ctx: &mut Context<Self>) {
        let has_room = self.line.is_empty() && self.has_room_for(post.draft.content.octets_in_memory());
        match () {
            () if self.closed => drop(post.answer.send(Err(NotPosted::Stopping))),
            () if has_room => self.begin(post, ctx),
            () if post.terms.or_busy => drop(post.answer.send(Err(NotPosted::Busy))),
            () => self.wait_in_line(post),
        }
    }
}

/// transport -> clerk, told: so long what is remembered from now on.
#[derive(Message)]
#[rtype(result = "()")]
pub struct RememberFor(pub Lives);

impl Handler<RememberFor> for Clerk {
    type Result = ();

    fn handle(&mut self, RememberFor(lives): RememberFor, _: &mut Context<Self>) {
        self.desk.lives = lives;
    }
}

impl Handler<Drain> for Clerk {
    type Result = ();

    /// What is under way comes to its end; who waits in line still has its mail.
    fn handle(&mut self, Drain(answer): Drain, _: &mut Context<Self>) {
        self.closed = true;
        self.draining.push(answer);
        for post in self.line.drain(..) {
            let _ = post.answer.send(Err(NotPosted::Stopping));
        }
        self.end_if_drained();
    }
}
