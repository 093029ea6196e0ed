//! The connection over a stream without a network: what a client hears, when it waits, leaves, or does not listen.

use std::{sync::Arc, time::Duration};

use actix::prelude::*;
use postrider::rules::{session::settings::RelayPolicy, Peer, Session, SessionSettings, Spool};
use postrider_actors::{
    budget::Budget,
    connection::{Connection, Hall, Patience},
    intake::{Intakes, StageFrom},
    messages::Drain,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream},
    sync::oneshot,
    time::Instant,
};

use crate::world::{pass, run, Habits, World, DAY, MINUTE, SECOND};

/// A client at one end of a stream, and the connection at the other.
pub struct Call {
    pub stream: DuplexStream,
    pub connection: Addr<Connection>,
    pub over: oneshot::Receiver<()>,
}

/// What is dropped when the connection is over.
pub struct Seat(#[allow(dead_code)] oneshot::Sender<()>);

impl Call {
    /// Of a stream that holds this many octets in each direction.
    pub fn to(world: &World, intakes: Intakes, octets: usize) -> Call {
        Call::with(world, intakes, octets, SessionSettings::new("mail.example.org"))
    }

    pub fn with(world: &World, intakes: Intakes, octets: usize, mut settings: SessionSettings) -> Call {
        let (stream, theirs) = tokio::io::duplex(octets);
        settings.relay = RelayPolicy::new(vec!["192.0.2.0/24".parse().unwrap()], ["home.example"]);
        let mut peer = Peer::default();
        peer.ip = Some([192, 0, 2, 1].into());
        let session = Session::new(Arc::new(settings), peer, "c1");
        let spooler = world.core.spooler.clone().recipient();
        let (door, patience, clock) = (world.door.clone(), Patience::default(), world.clock);
        let hall = Hall { door, spooler, intakes, patience, clock };
        let (seat, over) = oneshot::channel();
        let connection = Connection::create(|ctx| Connection::serve(ctx, theirs, session, None, hall, Seat(seat)));
        Call { stream, connection, over }
    }

    pub async fn say(&mut self, text: &str) {
        self.stream.write_all(text.as_bytes()).await.unwrap();
    }

    /// All that is said until this is in it.
    pub async fn hear(&mut self, until: &str) -> String {
        let mut heard = Vec::new();
        while !String::from_utf8_lossy(&heard).contains(until) {
            let mut octets = [0; 1024];
            let read = self.stream.read(&mut octets).await.unwrap();
            assert!(read > 0, "no {until:?} in {:?}", String::from_utf8_lossy(&heard));
            heard.extend_from_slice(&octets[..read]);
        }
        String::from_utf8(heard).unwrap()
    }

    /// All that is said until the connection is closed.
    pub async fn hear_all(&mut self) -> String {
        let mut heard = String::new();
        self.stream.read_to_string(&mut heard).await.unwrap();
        heard
    }

    pub async fn greet(&mut self) {
        self.hear("220 ").await;
        self.say("EHLO client.example\r\n").await;
        self.hear("250 ").await;
    }
}

/// A world, and where its connections keep content.
pub fn world() -> (World, Intakes, Budget) {
    let habits = Habits::default();
    let staging = habits.spool.staging();
    let budget = Budget::new(1 << 20);
    let stage_from = StageFrom { always: 1 << 20, when_tight: 1 << 20 };
    (World::new(habits), Intakes { budget: budget.clone(), staging, stage_from }, budget)
}

const MAIL: &str = "MAIL FROM:<me@home.example>\r\nRCPT TO:<a@one.example>\r\nDATA\r\n";

#[test]
fn a_mail_that_was_promised_on_a_stream_is_delivered() {
    run(|| async {
        let (world, intakes, _) = world();
        let mut call = Call::to(&world, intakes, 4096);
        call.greet().await;
        call.say(&format!("{MAIL}Subject: x\r\n\r\n..dot\r\n.\r\nQUIT\r\n")).await;
        let heard = call.hear_all().await;
        assert!(heard.contains("354 ") && heard.contains("250 2.0.0 ") && heard.contains("221 "), "{heard}");
        pass(MINUTE).await;
        assert_eq!(world.delivered(), ["a@one.example"]);
        let content = world.script.borrow().contents[0].clone();
        assert!(
            content.starts_with("Received: from client.example") && content.ends_with("\r\n\r\n.dot\r\n"),
            "{content}"
        );
        assert!(call.over.await.is_err(), "its seat is free again");
    });
}

#[test]
fn a_mail_by_lmtp_is_one_mail_and_each_recipient_is_answered_once_it_is_on_disk() {
    run(|| async {
        let (world, intakes, _) = world();
        let mut settings = SessionSettings::new("mail.example.org");
        settings.lmtp = true;
        let mut call = Call::with(&world, intakes, 4096, settings);
        call.hear("220 mail.example.org LMTP").await;
        call.say("LHLO client.example\r\nMAIL FROM:<me@home.example>\r\nRCPT TO:<a@one.example>\r\n").await;
        call.say("RCPT TO:<b@two.example>\r\nDATA\r\nSubject: x\r\n\r\n.\r\nQUIT\r\n").await;
        let heard = call.hear_all().await;
        let queued =
            "250 2.1.5 <a@one.example> Ok: queued as 00000001\r\n250 2.1.5 <b@two.example> Ok: queued as 00000001\r\n";
        assert!(heard.contains(queued), "{heard}");
        pass(MINUTE).await;
        let mut delivered = world.delivered();
        delivered.sort();
        assert_eq!((delivered, world.counts().accepted), (vec!["a@one.example".into(), "b@two.example".into()], 1));
    });
}

#[test]
fn a_silent_client_hears_421_after_five_minutes_and_not_before() {
    run(|| async {
        let (world, intakes, _) = world();
        let mut call = Call::to(&world, intakes, 4096);
        call.greet().await;
        let begin = Instant::now();
        assert!(call.hear_all().await.starts_with("421 4.4.2 "));
        let waited = begin.elapsed();
        assert!((5 * MINUTE..5 * MINUTE + SECOND).contains(&waited), "{waited:?}");
    });
}

#[test]
fn a_client_that_stops_in_the_middle_of_data_leaves_nothing_behind() {
    run(|| async {
        let (world, intakes, budget) = world();
        let mut call = Call::to(&world, intakes, 4096);
        call.greet().await;
        call.say(&format!("{MAIL}half a mail\r\n")).await;
        call.hear("354 ").await;
        let begin = Instant::now();
        assert!(call.hear_all().await.starts_with("421 4.4.2 "));
        assert!((3 * MINUTE..3 * MINUTE + SECOND).contains(&begin.elapsed()), "{:?}", begin.elapsed());
        drop(call.stream);
        assert!(call.over.await.is_err());
        pass(DAY).await;
        assert_eq!((world.counts().accepted, budget.is_tight()), (0, false));
    });
}

#[test]
fn a_client_that_goes_before_the_dot_was_promised_nothing() {
    run(|| async {
        let (world, intakes, _) = world();
        let mut call = Call::to(&world, intakes, 4096);
        call.greet().await;
        call.say(&format!("{MAIL}whole, but for its dot\r\n")).await;
        drop(call.stream);
        assert!(call.over.await.is_err());
        pass(DAY).await;
        assert_eq!(world.counts().accepted, 0);
    });
}

#[test]
fn a_client_that_does_not_read_its_replies_is_let_go() {
    run(|| async {
        let (world, intakes, _) = world();
        let mut call = Call::to(&world, intakes, 64);
        call.hear("220 ").await;
        let begin = Instant::now();
        let (mut reading, mut writing) = tokio::io::split(call.stream);
        let flood = tokio::task::spawn_local(async move { while writing.write_all(b"NOOP\r\n").await.is_ok() {} });
        assert!(call.over.await.is_err(), "its seat is free again");
        assert!(begin.elapsed() <= Patience::default().reply + MINUTE, "{:?}", begin.elapsed());
        let mut rest = Vec::new();
        reading.read_to_end(&mut rest).await.unwrap();
        flood.await.unwrap();
        assert!(rest.len() < 10_000, "{} octets of replies were kept for it", rest.len());
    });
}

#[test]
fn an_engine_that_stops_lets_a_mail_come_to_its_end_and_says_421_then() {
    run(|| async {
        let (world, intakes, _) = world();
        let mut call = Call::to(&world, intakes, 4096);
        call.greet().await;
        call.say(MAIL).await;
        call.hear("354 ").await;
        let (answer, ended) = oneshot::channel();
        call.connection.do_send(Drain(answer));
        pass(Duration::from_millis(100)).await;
        call.say("text\r\n.\r\n").await;
        let heard = call.hear_all().await;
        assert!(heard.starts_with("250 2.0.0 ") && heard.contains("\r\n421 4.3.2 "), "{heard}");
        assert!(ended.await.is_err(), "the end is told");
        pass(MINUTE).await;
        assert_eq!(world.delivered(), ["a@one.example"]);
    });
}

#[test]
fn when_the_disk_has_failed_the_dot_gets_no_answer_at_all() {
    run(|| async {
        let habits = Habits::default();
        let (staging, control) = (habits.spool.staging(), habits.spool.control());
        let stage_from = StageFrom { always: 1 << 20, when_tight: 1 << 20 };
        let intakes = Intakes { budget: Budget::new(1 << 20), staging, stage_from };
        let world = World::new(habits);
        let mut call = Call::to(&world, intakes, 4096);
        call.greet().await;
        call.say(MAIL).await;
        call.hear("354 ").await;
        control.fail("pulled out");
        call.say("text\r\n.\r\n").await;
        assert_eq!(call.hear_all().await, "", "yes would be a lie, and no perhaps one too");
    });
}
