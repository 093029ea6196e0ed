//! The thread that writes requests, one for each client: it owns the connection, and makes a new one when it is needed.
//!
//! Rule: before the last octet of a request is written nothing of it can have been taken. Then the mark is set, and only
//! then the octet is written.

use std::{
    io::{self, Write},
    net::Shutdown,
    os::unix::net::UnixStream,
    path::Path,
    sync::{
        atomic::{
            AtomicBool,
            Ordering::{Acquire, Release},
        },
        mpsc::{channel, Receiver, Sender},
        Arc,
    },
    thread,
};

use postrider_engine::{
    program::{self, Answer, Code, Problem, Request, MAX_LINE},
    Content,
};

use super::{
    connect::{connect, ConnectError, Greeted},
    listen::{Asks, Ear, Heard, Waits},
};

/// What the writer is told to do.
pub(super) enum Command {
    /// Ask the engine.
    Ask(Box<Ask>),
    /// Watch no more what was asked before this.
    Stop(Asked),
}

/// Where a watch is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub connection: u64,
    pub tag: u64,
}

/// Says where it was asked, as soon as it is; if it was not, never.
pub(super) type Asked = tokio::sync::oneshot::Receiver<Place>;

/// One request.
pub(super) struct Ask {
    /// Its tag is given by the writer.
    pub request: Request,
    pub content: Content,
    pub who: Waits,
    /// All of it was written: it may have been done.
    pub written: Arc<AtomicBool>,
    /// Told where it was asked: to stop a watch.
    pub place: tokio::sync::oneshot::Sender<Place>,
    /// Told why there is no connection.
    pub none: Sender<Arc<io::Error>>,
}

/// A connection, as the writer has it.
struct Line {
    stream: UnixStream,
    asks: Sender<Asks>,
    alive: Arc<AtomicBool>,
    number: u64,
}

/// The writer.
pub(super) struct Writer {
    path: Arc<Path>,
    line: Option<Line>,
    connections: u64,
    tags: u64,
}

impl Writer {
    /// Starts the thread of a client with its first connection.
    pub(super) fn start(path: Arc<Path>, first: Greeted) -> Result<Sender<Command>, ConnectError> {
        let threads = |error| ConnectError::Threads(Arc::new(error));
        let mut writer = Writer { path, line: None, connections: 0, tags: 0 };
        writer.take(first).map_err(threads)?;
        let (commands, todo) = channel();
        let named = thread::Builder::new().name("postrider-client".into());
        named.spawn(move || writer.run(todo)).map_err(threads)?;
        Ok(commands)
    }

    /// From here on a thread hears what comes.
    fn take(&mut self, Greeted { stream, lines, .. }: Greeted) -> io::Result<()> {
        let (asks, asked) = channel();
        let alive = Arc::new(AtomicBool::new(true));
        let ear = Ear { lines, asks: asked, alive: Arc::clone(&alive) };
        thread::Builder::new().name("postrider-answers".into()).spawn(move || ear.run())?;
        self.connections += 1;
        self.line = Some(Line { stream, asks, alive, number: self.connections });
        Ok(())
    }

    /// Until the last handle is dropped.
    fn run(mut self, todo: Receiver<Command>) {
        for command in todo {
            match command {
                Command::Ask(ask) if ask.who.is_closed() => {} // whoever asked has gone: it is not begun
                Command::Ask(ask) => self.ask(*ask),
                Command::Stop(mut asked) => {
                    if let Ok(place) = asked.try_recv() {
                        self.stop(place);
                    } // else it was not asked
                }
            }
        }
        self.close();
    }

    /// The ear hears the end, and tells who waits.
    fn close(&mut self) {
        if let Some(line) = self.line.take() {
            let _ = line.stream.shutdown(Shutdown::Both);
        }
    }

    fn connected(&mut self) -> Result<&mut Line, Arc<io::Error>> {
        if !self.line.as_ref().is_some_and(|line| line.alive.load(Acquire)) {
            self.close();
            let greeted = connect(&self.path).map_err(ConnectError::into_io)?;
            self.take(greeted).map_err(Arc::new)?;
        }
        self.line.as_mut().ok_or_else(|| Arc::new(io::ErrorKind::NotConnected.into()))
    }

    fn ask(&mut self, ask: Ask) {
        self.tags += 1;
        let tag = self.tags;
        let Ask { request, content, who, written, place, none } = ask;
        let watches = matches!(request, Request::Watch { .. });
        let head = program::line(&tagged(request, tag));
        if head.len() > MAX_LINE {
            let problem = Problem::new(Code::TooManyRecipients, "the mail has too many recipients; send it in parts");
            return drop(who.send(Heard::Answer(Answer::Error(problem))));
        }
        let line = match self.connected() {
            Ok(line) => line,
            Err(error) => return drop(none.send(error)), // dropping `who` tells
        };
        let _ = place.send(Place { connection: line.number, tag });
        let is_known = line.asks.send(Asks { tag, watches, who }).is_ok();
        if !is_known || write(&mut line.stream, head, &content, &written).is_err() {
            self.close();
        }
    }

    fn stop(&mut self, place: Place) {
        let Some(line) = self.line.as_mut().filter(|line| line.number == place.connection) else { return };
        let request = program::line(&Request::Stop { tag: place.tag });
        if line.stream.write_all(&request).is_err() {
            self.close();
        }
    }
}

fn tagged(mut request: Request, its: u64) -> Request {
    match &mut request {
        Request::Send(send) => send.tag = its,
        Request::Redeem { tag, .. } | Request::Status { tag, .. } | Request::Watch { tag, .. } => *tag = its,
        Request::Admin(asked) => return Request::Admin(asked.clone().tagged(its)),
        _ => {}
    }
    request
}

/// Writes all; the mark is true before the last part is written, and false again if that fails.
fn write(stream: &mut UnixStream, head: Vec<u8>, content: &Content, written: &AtomicBool) -> io::Result<()> {
    let mut last = head;
    for chunk in content.chunks(..) {
        let chunk = chunk?;
        if last.len() + chunk.len() <= SMALL {
            last.extend_from_slice(&chunk);
            continue;
        }
        stream.write_all(&last)?;
        last.clear();
        last.extend_from_slice(&chunk);
    }
    written.store(true, Release);
    let done = stream.write_all(&last);
    if done.is_err() {
        written.store(false, Release);
    }
    done
}

/// Parts that are smaller together are written at once.
const SMALL: usize = 64 << 10;
