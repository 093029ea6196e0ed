//! The ancestor's design: a table of mails that all reach by id, threads that work through a list of jobs, and a handler
//! of the service's own in the middle of the chain of end-of-data, which hands the mail over to delivery. Delivery deletes
//! it; whoever is behind that handler reaches into the table all the same.
//!
//! Rule: nobody waits here but for the time that a sink takes in the engine as well: what goes wrong is in the design.
//! With one thread nothing does, because the jobs follow one another; that is how it passed its tests.

// A table under a lock, reached by id, is what the ancestor had, and what this file is to show.
#![allow(clippy::disallowed_types)]

use std::{
    collections::{BTreeMap, VecDeque},
    net::TcpListener,
    sync::{
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
        mpsc, Arc, Condvar, Mutex, PoisonError,
    },
    thread,
    time::Duration,
};

use super::{
    changes::{bound, PRIORITIES},
    clients, edit, mails_of, on_this_thread,
    server::{serve, Service},
    target::Came,
    tell, until, verdict,
    versions::{version, Bound, Clock},
    Problem,
};
use crate::{arguments::Arguments, Shown};

/// Where the ancestor's own handler of end-of-data stood. Of equal priorities it was the first.
const OWN_HANDLER: u16 = 24_575;
const COMES_OUT: Duration = Duration::from_secs(5);

/// A mail in the table.
struct Entry {
    to: Vec<String>,
    content: Vec<u8>,
}

enum Job {
    /// Calls the handlers of end-of-data, then tells the client.
    EndOfData(u64, mpsc::Sender<()>),
    Deliver(u64),
}

/// What the ancestor's threads have in common.
struct Shared {
    table: Mutex<BTreeMap<u64, Entry>>,
    jobs: Mutex<VecDeque<Job>>,
    some: Condvar,
    jobs_left: AtomicUsize,
    next: AtomicU64,
    /// The sinks of end-of-data, by priority.
    sinks: Vec<Bound>,
    came: mpsc::Sender<Came>,
    over: AtomicBool,
}

pub fn run(arguments: &Arguments, mails: usize) -> Result<Shown, Problem> {
    let (tell_came, came) = mpsc::channel();
    let sinks: Vec<Bound> = (0..PRIORITIES.len()).map(|place| end_of_data(bound(place, 0))).collect();
    let history = [version(&sinks)];
    let (table, jobs, some) = (Mutex::default(), Mutex::default(), Condvar::new());
    let (next, jobs_left, over) = (AtomicU64::new(0), AtomicUsize::new(0), AtomicBool::new(false));
    let shared = Arc::new(Shared { table, jobs, some, jobs_left, next, sinks, came: tell_came, over });
    for _ in 0..arguments.workers {
        let shared = Arc::clone(&shared);
        thread::Builder::new().spawn(move || while work(&shared).is_some() {})?;
    }
    let socket = TcpListener::bind("127.0.0.1:0")?;
    let server = socket.local_addr()?;
    let service = Arc::clone(&shared);
    thread::Builder::new().spawn(move || serve(&socket, &service))?;
    let attempts = on_this_thread(async {
        let attempts = clients(arguments, server, mails, Clock::default()).await;
        until(COMES_OUT, || async { shared.jobs_left.load(Ordering::SeqCst) == 0 }).await;
        attempts
    })??;
    shared.over.store(true, Ordering::SeqCst);
    shared.some.notify_all();
    shared.start_again();
    let came: Vec<Came> = came.try_iter().collect();
    tell(&attempts, came.len());
    let differences = verdict::judge(&attempts, &came, &history);
    let line = format!("naive: {}", differences.told(mails_of(&attempts)));
    Ok(Shown { line, passed: differences.sum() == 0 })
}

fn end_of_data(bound: Bound) -> Bound {
    Bound { events: &[postrider::events::Kind::EndOfData], ..bound }
}

/// One job; none, when it is over.
fn work(shared: &Shared) -> Option<()> {
    match shared.job()? {
        Job::EndOfData(id, answer) => {
            shared.end_of_data(id);
            let _ = answer.send(());
        }
        Job::Deliver(id) => shared.deliver(id),
    }
    shared.jobs_left.fetch_sub(1, Ordering::SeqCst);
    Some(())
}

impl Shared {
    fn add(&self, job: Job) {
        self.jobs_left.fetch_add(1, Ordering::SeqCst);
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        match job {
            Job::Deliver(_) => jobs.push_front(job), // what is on its way out makes room
            Job::EndOfData(..) => jobs.push_back(job),
        }
        drop(jobs);
        self.some.notify_one();
    }

    fn job(&self) -> Option<Job> {
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        let waits = |jobs: &mut VecDeque<Job>| jobs.is_empty() && !self.over.load(Ordering::SeqCst);
        self.some.wait_while(jobs, waits).unwrap_or_else(PoisonError::into_inner).pop_front()
    }

    fn with_table<T>(&self, look: impl FnOnce(&mut BTreeMap<u64, Entry>) -> T) -> T {
        look(&mut self.table.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The handlers in their order, the service's own among them.
    fn end_of_data(&self, id: u64) {
        let (before, behind): (Vec<&Bound>, Vec<&Bound>) =
            self.sinks.iter().partition(|sink| sink.priority < OWN_HANDLER);
        before.into_iter().for_each(|sink| self.sink(id, sink));
        self.add(Job::Deliver(id));
        behind.into_iter().for_each(|sink| self.sink(id, sink));
    }

    /// Reads the content, takes its time, and writes it back: each is one call, as the ancestor's interfaces had it.
    fn sink(&self, id: u64, sink: &Bound) {
        let read =
            |table: &mut BTreeMap<u64, Entry>| table.get(&id).map(|mail| (mail.to.clone(), mail.content.clone()));
        let Some((to, seen)) = self.with_table(read) else { return };
        let [first, second] = edit::pauses("end_of_data", &sink.label, &seen);
        thread::sleep(first);
        let content = [edit::line("end_of_data", &sink.label, &seen).as_bytes(), &seen].concat();
        self.with_table(|table| table.insert(id, Entry { to, content }));
        thread::sleep(second);
    }

    fn deliver(&self, id: u64) {
        let delivered = self.with_table(|table| table.remove(&id));
        if let Some(mail) = delivered {
            let _ = self.came.send(Came::new(&mail.content, mail.to));
        }
    }

    /// What is in the table when the service starts again is taken for mail that was not delivered.
    fn start_again(&self) {
        let left: Vec<u64> = self.with_table(|table| table.keys().copied().collect());
        left.into_iter().for_each(|id| self.deliver(id));
    }
}

impl Service for Shared {
    fn taken(&self, to: Vec<String>, content: Vec<u8>) {
        let id = self.next.fetch_add(1, Ordering::SeqCst);
        self.with_table(|table| table.insert(id, Entry { to, content }));
        let (answer, answered) = mpsc::channel();
        self.add(Job::EndOfData(id, answer));
        let _ = answered.recv();
    }
}
