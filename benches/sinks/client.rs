//! A client that waits for each reply.

use std::{
    io::{self, BufRead, BufReader, Write},
    net::{SocketAddr, TcpStream},
};

use crate::Result;

pub struct Client {
    replies: BufReader<TcpStream>,
    stream: TcpStream,
}

impl Client {
    pub fn connect(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        let mut client = Client { replies: BufReader::new(stream.try_clone()?), stream };
        client.hear("220")?;
        client.say(b"EHLO client.example\r\n", "250")?;
        Ok(client)
    }

    /// A mail without dots at the beginning of a line.
    pub fn mail(&mut self, content: &[u8]) -> Result<()> {
        self.open()?;
        self.octets(content)?;
        self.close()
    }

    pub fn open(&mut self) -> Result<()> {
        self.say(b"MAIL FROM:<me@example.org>\r\n", "250")?;
        self.say(b"RCPT TO:<you@example.org>\r\n", "250")?;
        self.say(b"DATA\r\n", "354")
    }

    pub fn octets(&mut self, octets: &[u8]) -> Result<()> {
        Ok(self.stream.write_all(octets)?)
    }

    pub fn close(&mut self) -> Result<()> {
        self.say(b".\r\n", "250")
    }

    fn say(&mut self, octets: &[u8], awaited: &str) -> Result<()> {
        self.stream.write_all(octets)?;
        self.hear(awaited)
    }

    fn hear(&mut self, awaited: &str) -> Result<()> {
        let mut line = String::new();
        loop {
            line.clear();
            if self.replies.read_line(&mut line)? == 0 {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
            }
            if !line.starts_with(awaited) {
                return Err(line.into());
            }
            if line.as_bytes().get(3) != Some(&b'-') {
                return Ok(());
            }
        }
    }
}
