//! The other side: plays its part of a dialogue and insists on ours.

use std::collections::VecDeque;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// A peer over any stream.
///
/// Lines of its script: `C: line` is read and compared, `S: line` is written (a run of them at once), `s: line` is
/// written octet by octet, `X` closes, `W` waits for 20 s.
pub(super) struct Peer<S> {
    stream: Option<S>,
    read: VecDeque<u8>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Peer<S> {
    pub fn new(stream: S) -> Self {
        Peer { stream: Some(stream), read: VecDeque::new() }
    }

    pub async fn play(&mut self, script: &str) {
        let mut said = String::new();
        for line in script.lines().map(str::trim_start).filter(|line| !line.is_empty()) {
            if !said.is_empty() && !line.starts_with('S') {
                self.say(&std::mem::take(&mut said)).await;
            }
            match line.split_once(": ").unwrap_or((line.trim_end_matches(':'), "")) {
                ("C", expected) => assert_eq!(self.hear().await, expected, "what the client says"),
                ("S", text) => said += &format!("{text}\r\n"),
                ("s", text) => self.drip(&format!("{text}\r\n")).await,
                ("X", _) => self.stream = None,
                ("W", _) => tokio::time::sleep(std::time::Duration::from_secs(20)).await,
                other => panic!("a script has no {other:?}"),
            }
        }
        if !said.is_empty() {
            self.say(&said).await;
        }
    }

    async fn say(&mut self, text: &str) {
        assert!(self.read.is_empty(), "the client ran ahead: {:?}", self.read);
        self.stream.as_mut().unwrap().write_all(text.as_bytes()).await.unwrap();
    }

    async fn drip(&mut self, text: &str) {
        for octet in text.as_bytes() {
            self.stream.as_mut().unwrap().write_all(&[*octet]).await.unwrap();
            tokio::task::yield_now().await;
        }
    }

    async fn hear(&mut self) -> String {
        String::from_utf8_lossy(&self.line().await).into_owned()
    }

    /// A line; only CRLF ends one.
    pub async fn line(&mut self) -> Vec<u8> {
        let mut line = Vec::new();
        while !line.ends_with(b"\r\n") {
            line.push(self.octet().await.unwrap_or_else(|| panic!("the client is gone after {line:?}")));
        }
        line.truncate(line.len() - 2);
        line
    }

    async fn octet(&mut self) -> Option<u8> {
        if self.read.is_empty() {
            let mut buffer = [0; 4096];
            let n = self.stream.as_mut()?.read(&mut buffer).await.unwrap_or(0);
            self.read.extend(&buffer[..n]);
        }
        self.read.pop_front()
    }

    /// The next `length` octets.
    pub async fn octets(&mut self, length: usize) -> Vec<u8> {
        let mut octets = Vec::with_capacity(length);
        while octets.len() < length {
            octets.push(self.octet().await.expect("the client is still there"));
        }
        octets
    }

    /// The client has gone and has said nothing more before.
    pub async fn expect_nothing_more(&mut self) {
        let mut rest: Vec<u8> = self.read.drain(..).collect();
        if let Some(stream) = &mut self.stream {
            stream.read_to_end(&mut rest).await.unwrap();
        }
        assert_eq!(String::from_utf8_lossy(&rest), "", "the client said more");
    }
}
