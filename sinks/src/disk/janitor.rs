//! The thread that keeps house: fills segments ahead, frees old ones, unlinks side files. The log never waits for it.

use std::{
    io,
    sync::{mpsc, Arc},
    thread,
};

use postrider_engine::{Files, OpenFile};
use tracing::warn;

use super::{
    counters::Counters,
    orders::{Helper, Order},
    segment::{segment_name, side_name, Ready, LOG},
    sides::Unneeded,
};

/// Octets that are written between two looks at what else is to be done.
const CHUNK: u64 = 4 << 20;

/// One thing to do.
pub(super) enum Task {
    /// Take space for a segment, and fill it with zeros if that is wanted.
    Prepare { name: String, octets: u64, fill: bool },
    /// Free these segments. One with a name for later waits under it, the others go.
    Free(Vec<(u64, Option<(String, u64)>)>),
    /// Unlink a side file.
    Unlink(Unneeded),
}

struct Janitor {
    files: Arc<dyn Files>,
    orders: mpsc::Sender<Order>,
    counters: Arc<Counters>,
}

/// A file that is being filled.
struct Filling {
    ready: Ready,
    filled: u64,
}

/// Starts the thread. It ends when nobody can give it a task any more.
pub(super) fn start(
    files: Arc<dyn Files>,
    orders: mpsc::Sender<Order>,
    counters: Arc<Counters>,
) -> io::Result<Helper<Task>> {
    let (tasks, inbox) = mpsc::channel::<Task>();
    let janitor = Janitor { files, orders, counters };
    let thread = thread::Builder::new().name("spool-janitor".into()).spawn(move || janitor.run(&inbox))?;
    Ok((tasks, thread))
}

impl Janitor {
    fn run(self, inbox: &mpsc::Receiver<Task>) {
        let mut filling = Vec::new();
        loop {
            let task = match inbox.try_recv() {
                Ok(task) => task,
                Err(mpsc::TryRecvError::Empty) if !filling.is_empty() => {
                    self.fill(&mut filling);
                    continue;
                }
                Err(_) => match inbox.recv() {
                    Ok(task) => task,
                    Err(mpsc::RecvError) => return,
                },
            };
            match task {
                Task::Prepare { name, octets, fill } => self.begin(name, octets, fill, &mut filling),
                Task::Free(segments) => drop(self.orders.send(Order::Freed(self.free(segments)))),
                Task::Unlink(side) => self.unlink(&side),
            }
        }
    }

    fn begin(&self, name: String, octets: u64, fill: bool, filling: &mut Vec<Filling>) {
        match prepare(self.files.as_ref(), &name, octets) {
            Ok(Some(file)) if !fill => {
                let _ = self.orders.send(Order::Prepared(Ok(Some(Ready { name, file, octets }))));
            }
            Ok(Some(file)) => filling.push(Filling { ready: Ready { name, file, octets }, filled: 0 }),
            other => drop(self.orders.send(Order::Prepared(other.map(|_| None)))),
        }
    }

    /// Writes some zeros to the file that was begun last, and gives it to the log when it is full.
    fn fill(&self, filling: &mut Vec<Filling>) {
        let Some(Filling { ready, filled }) = filling.last_mut() else { return };
        let result = fill_some(ready.file.as_ref(), filled, ready.octets);
        if result.is_err() || *filled >= ready.octets {
            let ready = filling.pop().map(|filling| filling.ready);
            if let Some(ready) = &ready {
                ready.file.forget_cached();
            }
            let _ = self.orders.send(Order::Prepared(result.map(|()| ready)));
        }
    }

    fn free(&self, segments: Vec<(u64, Option<(String, u64)>)>) -> io::Result<(Vec<u64>, Vec<Ready>)> {
        let (mut freed, mut again) = (Vec::new(), Vec::new());
        for (sequence, later) in segments {
            let old = segment_name(sequence);
            match later {
                Some((name, octets)) => {
                    self.files.rename(&old, &name)?;
                    again.push(Ready { file: self.files.open(&name)?, name, octets });
                }
                None => self.files.unlink(&old)?,
            }
            freed.push(sequence);
        }
        self.files.sync_folder(LOG)?;
        Ok((freed, again))
    }

    fn unlink(&self, side: &Unneeded) {
        match self.files.unlink(&side_name(&side.name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                warn!(side = %side.name, %error, "a side file that nobody needs cannot be unlinked");
            }
            _ => self.counters.side_octets.sub(side.octets),
        }
    }
}

fn fill_some(file: &dyn OpenFile, filled: &mut u64, octets: u64) -> io::Result<()> {
    static ZEROS: [u8; 64 << 10] = [0; 64 << 10];
    let until = octets.min(*filled + CHUNK);
    while *filled < until {
        let n = (until - *filled).min(ZEROS.len() as u64);
        file.write_at(*filled, &ZEROS[..usize::try_from(n).unwrap_or(ZEROS.len())])?;
        *filled += n;
    }
    file.sync_data()
}

/// Makes a file that waits to become a segment and takes its space; `None`: there is not enough.
pub(super) fn prepare(files: &dyn Files, name: &str, octets: u64) -> io::Result<Option<Arc<dyn OpenFile>>> {
    let file = match files.create_new(name) {
        Err(error) if is_full(&error) => return Ok(None),
        file => file?,
    };
    match file.reserve(octets) {
        Err(error) if is_full(&error) => {
            drop(file);
            files.unlink(name)?;
            Ok(None)
        }
        reserved => reserved.map(|()| Some(file)),
    }
}

/// It says that there is no space.
pub(super) fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}
