//! Content by DATA, and the answer to its end.

use postrider_engine::Piece;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;

const ASKED: &str = "C: MAIL FROM:<a@x.org>\nC: RCPT TO:<r0@y.org>\nC: RCPT TO:<r1@y.org>\nC: DATA\n\
    S: 250 ok\nS: 250 ok\nS: 450 4.2.1 later\nS: 354 go\n";

async fn after_354(rest: &str, content: &str) -> Played {
    play(&greeted("PIPELINING", &(ASKED.to_owned() + rest)), vec![mail(2, content)]).await
}

#[tokio::test]
async fn dots_are_stuffed_and_a_missing_end_of_line_is_added() {
    let rest = "C: ..first\nC: a.b\nC: ..\nC: ..second\nC: end\nC: .\nS: 250 ok";
    let played = after_354(rest, ".first\r\na.b\r\n.\r\n.second\r\nend").await;
    played.came_to(&["0 relayed: 250 ok", "1 deferred Recipient: 450 4.2.1 later"]);
}

#[tokio::test]
async fn no_blank_line_is_added_and_an_empty_mail_ends() {
    after_354("C: hi\nC: .\nS: 250 ok", "hi\r\n").await;
    after_354("C: .\nS: 250 ok", "").await;
}

#[tokio::test]
async fn a_refusal_of_the_content_is_the_mails_end_or_its_delay() {
    let later = "1 deferred Recipient: 450 4.2.1 later";
    let played = after_354("C: hi\nC: .\nS: 554 5.7.1 spam", "hi\r\n").await;
    played.came_to(&["0 failed Mail: 554 5.7.1 spam", later]);
    let played = after_354("C: hi\nC: .\nS: 451-4.7.1 grey\nS: 451 4.7.1 listed", "hi\r\n").await;
    played.came_to(&["0 deferred Mail: 451 4.7.1 grey listed", later]);
    let played = after_354("C: hi\nC: .\nS: 421 4.3.2 bye\nX", "hi\r\n").await;
    played.came_to(&["0 deferred Hop: 421 4.3.2 bye", later, "spent"]);
}

#[tokio::test(start_paused = true)]
async fn without_an_answer_to_the_dot_the_mail_was_perhaps_delivered() {
    let later = "1 deferred Recipient: 450 4.2.1 later";
    let perhaps = |what: &str| format!("0 perhaps Mail: (ours) 451 {what} (after the final dot)");
    let name = "mx[192.0.2.1]:25:";
    let played = after_354("C: hi\nC: .\nX", "hi\r\n").await;
    played.came_to(&[&perhaps(&format!("4.4.2 {name} the connection was closed")), later, "spent"]);
    let began = tokio::time::Instant::now();
    let played = after_354("C: hi\nC: .\n", "hi\r\n").await;
    played.came_to(&[&perhaps(&format!("4.4.2 {name} no answer in time")), later, "spent"]);
    assert_eq!(began.elapsed().as_secs(), 600);
    let played = after_354("C: hi\nC: .\nS: hm", "hi\r\n").await;
    played.came_to(&[&perhaps(&format!("4.5.0 {name} the peer sent a line that is no reply")), later, "spent"]);
    let played = after_354("C: hi\nC: .\nS: 354 more", "hi\r\n").await;
    played.came_to(&[&perhaps(&format!("4.5.0 {name} the peer broke the rules of SMTP: 354 more")), later, "spent"]);
}

#[tokio::test]
async fn cut_before_the_dot_nothing_can_have_been_delivered() {
    let played = after_354("X", "hi\r\n").await;
    played.came_to(&[
        "0 deferred Mail: (ours) 451 4.4.2 mx[192.0.2.1]:25: the connection was closed (in the content)",
        "1 deferred Recipient: 450 4.2.1 later",
        "spent",
    ]);
}

#[tokio::test]
async fn without_the_spool_no_dot_is_sent() {
    let (ours, theirs) = tokio::io::duplex(1 << 20);
    let spool = Spool::gone();
    let (mut peer, settings) = (Peer::new(theirs), settings());
    let client = async {
        let mut connection = Connection::greet(ours, NAME.into(), &settings).await.unwrap();
        let job = Job { lease: spool.lend(mail(2, "hi\r\n")), known: Default::default() };
        assert!(matches!(connection.carry(job, &settings).await, Ended::SpoolGone));
    };
    let script = greeted("PIPELINING", ASKED);
    tokio::join!(client, peer.play(&script));
    peer.expect_nothing_more().await;
    spool.played().came_to(&["0 abandoned", "1 abandoned"]);
}

/// A peer that lets `taken` octets of content through and no more.
async fn choked(content: Content, taken: usize, last_words: &'static str) -> Played {
    let (ours, mut theirs) = tokio::io::duplex(64 * 1024);
    let (spool, settings) = (Spool::default(), settings());
    let peer = async {
        theirs.write_all(b"220 mx\r\n").await.unwrap();
        let mut buffer = vec![0; 4096];
        let _ehlo = theirs.read(&mut buffer).await.unwrap();
        theirs.write_all(b"250-mx\r\n250 PIPELINING\r\n").await.unwrap();
        let _flight = theirs.read(&mut buffer).await.unwrap();
        theirs.write_all(b"250 ok\r\n250 ok\r\n354 go\r\n").await.unwrap();
        let mut content = vec![0; taken];
        theirs.read_exact(&mut content).await.unwrap();
        theirs.write_all(last_words.as_bytes()).await.unwrap();
        theirs
    };
    let client = async {
        let mut connection = Connection::greet(ours, NAME.into(), &settings).await.unwrap();
        let draft = Draft::new(mail(1, "").envelope, content);
        match connection.carry(Job { lease: spool.lend(draft), known: Default::default() }, &settings).await {
            Ended::Lost(job, why) => defer(job, &why),
            Ended::Answered(fit) => assert_eq!(fit, Fit::No),
            Ended::SpoolGone => panic!("the spool is there"),
        }
    };
    let _open = tokio::join!(client, peer).1;
    spool.played()
}

fn large() -> Content {
    let mut content = Content::new("Subject: x\r\n\r\n");
    content.push(Piece::Side(side_file(&b"0123456789.23456\r\n".repeat(60_000)), 0..18 * 60_000));
    content
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_stops_reading_is_left_after_the_time_of_one_part() {
    let began = tokio::time::Instant::now();
    let played = choked(large(), 300_000, "").await;
    played.came_to(&["0 deferred Mail: (ours) 451 4.4.2 mx[192.0.2.1]:25: no answer in time (in the content)"]);
    assert_eq!(began.elapsed().as_secs(), 181);
    assert!(played.attempts.is_empty(), "it is not even in doubt");
}

#[tokio::test(start_paused = true)]
async fn a_refusal_amid_the_content_is_heard() {
    let played = choked(large(), 300_000, "552 5.3.4 too big\r\n").await;
    played.came_to(&["0 failed Mail: 552 5.3.4 too big"]);
    let played = choked(large(), 300_000, "421 4.3.2 bye\r\n").await;
    played.came_to(&["0 deferred Hop: 421 4.3.2 bye"]);
    let played = choked(large(), 300_000, "250 ok\r\n").await;
    assert!(played.outcomes[0].starts_with("0 deferred Mail: (ours) 451 4.5.0"), "{played:?}");
}

#[tokio::test(start_paused = true)]
async fn small_mail_that_was_not_handed_over_whole_is_in_no_doubt() {
    let content = Content::new("x".repeat(100_000)); // above what the stream takes, below what is written at once
    let played = choked(content, 10_000, "").await;
    played.came_to(&["0 deferred Mail: (ours) 451 4.4.2 mx[192.0.2.1]:25: no answer in time (in the content)"]);
    assert_eq!(played.attempts.len(), 1, "it was noted, as it was about to be sent");
}

#[tokio::test]
async fn content_that_cannot_be_read_waits_and_ends_the_connection() {
    let short = Piece::Side(side_file(b"x"), 0..200_000);
    let draft = Draft::new(mail(1, "").envelope, Content::from_pieces(vec![short]));
    let script = "C: MAIL FROM:<a@x.org>\nC: RCPT TO:<r0@y.org>\nC: DATA\nS: 250 ok\nS: 250 ok\nS: 354 go\n";
    let played = play(&greeted("PIPELINING\n8BITMIME", script), vec![draft]).await;
    assert!(played.outcomes[0].starts_with("0 deferred Mail: (ours) 451 4.3.0 the content"), "{played:?}");
    assert_eq!(played.outcomes[1], "spent");
}

#[tokio::test]
async fn a_large_mail_arrives_unchanged() {
    let (ours, theirs) = tokio::io::duplex(10_000);
    let (spool, settings) = (Spool::default(), settings());
    let mut peer = Peer::new(theirs);
    let script = greeted(
        "PIPELINING",
        "C: MAIL FROM:<a@x.org>\nC: RCPT TO:<r0@y.org>\nC: DATA\nS: 250 ok\nS: 250 ok\nS: 354 go\n",
    );
    let expected = [&b"Subject: x\r\n\r\n"[..], &b"0123456789.23456\r\n".repeat(60_000), b".\r\n"].concat();
    let their_side = async {
        peer.play(&script).await;
        assert!(peer.octets(expected.len()).await == expected, "the content is not the same");
        peer.play("S: 250 ok").await;
    };
    let client = async {
        let mut connection = Connection::greet(ours, NAME.into(), &settings).await.unwrap();
        let lease = spool.lend(Draft::new(mail(1, "").envelope, large()));
        let ended = connection.carry(Job { lease, known: Default::default() }, &settings).await;
        assert!(matches!(ended, Ended::Answered(Fit::Yes)));
        connection.rest();
        assert_eq!(connection.output.capacity(), 0, "an idle connection keeps no large buffer");
    };
    tokio::join!(client, their_side);
    spool.played().came_to(&["0 relayed: 250 ok"]);
}
