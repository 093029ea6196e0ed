//! Targets that do as told, and what became known outside.

use std::{
    cell::RefCell,
    collections::{BTreeMap, VecDeque},
    rc::Rc,
    sync::Arc,
    time::Duration,
};

use postrider::rules::{
    After, BoxFuture, Content, Diagnosis, Lease, Outcome, Outcomes, Piece, QueueId, RcptNo, Reply, Scope, Target,
};

/// What a target does with the next slip it is lent.
#[derive(Clone)]
pub enum Act {
    Deliver,
    /// The next host answers for all; it heard what the sender wants to know, or not.
    Relay(bool),
    /// All recipients get this reply; `Scope` says how far it reaches.
    Reply(Scope, Reply),
    /// These recipients get this reply; the others are delivered.
    Some(Vec<u32>, Reply),
    Panic,
    Hang,
    /// Does it after a while.
    Late(Duration, Box<Act>),
    /// Notes the attempt, sends the dot, and hears nothing.
    CutAfterDot,
}

/// What became known outside: every attempt, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub hop: String,
    pub id: QueueId,
    pub to: Vec<String>,
    pub delivered: Vec<String>,
}

#[derive(Default)]
pub struct Script {
    pub acts: BTreeMap<String, VecDeque<Act>>,
    /// For hops whose acts are used up; otherwise they deliver.
    pub then: BTreeMap<String, Act>,
    pub seen: Vec<Seen>,
    pub contents: Vec<String>,
}

pub type Shared = Rc<RefCell<Script>>;

pub struct Scripted {
    pub hop: String,
    pub script: ScriptHandle,
}

/// Everything is on one thread; a `Target` must be `Send` all the same.
#[derive(Clone)]
pub struct ScriptHandle(Arc<std::thread::ThreadId>, usize);

thread_local! {
    static SCRIPTS: RefCell<Vec<Shared>> = const { RefCell::new(Vec::new()) };
}

impl ScriptHandle {
    pub fn new(script: Shared) -> Self {
        SCRIPTS.with_borrow_mut(|all| {
            all.push(script);
            ScriptHandle(Arc::new(std::thread::current().id()), all.len() - 1)
        })
    }

    fn with<T>(&self, f: impl FnOnce(&mut Script) -> T) -> T {
        assert_eq!(*self.0, std::thread::current().id());
        let script = SCRIPTS.with_borrow(|all| Rc::clone(&all[self.1]));
        let mut script = script.borrow_mut();
        f(&mut script)
    }
}

impl Scripted {
    fn next(&self, lease: &Lease) -> Act {
        let slip = lease.slip().unwrap();
        let to: Vec<String> = slip.addressees().map(|(_, to)| to.address.to_string()).collect();
        let text = text(&slip.draft.content);
        self.script.with(|script| {
            let (id, hop) = (slip.id(), self.hop.clone());
            let act = script.acts.get_mut(&hop).and_then(VecDeque::pop_front);
            let act = act.or_else(|| script.then.get(&hop).cloned()).unwrap_or(Act::Deliver);
            let what = match &act {
                Act::Late(_, what) => what,
                act => act,
            };
            let delivered = match what {
                Act::Deliver | Act::Relay(_) => to.clone(),
                Act::Some(not, _) => {
                    let others = slip.addressees().filter(|(no, _)| !not.contains(&no.0));
                    others.map(|(_, to)| to.address.to_string()).collect()
                }
                _ => Vec::new(),
            };
            script.seen.push(Seen { hop, id, to, delivered });
            script.contents.push(text);
            act
        })
    }
}

pub fn text(content: &Content) -> String {
    let octets = content.pieces().iter().flat_map(|piece| match piece {
        Piece::Memory(octets) => octets.to_vec(),
        Piece::Side(..) => Vec::new(),
    });
    String::from_utf8(octets.collect()).unwrap()
}

impl Target for Scripted {
    fn deliver(&mut self, lease: Lease) -> BoxFuture<'_, After> {
        let act = self.next(&lease);
        Box::pin(async move {
            let numbers: Vec<RcptNo> = lease.slip().unwrap().recipients.clone();
            let each = |outcome: Outcome| numbers.iter().map(|no| (*no, outcome.clone())).collect::<Outcomes>();
            let act = match act {
                Act::Late(pause, act) => {
                    tokio::time::sleep(pause).await;
                    *act
                }
                act => act,
            };
            match act {
                Act::Late(..) => drop(lease),
                Act::Deliver => lease.settle(each(Outcome::Delivered(None))),
                Act::Relay(told) => lease.settle(each(Outcome::Relayed { why: None, told })),
                Act::Reply(scope, reply) => lease.settle(each(refusal(scope, reply))),
                Act::Some(not, reply) => {
                    let outcome = |no: &RcptNo| match not.contains(&no.0) {
                        true => refusal(Scope::Recipient, reply.clone()),
                        false => Outcome::Delivered(None),
                    };
                    lease.settle(numbers.iter().map(|no| (*no, outcome(no))).collect());
                }
                Act::Panic => panic!("as told"),
                Act::Hang => std::future::pending().await,
                Act::CutAfterDot => drop(lease.at_final_dot("mx").await),
            }
            After::Reusable
        })
    }
}

fn refusal(scope: Scope, reply: Reply) -> Outcome {
    let is_permanent = reply.is_permanent();
    let why = Diagnosis::remote(scope, reply, "mx");
    if is_permanent {
        Outcome::Failed(why)
    } else {
        Outcome::Deferred(why)
    }
}
