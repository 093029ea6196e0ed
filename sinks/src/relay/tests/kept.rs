//! Connections that are kept between mails.

use postrider_engine::Target;

use super::{
    super::Relay,
    hosts::{listener, one_mail, relay, send, serve, Names},
    *,
};

/// Lets the other side's octets arrive.
async fn meanwhile() {
    tokio::time::sleep(Duration::from_millis(20)).await;
}

fn limited(host: postrider_engine::HostPort, change: impl FnOnce(&mut RelaySettings)) -> Relay {
    let mut settings = RelaySettings::new(vec![host], "me.example.org").unwrap();
    change(&mut settings);
    Relay::new(Arc::new(settings), Arc::new(Names(Ok(Vec::new()))))
}

/// Sends so many mails, one after the other.
async fn send_all(relay: &mut Relay, mails: usize) -> Vec<String> {
    let spool = Spool::default();
    for _ in 0..mails {
        send(relay, &spool).await;
        meanwhile().await;
    }
    spool.played().outcomes
}

#[tokio::test]
async fn many_mails_go_over_one_connection_and_closing_says_quit() {
    let (listener, host) = listener().await;
    let mut relay = relay(&[host]);
    let script = greeted("PIPELINING", &(one_mail().repeat(3) + "C: QUIT\nS: 221 bye"));
    let client = async {
        let outcomes = send_all(&mut relay, 3).await;
        relay.close().await;
        outcomes
    };
    let (outcomes, mut peers) = tokio::join!(client, serve(&listener, [&script]));
    assert_eq!(outcomes, ["0 relayed: 250 ok"; 3]);
    peers.remove(0).expect_nothing_more().await;
}

#[tokio::test]
async fn an_idle_connection_that_was_closed_or_said_421_costs_no_mail() {
    for end in ["X", "S: 421 4.4.2 idle too long\nX", "S: 421 4.4.2 idle too long", "S: 250 what?"] {
        let (listener, host) = listener().await;
        let mut relay = relay(&[host]);
        let first = greeted("PIPELINING", &(one_mail() + end));
        let second = greeted("PIPELINING", &one_mail());
        let (outcomes, _) = tokio::join!(send_all(&mut relay, 2), serve(&listener, [&first, &second]));
        assert_eq!(outcomes, ["0 relayed: 250 ok"; 2], "{end}");
    }
}

#[tokio::test]
async fn a_connection_that_dies_under_the_next_mail_costs_none_either() {
    for end in [
        "C: MAIL FROM:<a@x.org>\nC: RCPT TO:<r0@y.org>\nC: DATA\nX",
        "C: MAIL FROM:<a@x.org>\nC: RCPT TO:<r0@y.org>\nC: DATA\nS: 421 bye\nX",
    ] {
        let (listener, host) = listener().await;
        let mut relay = relay(&[host]);
        let first = greeted("PIPELINING", &(one_mail() + end));
        let second = greeted("PIPELINING", &one_mail());
        let (outcomes, _) = tokio::join!(send_all(&mut relay, 2), serve(&listener, [&first, &second]));
        assert_eq!(outcomes, ["0 relayed: 250 ok"; 2], "{end}");
    }
}

#[tokio::test]
async fn a_connection_ends_with_quit_after_its_number_of_mails() {
    for offers in ["PIPELINING", "PIPELINING\nLIMITS MAILMAX=2"] {
        let (listener, host) = listener().await;
        let most = if offers.len() > 10 { 1000 } else { 2 };
        let mut relay = limited(host, |settings| settings.mails_per_connection = most);
        let first = greeted(offers, &(one_mail().repeat(2) + "C: QUIT\nS: 221 bye\nX"));
        let second = greeted(offers, &one_mail());
        let (outcomes, _) = tokio::join!(send_all(&mut relay, 3), serve(&listener, [&first, &second]));
        assert_eq!(outcomes, ["0 relayed: 250 ok"; 3]);
    }
}

#[tokio::test]
async fn a_connection_that_stood_idle_too_long_is_not_used_again() {
    let (listener, host) = listener().await;
    let mut relay = limited(host, |settings| settings.idle_limit = Duration::from_millis(1));
    let script = greeted("PIPELINING", &one_mail());
    let (outcomes, _) = tokio::join!(send_all(&mut relay, 2), serve(&listener, [&script, &script]));
    assert_eq!(outcomes, ["0 relayed: 250 ok"; 2]);
    assert_eq!(relay.idle_limit(), Duration::from_millis(1));
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_does_not_answer_quit_is_not_waited_for() {
    let (ours, theirs) = tokio::io::duplex(1000);
    let settings = settings();
    let mut peer = Peer::new(theirs);
    let script = greeted("", "C: QUIT");
    let began = tokio::time::Instant::now();
    let client = async {
        let connection = Connection::greet(ours, NAME.into(), &settings).await.unwrap();
        connection.quit(settings.timeouts.quit).await;
    };
    tokio::join!(client, peer.play(&script));
    assert_eq!(began.elapsed().as_secs(), 5);
}
