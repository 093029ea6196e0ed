//! Connecting: from a path to a connection on which the engine has said what it speaks.

use std::{
    io::{self, BufRead, BufReader, ErrorKind, Read},
    os::unix::net::UnixStream,
    path::Path,
    sync::Arc,
    time::Duration,
};

use postrider_engine::program::{Answer, Code, Hello, MAX_LINE, PROTOCOL};
use thiserror::Error;

/// How long the engine may take for its greeting: it gives it at once, unless it hangs.
const GREETING: Duration = Duration::from_secs(10);
/// How long the engine may read nothing of a request. While as much is under way as may be it reads nothing, too, and that
/// lasts as long as its disk and its sinks need.
const UNREAD: Duration = Duration::from_secs(600);

/// An engine in another process is not reached. Nothing was sent.
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// Nobody listens there. Temporary.
    #[error("no engine is there at {}: {source}; start it, or correct the path", path.display())]
    NoEngine {
        /// The path.
        path: Arc<Path>,
        /// What the system says.
        source: Arc<io::Error>,
    },
    /// The socket may not be opened. Permanent: see `send.socket_mode`.
    #[error("the socket {} may not be opened; let the user of this program write to it (send.socket_mode)", path.display())]
    NotPermitted {
        /// The path.
        path: Arc<Path>,
    },
    /// No socket can have this path: it is too long (107 octets), or has a NUL. Permanent.
    #[error("no socket can have the path {}: it is too long, or has a NUL; a path has at most 107 octets", path.display())]
    NoPath {
        /// The path.
        path: Arc<Path>,
    },
    /// Something else listens there. Permanent.
    #[error("what listens at {} is no engine: it does not greet as one does; correct the path", path.display())]
    NotAnEngine {
        /// The path.
        path: Arc<Path>,
    },
    /// The engine speaks another version. Permanent: programs and engine are to be of the same.
    #[error("the engine at {} speaks version {protocol} and this program {PROTOCOL}; build both from one version", path.display())]
    OtherVersion {
        /// The path.
        path: Arc<Path>,
        /// What it speaks.
        protocol: u32,
    },
    /// Too many programs are connected. Temporary.
    #[error("too many programs are connected to the engine at {}; share a client among threads, or try again later", path.display())]
    Busy {
        /// The path.
        path: Arc<Path>,
    },
    /// A thread could not be started. Temporary.
    #[error("no thread could be started to speak with the engine: {0}")]
    Threads(Arc<io::Error>),
}

impl ConnectError {
    /// It may be reached later.
    pub fn is_temporary(&self) -> bool {
        use ConnectError::{Busy, NoEngine, Threads};
        matches!(self, NoEngine { .. } | Busy { .. } | Threads(_))
    }

    /// As the source of another error.
    pub(super) fn into_io(self) -> Arc<io::Error> {
        match self {
            ConnectError::NoEngine { source, .. } | ConnectError::Threads(source) => source,
            other => Arc::new(io::Error::other(other)),
        }
    }
}

/// A connection, greeted.
pub(super) struct Greeted {
    pub stream: UnixStream,
    pub lines: BufReader<UnixStream>,
    pub hello: Hello,
}

/// Connects and hears the greeting.
pub(super) fn connect(path: &Arc<Path>) -> Result<Greeted, ConnectError> {
    let none = |error: io::Error| {
        let path = Arc::clone(path);
        match error.kind() {
            ErrorKind::PermissionDenied => ConnectError::NotPermitted { path },
            ErrorKind::InvalidInput => ConnectError::NoPath { path },
            _ => ConnectError::NoEngine { path, source: Arc::new(error) },
        }
    };
    let stream = UnixStream::connect(path).map_err(none)?;
    stream.set_read_timeout(Some(GREETING)).map_err(none)?;
    stream.set_write_timeout(Some(UNREAD)).map_err(none)?;
    let mut lines = BufReader::new(stream.try_clone().map_err(none)?);
    let mut first = Vec::new();
    let read = line(&mut lines, &mut first);
    stream.set_read_timeout(None).map_err(none)?;
    let hello = greeting(path, read.map(|_| &first[..]))?;
    Ok(Greeted { stream, lines, hello })
}

fn greeting(path: &Arc<Path>, first: io::Result<&[u8]>) -> Result<Hello, ConnectError> {
    let path = Arc::clone(path);
    let none = |path, text: &str| ConnectError::NoEngine { path, source: Arc::new(io::Error::other(text)) };
    let first = match first {
        Ok([]) => return Err(none(path, "it has closed the connection at once")),
        Ok(first) => first,
        Err(error) if error.kind() == ErrorKind::InvalidData => return Err(ConnectError::NotAnEngine { path }),
        Err(_) => return Err(none(path, "it does not answer")),
    };
    match Answer::parse(first) {
        Some(Answer::Hello(hello)) if hello.protocol == PROTOCOL => Ok(hello),
        Some(Answer::Hello(hello)) => Err(ConnectError::OtherVersion { path, protocol: hello.protocol }),
        Some(Answer::Error(problem)) if problem.code == Code::TooManyConnections => Err(ConnectError::Busy { path }),
        Some(Answer::Bye { .. }) => Err(none(path, "it stops")),
        _ => Err(ConnectError::NotAnEngine { path }),
    }
}

/// Reads a line with its LF; empty: there are no more.
///
/// # Errors
/// Those of reading, and `InvalidData` for one that is too long or is cut off.
pub(super) fn line(lines: &mut BufReader<UnixStream>, into: &mut Vec<u8>) -> io::Result<()> {
    into.clear();
    lines.by_ref().take(MAX_LINE as u64 + 1).read_until(b'\n', into)?;
    match into.is_empty() || into.ends_with(b"\n") {
        true => Ok(()),
        false => Err(ErrorKind::InvalidData.into()),
    }
}
