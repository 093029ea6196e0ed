//! Checks that fail say what was seen.

use postrider::{
    assert_delivered, assert_no_duplicates,
    testing::{check_no_duplicates, deliveries, draft, reports, Act, At, DeliveryCheck, ReportCheck, TestEngine},
};

use crate::{send, HELLO, HOUR};

#[test]
fn a_check_that_fails_shows_the_mails_and_the_dialogue() {
    let engine = TestEngine::start();
    engine.peer().once(At::rcpt_to("bob@example.org"), (450, "4.2.1 The mailbox is busy"));
    send(&engine, &["ann@example.org", "bob@example.org"]);
    let failed = DeliveryCheck::to("bob@example.org").subject("Hello").check(&engine).unwrap_err();
    assert_eq!(failed.what(), "mail to bob@example.org with the subject \"Hello\" was not delivered");
    let text = failed.to_string();
    for line in [
        "1 mails were taken:",
        "from <me@home.example> to ann@example.org: \"Hello\"",
        "+0d 00:00:00.000 #1 C: RCPT TO:<bob@example.org>",
        "+0d 00:00:00.000 #1 S: 450 4.2.1 The mailbox is busy",
    ] {
        assert!(text.contains(line), "{line:?} is not in:\n{text}");
    }
}

#[test]
#[should_panic(expected = "mail to ann@example.org was delivered 1 times, not 2")]
fn a_number_that_is_not_met_fails() {
    let engine = TestEngine::start();
    send(&engine, &["ann@example.org"]);
    assert_delivered!(engine, "ann@example.org", times = 2);
}

#[test]
fn only_mail_with_the_subject_and_the_text_counts() {
    let engine = TestEngine::start();
    send(&engine, &["ann@example.org"]);
    let to_ann = || DeliveryCheck::to("ann@example.org");
    assert!(to_ann().subject("Hello").contains("Hi!").check(&engine).is_ok());
    assert!(to_ann().subject("Good-bye").check(&engine).is_err());
    assert!(to_ann().contains("Good-bye").check(&engine).is_err());
    assert!(to_ann().subject("Good-bye").times(0).check(&engine).is_ok());
    assert_eq!(deliveries(&engine, "ANN@example.org").len(), 1);
}

#[test]
#[should_panic(expected = "ann@example.org got <1@home.example> 2 times")]
fn a_mail_that_came_twice_fails() {
    let engine = TestEngine::start();
    engine.peer().once(At::End, Act::Cut);
    send(&engine, &["ann@example.org"]);
    engine.advance(HOUR);
    assert_no_duplicates!(engine);
}

#[test]
fn two_mails_are_no_duplicates_unless_they_are_the_same() {
    let engine = TestEngine::start();
    let sent = |text: &str| engine.send(draft("me@home.example", ["ann@example.org"], text)).unwrap();
    sent("Subject: one\r\n\r\n");
    sent("Subject: two\r\n\r\n");
    assert_no_duplicates!(engine);
    sent("Subject: two\r\n\r\n");
    assert!(check_no_duplicates(engine.peer()).is_err(), "without a Message-ID its octets are its name");
    engine.send(draft("me@home.example", ["bob@example.org"], HELLO)).unwrap();
    engine.send(draft("me@home.example", ["eve@example.org"], HELLO)).unwrap();
    assert_eq!(postrider::testing::duplicates(&engine).len(), 1, "each got it once");
}

#[test]
fn reports_are_read() {
    let engine = TestEngine::start();
    engine.peer().always(At::rcpt_to("nobody@example.org"), (550, "5.1.1 No such user"));
    send(&engine, &["nobody@example.org"]);
    let all = reports(&engine);
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].to_string(), "me@home.example was told that nobody@example.org is failed (5.1.1)");
    let failed = ReportCheck::new("nobody@example.org", "delayed").check(&engine).unwrap_err();
    assert!(failed.what().contains("me@home.example was told"), "{failed}");
    assert!(ReportCheck::new("nobody@example.org", "failed").status("5.7.1").check(&engine).is_err());
    assert!(ReportCheck::new("nobody@example.org", "failed").times(2).check(&engine).is_err());
}
