//! The thread that owns all of a peer: its script, what it took, what was said. Everybody else sends it a message.
//!
//! Rule: an answer is waited for at the place: where time stands still, it must not pass while a peer thinks. The thread
//! waits for nobody.

use std::{
    net::SocketAddr,
    sync::mpsc::{self, Receiver, Sender},
    thread,
};

use tokio::sync::watch;

use super::{
    dialogue::{Dialogue, Line},
    manner::{Extension, Manner, Protocol},
    script::{Act, At, Script, Step},
    sockets::Sockets,
    Taken,
};

/// Mails that a peer keeps; above it refuses more. No test looks at so many.
pub const MOST_MAILS: usize = 100_000;

type Answer<T> = mpsc::SyncSender<T>;

pub(super) enum Order {
    Tell(At, Act, Option<usize>),
    Forget,
    Behave(Box<dyn FnOnce(&mut Manner) + Send>),
    Up(bool, Answer<()>),
    Listen(Answer<std::io::Result<SocketAddr>>),
    IsUp(Answer<bool>),
    Open(Answer<Option<Opening>>),
    Step(Step, Answer<(Act, Manner)>),
    Note(Line),
    Take(Taken, Answer<bool>),
    Taken(Answer<Vec<Taken>>),
    Lines(Answer<Vec<Line>>),
    Connections(Answer<u64>),
    End,
}

/// What a connection begins with.
pub(super) struct Opening {
    /// Its number.
    pub number: u64,
    pub protocol: Protocol,
    pub extensions: Vec<Extension>,
    /// False, or closed: the connection is cut.
    pub up: watch::Receiver<bool>,
}

/// The way to the thread.
#[derive(Clone, Debug)]
pub(in crate::testing) struct Clerk(Sender<Order>);

impl Clerk {
    /// Starts the thread.
    pub fn start(protocol: Protocol) -> Self {
        let (orders, inbox) = mpsc::channel();
        let clerk = Clerk(orders);
        let desk = Desk::new(protocol, clerk.clone());
        thread::spawn(move || desk.run(&inbox));
        clerk
    }

    /// Somebody may connect.
    pub fn is_up(&self) -> bool {
        self.ask(Order::IsUp).unwrap_or(false)
    }

    pub(super) fn tell(&self, order: Order) {
        let _ = self.0.send(order);
    }

    /// `None`: the peer is gone.
    pub(super) fn ask<T>(&self, order: impl FnOnce(Answer<T>) -> Order) -> Option<T> {
        let (answer, answered) = mpsc::sync_channel(1);
        self.tell(order(answer));
        answered.recv().ok()
    }
}

/// All that the thread owns.
struct Desk {
    script: Script,
    manner: Manner,
    protocol: Protocol,
    up: watch::Sender<bool>,
    connections: u64,
    taken: Vec<Taken>,
    dialogue: Dialogue,
    sockets: Option<Sockets>,
    own: Clerk,
}

impl Desk {
    fn new(protocol: Protocol, own: Clerk) -> Self {
        let (script, manner, dialogue) = (Script::default(), Manner::default(), Dialogue::default());
        let (up, taken) = (watch::Sender::new(true), Vec::new());
        Desk { script, manner, protocol, up, connections: 0, taken, dialogue, sockets: None, own }
    }

    fn run(mut self, inbox: &Receiver<Order>) {
        while let Ok(order) = inbox.recv() {
            match order {
                Order::End => return,
                order => self.hear(order),
            }
        }
    }

    fn hear(&mut self, order: Order) {
        match order {
            Order::Tell(at, act, times) => self.script.tell(at, act, times),
            Order::Forget => self.script.clear(),
            Order::Behave(change) => change(&mut self.manner),
            Order::Up(up, answer) => self.turn(up, answer),
            Order::Listen(answer) => drop(answer.send(self.listen())),
            Order::IsUp(answer) => drop(answer.send(*self.up.borrow())),
            Order::Open(answer) => drop(answer.send(self.open())),
            Order::Step(step, answer) => drop(answer.send((self.script.act(&step), self.manner.clone()))),
            Order::Note(line) => self.dialogue.note(line),
            Order::Take(mail, answer) => drop(answer.send(self.take(mail))),
            Order::Taken(answer) => drop(answer.send(self.taken.clone())),
            Order::Lines(answer) => drop(answer.send(self.dialogue.lines())),
            Order::Connections(answer) => drop(answer.send(self.connections)),
            Order::End => {}
        }
    }

    fn turn(&mut self, up: bool, answer: Answer<()>) {
        self.up.send_replace(up);
        match &self.sockets {
            Some(sockets) => sockets.turn(up, answer),
            None => drop(answer.send(())),
        }
    }

    fn listen(&mut self) -> std::io::Result<SocketAddr> {
        if let Some(sockets) = &self.sockets {
            return Ok(sockets.address);
        }
        let sockets = Sockets::open(self.own.clone(), *self.up.borrow())?;
        let address = sockets.address;
        self.sockets = Some(sockets);
        Ok(address)
    }

    fn open(&mut self) -> Option<Opening> {
        if !*self.up.borrow() {
            return None;
        }
        self.connections += 1;
        let (protocol, extensions) = (self.protocol, self.manner.extensions.clone());
        Some(Opening { number: self.connections, protocol, extensions, up: self.up.subscribe() })
    }

    fn take(&mut self, mail: Taken) -> bool {
        let has_room = self.taken.len() < MOST_MAILS;
        if has_room {
            self.taken.push(mail);
        }
        has_room
    }
}
