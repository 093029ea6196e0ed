//! What plays an engine badly: it greets, and then does as the test says.

use std::{
    io::{BufRead, BufReader, Read, Write},
    os::unix::net::{UnixListener, UnixStream},
    path::Path,
    thread::JoinHandle,
};

pub const HELLO: &str = "{\"is\":\"hello\",\"protocol\":1,\"spool\":\"0000000000000007\",\"host\":\"post.example\",\
                         \"max_octets\":100000000,\"max_recipients\":1000,\"max_line\":1048576}\n";

/// One after the other comes in and is served like this, as often as there are greetings; then nobody listens.
pub fn engine(
    path: &Path,
    greetings: Vec<&'static str>,
    mut serve: impl FnMut(usize, &mut Guest) + Send + 'static,
) -> JoinHandle<()> {
    let socket = UnixListener::bind(path).unwrap();
    std::thread::spawn(move || {
        for (turn, greeting) in greetings.into_iter().enumerate() {
            let (mut stream, _) = socket.accept().unwrap();
            stream.write_all(greeting.as_bytes()).unwrap();
            let mut guest = Guest { lines: BufReader::new(stream.try_clone().unwrap()), stream };
            serve(turn, &mut guest);
        }
    })
}

pub struct Guest {
    lines: BufReader<UnixStream>,
    stream: UnixStream,
}

impl Guest {
    /// The tag of the next request, whose content is read too; `None`: there is none.
    pub fn request(&mut self) -> Option<u64> {
        self.asked().map(|(_, tag)| tag)
    }

    /// The same, with the whole line.
    pub fn asked(&mut self) -> Option<(String, u64)> {
        let mut line = String::new();
        if self.lines.read_line(&mut line).unwrap_or(0) == 0 {
            return None;
        }
        let number = |name: &str| {
            let (_, rest) = line.split_once(&format!("\"{name}\":"))?;
            rest.split(|c: char| !c.is_ascii_digit()).next()?.parse::<u64>().ok()
        };
        let mut content = vec![0; usize::try_from(number("octets").unwrap_or(0)).unwrap()];
        self.lines.read_exact(&mut content).unwrap();
        let tag = number("tag")?;
        Some((line, tag))
    }

    pub fn say(&mut self, line: &str) {
        let _ = self.stream.write_all(line.as_bytes());
    }

    /// Reads some octets and no more.
    pub fn nibble(&mut self) {
        let _ = self.lines.fill_buf();
    }
}
