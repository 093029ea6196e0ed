//! The settings change while the daemon works: no connection and no mail is dropped, and wrong settings change nothing.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
    path::PathBuf,
    time::Duration,
};

use postrider::testing::Peer;

use crate::{
    account::Account,
    daemon::{
        client::Client,
        home::{route, Home},
        load::{Kind, Load},
        process::Daemon,
        sink::Sink,
        within,
    },
};

const KIND: Kind = Kind { threads: 6, mails: usize::MAX, domain: "live.example", octets: 4000 };
const IN_FORCE: &str = "the new settings are in force";
const OLD: &str = "the old settings stay in force: ";

/// The settings with other routes and sections.
fn settings(home: &Home, rest: &str) -> String {
    let folder = home.spool().display();
    format!(
        "hostname = \"postrider.localhost\"\n[listen]\nsockets = [\"127.0.0.1:0\"]\n\
         [spool]\nfolder = \"{folder}\"\nsegment_size = \"4 MiB\"\n{rest}\n"
    )
}

/// What a log says from now on.
struct Tail {
    path: PathBuf,
    from: u64,
}

impl Tail {
    /// Waits for a line with this text; `None`: it does not come.
    fn wait_for(&mut self, text: &str) -> Option<String> {
        let mut seen = String::new();
        within(Duration::from_secs(20), || {
            let mut log = File::open(&self.path).expect("there is a log");
            log.seek(SeekFrom::Start(self.from)).expect("files can be sought");
            let mut more = Vec::new();
            log.read_to_end(&mut more).expect("the log can be read");
            self.from += more.len() as u64;
            seen.push_str(&String::from_utf8_lossy(&more));
            seen.contains(text)
        });
        seen.lines().find(|line| line.contains(text)).map(ToOwned::to_owned)
    }
}

fn reload(home: &Home, daemon: &Daemon, tail: &mut Tail, rest: &str, expected: &str) -> String {
    home.settings(&settings(home, rest));
    daemon.hang_up();
    tail.wait_for(expected).unwrap_or_else(|| panic!("no line says {expected:?}\n{}", home.log_tail()))
}

#[test]
#[ignore = "needs a minute; .ci/run runs it"]
fn two_hundred_reloads_under_load_drop_no_connection_and_no_mail() {
    let (one, two) = (Sink::start(), Sink::start());
    let lead = |port| route("*", port, "retry = [\"200 ms\"]");
    let home = Home::new("segment_size = \"4 MiB\"", &lead(one.port));
    let daemon = home.start();
    let mut tail = Tail { path: home.path("log"), from: 0 };
    let mut guest = Client::connect(daemon.address).expect("it listens");
    let load = Load::start(daemon.address, "r", &KIND);
    for round in 0..200 {
        let sink = if round % 2 == 0 { &two } else { &one };
        reload(&home, &daemon, &mut tail, &lead(sink.port), IN_FORCE);
        if round % 20 == 7 {
            let wrong = reload(&home, &daemon, &mut tail, "[limits]\nrecipients_per_mail = 0", OLD);
            assert!(wrong.contains("limits.recipients_per_mail: 0 is out of bounds"), "{wrong}");
        }
    }
    let sent = load.stop();
    let said = guest.ask("someone@live.example").expect("the guest who came first is still served");
    assert!(said.starts_with("250"), "{said}");
    drop(guest);
    let mut account = Account::default();
    let arrived = within(Duration::from_secs(60), || {
        account.take(one.taken());
        account.take(two.taken());
        account.has_all(&sent.promises)
    });
    assert!(arrived, "some are still on the way\n{}", home.log_tail());
    assert_eq!(daemon.drain(), Some(0), "{}", home.log_tail());
    account.take(one.taken());
    account.take(two.taken());
    account.settle(&sent.promises);
    println!("200 reloads: {} promised, {} arrived", sent.promises.len(), account.mails());
    assert_eq!((sent.broken, sent.refusals.len()), (0, 0), "{:?}", sent.refusals);
    assert_eq!(account.repeated(), Vec::<&str>::new(), "delivered twice");
    assert!(sent.promises.len() > 200, "there was no load");
}

#[test]
#[ignore = "needs seconds; .ci/run runs it"]
fn mail_that_waits_takes_its_new_way_and_new_users_and_aliases_are_known_at_once() {
    let peer = Peer::start();
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free").local_addr().expect("it is bound");
    let home = Home::new("segment_size = \"4 MiB\"", &route("live.example", nobody.port(), ""));
    let daemon = home.start();
    let mut tail = Tail { path: home.path("log"), from: 0 };
    let mut client = Client::connect(daemon.address).expect("it listens");
    for n in 0..20 {
        let to = format!("u{n}@live.example");
        client.send("me@from.example", &[&to], b"Subject: wait\r\n\r\n").expect("it answers").expect("it takes mail");
    }
    tail.wait_for("the hop is down").expect("nobody listens there");
    let table = home.path("table");
    std::fs::write(&table, "team@virtual.example a@live.example, b@live.example\n").expect("files can be written");
    let aliases = format!("[aliases]\ntables = [\"{}\"]\ndomains = [\"virtual.example\"]\n", table.display());
    let rest = format!("{aliases}{}", route("live.example", peer.address().port(), ""));
    let begin = std::time::Instant::now();
    reload(&home, &daemon, &mut tail, &rest, IN_FORCE);
    within(Duration::from_secs(60), || peer.taken().len() >= 19);
    let arrived = peer.taken().len();
    assert!(arrived >= 19, "{arrived} of 20 took the new way\n{}", home.log_tail());
    println!("{arrived} of 20 that waited took their new way in {:?}", begin.elapsed());
    let mut late = Client::connect(daemon.address).expect("it listens");
    let said = late.ask("team@virtual.example").expect("it answers");
    assert!(said.starts_with("250"), "{said}");
    let said = late.ask("nobody@virtual.example").expect("it answers");
    assert!(said.starts_with("550 5.1.1"), "{said}");
    late.send("me@from.example", &["team@virtual.example"], b"Subject: team\r\n\r\n")
        .expect("it answers")
        .expect("it is taken");
    std::fs::write(&table, "team@virtual.example |run\n").expect("files can be written");
    let wrong = reload(&home, &daemon, &mut tail, &rest, OLD);
    assert!(wrong.contains("table, line 1: \"|run\" is a program"), "{wrong}");
    let ports = reload(&home, &daemon, &mut tail, &format!("{rest}[drain]\ndeadline = \"9 s\""), OLD);
    assert!(ports.contains("is a program"), "the table is still wrong: {ports}");
    std::fs::write(&table, "").expect("files can be written");
    reload(&home, &daemon, &mut tail, &format!("{rest}[drain]\ndeadline = \"9 s\""), "[drain] has changed");
    assert_eq!(daemon.drain(), Some(0), "{}", home.log_tail());
}
