//! The dialogue before the content: flights and steps, and which reply belongs to whom.

use super::*;

const CONTENT: &str = "Subject: x\r\n\r\nhi\r\n";
const SENT: &str = "C: Subject: x\nC:\nC: hi\nC: .\n";

#[tokio::test]
async fn commands_go_out_in_one_flight_where_pipelining_is_offered() {
    let script = "C: MAIL FROM:<a@x.org>\nC: RCPT TO:<r0@y.org>\nC: DATA\nS: 250 ok\nS: 250 ok\nS: 354 go\n".to_owned();
    let script = greeted("PIPELINING", &(script + SENT + "S: 250 2.0.0 taken as 17"));
    let played = play(&script, vec![mail(1, CONTENT)]).await;
    played.came_to(&["0 relayed: 250 2.0.0 taken as 17"]);
    assert_eq!(played.attempts, ["0 to mx[192.0.2.1]:25"]);
}

#[tokio::test]
async fn commands_go_out_one_by_one_where_it_is_not() {
    let script = "C: MAIL FROM:<a@x.org>\nS: 250 ok\nC: RCPT TO:<r0@y.org>\nS: 250 ok\nC: DATA\nS: 354 go\n".to_owned();
    play(&greeted("", &(script + SENT + "S: 250 ok")), vec![mail(1, CONTENT)]).await.came_to(&["0 relayed: 250 ok"]);
}

#[tokio::test]
async fn helo_is_said_to_a_peer_that_does_not_know_ehlo_and_nothing_is_expected_of_it() {
    let script = "S: 220 old\nC: EHLO me.example.org\nS: 502 what?\nC: HELO me.example.org\nS: 250-old\nS: 250 SIZE\n\
        C: MAIL FROM:<a@x.org>\nS: 250 ok\nC: RCPT TO:<r0@y.org>\nS: 250 ok\nC: DATA\nS: 354 go\n"
        .to_owned();
    play(&(script + SENT + "S: 250 ok"), vec![mail(1, CONTENT)]).await.came_to(&["0 relayed: 250 ok"]);
}

#[tokio::test]
async fn each_recipient_has_its_own_reply() {
    let script = "C: MAIL FROM:<a@x.org>\nC: RCPT TO:<r0@y.org>\nC: RCPT TO:<r1@y.org>\nC: RCPT TO:<r2@y.org>\n\
        C: RCPT TO:<r3@y.org>\nC: RCPT TO:<r4@y.org>\nC: RCPT TO:<r5@y.org>\nC: DATA\n\
        S: 250 ok\nS: 250 ok\nS: 550 5.1.1 who?\nS: 450 4.2.1 later\nS: 251 forwarded\nS: 552 too many\n\
        S: 552 5.2.2 full\nS: 354 go\n"
        .to_owned();
    let played = play(&greeted("PIPELINING", &(script + SENT + "S: 250 ok")), vec![mail(6, CONTENT)]).await;
    played.came_to(&[
        "0 relayed: 250 ok",
        "1 failed Recipient: 550 5.1.1 who?",
        "2 deferred Recipient: 450 4.2.1 later",
        "3 relayed: 250 ok",
        "4 deferred Recipient: 552 too many",
        "5 failed Recipient: 552 5.2.2 full",
    ]);
    assert_eq!(played.attempts, ["0,3 to mx[192.0.2.1]:25"], "who was refused is in no doubt");
}

#[tokio::test]
async fn a_mail_that_nobody_may_get_is_ended_empty_and_the_next_one_goes_on() {
    let first = "C: MAIL FROM:<a@x.org>\nC: RCPT TO:<r0@y.org>\nC: DATA\nS: 250 ok\nS: 550 5.1.1 no\nS: 354 go\n\
        C: .\nS: 554 no valid recipients\n";
    let second = "C: MAIL FROM:<a@x.org>\nC: RCPT TO:<r0@y.org>\nC: DATA\nS: 250 ok\nS: 250 ok\nS: 354 go\n";
    let script = greeted("PIPELINING", &format!("{first}{second}{SENT}S: 250 ok"));
    let played = play(&script, vec![mail(1, CONTENT), mail(1, CONTENT)]).await;
    played.came_to(&["0 failed Recipient: 550 5.1.1 no", "0 relayed: 250 ok"]);
    assert_eq!(played.attempts.len(), 1, "the empty end is no attempt");
}

#[tokio::test]
async fn a_mail_that_nobody_may_get_asks_for_no_data_and_is_reset_before_the_next() {
    let first = "C: MAIL FROM:<a@x.org>\nS: 250 ok\nC: RCPT TO:<r0@y.org>\nS: 450 no\n";
    let second =
        "C: RSET\nS: 250 ok\nC: MAIL FROM:<a@x.org>\nS: 250 ok\nC: RCPT TO:<r0@y.org>\nS: 250 ok\nC: DATA\nS: 354 go\n";
    let script = greeted("", &format!("{first}{second}{SENT}S: 250 ok"));
    let played = play(&script, vec![mail(1, CONTENT), mail(1, CONTENT)]).await;
    played.came_to(&["0 deferred Recipient: 450 no", "0 relayed: 250 ok"]);
}

#[tokio::test]
async fn a_refused_sender_is_the_mails_matter_whatever_is_said_of_its_recipients() {
    let script = "C: MAIL FROM:<a@x.org>\nC: RCPT TO:<r0@y.org>\nC: DATA\n\
        S: 550 5.7.1 not from you\nS: 503 5.5.1 MAIL first\nS: 503 5.5.1 RCPT first\n";
    let next =
        "C: RSET\nC: MAIL FROM:<a@x.org>\nC: RCPT TO:<r0@y.org>\nC: DATA\nS: 250 ok\nS: 250 ok\nS: 250 ok\nS: 354 go\n";
    let script = greeted("PIPELINING", &format!("{script}{next}{SENT}S: 250 ok"));
    let played = play(&script, vec![mail(1, CONTENT), mail(1, CONTENT)]).await;
    played.came_to(&["0 failed Mail: 550 5.7.1 not from you", "0 relayed: 250 ok"]);
    let script = "C: MAIL FROM:<a@x.org>\nS: 452 4.3.1 no room\n";
    play(&greeted("", script), vec![mail(1, CONTENT)]).await.came_to(&["0 deferred Mail: 452 4.3.1 no room"]);
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_refuses_the_mail_and_takes_its_recipients_gets_no_dot() {
    let script = "C: MAIL FROM:<a@x.org>\nC: RCPT TO:<r0@y.org>\nC: DATA\nS: 451 no\nS: 250 ok\nS: 354 go\n";
    let played = play(&greeted("PIPELINING", script), vec![mail(1, CONTENT)]).await;
    played.came_to(&["0 deferred Mail: 451 no", "spent"]);
}

#[tokio::test]
async fn a_peer_that_wants_a_password_delays_every_mail_and_ends_none() {
    let script = "C: MAIL FROM:<a@x.org>\nS: 530 5.7.0 Authentication required\n";
    let played = play(&greeted("", script), vec![mail(1, CONTENT)]).await;
    played.came_to(&["0 deferred Hop: 530 5.7.0 Authentication required"]);
}

#[tokio::test]
async fn refused_data_is_for_those_who_were_accepted() {
    let script = "C: MAIL FROM:<a@x.org>\nC: RCPT TO:<r0@y.org>\nC: RCPT TO:<r1@y.org>\nC: DATA\n\
        S: 250 ok\nS: 250 ok\nS: 450 4.2.0 later\nS: 554 5.5.0 no content\n";
    let played = play(&greeted("PIPELINING", script), vec![mail(2, CONTENT)]).await;
    played.came_to(&["0 failed Mail: 554 5.5.0 no content", "1 deferred Recipient: 450 4.2.0 later"]);
    assert!(played.attempts.is_empty());
}

#[tokio::test]
async fn every_reply_may_have_many_lines_and_come_octet_by_octet() {
    let script = "S: 220-mx\nS: 220 says hello\nC: EHLO me.example.org\ns: 250-mx\ns: 250 PIPELINING\n\
        C: MAIL FROM:<a@x.org>\nC: RCPT TO:<r0@y.org>\nC: DATA\nS: 250-2.1.0 sender\nS: 250 2.1.0 ok\n\
        s: 250-2.1.5 recipient\ns: 250 2.1.5 ok\ns: 354-go\ns: 354 on\n"
        .to_owned();
    let played = play(&(script + SENT + "s: 250-2.0.0 taken\ns: 250 2.0.0 as 17"), vec![mail(1, CONTENT)]).await;
    played.came_to(&["0 relayed: 250 2.0.0 taken as 17"]);
}

#[tokio::test]
async fn a_host_that_says_421_wants_no_mail_at_all_now() {
    for script in [
        "C: MAIL FROM:<a@x.org>\nS: 421 4.3.2 going down\nX",
        "C: MAIL FROM:<a@x.org>\nS: 250 ok\nC: RCPT TO:<r0@y.org>\nS: 421 4.3.2 going down\nX",
        "C: MAIL FROM:<a@x.org>\nS: 250 ok\nC: RCPT TO:<r0@y.org>\nS: 250 ok\nC: DATA\nS: 421 4.3.2 going down\nX",
    ] {
        let played = play(&greeted("", script), vec![mail(1, CONTENT)]).await;
        played.came_to(&["lost", "0 deferred Hop: 421 4.3.2 going down"]);
    }
}

#[tokio::test]
async fn what_a_host_said_for_good_before_it_went_away_holds() {
    let script =
        "C: MAIL FROM:<a@x.org>\nC: RCPT TO:<r0@y.org>\nC: RCPT TO:<r1@y.org>\nC: RCPT TO:<r2@y.org>\nC: DATA\n\
        S: 250 ok\nS: 550 5.1.1 no\nS: 450 4.2.1 later\nX";
    let played = play(&greeted("PIPELINING", script), vec![mail(3, CONTENT)]).await;
    let closed = "deferred Hop: (ours) 451 4.4.2 mx[192.0.2.1]:25: the connection was closed (before the content)";
    played.came_to(&["lost", "0 failed Recipient: 550 5.1.1 no", &format!("1 {closed}"), &format!("2 {closed}")]);
}

#[tokio::test(start_paused = true)]
async fn a_silent_peer_is_left_after_the_time_of_each_step() {
    let steps = ["C: MAIL FROM:<a@x.org>\n", "S: 250 ok\nC: RCPT TO:<r0@y.org>\n", "S: 250 ok\nC: DATA\n"];
    for (upto, minutes) in [(1, 5), (2, 5), (3, 2)] {
        let began = tokio::time::Instant::now();
        let played = play(&greeted("", &steps[..upto].concat()), vec![mail(1, CONTENT)]).await;
        let silent = "0 deferred Hop: (ours) 451 4.4.2 mx[192.0.2.1]:25: no answer in time (before the content)";
        played.came_to(&["lost", silent]);
        assert_eq!(began.elapsed().as_secs() / 60, minutes, "{upto}");
    }
}

#[tokio::test(start_paused = true)]
async fn greeting_and_ehlo_have_their_time_and_may_be_refused() {
    let began = tokio::time::Instant::now();
    play("", vec![]).await.came_to(&["no greeting: no answer in time"]);
    assert_eq!(began.elapsed().as_secs(), 300);
    for (script, why) in [
        ("S: 554 5.7.1 go away\nX", "554 5.7.1 go away"),
        ("S: 421 busy\nX", "421 busy"),
        ("S: 220 mx\nC: EHLO me.example.org\nS: 451 not now", "451 not now"),
        ("S: 220 mx\nC: EHLO me.example.org\nS: 550 no\nC: HELO me.example.org\nS: 550 no!", "550 no!"),
        ("S: SSH-2.0-OpenSSH_9.2", "the peer sent a line that is no reply"),
        ("S: 220 mx\nS: 250 too early", "the peer broke the rules of SMTP: 250 too early"),
        ("X", "the connection was closed"),
    ] {
        play(script, vec![]).await.came_to(&[&format!("no greeting: {why}")]);
    }
}

#[tokio::test]
async fn many_recipients_are_asked_in_flights_of_a_hundred() {
    let rcpt = |from: usize, to: usize| (from..to).map(|no| format!("C: RCPT TO:<r{no}@y.org>\n")).collect::<String>();
    let ok = |n: usize| "S: 250 ok\n".repeat(n);
    let script = format!(
        "C: MAIL FROM:<a@x.org>\n{}{}{}C: DATA\n{}S: 354 go\n{SENT}S: 250 ok",
        rcpt(0, 99),
        ok(100),
        rcpt(99, 150),
        ok(51)
    );
    let played = play(&greeted("PIPELINING", &script), vec![mail(150, CONTENT)]).await;
    assert!(played.outcomes.len() == 150 && played.outcomes.iter().all(|line| line.ends_with("relayed: 250 ok")));
}

#[tokio::test]
async fn a_reply_to_no_command_is_taken_for_no_answer() {
    let script =
        "C: MAIL FROM:<a@x.org>\nC: RCPT TO:<r0@y.org>\nC: DATA\nS: 250 ok\nS: 250 ok\nS: 354 go\nS: 250 taken\n";
    let played = play(&greeted("PIPELINING", script), vec![mail(1, CONTENT)]).await;
    played.came_to(&[
        "0 deferred Mail: (ours) 451 4.5.0 mx[192.0.2.1]:25: the peer broke the rules of SMTP: 250 taken (in the content)",
        "spent",
    ]);
    let script = "C: MAIL FROM:<a@x.org>\nS: 250 ok\nC: RCPT TO:<r0@y.org>\nS: 250 ok\nC: DATA\nS: 250 what?\n";
    let played = play(&greeted("", script), vec![mail(1, CONTENT)]).await;
    played.came_to(&[
        "lost",
        "0 deferred Hop: (ours) 451 4.5.0 mx[192.0.2.1]:25: the peer broke the rules of SMTP: 250 what? (before the content)",
    ]);
}
