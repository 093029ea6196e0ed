//! Measures the disk spool: mails a second by batch, how long it takes to open a hundred thousand mails, and what they
//! cost in memory.
//!
//! `cargo bench -p postrider-sinks --bench spool -- [FOLDER]`; without a folder it takes one in the temporary folder,
//! which should then be on a disk. With `SPOOL_BENCH_NO_FILL` in the environment segments are not filled ahead.

use std::{
    env, fs,
    future::Future,
    path::{Path, PathBuf},
    pin::pin,
    process::Command,
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
    time::{Duration, Instant},
};

use postrider_engine::{
    Address, Batch, Content, Diagnosis, Draft, Durability, Entry, Envelope, Fact, Files, How, Moment, QueueId, RcptNo,
    Reply, Scope, Spool,
};
use postrider_sinks::disk::{self, DiskSpool, RealFiles, Settings};

const MAILS: usize = 100_000;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(done) => return done,
            Poll::Pending => thread::park(),
        }
    }
}

fn entry(n: usize, octets: usize) -> Result<Entry> {
    let mut envelope = Envelope::default();
    envelope.sender = Some(Address::parse("someone@example.org")?);
    envelope.recipients.add(Address::parse(&format!("user{n}@example.net"))?);
    let content: Vec<u8> = (0..octets).map(|at| (at * 7 + n) as u8).collect();
    Ok(Entry::mail(Draft::new(envelope, Content::new(content))))
}

fn put(spool: &mut DiskSpool, entries: Vec<Entry>) -> Result<Vec<QueueId>> {
    let applied = wait(spool.apply(Batch { entries, looks: Vec::new(), durability: Durability::Synced }))?;
    let mut ids = Vec::new();
    for receipt in applied.receipts {
        ids.extend_from_slice(receipt?.ids());
    }
    Ok(ids)
}

fn rates(spool: &mut DiskSpool, octets: usize, batch: usize) -> Result<()> {
    let (start, before) = (Instant::now(), spool.gauge().read());
    let (mut mails, mut syncs) = (0, 0);
    let mut busy = Duration::ZERO;
    while start.elapsed() < Duration::from_secs(2) {
        let entries = (0..batch).map(|n| entry(mails + n, octets)).collect::<Result<Vec<_>>>()?;
        let begun = Instant::now();
        let ids = put(spool, entries)?;
        busy += begun.elapsed();
        (mails, syncs) = (mails + batch, syncs + 1);
        let finished = |id| Fact::Finished { mail: id, recipients: vec![RcptNo(0)], how: How::Delivered };
        let facts = Entry::facts(ids.into_iter().map(finished).collect());
        wait(spool.apply(Batch { entries: vec![facts], looks: Vec::new(), durability: Durability::Written }))?;
    }
    let (rate, each) = (mails as f64 / busy.as_secs_f64(), busy.as_secs_f64() * 1e6 / f64::from(syncs));
    let written = (spool.gauge().read().octets - before.octets) as f64 / (mails * octets) as f64;
    println!("{octets:6} octets, batches of {batch:3}: {rate:8.0} mails/s, {each:6.0} µs a batch, {written:.3} octets an octet");
    Ok(())
}

/// What the disk itself takes to overwrite and sync a page, in microseconds: half of the times took longer.
fn raw(folder: &Path) -> Result<u128> {
    let files = RealFiles::at(folder)?;
    let file = files.create_new("raw")?;
    (0..256_u64).try_for_each(|page| file.write_at(page * 4096, &[0; 4096]))?;
    file.sync_data()?;
    let mut times = Vec::new();
    for page in 0..100_u64 {
        let begun = Instant::now();
        file.write_at(page * 4096, &[1; 4096])?;
        file.sync_data()?;
        times.push(begun.elapsed().as_micros());
    }
    files.unlink("raw")?;
    times.sort_unstable();
    Ok(times[times.len() / 2])
}

fn settings() -> Settings {
    Settings { fill_segments: env::var_os("SPOOL_BENCH_NO_FILL").is_none(), ..Settings::default() }
}

fn resident() -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line =
        |name| status.lines().find(|line| line.starts_with(name)).and_then(|line| line.split_whitespace().nth(1));
    Ok(line("VmRSS:").ok_or("no VmRSS")?.parse()?)
}

fn fill(folder: &Path) -> Result<()> {
    let mut spool = disk::open(settings(), Arc::new(RealFiles::at(folder)?))?;
    let start = Instant::now();
    for first in (0..MAILS).step_by(250) {
        let entries = (first..first + 250).map(|n| entry(n, 4096)).collect::<Result<Vec<_>>>()?;
        let ids = put(&mut spool, entries)?;
        let reply = Reply::new(421, 4, 1, "connection refused");
        let schedule = |mail| {
            let last = Some(Diagnosis::remote(Scope::Hop, reply.clone(), "mx.example.net"));
            let (recipients, due) = (vec![RcptNo(0)], Moment(1_800_000_000_000));
            Fact::Schedule { mail, recipients, attempts: 1, due, last, perhaps: false }
        };
        let entries = ids.into_iter().map(|id| Entry::facts(vec![schedule(id)])).collect();
        wait(spool.apply(Batch { entries, looks: Vec::new(), durability: Durability::Written }))?;
    }
    println!("{MAILS} mails of 4 KiB written and scheduled in {:.2?}", start.elapsed());
    println!("memory with all of them: {} KiB", resident()?);
    // As if killed: nothing is closed.
    std::process::exit(0)
}

fn reopen(folder: &Path) -> Result<()> {
    let (files, before, start) = (Arc::new(RealFiles::at(folder)?), resident()?, Instant::now());
    let mut spool = disk::open(settings(), files)?;
    let (took, after) = (start.elapsed(), resident()?);
    let mails = spool.take_mails().len();
    println!("{mails} mails opened in {took:.2?}; memory from {before} KiB to {after} KiB");
    Ok(())
}

fn again(what: &str, folder: &Path) -> Result<()> {
    Command::new(env::current_exe()?).arg(what).arg(folder).status()?;
    Ok(())
}

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match &arguments[..] {
        [what, folder] if what == "fill" => return fill(Path::new(folder)),
        [what, folder] if what == "reopen" => return reopen(Path::new(folder)),
        _ => {}
    }
    let folder = arguments.first().map_or_else(env::temp_dir, PathBuf::from).join("postrider-spool-bench");
    let _ = fs::remove_dir_all(&folder);
    let mut spool = disk::open(settings(), Arc::new(RealFiles::at(&folder)?))?;
    for octets in [4 << 10, 64 << 10] {
        for batch in [1, 16, 128] {
            print!("raw sync {:5} µs; ", raw(&folder)?);
            rates(&mut spool, octets, batch)?;
        }
    }
    println!("{:?}", spool.gauge().read());
    drop(spool);
    fs::remove_dir_all(&folder)?;
    again("fill", &folder)?;
    again("reopen", &folder)?;
    again("reopen", &folder)?;
    fs::remove_dir_all(&folder)?;
    Ok(())
}
