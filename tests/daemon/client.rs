//! A plain SMTP client: it pipelines the envelope and remembers under which name its mail was queued.

use std::{
    io::{self, BufRead, BufReader, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

/// One connection to the daemon.
pub struct Client {
    lines: BufReader<TcpStream>,
    out: TcpStream,
}

/// What became of a mail: the queue's name for it, or the reply that refused it.
pub type Answer = Result<String, String>;

impl Client {
    /// Connects and says EHLO.
    pub fn connect(address: SocketAddr) -> io::Result<Self> {
        let out = TcpStream::connect(address)?;
        out.set_nodelay(true)?;
        out.set_read_timeout(Some(Duration::from_secs(60)))?;
        let mut client = Client { lines: BufReader::new(out.try_clone()?), out };
        client.reply()?;
        client.out.write_all(b"EHLO client.example\r\n")?;
        client.reply()?;
        Ok(client)
    }

    /// One mail to these recipients. The content has CRLF at the end of every line, and none of the dots of SMTP.
    pub fn send(&mut self, from: &str, to: &[&str], content: &[u8]) -> io::Result<Answer> {
        let mut envelope = format!("MAIL FROM:<{from}>\r\n");
        to.iter().for_each(|to| envelope.push_str(&format!("RCPT TO:<{to}>\r\n")));
        envelope.push_str("DATA\r\n");
        self.out.write_all(envelope.as_bytes())?;
        let replies = (0..to.len() + 2).map(|_| self.reply()).collect::<io::Result<Vec<_>>>()?;
        let refused = replies.iter().find(|reply| !reply.starts_with('2') && !reply.starts_with("354"));
        if replies.last().is_some_and(|data| data.starts_with("354")) {
            self.out.write_all(&stuffed(content))?;
            let last = self.reply()?;
            return Ok(last.rsplit_once("queued as ").map(|(_, id)| id.to_owned()).ok_or(last));
        }
        Ok(Err(refused.cloned().unwrap_or_default()))
    }

    /// One recipient, and the reply to it; the mail goes no further.
    pub fn ask(&mut self, to: &str) -> io::Result<String> {
        self.out.write_all(format!("RSET\r\nMAIL FROM:<>\r\nRCPT TO:<{to}>\r\n").as_bytes())?;
        self.reply()?;
        self.reply()?;
        self.reply()
    }

    /// The last line of a reply.
    fn reply(&mut self) -> io::Result<String> {
        loop {
            let mut line = String::new();
            if self.lines.read_line(&mut line)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if line.as_bytes().get(3) != Some(&b'-') {
                return Ok(line.trim_end().to_owned());
            }
        }
    }
}

fn stuffed(content: &[u8]) -> Vec<u8> {
    let mut wire = Vec::with_capacity(content.len() + 64);
    for line in content.split_inclusive(|octet| *octet == b'\n') {
        if line.starts_with(b".") {
            wire.push(b'.');
        }
        wire.extend_from_slice(line);
    }
    wire.extend_from_slice(b".\r\n");
    wire
}
