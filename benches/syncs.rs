//! How many syncs a mail costs when many connections share them: a whole engine on loopback, on a disk whose syncs take a
//! millisecond longer than they do.
//!
//! `cargo bench --bench syncs -- [FOLDER]`; without a folder it takes one in the temporary folder, which should then be on
//! a disk. `SYNCS_BENCH_MAILS` says how many mails, 20,000 by default.

use std::{
    env, fs,
    io::{self, BufRead, BufReader, Write},
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    sync::{
        atomic::{AtomicU64, AtomicUsize, Ordering},
        Arc,
    },
    thread,
    time::{Duration, Instant},
};

use postrider::{
    sinks::disk::{self, DiskSpool, RealFiles, SlowSync},
    End, Engine, Settings,
};

const CONNECTIONS: usize = 20;
const OCTETS: usize = 4096;
const SLOWER: Duration = Duration::from_millis(1);
/// So many syncs a mail are the mark.
const MARK: f64 = 0.15;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// A client that waits for each reply, as most do.
struct Client {
    replies: BufReader<TcpStream>,
    stream: TcpStream,
}

impl Client {
    fn connect(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        let mut client = Client { replies: BufReader::new(stream.try_clone()?), stream };
        client.hear("220")?;
        client.say(b"EHLO client.example\r\n", "250")?;
        Ok(client)
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
            if line.as_bytes().get(3) != Some(&b'-') {
                break;
            }
        }
        match line.starts_with(awaited) {
            true => Ok(()),
            false => Err(line.into()),
        }
    }

    fn send(&mut self, content: &[u8]) -> Result<()> {
        self.say(b"MAIL FROM:<ann@example.org>\r\n", "250")?;
        self.say(b"RCPT TO:<bob@example.net>\r\n", "250")?;
        self.say(b"DATA\r\n", "354")?;
        self.say(content, "250")
    }
}

fn settings(folder: &Path) -> Result<Settings> {
    let file = folder.join("settings.toml");
    let text = "hostname = \"postrider.localhost\"\n[listen]\nsockets = [\"127.0.0.1:0\"]\n\
                [[route]]\ndomain = \"*\"\nto = \"discard\"\n";
    fs::write(&file, text)?;
    Ok(Settings::load(Some(&file))?)
}

fn open(folder: &Path) -> Result<(DiskSpool, Arc<AtomicU64>)> {
    let files = SlowSync::new(RealFiles::at(folder.join("spool"))?, SLOWER);
    let syncs = files.syncs();
    Ok((disk::open(disk::Settings::default(), Arc::new(files))?, syncs))
}

/// All connections at once, until so many mails are promised.
fn load(address: SocketAddr, mails: usize) -> Result<()> {
    let line = format!("{}\r\n", "x".repeat(62));
    let content = format!("Subject: bench\r\n\r\n{}.\r\n", line.repeat(OCTETS / line.len())).into_bytes();
    let (content, begun) = (&content, &AtomicUsize::new(0));
    let one = move || {
        let mut client = Client::connect(address)?;
        while begun.fetch_add(1, Ordering::Relaxed) < mails {
            client.send(content)?;
        }
        client.say(b"QUIT\r\n", "221")
    };
    thread::scope(|scope| {
        let all: Vec<_> = (0..CONNECTIONS).map(|_| scope.spawn(one)).collect();
        all.into_iter().try_for_each(|thread| thread.join().map_err(|_| "a client panicked")?)
    })
}

fn run(folder: &Path, mails: usize) -> Result<()> {
    let (spool, syncs) = open(folder)?;
    let gauge = spool.gauge();
    let engine = Engine::builder(settings(folder)?).spool(Box::new(spool)).start()?;
    let address = *engine.addresses().first().ok_or("the engine listens nowhere")?;
    load(address, CONNECTIONS)?; // what is made once is made before
    let (all, log, start) = (syncs.load(Ordering::Relaxed), gauge.read().syncs, Instant::now());
    load(address, mails)?;
    let (took, log) = (start.elapsed().as_secs_f64(), gauge.read().syncs - log);
    let (all, each) = (syncs.load(Ordering::Relaxed) - all, |syncs: u64| syncs as f64 / mails as f64);
    println!(
        "{CONNECTIONS} connections, {mails} mails of {OCTETS} octets, syncs {SLOWER:?} slower: {:.0} mails/s, {:.3} syncs \
         of the log per mail (mark: under {MARK}), {:.3} of all files",
        mails as f64 / took,
        each(log),
        each(all)
    );
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    match runtime.block_on(engine.drain(Duration::from_secs(25))) {
        End::Drained => Ok(()),
        end => Err(format!("the engine came to another end: {end:?}").into()),
    }
}

fn main() -> Result<()> {
    let folder = env::args().skip(1).find(|argument| argument != "--bench");
    let folder = folder.map_or_else(env::temp_dir, PathBuf::from).join("postrider-syncs-bench");
    let mails = env::var("SYNCS_BENCH_MAILS").ok().map_or(Ok(20_000), |mails| mails.parse())?;
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder)?;
    run(&folder, mails)?;
    fs::remove_dir_all(&folder)?;
    Ok(())
}
