//! Opening a spool: the lock, recovery, the end of what a crash left behind, the threads.
//!
//! Nothing is promised on the strength of what recovery read before that is synced: a process that died may have left
//! frames that no sync ever covered.

use std::{
    hash::{BuildHasher, Hasher},
    io,
    sync::{atomic::AtomicU64, mpsc, Arc},
    thread,
};

use postrider_engine::{Files, LockError, QueueId};
use tracing::{info, warn};

use super::{
    compact::Compaction,
    counters::Counters,
    format::read_format,
    frame::{self, HEADER},
    index::Leaves,
    janitor,
    log::Log,
    orders::Inbox,
    pool::Pool,
    real::LOCK,
    recovery::{End, Found, Recovery, Spot},
    repair,
    replay::{Recovered, Replay},
    segment::{free_name, kind, segment_name, side_name, Kind, Ready, Segment, LOG, SIDE},
    settings::{Doing, OpenError, Settings},
    spool::{DiskSpool, Shared},
    staging::DiskStaging,
    syncer,
    tail::Tail,
};

/// Opens the spool in these files, or makes it.
///
/// Reads the whole log; takes about a second for a gigabyte.
///
/// # Errors
/// [`OpenError`]; the spool is as it was then, and nobody has the lock.
pub fn open(settings: Settings, files: Arc<dyn Files>) -> Result<DiskSpool, OpenError> {
    let settings = settings.bounded();
    let lock = files.lock(LOCK).map_err(|error| match error {
        LockError::InUse { pid } => OpenError::SpoolInUse { pid },
        LockError::Io(source) => OpenError::Io { what: "cannot lock `lock` of the spool".into(), source },
    })?;
    let salt = read_format(files.as_ref())?;
    let state = recover(salt, settings, files.as_ref())?;
    start(settings, files, salt, state, lock)
}

/// A number that nobody can guess.
pub(super) fn random() -> u64 {
    std::collections::hash_map::RandomState::new().build_hasher().finish()
}

/// What opening has found, and brought in order.
struct State {
    replay: Replay,
    recovered: Recovered,
    ready: Vec<Ready>,
    /// Where to go on, unless something was cut.
    segment: Option<Segment>,
    /// The highest number of a frame.
    number: u64,
    next_name: u64,
    next_sequence: u64,
}

fn recover(salt: u64, settings: Settings, files: &dyn Files) -> Result<State, OpenError> {
    let (mut segments, mut free) = (Vec::new(), Vec::new());
    for name in files.list(LOG).doing("list", LOG)? {
        match kind(&name) {
            Kind::Segment(sequence) => segments.push(sequence),
            Kind::Free(number) => free.push(number),
            Kind::Other => warn!(%name, "a file in the folder of the log is not the spool's"),
        }
    }
    segments.sort_unstable();
    let next_sequence = segments.last().map_or(1, |last| last + 1);
    let next_name = free.iter().max().map_or(0, |last| last + 1);
    let found = open_segments(files, &segments)?;
    let mut recovery = Recovery::new(salt, &found);
    let end = recovery.run()?;
    let Recovery { mut replay, damage, .. } = recovery;
    if replay.frames == 0 && found.len() > 1 {
        return Err(OpenError::NothingReadable { segments: found.len() });
    }
    damage.iter().for_each(|(_, from, until)| repair::set_aside(files, &found, *from, *until));
    repair::sync(&found, &replay.unsynced).doing("sync", LOG)?;
    repair::cut(&found, &end.cut).doing("cut the end of", LOG)?;
    let segment = last_segment(&found, &end, replay.frames);
    let ready = waiting(files, settings, &free)?;
    repair::drop_unused(files, &found, &end, replay.frames).doing("free a segment of", LOG)?;
    orphans(files, &mut replay)?;
    let recovered = Recovered {
        mails: replay.index.len(),
        next: QueueId(replay.next_id),
        frames: replay.frames,
        segments: found.len(),
        damage: damage.into_iter().map(|(damage, ..)| damage).collect(),
        torn: !end.cut.is_empty(),
    };
    let segment = segment.filter(|_| end.cut.is_empty()).transpose().doing("read", LOG)?;
    Ok(State { replay, recovered, ready, segment, number: end.highest, next_name, next_sequence })
}

fn open_segments(files: &dyn Files, sequences: &[u64]) -> Result<Vec<Found>, OpenError> {
    let open = |sequence: &u64| {
        let name = segment_name(*sequence);
        Ok(Found { sequence: *sequence, file: files.open(&name).doing("open", &name)? })
    };
    sequences.iter().map(open).collect()
}

/// The segment that has the last frame.
fn last_segment(found: &[Found], end: &End, frames: u64) -> Option<io::Result<Segment>> {
    let Spot { index, offset } = end.spot;
    let last = found.get(index).filter(|_| frames > 0)?;
    let segment = last.file.size().map(|octets| Segment {
        sequence: last.sequence,
        file: Arc::clone(&last.file),
        octets,
        end: offset,
    });
    Some(segment)
}

/// The files that wait to become segments, if they have the size that is wanted now; the others go.
fn waiting(files: &dyn Files, settings: Settings, free: &[u64]) -> Result<Vec<Ready>, OpenError> {
    let (mut ready, octets) = (Vec::new(), settings.segment_octets);
    for number in free {
        let name = free_name(*number);
        let file = files.open(&name).doing("open", &name)?;
        let whole = file.size().doing("read", &name)? == octets && ready.len() <= settings.prepared_segments;
        if whole && file.reserve(octets).is_ok() {
            ready.push(Ready { name, file, octets });
        } else {
            files.unlink(&name).doing("unlink", &name)?;
        }
    }
    Ok(ready)
}

/// Unlinks the side files that no mail names.
fn orphans(files: &dyn Files, replay: &mut Replay) -> Result<(), OpenError> {
    for name in files.list(SIDE).doing("list", SIDE)? {
        let path = side_name(&name);
        if replay.sides.knows(&name) {
            let octets = files.open(&path).and_then(|file| file.size()).doing("read", &path)?;
            replay.sides.found(&name, octets);
        } else {
            files.unlink(&path).doing("unlink", &path)?;
        }
    }
    Ok(())
}

fn start(
    settings: Settings,
    files: Arc<dyn Files>,
    salt: u64,
    state: State,
    lock: Box<dyn Send>,
) -> Result<DiskSpool, OpenError> {
    let State { mut replay, recovered, ready, segment, number, next_name, next_sequence } = state;
    let (counters, (orders, inbox)) = (Arc::new(Counters::default()), mpsc::channel());
    let waiting: u64 = ready.iter().map(|ready| ready.octets).sum();
    counters.log_octets.set(replay.ledger.octets() + waiting);
    counters.side_octets.set(replay.sides.octets());
    let tasks = janitor::start(Arc::clone(&files), orders.clone(), Arc::clone(&counters));
    let (tasks, janitor) = tasks.doing("start a thread for", LOG)?;
    let (syncs, syncer) = syncer::start(orders.clone(), Arc::clone(&counters)).doing("start a thread for", LOG)?;
    let common = (Arc::clone(&files), settings, Arc::clone(&counters));
    let mut pool = Pool::new(common, tasks.clone(), ready, (next_name, next_sequence));
    let segment = match segment.filter(|segment| segment.room() >= HEADER as u64) {
        Some(segment) => segment,
        None => pool.take_reserved(0).doing("make a segment in", LOG)?.ok_or_else(full)?,
    };
    replay.ledger.open(segment.sequence, segment.octets);
    let previous = replay.last.unwrap_or(0);
    let (dirty, syncing, next_id) = (Vec::new(), false, replay.next_id);
    let counted = Arc::clone(&counters);
    let mut tail =
        Tail { salt, segment, number, synced: previous, previous, next_id, dirty, syncing, counters: counted, syncs };
    first_frame(&mut tail).doing("write to", LOG)?;
    replay.ledger.synced(tail.number, tail.segment.sequence);
    let mails = replay.index.ids();
    tell(&recovered);
    let Replay { mut index, mut ledger, sides, .. } = replay;
    let unneeded = index.memos.limit(settings.most_remembered);
    unneeded.into_iter().for_each(|place| ledger.leave(tail.number, Leaves::of_record(place)));
    let mut log = Log::new(settings, (index, ledger, sides), pool, tail, (tasks, Inbox::of(inbox)));
    log.helpers.extend([janitor, syncer]);
    log.compaction = Compaction::of(Arc::clone(&files));
    let thread = thread::Builder::new().name("spool-log".into()).spawn(move || {
        log.run();
        drop(lock); // not before its helpers have ended
    });
    let thread = thread.doing("start a thread for", LOG)?;
    let shared = Shared { files, orders, counters };
    let (prefix, next) = (random(), AtomicU64::new(0));
    let Shared { files, orders, counters } = shared.clone();
    let staging = Arc::new(DiskStaging { files, orders, counters, settings, prefix, next });
    Ok(DiskSpool::new(shared, mails, salt, recovered, staging, thread))
}

fn full() -> OpenError {
    OpenError::Io { what: "cannot make a segment of the spool".into(), source: io::ErrorKind::StorageFull.into() }
}

/// A frame without records: it proves that the disk can be written, and where the log went on if it was cut.
fn first_frame(tail: &mut Tail) -> io::Result<()> {
    let mut octets = Vec::new();
    frame::begin(&mut octets);
    tail.append(&mut octets, 0)?;
    tail.segment.file.sync_data()?;
    tail.synced(tail.number, tail.segment.sequence);
    Ok(())
}

fn tell(recovered: &Recovered) {
    let Recovered { mails, frames, segments, torn, damage, next } = recovered;
    info!(mails, frames, segments, torn, %next, damaged = damage.len(), "the spool is open");
}
