//! A whole relay over real sockets: which host, which address, and what becomes of mail that none of them takes.

use std::net::{IpAddr, SocketAddr};

use postrider_engine::{exchangers::Exchanger, After, BoxFuture, HostPort, Target};
use tokio::net::{TcpListener, TcpStream};

use super::{super::Relay, *};
use crate::relay::{Resolve, ResolveError};

/// Knows what the test says.
pub(super) struct Names(pub Result<Vec<IpAddr>, ResolveError>);

impl Resolve for Names {
    fn resolve<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Vec<IpAddr>, ResolveError>> {
        assert_eq!(name, "mx.example.org", "only names are looked up");
        Box::pin(async { self.0.clone() })
    }

    fn exchangers<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Vec<Exchanger>, ResolveError>> {
        Box::pin(async { panic!("a relay is told its hosts") })
    }
}

pub(super) async fn listener() -> (TcpListener, HostPort) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = listener.local_addr().unwrap().into();
    (listener, host)
}

/// A port where nobody listens.
async fn nobody() -> HostPort {
    listener().await.1
}

/// Plays one script for each connection that comes, in their order, and gives the connections back.
pub(super) async fn serve<const N: usize>(listener: &TcpListener, scripts: [&str; N]) -> Vec<Peer<TcpStream>> {
    let mut peers = Vec::new();
    for script in scripts {
        let stream = listener.accept().await.unwrap().0;
        stream.set_nodelay(true).unwrap();
        let mut peer = Peer::new(stream);
        peer.play(script).await;
        peers.push(peer);
    }
    peers
}

pub(super) fn relay(hosts: &[HostPort]) -> Relay {
    let settings = RelaySettings::new(hosts.to_vec(), "me.example.org").unwrap();
    Relay::new(Arc::new(settings), Arc::new(Names(Err(ResolveError::NotFound))))
}

pub(super) fn one_mail() -> String {
    "C: MAIL FROM:<a@x.org>\nC: RCPT TO:<r0@y.org>\nC: DATA\nS: 250 ok\nS: 250 ok\nS: 354 go\nC: hi\nC: .\nS: 250 ok\n"
        .into()
}

pub(super) async fn send(relay: &mut Relay, spool: &Spool) {
    assert_eq!(relay.deliver(spool.lend(mail(1, "hi\r\n"))).await, After::Reusable);
}

#[tokio::test]
async fn the_next_host_is_tried_within_the_same_attempt() {
    let (spool, (full, third), (last, fourth)) = (Spool::default(), listener().await, listener().await);
    let mut relay = relay(&[nobody().await, third, fourth]);
    let greeted = greeted("PIPELINING", "");
    let cut = format!("{greeted}C: MAIL FROM:<a@x.org>\nC: RCPT TO:<r0@y.org>\nC: DATA\nS: 250 ok\nX");
    let good = format!("{greeted}{}", one_mail());
    tokio::join!(send(&mut relay, &spool), serve(&full, [&cut]), serve(&last, [&good]));
    let played = spool.played();
    played.came_to(&["0 relayed: 250 ok"]);
    assert_eq!(played.attempts.len(), 1);
}

#[tokio::test]
async fn greetings_and_ehlo_may_be_refused_and_the_next_host_is_tried() {
    for refusal in ["S: 554 5.7.1 no", "S: 421 4.3.2 busy", "S: 220 mx\nC: EHLO me.example.org\nS: 421 busy", "X"] {
        let (spool, (bad, first), (good, second)) = (Spool::default(), listener().await, listener().await);
        let mut relay = relay(&[first, second]);
        let script = greeted("PIPELINING", &one_mail());
        tokio::join!(send(&mut relay, &spool), serve(&bad, [refusal]), serve(&good, [&script]));
        spool.played().came_to(&["0 relayed: 250 ok"]);
    }
}

#[tokio::test]
async fn the_host_that_answered_last_is_asked_first() {
    let (spool, (good, second)) = (Spool::default(), listener().await);
    let first = nobody().await;
    let mut relay = relay(&[first.clone(), second]);
    let script = greeted("PIPELINING", &(one_mail() + "X"));
    let both = async {
        send(&mut relay, &spool).await;
        let late = TcpListener::bind(first.socket().unwrap()).await.unwrap();
        send(&mut relay, &spool).await; // nobody accepts at the first host, which is there now
        drop(late);
    };
    tokio::join!(both, serve(&good, [&script, &script]));
    spool.played().came_to(&["0 relayed: 250 ok", "0 relayed: 250 ok"]);
}

#[tokio::test]
async fn mail_that_no_host_takes_waits_whatever_they_said() {
    let (spool, (bad, second)) = (Spool::default(), listener().await);
    let mut relay = relay(&[nobody().await, second]);
    tokio::join!(send(&mut relay, &spool), serve(&bad, ["S: 554 5.7.1 no service\nX"]));
    spool.played().came_to(&["0 deferred Hop: 554 5.7.1 no service"]);
}

#[tokio::test]
async fn an_unreachable_host_says_where_it_was() {
    let (spool, host) = (Spool::default(), nobody().await);
    send(&mut relay(std::slice::from_ref(&host)), &spool).await;
    let said = spool.played().outcomes.remove(0);
    let at = format!("127.0.0.1[127.0.0.1]:{}", host.port);
    assert!(said.starts_with(&format!("0 deferred Hop: (ours) 451 4.4.1 {at}: cannot connect")), "{said}");
}

async fn by_name(answer: Result<Vec<IpAddr>, ResolveError>, port: u16) -> String {
    let host = format!("mx.example.org:{port}").parse().unwrap();
    let settings = RelaySettings::new(vec![host], "me.example.org").unwrap();
    let spool = Spool::default();
    send(&mut Relay::new(Arc::new(settings), Arc::new(Names(answer))), &spool).await;
    spool.played().outcomes.remove(0)
}

#[tokio::test]
async fn trouble_with_names_delays_and_never_ends_a_mail() {
    let host = "0 deferred Hop: (ours) 451";
    let said = by_name(Err(ResolveError::Trouble("SERVFAIL".into())), 25).await;
    assert_eq!(said, format!("{host} 4.4.3 mx.example.org:25: it cannot be looked up at present: SERVFAIL"));
    for none in [Err(ResolveError::NotFound), Ok(Vec::new())] {
        let said = by_name(none, 25).await;
        assert_eq!(said, format!("{host} 4.4.4 mx.example.org:25: the name does not exist or has no address"));
    }
}

#[tokio::test]
async fn every_address_of_a_name_is_tried() {
    let (good, host) = listener().await;
    let refused = "127.0.0.2".parse().unwrap();
    let script = greeted("PIPELINING", &one_mail());
    let answer = Ok(vec![refused, "127.0.0.1".parse().unwrap()]);
    let (said, _) = tokio::join!(by_name(answer, host.port), serve(&good, [&script]));
    assert_eq!(said, "0 relayed: 250 ok");
}

#[tokio::test]
async fn connections_come_from_the_source_address_and_go_to_its_family_only() {
    let (good, host) = listener().await;
    let mut settings = RelaySettings::new(vec!["[::1]:25".parse().unwrap(), host], "me.example.org").unwrap();
    settings.source = Some("127.0.0.3".parse().unwrap());
    let mut relay = Relay::new(Arc::new(settings), Arc::new(Names(Err(ResolveError::NotFound))));
    let spool = Spool::default();
    let their_side = async {
        let (stream, from): (TcpStream, SocketAddr) = good.accept().await.unwrap();
        assert_eq!(from.ip().to_string(), "127.0.0.3");
        let mut peer = Peer::new(stream);
        peer.play(&greeted("PIPELINING", &one_mail())).await;
    };
    tokio::join!(send(&mut relay, &spool), their_side);
    spool.played().came_to(&["0 relayed: 250 ok"]);
}

#[tokio::test]
async fn ipv6_is_spoken() {
    let Ok(good) = TcpListener::bind("[::1]:0").await else { return };
    let mut relay = relay(&[good.local_addr().unwrap().into()]);
    let (spool, script) = (Spool::default(), greeted("PIPELINING", &one_mail()));
    tokio::join!(send(&mut relay, &spool), serve(&good, [&script]));
    spool.played().came_to(&["0 relayed: 250 ok"]);
}

#[tokio::test]
async fn an_attempt_that_is_given_up_leaves_an_abandoned_mail() {
    let (spool, (_silent, host)) = (Spool::default(), listener().await);
    let mut relay = relay(&[host]);
    let attempt = relay.deliver(spool.lend(mail(1, "hi\r\n")));
    assert!(tokio::time::timeout(Duration::from_millis(50), attempt).await.is_err());
    spool.played().came_to(&["0 abandoned"]);
}
