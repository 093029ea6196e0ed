//! A peer at a real socket: a thread that listens on loopback and serves whoever comes.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::mpsc::SyncSender,
    thread,
    time::Duration,
};

use postrider_actors::clock::Clock;
use tokio::{net::TcpListener, runtime::Builder, sync::mpsc, time::sleep};

use super::{clerk::Clerk, session::serve};

/// How often a port is asked for again that was given up while the peer was down, and the pause between.
const TRIES: usize = 100;
const PAUSE: Duration = Duration::from_millis(10);

type Turn = (bool, SyncSender<()>);

/// The way to the thread; it ends when this is dropped.
pub(super) struct Sockets {
    pub address: SocketAddr,
    turns: mpsc::UnboundedSender<Turn>,
}

impl Sockets {
    /// Listens on a port that the system chooses, as soon as it is up.
    pub fn open(clerk: Clerk, up: bool) -> io::Result<Self> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let (turns, turned) = mpsc::unbounded_channel();
        let runtime = Builder::new_current_thread().enable_all().build()?;
        thread::spawn(move || {
            runtime.block_on(async {
                let listener = TcpListener::from_std(listener).ok().filter(|_| up);
                listen(address, listener, turned, clerk).await;
            });
        });
        Ok(Sockets { address, turns })
    }

    /// It listens from now on, or not any more; whoever asked is told when it is so.
    pub fn turn(&self, up: bool, answer: SyncSender<()>) {
        let _ = self.turns.send((up, answer));
    }
}

async fn listen(
    address: SocketAddr,
    mut listener: Option<TcpListener>,
    mut turns: mpsc::UnboundedReceiver<Turn>,
    clerk: Clerk,
) {
    loop {
        tokio::select! {
            (stream, _) = accepted(listener.as_ref()) => {
                let _ = stream.set_nodelay(true);
                tokio::spawn(serve(stream, clerk.clone(), Clock::wall()));
            }
            turn = turns.recv() => {
                let Some((up, answer)) = turn else { return };
                match up {
                    true if listener.is_none() => listener = again(address).await,
                    true => {}
                    false => listener = None,
                }
                let _ = answer.send(());
            }
        }
    }
}

async fn accepted(listener: Option<&TcpListener>) -> (tokio::net::TcpStream, SocketAddr) {
    match listener {
        Some(listener) => loop {
            match listener.accept().await {
                Ok(accepted) => return accepted,
                Err(_) => sleep(PAUSE).await, // of one client, or for want of descriptors
            }
        },
        None => std::future::pending().await,
    }
}

/// The same port once more. Connections that were cut may still linger there.
async fn again(address: SocketAddr) -> Option<TcpListener> {
    for _ in 0..TRIES {
        if let Ok(listener) = TcpListener::bind(address).await {
            return Some(listener);
        }
        sleep(PAUSE).await;
    }
    None
}
