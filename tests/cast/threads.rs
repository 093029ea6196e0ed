//! Queues on threads of their own, and such a thread ends with mail on the way: nothing is lost, nothing is doubled.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc, Arc,
    },
    thread::ThreadId,
    time::Duration,
};

use actix::prelude::*;
use postrider::{
    rules::{After, BoxFuture, Lease, Outcome, Outcomes, Retry, SessionSettings, Spool, Target},
    sinks::Memory,
};
use postrider_actors::{
    chain::{SessionGuests, Switchboard},
    clerk::Lives,
    clock::Clock,
    connection::Patience,
    index::Room,
    intake::StageFrom,
    listener::{Admit, Seats, Sessions},
    queue::QueueHabits,
    reporter::Reports,
    spooler::SpoolerHabits,
    transport::{HopPlan, InForce, Placement, Plan, State, Stop, Transport},
};
use tokio::sync::watch;

use crate::world::draft;

/// So many mails are on the way when the thread ends; it ends with the last of them.
const ON_THE_WAY: usize = 18;
const HOPS: [&str; 3] = ["one.example", "two.example", "three.example"];

/// To whom the mail went, and from which thread.
type Told = (String, ThreadId);

/// Has mail at every point of its way when its thread ends: delivered, before the dot, and behind it.
struct Doomed {
    lent: Arc<AtomicUsize>,
    told: mpsc::Sender<Told>,
}

impl Target for Doomed {
    fn deliver(&mut self, lease: Lease) -> BoxFuture<'_, After> {
        let number = self.lent.fetch_add(1, Ordering::Relaxed) + 1;
        Box::pin(async move {
            let slip = lease.slip().unwrap();
            let to: Vec<String> = slip.addressees().map(|(_, to)| to.address.to_string()).collect();
            let outcomes: Outcomes = slip.recipients.iter().map(|no| (*no, Outcome::Delivered(None))).collect();
            let tell = |to: Vec<String>| {
                to.into_iter().for_each(|to| self.told.send((to, std::thread::current().id())).unwrap())
            };
            match number % 3 {
                _ if number == ON_THE_WAY => {
                    Arbiter::current().stop();
                    std::future::pending().await
                }
                0 if number < ON_THE_WAY => std::future::pending().await,
                1 if number < ON_THE_WAY => {
                    let doubt = lease.at_final_dot("mx").await;
                    tell(to); // the other side has it, and nobody hears so
                    let _doubt = doubt;
                    std::future::pending().await
                }
                _ => {
                    tell(to);
                    lease.settle(outcomes);
                    After::Reusable
                }
            }
        })
    }
}

fn plan(told: mpsc::Sender<Told>) -> Plan {
    let (spool, clock, lent) = (Memory::new(), Clock::wall(), Arc::<AtomicUsize>::default());
    let habits = QueueHabits {
        connections: 20,
        mails_per_second: None,
        share: 1000,
        recipients: 100,
        keep: QueueHabits::KEEP,
        retry: Retry::default(),
        hold_perhaps: false,
        warn_after: None,
        hold: false,
        clock,
    };
    let session = SessionSettings::new("mail.example.org");
    let limits = session.limits.clone();
    let in_force = InForce {
        clients: Admit {
            sessions: Sessions::new(session),
            seats: Seats { all: 1, per_network: 1, prefix_v4: 32, prefix_v6: 64, free: Vec::new() },
            patience: Patience::default(),
        },
        spooler: SpoolerHabits {
            room: Room { mails: 1000, octets: 32 << 20 },
            attempts_synced: false,
            faults: 3,
            holds_in_doubt: Arc::new(|_| false),
            is_asked_for: Arc::new(|_, _| false),
            ticket_life: 30 * crate::world::DAY,
            clock,
        },
        aliases: Arc::default(),
        finder: Arc::new(crate::ways::ByDomain),
        hops: Arc::new(move |_| {
            let (lent, told) = (Arc::clone(&lent), told.clone());
            let make = move || -> Box<dyn Target> { Box::new(Doomed { lent: Arc::clone(&lent), told: told.clone() }) };
            HopPlan { habits: habits.clone(), make: Box::new(make) }
        }),
        reports: Reports { report: Box::new(|_| None), alert: Box::new(|_| None), bad: None, clock },
        sinks: Vec::new(),
        lives: Lives { key: crate::world::DAY, ticket: crate::world::DAY, other: crate::world::DAY },
        limits,
    };
    Plan {
        spool: Box::new(spool) as Box<dyn Spool>,
        entrances: Vec::new(),
        programs: None,
        folders: Vec::new(),
        host: "mail.example.org".into(),
        data_budget: 1 << 20,
        stage_from: StageFrom { always: 1 << 20, when_tight: 1 << 20 },
        note_attempts: true,
        in_force,
        converters: Default::default(),
        placement: Placement { connections: 0, queues: 1, guests: 0 },
        switchboard: Switchboard::new(false),
        syncs: None,
    }
}

#[test]
fn a_thread_of_queues_that_ends_with_mail_on_the_way_loses_none_and_doubles_none() {
    let (tell, told) = mpsc::channel();
    let (state, mut watched) = watch::channel(State::Running);
    let mails: BTreeSet<String> = (0..30).map(|n| format!("u{n}@{}", HOPS[n % HOPS.len()])).collect();
    let to = mails.clone();
    let counts = System::new().block_on(async move {
        let cast = Transport::start(plan(tell), state).await.unwrap();
        for to in &to {
            let mail = draft(Clock::wall().now(), Some("me@home.example"), &[to]);
            cast.door.submit(mail, &mut SessionGuests::default(), None).await.unwrap();
        }
        let all_delivered = async {
            while cast.counters.read().delivered < 30 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let in_time = tokio::time::timeout(Duration::from_secs(60), all_delivered).await;
        let counts = cast.counters.read();
        assert!(in_time.is_ok(), "some are stuck: {counts:?}");
        cast.transport.do_send(Stop { deadline: Duration::from_secs(10) });
        watched.changed().await.unwrap();
        assert_eq!(*watched.borrow(), State::Drained);
        counts
    });
    let mut times = BTreeMap::<String, usize>::new();
    let mut threads = Vec::new();
    for (to, thread) in told.try_iter() {
        *times.entry(to).or_default() += 1;
        if !threads.contains(&thread) {
            threads.push(thread);
        }
    }
    assert_eq!(times.keys().cloned().collect::<BTreeSet<_>>(), mails, "each arrived");
    let doubled = times.values().filter(|times| **times > 1).count();
    assert!(times.values().all(|times| *times <= 2), "{times:?}");
    assert_eq!(doubled as u64, counts.perhaps, "a mail came twice only if it is marked as perhaps delivered");
    // Those whose attempt was being noted at that moment had no dot yet.
    assert!((1..=ON_THE_WAY / 3).contains(&doubled), "the thread ended behind {doubled} dots");
    assert_eq!(threads.len(), 2, "another thread took its place");
}
