//! A host that stands before a peer: it passes on what each says to the other, but for one fault.

use std::{
    io::{self, BufRead, BufReader, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    sync::{
        atomic::{AtomicBool, Ordering::Relaxed},
        Arc,
    },
    thread,
    time::Duration,
};

/// What the host does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It takes connections and never says a word.
    Hangs,
    /// Once, 450 to RCPT.
    Greylists,
    /// Once, the connection ends in place of the final dot: the peer has no mail.
    CutsAtTheDot,
    /// Once, the connection ends in place of the reply to the final dot: the peer has the mail.
    CutsAtTheReply,
}

/// The running host.
pub struct Gate {
    address: (Ipv4Addr, u16),
    state: Arc<State>,
}

struct State {
    peer: u16,
    fault: Fault,
    /// What happens once has happened.
    struck: AtomicBool,
    ends: AtomicBool,
}

impl Gate {
    /// Listens at this address on the port that the peer has on 127.0.0.1.
    pub fn start(ip: Ipv4Addr, peer: u16, fault: Fault) -> Self {
        let socket = TcpListener::bind((ip, peer)).expect("no other test has this address");
        let (struck, ends) = Default::default();
        let state = Arc::new(State { peer, fault, struck, ends });
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for client in socket.incoming() {
                if shared.ends.load(Relaxed) {
                    return;
                }
                let (Ok(client), state) = (client, Arc::clone(&shared)) else { continue };
                thread::spawn(move || drop(serve(client, &state)));
            }
        });
        Gate { address: (ip, peer), state }
    }

    /// Whether a mail has met what happens once.
    pub fn has_struck(&self) -> bool {
        self.state.struck.load(Relaxed)
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.state.ends.store(true, Relaxed);
        let _ = TcpStream::connect(self.address); // so that it looks
    }
}

impl State {
    /// Whether this is due now: only the first mail meets it.
    fn strikes(&self, fault: Fault) -> bool {
        self.fault == fault && !self.struck.swap(true, Relaxed)
    }
}

/// One command after the other, also where the client does not wait for replies.
fn serve(mut client: TcpStream, state: &State) -> io::Result<()> {
    if state.fault == Fault::Hangs {
        while !state.ends.load(Relaxed) {
            thread::sleep(Duration::from_millis(20));
        }
        return Ok(());
    }
    let mut peer = TcpStream::connect(("127.0.0.1", state.peer))?;
    let (mut asked, mut said) = (BufReader::new(client.try_clone()?), BufReader::new(peer.try_clone()?));
    client.write_all(&reply(&mut said)?)?;
    loop {
        let command = line(&mut asked)?;
        if command.starts_with(b"RCPT") && state.strikes(Fault::Greylists) {
            client.write_all(b"450 4.7.1 greylisted, come again later\r\n")?;
            continue;
        }
        peer.write_all(&command)?;
        let answer = reply(&mut said)?;
        client.write_all(&answer)?;
        if !answer.starts_with(b"354") {
            continue;
        }
        let content = content(&mut asked)?;
        if state.strikes(Fault::CutsAtTheDot) {
            return Ok(());
        }
        peer.write_all(&content)?;
        let answer = reply(&mut said)?;
        if state.strikes(Fault::CutsAtTheReply) {
            return Ok(());
        }
        client.write_all(&answer)?;
    }
}

/// All lines of a reply. Content in chunks (BDAT) would not pass here, so it is not offered.
fn reply(said: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut reply = Vec::new();
    loop {
        let line = line(said)?;
        match line.get(4..).unwrap_or_default() {
            b"CHUNKING\r\n" => reply.extend_from_slice(&[&line[..4], b"X-NOTHING\r\n"].concat()),
            _ => reply.extend_from_slice(&line),
        }
        if line.get(3) != Some(&b'-') {
            return Ok(reply);
        }
    }
}

/// With its dots and the final one.
fn content(asked: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    loop {
        let line = line(asked)?;
        content.extend_from_slice(&line);
        if line == b".\r\n" {
            return Ok(content);
        }
    }
}

fn line(from: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    match from.read_until(b'\n', &mut line)? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(line),
    }
}
