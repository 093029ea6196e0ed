//! `outbox`: an order that was committed is confirmed by one mail and one that was rolled back by none, wherever the program
//! is killed.
//!
//! While the program is killed between its own steps the next host is down, so that nothing is in SMTP's own window (the
//! final dot without an answer): what arrives twice then was sent twice.

use std::{
    collections::{BTreeMap, BTreeSet},
    hash::{BuildHasher, RandomState},
    os::unix::process::ExitStatusExt,
    thread,
    time::{Duration, Instant},
};

use postrider::testing::Peer;
use rusqlite::Connection;
use rustix::process::Signal;
use tempfile::TempDir;

use super::program::Program;

/// Each with whether an order that is rolled back comes there.
const STEPS: [(&str, bool); 6] = [
    ("before-prepare", true),
    ("before-insert", true),
    ("before-commit", true),
    ("before-redeem", true),
    ("before-mark", false),
    ("after-mark", false),
];

struct Shop {
    folder: TempDir,
    peer: Peer,
    orders: usize,
    roll_back: Vec<usize>,
}

impl Shop {
    fn new(orders: usize, roll_back: &[usize]) -> Self {
        let (folder, peer) = (TempDir::new().unwrap(), Peer::start());
        peer.address();
        Shop { folder, peer, orders, roll_back: roll_back.to_vec() }
    }

    fn start(&self, more: &[&str]) -> Program {
        let path = |name| self.folder.path().join(name).display().to_string();
        let roll_back: Vec<_> = self.roll_back.iter().map(ToString::to_string).collect();
        let mut arguments =
            vec![path("spool"), path("shop.sqlite"), self.peer.address().to_string(), self.orders.to_string()];
        if !roll_back.is_empty() {
            arguments.extend(["--roll-back".into(), roll_back.join(",")]);
        }
        arguments.extend(more.iter().map(ToString::to_string));
        Program::start("outbox", &arguments)
    }

    /// It is started and dies at this step of this order, and not before.
    fn dies_at(&self, step: &str, order: usize) {
        let (status, said) = self.start(&["--kill-at", &format!("{step}@{order}")]).ended();
        assert_eq!(status.signal(), Some(9), "{step}@{order}: {said}");
    }

    /// It is started and left alone until all mails have arrived.
    fn finishes(&self) {
        let (status, said) = self.start(&[]).ended();
        assert_eq!(status.code(), Some(0), "{said}");
        assert_eq!(said.matches(" delivered\n").count(), self.committed().len(), "{said}");
    }

    /// The orders that are to be there at the end.
    fn committed(&self) -> BTreeSet<usize> {
        (1..=self.orders).filter(|order| !self.roll_back.contains(order)).collect()
    }

    /// What the database says: these orders and no others, each with one row in the outbox, all redeemed.
    fn check_database(&self) {
        let database = Connection::open(self.folder.path().join("shop.sqlite")).unwrap();
        let query = "SELECT orders.number, state FROM orders LEFT JOIN outbox USING (number) ORDER BY 1";
        let mut rows = database.prepare(query).unwrap();
        let rows = rows.query_map((), |row| Ok((row.get::<_, u32>(0)? as usize, row.get::<_, String>(1)?))).unwrap();
        let rows: Vec<_> = rows.map(Result::unwrap).collect();
        let wanted: Vec<_> = self.committed().into_iter().map(|order| (order, "redeemed".to_owned())).collect();
        assert_eq!(rows, wanted);
    }

    /// For each order that was confirmed, the Message-IDs of the mails that arrived, one for each arrival.
    fn confirmed(&self) -> BTreeMap<usize, Vec<String>> {
        let mut confirmed = BTreeMap::<_, Vec<_>>::new();
        for mail in self.peer.taken() {
            let subject = mail.subject().unwrap();
            let order: usize = subject.strip_prefix("Your order ").unwrap().parse().unwrap();
            assert!(mail.is_for(&format!("customer-{order}@example.org")), "{mail}");
            confirmed.entry(order).or_default().push(mail.message_id().unwrap());
        }
        confirmed
    }

    fn check_exactly_once(&self) {
        self.check_database();
        let confirmed = self.confirmed();
        assert_eq!(confirmed.keys().copied().collect::<BTreeSet<_>>(), self.committed());
        let repeated: Vec<_> = confirmed.iter().filter(|(_, mails)| mails.len() > 1).collect();
        assert!(repeated.is_empty(), "{repeated:?}");
    }

    /// Starts it again and again, kills it after a random time, and says how often that was before all orders were placed.
    fn killed_at_random_for(&self, time: Duration) -> usize {
        let (begin, mut kills) = (Instant::now(), 0);
        while begin.elapsed() < time {
            let mut program = self.start(&[]);
            thread::sleep(Duration::from_millis(RandomState::new().hash_one(begin) % 200));
            if program.runs() {
                program.signal(Signal::KILL);
            }
            let (status, said) = program.ended();
            kills += usize::from(status.signal() == Some(9) && !said.contains("all orders are placed"));
        }
        kills
    }
}

#[test]
fn killed_at_every_step_of_every_order_it_confirms_what_was_committed_once_and_nothing_else() {
    let shop = Shop::new(4, &[2]);
    shop.peer.down();
    for order in 1..=shop.orders {
        for (step, also_rolled_back) in STEPS {
            if also_rolled_back || !shop.roll_back.contains(&order) {
                shop.dies_at(step, order);
            }
        }
    }
    assert!(shop.peer.taken().is_empty());
    shop.peer.up();
    shop.finishes();
    shop.check_exactly_once();
    shop.finishes(); // once more, with nothing left to do
    shop.check_exactly_once();
}

#[test]
fn what_a_crash_left_open_is_sent_at_the_next_start_though_nothing_else_happens() {
    let shop = Shop::new(1, &[]);
    shop.dies_at("before-redeem", 1);
    assert!(shop.peer.taken().is_empty());
    shop.finishes();
    shop.check_exactly_once();
}

#[test]
fn killed_at_random_while_the_next_host_is_down_it_confirms_each_order_once() {
    let shop = Shop::new(400, &(1..=400).step_by(7).collect::<Vec<_>>());
    shop.peer.down();
    let kills = shop.killed_at_random_for(Duration::from_secs(3));
    println!("{kills} kills");
    assert!(kills >= 5, "{kills}");
    shop.peer.up();
    shop.finishes();
    shop.check_exactly_once();
}

/// Here a kill may fall between a final dot and its answer. Then the same mail arrives once more (the window that SMTP leaves
/// open), but there is never a second mail for an order.
#[test]
fn killed_at_random_while_mails_arrive_it_makes_one_mail_of_each_order() {
    let shop = Shop::new(400, &(1..=400).step_by(7).collect::<Vec<_>>());
    let kills = shop.killed_at_random_for(Duration::from_secs(3));
    assert!(kills >= 5, "{kills}");
    shop.finishes();
    shop.check_database();
    let confirmed = shop.confirmed();
    assert_eq!(confirmed.keys().copied().collect::<BTreeSet<_>>(), shop.committed());
    for (order, mails) in &confirmed {
        assert!(mails.iter().all(|id| *id == mails[0]), "order {order}: {mails:?}");
    }
    let arrived: usize = confirmed.values().map(Vec::len).sum();
    println!("{kills} kills; {} mails arrived again", arrived - confirmed.len());
}
