//! Where other programs of this host come in: a Unix socket, and what is spoken there (`docs/socket.md`).
//!
//! Rule: whoever can open the socket's file may send to anybody; its mode is the admission. What operators ask is answered
//! to root and to the engine's own user alone. A connection has a seat, which
//! tells when it is dropped, so nobody forgets to give it back.

mod administering;
mod asking;
mod line;
mod sending;
mod talk;
#[cfg(test)]
mod tests;

use std::{os::unix::net::UnixListener as StdUnixListener, path::Path, sync::Arc, time::Duration};

use actix::prelude::*;
use postrider_engine::{program, session::Limits};
use tokio::{
    net::{UnixListener, UnixStream},
    sync::{oneshot, watch},
    task::JoinHandle,
};
use tracing::{debug, info, warn};

pub use self::{administering::Administration, talk::talk};
use crate::{
    clerk::Post,
    clock::Clock,
    intake::Intakes,
    messages::{AskStatus, Drain, Redeem},
};

/// Connections at once. A program needs one; a host has not so many programs, and each may have a line of a megabyte.
const MOST_CONNECTIONS: usize = 256;
/// After a failed accept (no descriptors, no memory) nothing is gained by trying again at once.
const AFTER_TROUBLE: Duration = Duration::from_millis(100);

/// What all connections share.
#[derive(Clone)]
pub struct Service {
    /// Takes mail.
    pub clerk: Recipient<Post>,
    /// Says how mail stands.
    pub statuses: Recipient<AskStatus>,
    /// Redeems tickets.
    pub tickets: Recipient<Redeem>,
    /// Answers operators.
    pub administration: Administration,
    /// Where content goes.
    pub intakes: Intakes,
    /// How large what may be.
    pub limits: Limits,
    /// Our name.
    pub host: Arc<str>,
    /// The number of the spool.
    pub spool: u64,
    /// What time it is.
    pub clock: Clock,
}

/// A socket that is bound, listens and does not block, and its path.
pub struct ProgramSocket {
    /// It itself.
    pub socket: StdUnixListener,
    /// Where it is.
    pub path: Arc<Path>,
    /// The user that the engine runs as: besides root only this one may ask what operators ask.
    pub owner: u32,
}

/// Accepts programs.
pub struct Programs {
    socket: Option<ProgramSocket>,
    accepting: Option<JoinHandle<()>>,
    service: Service,
    /// How many are here.
    here: usize,
    /// True: all come to their end.
    stop: watch::Sender<bool>,
    draining: Vec<oneshot::Sender<()>>,
}

/// A program comes.
#[derive(Message)]
#[rtype(result = "()")]
struct Came(UnixStream);

/// A connection is over.
#[derive(Message)]
#[rtype(result = "()")]
struct Left;

/// Tells when it is dropped.
struct Seat(Recipient<Left>);

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.do_send(Left);
    }
}

impl Programs {
    /// Programs come in by this socket, if there is one.
    pub fn new(socket: Option<ProgramSocket>, service: Service) -> Self {
        let stop = watch::Sender::new(false);
        Programs { socket, accepting: None, service, here: 0, stop, draining: Vec::new() }
    }

    fn end_if_drained(&mut self) {
        if self.here == 0 {
            self.draining.clear(); // dropping the answers tells
        }
    }
}

impl Actor for Programs {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        ctx.set_mailbox_capacity(0); // bounded by the connections there may be
        let Some(ProgramSocket { socket, path, .. }) = self.socket.take() else { return };
        match UnixListener::from_std(socket) {
            Ok(socket) => {
                info!(path = %path.display(), "listening for programs");
                self.accepting = Some(actix_rt::spawn(accept(socket, ctx.address())));
            }
            Err(error) => warn!(%error, path = %path.display(), "the socket for programs can not be listened to"),
        }
    }
}

async fn accept(socket: UnixListener, programs: Addr<Programs>) {
    loop {
        match socket.accept().await {
            Ok((stream, _)) => programs.do_send(Came(stream)),
            Err(error) => {
                warn!(%error, "the connection of a program could not be accepted");
                tokio::time::sleep(AFTER_TROUBLE).await;
            }
        }
    }
}

impl Handler<Came> for Programs {
    type Result = ();

    fn handle(&mut self, Came(stream): Came, ctx: &mut Context<Self>) {
        if self.here >= MOST_CONNECTIONS || !self.draining.is_empty() {
            return refuse(&stream, !self.draining.is_empty());
        }
        self.here += 1;
        let seat = Seat(ctx.address().recipient());
        let user = stream.peer_cred().ok().map(|peer| peer.uid());
        let (service, stopped) = (self.service.clone(), self.stop.subscribe());
        actix_rt::spawn(async move {
            debug!(uid = user, "a program has connected");
            talk(stream, user, service, stopped).await;
            debug!(uid = user, "a program has disconnected");
            drop(seat);
        });
    }
}

/// One line has room in a stream on which nothing was written yet.
fn refuse(stream: &UnixStream, stopping: bool) {
    let answer = match stopping {
        true => program::Answer::Bye { text: "the engine stops".into() },
        false => {
            let text = "too many programs are connected; share a connection, or try again later";
            program::Problem::new(program::Code::TooManyConnections, text).into()
        }
    };
    let _ = stream.try_write(&program::line(&answer));
}

impl Handler<Left> for Programs {
    type Result = ();

    fn handle(&mut self, _: Left, _: &mut Context<Self>) {
        self.here = self.here.saturating_sub(1);
        self.end_if_drained();
    }
}

/// transport -> programs, told: for connections that begin from now on things may be so large.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Allow(pub Limits);

impl Handler<Allow> for Programs {
    type Result = ();

    fn handle(&mut self, Allow(limits): Allow, _: &mut Context<Self>) {
        self.service.limits = limits;
    }
}

impl Handler<Drain> for Programs {
    type Result = ();

    /// What is under way is answered; then the programs are told.
    fn handle(&mut self, Drain(answer): Drain, _: &mut Context<Self>) {
        self.draining.push(answer);
        self.accepting.take().into_iter().for_each(|task| task.abort());
        self.stop.send_replace(true);
        self.end_if_drained();
    }
}
