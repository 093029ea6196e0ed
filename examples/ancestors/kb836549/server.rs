//! The least of SMTP that the clients of the harness need, for the ancestor's design: a thread for each connection.
//!
//! Rule: it takes everything; 250 comes when whoever has the mail says so.

use std::{
    io::{self, BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::Arc,
    thread,
};

/// Whoever takes mail.
pub trait Service: Send + Sync + 'static {
    /// Returns when the client may be told.
    fn taken(&self, to: Vec<String>, content: Vec<u8>);
}

/// Serves until the process ends.
pub fn serve<S: Service>(socket: &TcpListener, service: &Arc<S>) {
    for stream in socket.incoming().flatten() {
        let service = Arc::clone(service);
        let _ = thread::Builder::new().spawn(move || session(stream, &*service));
    }
}

fn session<S: Service>(mut stream: TcpStream, service: &S) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let (mut lines, mut to) = (BufReader::new(stream.try_clone()?), Vec::new());
    stream.write_all(b"220 ancestor.example\r\n")?;
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line)? == 0 {
            return Ok(());
        }
        match line.get(..4).unwrap_or_default() {
            "DATA" => {
                stream.write_all(b"354 go on\r\n")?;
                let Some(content) = content(&mut lines)? else { return Ok(()) };
                service.taken(std::mem::take(&mut to), content);
            }
            "RCPT" => to.extend(line.split(['<', '>']).nth(1).map(str::to_owned)),
            _ => to.clear(),
        }
        stream.write_all(b"250 ok\r\n")?;
    }
}

fn content(lines: &mut BufReader<TcpStream>) -> io::Result<Option<Vec<u8>>> {
    let mut content = Vec::new();
    loop {
        let mut line = Vec::new();
        if lines.read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        if line == b".\r\n" {
            return Ok(Some(content));
        }
        content.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
    }
}
