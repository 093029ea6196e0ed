//! What a mail needs and what a peer offers.

use postrider_engine::{Body, Notify, Piece, Recipient, Ret};

use super::*;

const TAKEN: &str = "S: 250 ok\nC: RCPT TO:<r0@y.org>\nS: 250 ok\nC: DATA\nS: 354 go\n";

/// Carries it over a connection without PIPELINING; `mail_line` is what MAIL must say.
async fn taken(offers: &str, draft: Draft, mail_line: &str, content: &str) {
    let content: String = content.split_terminator("\r\n").map(|line| format!("C: {line}\n")).collect();
    let script = greeted(offers, &format!("C: {mail_line}\n{TAKEN}{content}C: .\nS: 250 ok"));
    play(&script, vec![draft]).await.came_to(&["0 relayed: 250 ok"]);
}

async fn refused(offers: &str, draft: Draft, why: &[&str]) {
    play(&greeted(offers, ""), vec![draft]).await.came_to(why);
}

fn with(draft: Draft, change: impl FnOnce(&mut Envelope)) -> Draft {
    let mut draft = draft;
    change(&mut draft.envelope);
    draft
}

#[tokio::test]
async fn the_size_is_said_and_what_is_too_big_is_not_tried() {
    taken("SIZE 4", mail(1, "hi\r\n"), "MAIL FROM:<a@x.org> SIZE=4", "hi\r\n").await;
    taken("SIZE 0", mail(1, "hi\r\n"), "MAIL FROM:<a@x.org> SIZE=4", "hi\r\n").await;
    let why = "0 failed Mail: (ours) 552 5.3.4 mx[192.0.2.1]:25: the mail has 4 octets and the host takes 3";
    refused("SIZE 3", mail(1, "hi\r\n"), &[why]).await;
}

#[tokio::test]
async fn eight_bit_content_goes_only_where_it_is_offered() {
    let draft = || mail(1, "ü\r\n");
    taken("8BITMIME", draft(), "MAIL FROM:<a@x.org> BODY=8BITMIME", "ü\r\n").await;
    let why =
        "0 failed Mail: (ours) 554 5.6.3 mx[192.0.2.1]:25: the mail needs 8BITMIME, which the host does not offer";
    refused("", draft(), &[why]).await;
    let side = Piece::Side(side_file("x\r\nü".as_bytes()), 0..5);
    refused("", Draft::new(draft().envelope, Content::from_pieces(vec![side])), &[why]).await;
}

#[tokio::test]
async fn eight_bit_that_was_announced_for_ascii_is_dropped_where_it_is_not_offered() {
    let draft = || with(mail(1, "u\r\n"), |envelope| envelope.body = Body::EightBitMime);
    taken("", draft(), "MAIL FROM:<a@x.org>", "u\r\n").await;
    taken("8BITMIME", draft(), "MAIL FROM:<a@x.org> BODY=8BITMIME", "u\r\n").await;
}

#[tokio::test]
async fn binary_content_goes_by_bdat_or_not_at_all() {
    let draft = || with(mail(1, "a\nb"), |envelope| envelope.body = Body::BinaryMime);
    let (ours, theirs) = tokio::io::duplex(1000);
    let (spool, settings, mut peer) = (Spool::default(), settings(), Peer::new(theirs));
    let client = async {
        let mut connection = Connection::greet(ours, NAME.into(), &settings).await.unwrap();
        connection.carry(Job { lease: spool.lend(draft()), known: Default::default() }, &settings).await;
    };
    let their_side = async {
        let asked =
            "C: MAIL FROM:<a@x.org> BODY=BINARYMIME\nS: 250 ok\nC: RCPT TO:<r0@y.org>\nS: 250 ok\nC: BDAT 3 LAST";
        peer.play(&greeted("BINARYMIME\nCHUNKING", asked)).await;
        assert_eq!(peer.octets(3).await, b"a\nb");
        peer.play("S: 250 ok").await;
    };
    tokio::join!(client, their_side);
    spool.played().came_to(&["0 relayed: 250 ok"]);
    let why =
        "0 failed Mail: (ours) 554 5.6.3 mx[192.0.2.1]:25: the mail needs BINARYMIME, which the host does not offer";
    refused("CHUNKING\n8BITMIME", draft(), &[why]).await;
    refused("BINARYMIME\n8BITMIME", draft(), &[why]).await;
}

#[tokio::test]
async fn smtputf8_is_dropped_for_mail_that_is_ascii() {
    let draft = || with(mail(1, "Subject: x\r\n\r\nü\r\n"), |envelope| envelope.smtputf8 = true);
    let mail_line = "MAIL FROM:<a@x.org> BODY=8BITMIME";
    taken("8BITMIME", draft(), mail_line, "Subject: x\r\n\r\nü\r\n").await;
    taken("8BITMIME\nSMTPUTF8", draft(), mail_line, "Subject: x\r\n\r\nü\r\n").await;
}

#[tokio::test]
async fn smtputf8_mail_goes_only_where_it_is_offered() {
    let why = "(ours) 553 5.6.7 mx[192.0.2.1]:25: the mail needs SMTPUTF8, which the host does not offer";
    let sender = || with(mail(1, "hi\r\n"), |envelope| envelope.sender = Some(address("ü@x.org")));
    taken("8BITMIME\nSMTPUTF8", sender(), "MAIL FROM:<ü@x.org> SMTPUTF8", "hi\r\n").await;
    refused("8BITMIME", sender(), &[&format!("0 failed Mail: {why}")]).await;
    let mut header = with(mail(1, "Subject: ü\r\n\r\nhi\r\n"), |envelope| envelope.smtputf8 = true);
    refused("8BITMIME", header.clone(), &[&format!("0 failed Mail: {why}")]).await;
    header.content.prepend("Received: x\r\n");
    refused("8BITMIME", header, &[&format!("0 failed Mail: {why}")]).await;
}

#[tokio::test]
async fn one_recipient_that_needs_smtputf8_does_not_take_the_others_with_it() {
    let draft = with(mail(1, "hi\r\n"), |envelope| {
        envelope.recipients.add(address("ü@y.org"));
    });
    let script = greeted("", &format!("C: MAIL FROM:<a@x.org>\n{TAKEN}C: hi\nC: .\nS: 250 ok"));
    let why =
        "1 failed Mail: (ours) 553 5.6.7 mx[192.0.2.1]:25: the mail needs SMTPUTF8, which the host does not offer";
    play(&script, vec![draft]).await.came_to(&["0 relayed: 250 ok", why]);
}

#[tokio::test]
async fn what_the_sender_wants_to_be_told_is_passed_on_where_dsn_is_offered() {
    let draft = || {
        with(mail(0, "hi\r\n"), |envelope| {
            (envelope.ret, envelope.envid) = (Some(Ret::Headers), Some("QQ314159".into()));
            envelope.sender = None;
            let notify = Some(Notify { success: true, failure: false, delay: true });
            let orcpt = Some("rfc822;Bob+2B@y.org".to_owned());
            envelope.recipients.add(Recipient { address: address("r0@y.org"), notify, orcpt });
            let orcpt = Some("rfc822;x\r\nRSET".to_owned());
            envelope.recipients.add(Recipient { address: address("r1@y.org"), notify: Some(Notify::NEVER), orcpt });
        })
    };
    let rest = "S: 250 ok\nS: 250 ok\nS: 250 ok\nS: 354 go\nC: hi\nC: .\nS: 250 ok";
    let with_dsn = "C: MAIL FROM:<> RET=HDRS ENVID=QQ314159\n\
        C: RCPT TO:<r0@y.org> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;Bob+2B@y.org\nC: RCPT TO:<r1@y.org> NOTIFY=NEVER\nC: DATA\n";
    let without = "C: MAIL FROM:<>\nC: RCPT TO:<r0@y.org>\nC: RCPT TO:<r1@y.org>\nC: DATA\n";
    for (offers, said, came) in [("PIPELINING\nDSN", with_dsn, "relayed and told"), ("PIPELINING", without, "relayed")]
    {
        let played = play(&greeted(offers, &format!("{said}{rest}")), vec![draft()]).await;
        played.came_to(&[&format!("0 {came}: 250 ok"), &format!("1 {came}: 250 ok")]);
    }
}

#[tokio::test]
async fn who_has_no_original_name_is_called_as_here_where_dsn_is_offered() {
    let commands = "C: MAIL FROM:<a@x.org>\nS: 250 ok\nC: RCPT TO:<r+0@y.org> ORCPT=rfc822;r+2B0@y.org\nS: 250 ok\n";
    let script = greeted("DSN", &format!("{commands}C: DATA\nS: 354 go\nC: hi\nC: .\nS: 250 ok"));
    let draft = with(mail(0, "hi\r\n"), |envelope| {
        envelope.recipients.add(address("r+0@y.org"));
    });
    play(&script, vec![draft]).await.came_to(&["0 relayed and told: 250 ok"]);
}

#[tokio::test]
async fn a_sender_of_ours_is_said_to_be_where_the_settings_say() {
    let mut settings = settings();
    settings.masquerade = Some(super::super::Masquerade::new("example.org", "x.org", &[]));
    let commands = "C: MAIL FROM:<a@example.org>\nS: 250 ok\nC: RCPT TO:<r0@y.org>\nS: 250 ok\n";
    let script = greeted("", &format!("{commands}C: DATA\nS: 354 go\nC: hi\nC: .\nS: 250 ok"));
    play_with(&script, vec![mail(1, "hi\r\n")], &settings).await.came_to(&["0 relayed: 250 ok"]);
}

#[tokio::test]
async fn no_more_recipients_are_asked_for_than_the_peer_takes() {
    let script = greeted("LIMITS RCPTMAX=1", &format!("C: MAIL FROM:<a@x.org>\n{TAKEN}C: hi\nC: .\nS: 250 ok"));
    let why =
        "1 deferred Recipient: (ours) 452 4.5.3 mx[192.0.2.1]:25: the host takes 1 recipients of one mail at a time";
    play(&script, vec![mail(2, "hi\r\n")]).await.came_to(&["0 relayed: 250 ok", why]);
}
