//! A disk full of mail that all fails at once, in many orders: facts, reports and moves share what is left.
//!
//! Rule: an order is drawn from a seed. Whatever it is, each mail is reported, and the spool does not fail; what was refused is
//! asked for again at once, so a spool that wins no space any more is seen as stuck.

use std::{collections::VecDeque, ops::Range, sync::Arc, time::Duration};

use postrider_engine::{Door, Entry, Fact, QueueId, RcptNo};

use super::{
    super::{faulty::*, *},
    harness::*,
};

const SEGMENT: u64 = 128 << 10;
const DISK: u64 = 48 * SEGMENT;
/// So often nothing was written, with a pause of a millisecond behind: the threads of the spool have had their time.
const STUCK: u32 = 2000;
/// Reports that are asked for together.
const TOGETHER: usize = 8;

/// Numbers that look like chance.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % most
    }

    fn among(&mut self, range: Range<usize>) -> usize {
        range.start + self.below(range.end - range.start)
    }
}

/// A run: the spool, its mails, and how far they are.
struct Run {
    spool: DiskSpool,
    chance: Chance,
    mails: Vec<u64>,
    /// So many have failed.
    failed: usize,
    /// Of these the next is to be reported.
    reported: usize,
    /// Reports on their way.
    under_way: VecDeque<u64>,
    refused: u32,
}

impl Run {
    /// A full disk.
    fn new(seed: u64) -> Self {
        let files = FaultyFiles::new();
        files.set_free(DISK);
        let settings = Settings { segment_octets: SEGMENT, min_free_octets: 2 * SEGMENT, ..Settings::default() };
        let spool = open(settings, Arc::new(files)).unwrap();
        let (mails, under_way) = (Vec::new(), VecDeque::new());
        let mut run = Run { spool, chance: Chance(seed), mails, failed: 0, reported: 0, under_way, refused: 0 };
        let (octets, early) = (run.chance.among(2700..3300), run.chance.below(4));
        while run.takes_some(octets) {
            if run.chance.below(4) < early {
                let mail = run.mails[run.chance.below(run.mails.len())];
                run.spool.facts(vec![scheduled(mail, &[0], 1)]);
            }
        }
        run
    }

    fn takes_some(&mut self, octets: usize) -> bool {
        let entries = (0..self.chance.among(1..20)).map(|_| Entry::mail(draft(1, vec![b'x'; octets]))).collect();
        let receipts = self.spool.put(entries);
        let all = receipts.iter().all(Result::is_ok);
        self.mails.extend(receipts.into_iter().flatten().map(|receipt| receipt.ids()[0].0));
        all
    }

    /// All are tried once more, in vain.
    fn all_wait(&mut self, attempt: usize) {
        let together = self.chance.among(1..30);
        for mails in self.mails.chunks(together) {
            self.spool.facts(mails.iter().map(|mail| scheduled(*mail, &[0], attempt as u32)).collect());
        }
    }

    fn some_fail(&mut self) {
        for _ in 0..self.chance.among(1..4) {
            let until = self.mails.len().min(self.failed + self.chance.among(1..64));
            let facts: Vec<Fact> = self.mails[self.failed..until].iter().map(|mail| failed(*mail, &[0])).collect();
            self.failed = until;
            if !facts.is_empty() {
                self.spool.facts(facts);
            }
        }
    }

    /// Says whether there was room for any.
    fn some_are_reported(&mut self, octets: usize) -> bool {
        for count in 0..TOGETHER.min(self.failed - self.reported) {
            let (mail, recipients) = (QueueId(self.mails[self.reported]), vec![RcptNo(0)]);
            let mut report = draft(1, vec![b'r'; octets]);
            report.envelope.door = Door::Report;
            let entry = Entry { facts: vec![Fact::Reported { mail, recipients }], ..Entry::mail(report) };
            let Ok(receipt) = self.spool.put(vec![entry]).remove(0) else {
                self.refused += 1;
                return count > 0;
            };
            self.under_way.push_back(receipt.ids()[0].0);
            self.reported += 1;
        }
        true
    }

    fn some_reports_arrive(&mut self, all: bool) {
        let most = if all { 0 } else { self.chance.below(20) };
        while self.under_way.len() > most {
            let report = self.under_way.pop_front().unwrap();
            self.spool.facts(vec![delivered(report, &[0])]);
        }
    }

    /// Until each mail is reported.
    fn expire(&mut self) {
        let (octets, mut stuck) = (self.chance.among(2500..5000), 0);
        while self.reported < self.mails.len() {
            self.some_fail();
            let had_room = self.some_are_reported(octets);
            self.some_reports_arrive(!had_room);
            stuck = if had_room { 0 } else { stuck + 1 };
            assert!(stuck < STUCK, "{} of {} are reported, and no space is won", self.reported, self.mails.len());
            if !had_room {
                std::thread::sleep(Duration::from_millis(1));
            }
        }
    }
}

#[test]
fn mail_that_fills_the_disk_and_all_fails_is_all_reported_in_whatever_order() {
    let mut refused = 0;
    for seed in 0..8 {
        let mut run = Run::new(seed);
        for attempt in 0..run.chance.below(3) {
            run.all_wait(attempt + 1);
        }
        run.expire();
        refused += run.refused;
    }
    assert!(refused > 0, "nothing was short");
}

#[test]
fn mail_that_fills_the_disk_may_be_tried_in_vain_again_and_again() {
    for seed in 0..3 {
        let mut run = Run::new(seed);
        for attempt in 0..12 {
            run.all_wait(attempt + 1);
        }
        run.expire();
    }
}
