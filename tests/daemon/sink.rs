//! A next hop that does as told and writes down every mail that it took.

use std::{
    collections::HashMap,
    io::{self, BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{
        atomic::{AtomicBool, AtomicU64, AtomicU8, Ordering::Relaxed},
        mpsc::{channel, Receiver, Sender},
        Arc,
    },
    thread,
    time::Duration,
};

/// A mail for which the hop has said 250.
#[derive(Clone, Debug, Default)]
pub struct Taken {
    /// What stood behind `MAIL FROM:`.
    pub sender: String,
    /// What stood behind each `RCPT TO:`.
    pub recipients: Vec<String>,
    /// Without the dots of SMTP, every line with its CRLF.
    pub content: Vec<u8>,
}

/// What the hop does with mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Mood {
    Takes,
    /// 554 to the final dot.
    Refuses,
    /// 451 to the final dot.
    Defers,
    /// After 354 it reads nothing more until its mood changes.
    HangsBeforeTheDot,
    /// It takes the mail, answers nothing until its mood changes, and then 250.
    HangsAfterTheDot,
    /// It closes the connection in place of an answer.
    CutsAfterTheDot,
}

/// The running hop.
pub struct Sink {
    /// Where it listens on 127.0.0.1.
    pub port: u16,
    taken: Receiver<Taken>,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    mood: AtomicU8,
    delay: AtomicU64,
    dots: AtomicU64,
    connections: AtomicU64,
    ends: AtomicBool,
    /// What is said to RCPT for these addresses, with every line's end.
    refusals: HashMap<String, Vec<u8>>,
}

impl State {
    fn is(&self, mood: Mood) -> bool {
        self.mood.load(Relaxed) == mood as u8
    }

    fn wait_while(&self, mood: Mood) {
        while self.is(mood) && !self.ends.load(Relaxed) {
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Sink {
    /// Starts it on a port of its own.
    pub fn start() -> Self {
        Sink::refusing(HashMap::new())
    }

    /// The same, but for these addresses it says this to RCPT.
    pub fn refusing(refusals: HashMap<String, Vec<u8>>) -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
        let port = socket.local_addr().expect("a bound socket has an address").port();
        let (tell, taken) = channel();
        let state = Arc::new(State { refusals, ..State::default() });
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in socket.incoming() {
                if shared.ends.load(Relaxed) {
                    return;
                }
                shared.connections.fetch_add(1, Relaxed);
                let (Ok(stream), tell, state) = (stream, tell.clone(), Arc::clone(&shared)) else { continue };
                thread::spawn(move || drop(serve(stream, &state, &tell)));
            }
        });
        Sink { port, taken, state }
    }

    /// What it does from now on.
    pub fn set(&self, mood: Mood) {
        self.state.mood.store(mood as u8, Relaxed);
    }

    /// How long it thinks about every mail.
    pub fn delay(&self, time: Duration) {
        let micros = u64::try_from(time.as_micros()).expect("a delay is short");
        self.state.delay.store(micros, Relaxed);
    }

    /// How many final dots it has seen, whatever it made of them.
    pub fn dots(&self) -> u64 {
        self.state.dots.load(Relaxed)
    }

    /// How many connections were made to it.
    pub fn connections(&self) -> u64 {
        self.state.connections.load(Relaxed)
    }

    /// The mails it took since it was last asked.
    pub fn taken(&self) -> Vec<Taken> {
        self.taken.try_iter().collect()
    }

    /// The next mail, if it comes in time.
    pub fn next(&self, time: Duration) -> Option<Taken> {
        self.taken.recv_timeout(time).ok()
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.state.ends.store(true, Relaxed);
        let _ = TcpStream::connect(("127.0.0.1", self.port)); // so that it looks
    }
}

const HELLO: &[u8] = b"250-sink.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-DSN\r\n\
                       250 ENHANCEDSTATUSCODES\r\n";

fn serve(mut stream: TcpStream, state: &State, tell: &Sender<Taken>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut lines = BufReader::new(stream.try_clone()?);
    stream.write_all(b"220 sink.example ESMTP\r\n")?;
    let mut mail = Taken::default();
    while let Some(line) = line(&mut lines)? {
        let text = String::from_utf8_lossy(&line).trim_end().to_owned();
        let reply: &[u8] = match text.get(..4).unwrap_or("").to_ascii_uppercase().as_str() {
            "EHLO" | "HELO" => HELLO,
            "MAIL" => {
                mail = Taken { sender: text[10..].to_owned(), ..Taken::default() };
                b"250 2.1.0 ok\r\n"
            }
            "RCPT" if state.refusals.contains_key(address(&text)) => &state.refusals[address(&text)],
            "RCPT" => {
                mail.recipients.push(text[8..].to_owned());
                b"250 2.1.5 ok\r\n"
            }
            "DATA" => {
                stream.write_all(b"354 go on\r\n")?;
                if !data(&mut stream, &mut lines, state, &mut mail, tell)? {
                    return Ok(());
                }
                continue;
            }
            "RSET" | "NOOP" => b"250 2.0.0 ok\r\n",
            "QUIT" => return stream.write_all(b"221 2.0.0 bye\r\n"),
            _ => b"500 5.5.1 what?\r\n",
        };
        stream.write_all(reply)?;
    }
    Ok(())
}

/// What stands in the brackets of a command.
fn address(text: &str) -> &str {
    text.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map_or("", |(address, _)| address)
}

/// False: the connection is to be closed.
fn data(
    stream: &mut TcpStream,
    lines: &mut BufReader<TcpStream>,
    state: &State,
    mail: &mut Taken,
    tell: &Sender<Taken>,
) -> io::Result<bool> {
    state.wait_while(Mood::HangsBeforeTheDot);
    let Some(content) = content(lines)? else { return Ok(false) };
    mail.content = content;
    state.dots.fetch_add(1, Relaxed);
    thread::sleep(Duration::from_micros(state.delay.load(Relaxed)));
    state.wait_while(Mood::HangsAfterTheDot);
    if state.is(Mood::CutsAfterTheDot) || state.ends.load(Relaxed) {
        return Ok(false);
    }
    if state.is(Mood::Refuses) {
        stream.write_all(b"554 5.7.1 not here\r\n")?;
    } else if state.is(Mood::Defers) {
        stream.write_all(b"451 4.3.0 not now\r\n")?;
    } else {
        // Written down before it is said: who has heard it may ask for it.
        let _ = tell.send(std::mem::take(mail));
        stream.write_all(b"250 2.0.0 taken\r\n")?;
    }
    Ok(true)
}

fn content(lines: &mut BufReader<TcpStream>) -> io::Result<Option<Vec<u8>>> {
    let mut content = Vec::new();
    loop {
        match line(lines)? {
            None => return Ok(None),
            Some(line) if line == b".\r\n" => return Ok(Some(content)),
            Some(line) => content.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line)),
        }
    }
}

fn line(lines: &mut BufReader<TcpStream>) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    lines.read_until(b'\n', &mut line)?;
    Ok(line.ends_with(b"\r\n").then_some(line))
}
