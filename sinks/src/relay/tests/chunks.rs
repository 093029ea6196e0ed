//! Content by BDAT (RFC 3030).

use postrider_engine::Piece;
use proptest::prelude::*;

use super::*;

const OFFERS: &str = "PIPELINING\nCHUNKING";
const ASKED: &str = "C: MAIL FROM:<a@x.org>\nC: RCPT TO:<r0@y.org>\nS: 250 ok\nS: 250 ok\n";

fn in_chunks_of(size: u64) -> RelaySettings {
    let mut settings = settings();
    settings.chunk_size = size;
    settings
}

#[tokio::test]
async fn small_mail_is_one_chunk_that_nobody_has_stuffed() {
    let script = greeted(OFFERS, &format!("{ASKED}C: BDAT 8 LAST\nC: .hi\nC: .\nS: 250 2.0.0 ok"));
    let played = play(&script, vec![mail(1, ".hi\r\n.\r\n")]).await;
    played.came_to(&["0 relayed: 250 2.0.0 ok"]);
    assert_eq!(played.attempts, ["0 to mx[192.0.2.1]:25"]);
    let script = greeted(OFFERS, &format!("{ASKED}C: BDAT 0 LAST\nS: 250 ok"));
    play(&script, vec![mail(1, "")]).await.came_to(&["0 relayed: 250 ok"]);
}

#[tokio::test]
async fn the_settings_may_forbid_it() {
    let script = greeted(
        OFFERS,
        "C: MAIL FROM:<a@x.org>\nC: RCPT TO:<r0@y.org>\nC: DATA\nS: 250 ok\nS: 250 ok\nS: 354 go\nC: .\nS: 250 ok",
    );
    let mut settings = settings();
    settings.chunking = false;
    play_with(&script, vec![mail(1, "")], &settings).await.came_to(&["0 relayed: 250 ok"]);
}

#[tokio::test]
async fn large_mail_goes_in_chunks_and_each_is_answered_before_the_next() {
    let script = greeted(
        OFFERS,
        &format!("{ASKED}C: BDAT 4\nC: ab\nS: 250 4\nC: BDAT 2\nC:\nS: 250 2\nC: BDAT 4 LAST\nC: ef\nS: 250 ok"),
    );
    play_with(&script, vec![mail(1, "ab\r\n\r\nef\r\n")], &in_chunks_of(4)).await.came_to(&["0 relayed: 250 ok"]);
}

#[tokio::test]
async fn a_refused_chunk_ends_the_mail_without_doubt_and_the_next_mail_begins_anew() {
    let first = format!("{ASKED}C: BDAT 4\nC: ab\nS: 552 5.3.4 too big\n");
    let second = "C: RSET\nC: MAIL FROM:<a@x.org>\nC: RCPT TO:<r0@y.org>\nS: 250 ok\nS: 250 ok\nS: 250 ok\n\
        C: BDAT 4 LAST\nC: cd\nS: 250 ok";
    let script = greeted(OFFERS, &(first + second));
    let played = play_with(&script, vec![mail(1, "ab\r\nef\r\n"), mail(1, "cd\r\n")], &in_chunks_of(4)).await;
    played.came_to(&["0 failed Mail: 552 5.3.4 too big", "0 relayed: 250 ok"]);
    assert_eq!(played.attempts.len(), 1, "only the second came to its end");
}

#[tokio::test]
async fn trouble_before_the_last_chunk_is_no_doubt_and_after_it_is() {
    let lost = "0 deferred Mail: (ours) 451 4.4.2 mx[192.0.2.1]:25: the connection was closed (in the content)";
    let perhaps = "0 perhaps Mail: (ours) 451 4.4.2 mx[192.0.2.1]:25: the connection was closed (after the final dot)";
    for (rest, expected) in [
        ("C: BDAT 4\nC: ab\nX", &["lost", lost][..]),
        ("C: BDAT 4\nC: ab\nS: 421 4.3.2 bye\nX", &["lost", "0 deferred Hop: 421 4.3.2 bye"]),
        ("C: BDAT 4\nC: ab\nS: 250 ok\nC: BDAT 4 LAST\nC: ef\nX", &[perhaps, "spent"]),
        ("C: BDAT 4\nC: ab\nS: 250 ok\nC: BDAT 4 LAST\nC: ef\nS: 451 4.2.0 no", &["0 deferred Mail: 451 4.2.0 no"]),
        ("C: BDAT 4\nC: ab\nS: 250 ok\nC: BDAT 4 LAST\nC: ef\nS: 554 5.7.1 no", &["0 failed Mail: 554 5.7.1 no"]),
    ] {
        let script = greeted(OFFERS, &format!("{ASKED}{rest}"));
        play_with(&script, vec![mail(1, "ab\r\nef\r\n")], &in_chunks_of(4)).await.came_to(expected);
    }
}

#[tokio::test]
async fn without_a_recipient_no_chunk_is_sent() {
    let first = "C: MAIL FROM:<a@x.org>\nC: RCPT TO:<r0@y.org>\nS: 250 ok\nS: 550 no\n";
    let script = greeted(OFFERS, &format!("{first}C: RSET\n{}", first.replacen("S:", "S: 250 ok\nS:", 1)));
    let played = play(&script, vec![mail(1, "x"), mail(1, "x")]).await;
    played.came_to(&["0 failed Recipient: 550 no", "0 failed Recipient: 550 no"]);
}

/// Takes what BDAT brings, by the letter of RFC 3030, and answers each chunk.
async fn received<S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin>(peer: &mut Peer<S>) -> Vec<u8> {
    let mut content = Vec::new();
    loop {
        let command = String::from_utf8(peer.line().await).unwrap();
        let mut words = command.strip_prefix("BDAT ").expect("BDAT and nothing else").split(' ');
        let size = words.next().unwrap().parse().unwrap();
        content.extend(peer.octets(size).await);
        peer.play("S: 250 ok").await;
        match words.next() {
            Some("LAST") => return content,
            None => {}
            other => panic!("{other:?}"),
        }
    }
}

async fn through_bdat(content: Content, chunk_size: u64) -> Vec<u8> {
    let (ours, theirs) = tokio::io::duplex(1000);
    let (spool, settings, mut peer) = (Spool::default(), in_chunks_of(chunk_size), Peer::new(theirs));
    let script = greeted(
        "CHUNKING\n8BITMIME\nPIPELINING",
        "C: MAIL FROM:<a@x.org> BODY=8BITMIME\nC: RCPT TO:<r0@y.org>\nS: 250 ok\nS: 250 ok\n",
    );
    let client = async {
        let mut connection = Connection::greet(ours, NAME.into(), &settings).await.unwrap();
        let mut draft = Draft::new(mail(1, "").envelope, content);
        draft.envelope.body = postrider_engine::Body::EightBitMime;
        connection.carry(Job { lease: spool.lend(draft), known: Default::default() }, &settings).await;
    };
    let their_side = async {
        peer.play(&script).await;
        received(&mut peer).await
    };
    let content = tokio::join!(client, their_side).1;
    spool.played().came_to(&["0 relayed: 250 ok"]);
    content
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_octets_go_through_bdat_unchanged(
        head in prop::collection::vec(any::<u8>(), 0..200),
        side in prop::collection::vec(any::<u8>(), 0..400),
        chunk_size in 1u64..300,
    ) {
        let mut content = Content::new(head.clone());
        content.push(Piece::Side(side_file(&side), 0..side.len() as u64));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        prop_assert_eq!(runtime.block_on(through_bdat(content, chunk_size)), [head, side].concat());
    }
}

#[tokio::test]
async fn a_large_side_file_goes_through_bdat_unchanged() {
    let octets: Vec<u8> = (0..700_000u32).map(|n| (n % 251) as u8).collect();
    let content = Content::from_pieces(vec![Piece::Side(side_file(&octets), 0..700_000)]);
    assert!(through_bdat(content, 250_000).await == octets);
}
