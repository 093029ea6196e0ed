//! What the system says of changes in a folder (inotify). It is a hint: looking is the truth.

use std::{io, os::fd::OwnedFd, path::Path, time::Duration};

use postrider_engine::{pickup::Hint, BoxFuture};
use rustix::fs::inotify::{self, CreateFlags, WatchFlags};
use tokio::net::unix::pipe::Receiver;

use super::{HIGH, LOW};

/// Events that are read at once; what more there is says nothing new.
const ROOM: usize = 16 * 1024;
/// After an event more are awaited: programs put many files there at once.
const GATHERING: Duration = Duration::from_millis(5);

/// Waits for files that come into a folder, and into those below it.
pub struct FolderHint {
    made: Option<OwnedFd>,
    /// Its events are read as octets of a pipe are.
    watched: Option<Receiver>,
}

impl FolderHint {
    /// A hint for this folder, which is there.
    ///
    /// # Errors
    /// Those of the system: it has a limit for watched folders. Without a hint the folder is looked through in time.
    pub fn new(folder: &Path) -> io::Result<Self> {
        let made = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?;
        let what = WatchFlags::CLOSE_WRITE | WatchFlags::MOVED_TO;
        inotify::add_watch(&made, folder, what)?;
        for below in [HIGH, LOW] {
            inotify::add_watch(&made, folder.join(below), what)?;
        }
        Ok(FolderHint { made: Some(made), watched: None })
    }

    async fn changed(&mut self) -> io::Result<()> {
        if let Some(made) = self.made.take() {
            self.watched = Some(Receiver::from_owned_fd_unchecked(made)?);
        }
        let Some(watched) = &self.watched else { return std::future::pending().await };
        watched.readable().await?;
        tokio::time::sleep(GATHERING).await;
        let mut room = [0; ROOM];
        loop {
            match watched.try_read(&mut room) {
                Ok(1..) => {}
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    }
}

impl Hint for FolderHint {
    fn wait(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            if self.changed().await.is_err() {
                // What cannot be watched any more says nothing.
                std::future::pending::<()>().await;
            }
        })
    }
}
