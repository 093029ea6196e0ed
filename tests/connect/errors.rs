//! Why no engine is reached: each has a name of its own, and says what to do.

use std::{io::ErrorKind, os::unix::net::UnixListener, path::Path};

use postrider::{ConnectError, SendError};

use super::*;
use crate::fake::{engine, HELLO};

fn refused(path: &Path) -> ConnectError {
    Engine::connect(path).unwrap_err()
}

#[test]
fn a_path_at_which_nobody_listens_is_no_engine_and_that_may_change() {
    let home = Home::new();
    let missing = refused(&home.socket());
    assert!(matches!(&missing, ConnectError::NoEngine { source, .. } if source.kind() == ErrorKind::NotFound));
    drop(UnixListener::bind(home.socket()).unwrap());
    let left = refused(&home.socket());
    assert!(matches!(&left, ConnectError::NoEngine { source, .. } if source.kind() == ErrorKind::ConnectionRefused));
    assert!(missing.is_temporary() && left.is_temporary());
    assert!(left.to_string().contains("start it, or correct the path"), "{left}");
}

#[test]
fn a_path_that_is_too_long_is_none() {
    let error = refused(Path::new(&format!("/{}", "x".repeat(200))));
    assert!(matches!(error, ConnectError::NoPath { .. }) && !error.is_temporary());
}

#[test]
fn what_greets_otherwise_is_no_engine_of_this_version() {
    let home = Home::new();
    let full =
        "{\"is\":\"error\",\"tag\":null,\"code\":\"too_many_connections\",\"temporary\":true,\"text\":\"full\"}\n";
    let later = "{\"is\":\"hello\",\"protocol\":9,\"spool\":\"7\",\"host\":\"x\",\"max_octets\":1,\"max_recipients\":1,\"max_line\":1}\n";
    let bye = "{\"is\":\"bye\",\"text\":\"the engine stops\"}\n";
    let played = engine(&home.socket(), vec!["220 mail.example ESMTP\r\n", later, full, "", bye], |_, _| {});
    assert!(matches!(refused(&home.socket()), ConnectError::NotAnEngine { .. }));
    assert!(matches!(refused(&home.socket()), ConnectError::OtherVersion { protocol: 9, .. }));
    assert!(matches!(refused(&home.socket()), ConnectError::Busy { .. }));
    assert!(matches!(refused(&home.socket()), ConnectError::NoEngine { .. }));
    assert!(matches!(refused(&home.socket()), ConnectError::NoEngine { .. }));
    played.join().unwrap();
}

#[test]
fn an_engine_that_went_away_before_it_answered_has_perhaps_taken_the_mail_and_is_not_asked_again() {
    let home = Home::new();
    let played = engine(&home.socket(), vec![HELLO], |_, guest| {
        assert!(guest.request().is_some());
    });
    let error = home.connect().send_blocking(mail("bob@kept.example")).unwrap_err();
    assert!(matches!(error, SendError::Unknown(_)) && error.is_perhaps_taken() && error.is_temporary(), "{error}");
    played.join().unwrap();
}

#[test]
fn an_engine_that_says_good_bye_has_taken_nothing_and_the_next_one_is_asked() {
    let home = Home::new();
    let played = engine(&home.socket(), vec![HELLO, HELLO], |turn, guest| {
        let tag = guest.request().unwrap();
        match turn {
            0 => guest.say("{\"is\":\"bye\",\"text\":\"the engine stops\"}\n"),
            _ => guest.say(&format!("{{\"is\":\"sent\",\"tag\":{tag},\"id\":\"0000002A\",\"repeated\":false}}\n")),
        }
    });
    let receipt = home.connect().send_blocking(mail("bob@kept.example")).unwrap();
    assert_eq!(receipt.id(), postrider::QueueId(0x2A));
    played.join().unwrap();
}

#[test]
fn half_a_mail_is_not_taken_so_it_is_sent_again_by_itself_or_there_is_no_engine() {
    let home = Home::new();
    let large = || mail_of("bob@kept.example", format!("Subject: x\r\n\r\n{}", "0123456789abcd\r\n".repeat(1 << 18)));
    let played = engine(&home.socket(), vec![HELLO, HELLO, HELLO], |turn, guest| {
        if turn == 1 {
            let tag = guest.request().unwrap();
            guest.say(&format!("{{\"is\":\"sent\",\"tag\":{tag},\"id\":\"0000002A\",\"repeated\":false}}\n"));
        }
        guest.nibble();
    });
    let client = home.connect();
    assert!(client.send_blocking(large()).is_ok());
    let error = client.send_blocking(large()).unwrap_err();
    assert!(matches!(error, SendError::NoEngine { .. }) && !error.is_perhaps_taken(), "{error}");
    played.join().unwrap();
}

#[test]
fn a_ticket_is_redeemed_again_where_nobody_knows_because_it_takes_effect_once() {
    let home = Home::new();
    let played = engine(&home.socket(), vec![HELLO, HELLO], |turn, guest| {
        let tag = guest.request().unwrap();
        if turn == 1 {
            guest.say(&format!("{{\"is\":\"redeemed\",\"tag\":{tag},\"id\":\"0000002A\"}}\n"));
        }
    });
    let ticket = "PT1-0000000000000007-0000002A".parse().unwrap();
    assert!(home.connect().redeem_blocking(&ticket).is_ok());
    played.join().unwrap();
}

#[test]
fn a_watch_that_is_given_up_before_its_first_answer_is_stopped_and_a_plain_question_is_not() {
    let home = Home::new();
    let played = engine(&home.socket(), vec![HELLO], |_, guest| {
        let sent = guest.request().unwrap();
        guest.say(&format!("{{\"is\":\"sent\",\"tag\":{sent},\"id\":\"0000002A\",\"repeated\":false}}\n"));
        let (status, _) = guest.asked().unwrap();
        assert!(status.contains("\"status\""), "{status}");
        let (watch, watched) = guest.asked().unwrap();
        assert!(watch.contains("\"watch\""), "{watch}");
        let (stop, stopped) = guest.asked().unwrap();
        assert!(stop.contains("\"stop\"") && stopped == watched, "{stop}");
        assert!(guest.asked().is_none());
    });
    let receipt = home.connect().send_blocking(mail("bob@kept.example")).unwrap();
    block_on(async {
        let soon = Duration::from_millis(200);
        assert!(tokio::time::timeout(soon, receipt.status()).await.is_err());
        assert!(tokio::time::timeout(soon, receipt.outcomes()).await.is_err());
    });
    drop(receipt);
    played.join().unwrap();
}

#[test]
fn who_does_not_want_to_wait_hears_at_once_that_too_much_is_under_way() {
    let home = Home::new();
    let (tell, told) = std::sync::mpsc::channel::<()>();
    let played = engine(&home.socket(), vec![HELLO], move |_, guest| {
        guest.nibble();
        let _ = told.recv();
    });
    let client = home.connect();
    let waiting: Vec<_> = (0..postrider::rules::program::MOST_UNDER_WAY)
        .map(|_| {
            let client = client.clone();
            std::thread::spawn(move || client.send_blocking(mail("bob@kept.example")))
        })
        .collect();
    let busy = std::iter::repeat_with(|| client.send(mail("bob@kept.example")).or_busy())
        .take(100)
        .map(|sending| {
            std::thread::sleep(Duration::from_millis(20));
            block_on(async { tokio::time::timeout(Duration::from_secs(1), sending).await })
        })
        .find_map(Result::ok);
    assert!(matches!(busy, Some(Err(SendError::Busy))), "{busy:?}");
    drop(tell);
    played.join().unwrap();
    waiting.into_iter().for_each(|waiting| assert!(waiting.join().unwrap().is_err()));
}

#[test]
fn so_many_programs_are_connected_and_the_next_one_hears_that_and_may_come_later() {
    let home = Home::new();
    let _engine = home.start();
    let others: Vec<_> = (0..256)
        .map(|_| {
            let mut stream = std::os::unix::net::UnixStream::connect(home.socket()).unwrap();
            let mut first = [0; 9];
            std::io::Read::read_exact(&mut stream, &mut first).unwrap();
            stream
        })
        .collect();
    let error = refused(&home.socket());
    assert!(matches!(error, ConnectError::Busy { .. }) && error.is_temporary(), "{error}");
    drop(others);
    let comes_in = || {
        std::thread::sleep(Duration::from_millis(10));
        Engine::connect(home.socket()).is_ok()
    };
    assert!(std::iter::repeat_with(comes_in).take(500).any(|is_in| is_in));
}
