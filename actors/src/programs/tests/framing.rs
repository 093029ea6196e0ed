//! What is read, in what order it is answered, and what puts the stream out of step.

use std::collections::BTreeSet;

use super::*;

#[test]
fn requests_are_under_way_together_and_each_is_answered_with_its_tag() {
    run(|| async {
        let mut program = Program::greeted(SECOND).await;
        let begun = Instant::now();
        let all: String = (0..100).map(|tag| send(tag, MAIL)).collect();
        program.say(&all).await;
        program.say("{\"do\":\"ping\",\"tag\":100}\n").await;
        assert_eq!(program.next().await, r#"{"is":"pong","tag":100}"#, "it has overtaken the mails");
        let mut answered = BTreeSet::new();
        for _ in 0..100 {
            let answer = program.next().await;
            let tag: u64 = answer.split([':', ',']).nth(3).unwrap().parse().unwrap();
            assert_eq!(answer, format!(r#"{{"is":"sent","tag":{tag},"id":"{:08X}","repeated":false}}"#, tag + 1));
            answered.insert(tag);
        }
        assert_eq!(answered.len(), 100);
        assert!(begun.elapsed() < 2 * SECOND);
    });
}

#[test]
fn what_is_said_of_a_mail_is_corrected_and_who_sent_it_is_noted() {
    run(|| async {
        let mut program = Program::greeted(Duration::ZERO).await;
        program.say(&send(1, "Subject: ü\n\nhello")).await;
        program.next().await;
        let draft = program.posts.borrow()[0].clone();
        assert_eq!(draft.content.all(99).unwrap(), "Subject: ü\r\n\r\nhello\r\n");
        assert_eq!((draft.envelope.body, draft.envelope.smtputf8), (postrider_engine::Body::EightBitMime, true));
        assert_eq!(draft.envelope.peer.identity.as_deref(), Some("uid:1000"));
    });
}

#[test]
fn a_request_that_is_refused_leaves_the_next_one_where_it_is() {
    run(|| async {
        let mut program = Program::greeted(Duration::ZERO).await;
        let table = [
            (send(1, MAIL).replace("bob@example.net", "bob@"), "bad_address"),
            (send(2, MAIL).replace("send", "sing"), "unknown_request"),
            (send(3, MAIL).replace("from", "form"), "bad_request"),
            (send(4, "no header\n"), "rejected"),
            (send(5, "A: b\n\n\0\n"), "rejected"),
            (send(6, &format!("A: b\n\n{}", "x".repeat(1000))), r#""reply":{"code":552,"#),
            ("{\"do\":\"redeem\",\"tag\":7,\"ticket\":\"PT1-0000000000000008-0000002A\"}\n".into(), "other_spool"),
            ("{\"do\":\"status\",\"tag\":8,\"id\":\"404\"}\n".into(), "forgotten"),
        ];
        for (request, code) in table {
            program.say(&request).await;
            let answer = program.next().await;
            assert!(answer.contains(code) && answer.starts_with(r#"{"is":"error","tag":"#), "{request}: {answer}");
            program.say("{\"do\":\"ping\",\"tag\":9}\n").await;
            assert_eq!(program.next().await, r#"{"is":"pong","tag":9}"#, "{request}");
        }
        assert!(program.posts.borrow().is_empty());
    });
}

#[test]
fn content_that_is_longer_than_said_ends_the_connection_and_the_mail_before_it_is_taken() {
    run(|| async {
        let mut program = Program::greeted(Duration::ZERO).await;
        program.say(&send_said(1, MAIL, MAIL.len() - 6)).await;
        assert!(program.next().await.starts_with(r#"{"is":"sent","tag":1"#));
        program.last("bad_line").await;
        assert_eq!(program.posts.borrow()[0].content.all(99).unwrap(), "Subject: hi\r\n\r\n");
    });
}

#[test]
fn content_that_is_shorter_than_said_is_never_sent() {
    run(|| async {
        for hangs_up in [false, true] {
            let mut program = Program::greeted(Duration::ZERO).await;
            program.say(&send_said(1, MAIL, MAIL.len() + 1)).await;
            if hangs_up {
                program.write.shutdown().await.unwrap();
                assert_eq!(program.next().await, "");
            } else {
                program.last("too_slow").await;
            }
            assert!(program.posts.borrow().is_empty());
        }
    });
}

#[test]
fn a_watch_tells_changes_until_the_end_or_until_it_is_stopped() {
    run(|| async {
        let mut program = Program::greeted(Duration::ZERO).await;
        program.say("{\"do\":\"watch\",\"tag\":1,\"id\":\"2A\"}\n{\"do\":\"watch\",\"tag\":2,\"id\":\"2A\"}\n").await;
        for tag in [1, 1, 2, 2] {
            assert!(program.next().await.contains(&format!(r#""tag":{tag}"#)));
        }
        let tell = std::mem::take(&mut *program.changes.borrow_mut());
        tell[0].send((RcptNo(0), DeliveryStatus::Delivered)).await.unwrap();
        assert_eq!(program.next().await, r#"{"is":"changed","tag":1,"number":0,"status":{"now":"delivered"}}"#);
        program.say("{\"do\":\"stop\",\"tag\":2}\n").await;
        assert_eq!(program.next().await, r#"{"is":"over","tag":2,"complete":false}"#);
        drop(tell);
        assert_eq!(program.next().await, r#"{"is":"over","tag":1,"complete":true}"#);
    });
}

#[test]
fn who_says_nothing_more_hears_the_answers_that_are_due() {
    run(|| async {
        let mut program = Program::greeted(SECOND).await;
        program.say("{\"do\":\"watch\",\"tag\":1,\"id\":\"2A\"}\n").await;
        program.say(&send(2, MAIL)).await;
        program.write.shutdown().await.unwrap();
        program.next().await;
        program.next().await;
        assert!(program.next().await.starts_with(r#"{"is":"sent","tag":2"#));
        program.last(r#"{"is":"over","tag":1,"complete":false}"#).await;
    });
}

#[test]
fn octets_that_are_changed_anywhere_do_no_harm_and_the_connection_comes_to_its_end() {
    run(|| async {
        let all = [
            send(1, MAIL),
            "{\"do\":\"watch\",\"tag\":2,\"id\":\"2A\"}\n{\"do\":\"stop\",\"tag\":2}\n".into(),
            send(3, "A: b\r\n\r\n\u{fc}\r"),
            "{\"do\":\"redeem\",\"tag\":4,\"ticket\":\"PT1-0000000000000007-0000002A\"}\n".into(),
        ]
        .concat();
        let mut seed = 7_u64;
        let mut random = move |below: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(seed >> 33).unwrap() % below
        };
        for _ in 0..1000 {
            let mut octets = all.clone().into_bytes();
            for _ in 0..=random(3) {
                let at = random(octets.len());
                match random(3) {
                    0 => octets[at] = u8::try_from(random(256)).unwrap(),
                    1 => drop(octets.remove(at)),
                    _ => octets.insert(at, b"\"{}[],:0\n\r"[random(10)]),
                }
            }
            let mut program = Program::greeted(Duration::ZERO).await;
            let _ = program.write.write_all(&octets).await;
            let _ = program.write.shutdown().await;
            let mut heard = Vec::new();
            program.lines.read_to_end(&mut heard).await.unwrap();
            let lines = heard.split_inclusive(|octet| *octet == b'\n');
            assert!(lines.into_iter().all(|line| program::Answer::parse(line).is_some()));
        }
    });
}
