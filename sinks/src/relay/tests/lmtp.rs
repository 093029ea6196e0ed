//! LMTP (RFC 2033): LHLO, and an answer for each recipient after the dot.

use std::path::PathBuf;

use postrider_engine::{After, Socket, Target};
use tokio::net::UnixListener;

use super::{
    super::{Relay, SystemResolver},
    *,
};

const CONTENT: &str = "Subject: x\r\n\r\nhi\r\n";
const SENT: &str = "C: Subject: x\nC:\nC: hi\nC: .\n";

fn settings() -> RelaySettings {
    RelaySettings::lmtp(&"127.0.0.1:24".parse().unwrap(), "me.example.org").unwrap()
}

/// Greeting, LHLO and a transaction in which these replies to RCPT are heard, up to the dot.
fn to_the_dot(replies: &[&str]) -> String {
    let mut script =
        "S: 220 mx LMTP\nC: LHLO me.example.org\nS: 250-mx\nS: 250 PIPELINING\nC: MAIL FROM:<a@x.org>\n".to_owned();
    (0..replies.len()).for_each(|no| script += &format!("C: RCPT TO:<r{no}@y.org>\n"));
    script += "C: DATA\nS: 250 ok\n";
    replies.iter().for_each(|reply| script += &format!("S: {reply}\n"));
    script + "S: 354 go\n" + SENT
}

#[tokio::test]
async fn each_recipient_has_an_answer_of_its_own_after_the_dot() {
    let script = to_the_dot(&["250 ok", "550 5.1.1 who?", "250 ok", "250 ok", "250 ok"])
        + "S: 250 2.0.0 saved\nS: 452 4.2.2 full\nS: 552 5.2.2 full for ever\nS: 250-2.0.0 saved\nS: 250 2.0.0 too";
    let played = play_with(&script, vec![mail(5, CONTENT)], &settings()).await;
    played.came_to(&[
        "0 delivered: 250 2.0.0 saved",
        "1 failed Recipient: 550 5.1.1 who?",
        "2 deferred Recipient: 452 4.2.2 full",
        "3 failed Recipient: 552 5.2.2 full for ever",
        "4 delivered: 250 2.0.0 saved too",
    ]);
    assert_eq!(played.attempts, ["0,2,3,4 to mx[192.0.2.1]:25"]);
}

#[tokio::test]
async fn who_has_no_answer_when_the_service_goes_was_perhaps_delivered_and_nobody_else() {
    let script = to_the_dot(&["250 ok", "250 ok", "250 ok"]) + "S: 250 saved\nX";
    let played = play_with(&script, vec![mail(3, CONTENT)], &settings()).await;
    assert_eq!(played.outcomes.len(), 4, "{played:?}");
    assert_eq!(played.outcomes[0], "0 delivered: 250 saved");
    assert!(played.outcomes[1].starts_with("1 perhaps") && played.outcomes[2].starts_with("2 perhaps"), "{played:?}");
    assert_eq!(played.outcomes[3], "spent");
}

#[tokio::test]
async fn the_connection_carries_the_next_mail_after_all_answers_and_no_sooner() {
    let second = "C: MAIL FROM:<a@x.org>\nC: RCPT TO:<r0@y.org>\nC: DATA\nS: 250 ok\nS: 250 ok\nS: 354 go\n";
    let script = to_the_dot(&["250 ok", "250 ok"]) + "S: 250 one\nS: 250 two\n" + second + SENT + "S: 250 three";
    let played = play_with(&script, vec![mail(2, CONTENT), mail(1, CONTENT)], &settings()).await;
    played.came_to(&["0 delivered: 250 one", "1 delivered: 250 two", "0 delivered: 250 three"]);
}

#[tokio::test]
async fn a_service_that_does_not_know_lhlo_is_none() {
    let script = "S: 220 mx ESMTP\nC: LHLO me.example.org\nS: 500 what?\n";
    let played = play_with(script, vec![mail(1, CONTENT)], &settings()).await;
    assert!(played.outcomes[0].starts_with("no greeting"), "{played:?}");
}

#[tokio::test]
async fn a_service_is_reached_by_its_socket_in_the_file_system_and_waited_for_when_it_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let path: PathBuf = folder.path().join("lmtp");
    let settings = RelaySettings::lmtp(&Socket::Unix(path.clone().into()), "me.example.org").unwrap();
    let mut relay = Relay::new(Arc::new(settings), Arc::new(SystemResolver::new()));
    let spool = Spool::default();
    assert_eq!(relay.deliver(spool.lend(mail(1, CONTENT))).await, After::Reusable);
    let listener = UnixListener::bind(&path).unwrap();
    let service = async {
        let mut peer = Peer::new(listener.accept().await.unwrap().0);
        peer.play(&(to_the_dot(&["250 ok"]) + "S: 250 saved")).await;
    };
    let (after, ()) = tokio::join!(relay.deliver(spool.lend(mail(1, CONTENT))), service);
    assert_eq!(after, After::Reusable);
    let outcomes = spool.played().outcomes;
    assert!(outcomes[0].starts_with("0 deferred Hop: (ours) 451 4.4.1"), "{outcomes:?}");
    assert_eq!(outcomes[1], "0 delivered: 250 saved");
}
