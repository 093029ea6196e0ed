//! The two directions of a connection: lines and content that come, answers that go.
//!
//! Rule: nothing is waited for without a limit but the beginning of a request. Who sends half of one, or does not read its
//! answers, is given up.

use std::time::Duration;

use bytes::BytesMut;
use postrider_engine::{
    program::{self, Answer, MAX_LINE},
    session::Counted,
    StagingError,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    sync::{mpsc, watch},
    time::{timeout, timeout_at, Instant},
};

use crate::intake::Intake;

/// Octets that are read at once.
const READ: usize = 64 << 10;
/// Answers that wait to be written. Who has one to give waits while there is no room.
pub(super) const ANSWERS: usize = 64;
/// How long the rest of a line may take, and each further part of a content. A program on the same host that stops for so
/// long in the middle has died or hangs.
const HALF_A_REQUEST: Duration = Duration::from_secs(60);
/// How long a program may read nothing while there are answers for it.
const UNREAD: Duration = Duration::from_secs(60);

/// Why nothing more is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// The program has closed, or is gone.
    Client,
    /// The engine stops.
    Stop,
    /// The rest of a request does not come.
    TooSlow,
    /// A line has no end.
    TooLong,
}

/// What comes.
pub(super) struct Incoming<R> {
    stream: R,
    input: BytesMut,
    stopped: watch::Receiver<bool>,
}

impl<R: AsyncRead + Unpin> Incoming<R> {
    pub(super) fn new(stream: R, stopped: watch::Receiver<bool>) -> Self {
        Incoming { stream, input: BytesMut::new(), stopped }
    }

    /// The next line, without its LF.
    pub(super) async fn line(&mut self) -> Result<BytesMut, Ended> {
        let (mut seen, mut until) = (0, None);
        loop {
            if let Some(at) = self.input[seen..].iter().position(|octet| *octet == b'\n') {
                if seen + at >= MAX_LINE {
                    return Err(Ended::TooLong);
                }
                let mut line = self.input.split_to(seen + at + 1);
                line.truncate(seen + at);
                return Ok(line);
            }
            seen = self.input.len();
            if seen >= MAX_LINE {
                return Err(Ended::TooLong);
            }
            if seen == 0 {
                self.input = BytesMut::new();
            } else {
                until = until.or(Some(Instant::now() + HALF_A_REQUEST));
            }
            self.more(until).await?;
        }
    }

    /// The content that follows a line. What cannot be kept is read all the same.
    pub(super) async fn content(
        &mut self,
        counted: &mut Counted,
        mut intake: Option<&mut Intake>,
    ) -> Result<Result<(), StagingError>, Ended> {
        let mut kept = Ok(());
        loop {
            while let Some(octets) = counted.take(&mut self.input) {
                if counted.is_refused() {
                    intake = None;
                }
                let Some(to) = &mut intake else { continue };
                kept = to.add(&octets).await;
                if kept.is_err() {
                    intake = None;
                    counted.skip();
                }
            }
            if counted.left() == 0 {
                return Ok(kept);
            }
            self.more(Some(Instant::now() + HALF_A_REQUEST)).await?;
        }
    }

    async fn more(&mut self, until: Option<Instant>) -> Result<(), Ended> {
        self.input.reserve(READ);
        let read = async {
            let read = self.stream.read_buf(&mut self.input);
            match until {
                Some(until) => timeout_at(until, read).await.map_err(|_| Ended::TooSlow),
                None => Ok(read.await),
            }
        };
        tokio::select! {
            biased;
            _ = self.stopped.wait_for(|stopped| *stopped) => Err(Ended::Stop),
            read = read => match read? {
                Ok(1..) => Ok(()),
                Ok(0) | Err(_) => Err(Ended::Client),
            },
        }
    }
}

/// Writes answers until there will be no more; `Err`: the program does not read them, or is gone.
pub(super) async fn write<W: AsyncWrite + Unpin>(
    mut stream: W,
    mut told: mpsc::Receiver<Answer>,
) -> std::io::Result<()> {
    let mut some = Vec::with_capacity(ANSWERS);
    while told.recv_many(&mut some, ANSWERS).await > 0 {
        let mut octets: Vec<u8> = Vec::new();
        some.drain(..).for_each(|answer| octets.extend_from_slice(&program::line(&answer)));
        let mut rest = &octets[..];
        while !rest.is_empty() {
            match timeout(UNREAD, stream.write(rest)).await?? {
                0 => return Err(std::io::ErrorKind::WriteZero.into()),
                written => rest = &rest[written..],
            }
        }
        stream.flush().await?;
    }
    stream.shutdown().await
}
