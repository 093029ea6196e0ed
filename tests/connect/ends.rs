//! The engine goes away, and comes back.

use postrider::{SendError, StatusError};

use super::*;

#[test]
fn when_the_engine_is_gone_there_is_none_and_when_it_is_back_the_same_client_sends() {
    let home = Home::new();
    let client = {
        let engine = home.start();
        let client = home.connect();
        assert!(client.send_blocking(mail("bob@kept.example")).is_ok());
        drain(&engine);
        client
    };
    let error = client.send_blocking(mail("bob@kept.example")).unwrap_err();
    assert!(matches!(&error, SendError::NoEngine { path, .. } if **path == *home.socket()), "{error}");
    assert!(error.is_temporary() && !error.is_perhaps_taken());
    let engine = home.start();
    assert!(client.send_blocking(mail("bob@kept.example")).is_ok());
    assert_eq!(block_on(engine.audit()).unwrap().on_disk, 2);
}

#[test]
fn an_engine_that_is_dropped_while_programs_send_has_all_that_it_answered_and_nothing_else() {
    let home = Home::new();
    let (engine, client) = (home.start(), home.connect());
    let senders: Vec<_> = (0..8)
        .map(|_| {
            let client = client.clone();
            std::thread::spawn(move || {
                let mut sent = 0;
                loop {
                    match client.send_blocking(mail("bob@kept.example")) {
                        Ok(_) => sent += 1,
                        Err(error) => return (sent, error),
                    }
                }
            })
        })
        .collect();
    std::thread::sleep(Duration::from_millis(300));
    drop(engine);
    let ends: Vec<(usize, SendError)> = senders.into_iter().map(|sender| sender.join().unwrap()).collect();
    let sent: usize = ends.iter().map(|(sent, _)| sent).sum();
    let unknown = ends.iter().filter(|(_, error)| error.is_perhaps_taken()).count();
    let named =
        |error: &SendError| matches!(error, SendError::NoEngine { .. } | SendError::Stopped(_) | SendError::Unknown(_));
    assert!(ends.iter().all(|(_, error)| named(error)), "{ends:?}");
    let on_disk = block_on(home.start().audit()).unwrap().on_disk;
    assert!((sent..=sent + unknown).contains(&on_disk), "{sent} sent, {unknown} unknown, {on_disk} on disk");
    assert!(sent > 0);
}

#[test]
fn outcomes_end_with_the_engine_and_are_not_complete_and_a_receipt_is_good_after_a_restart() {
    let home = Home::new();
    let engine = home.start();
    let client = home.connect();
    let receipt = client.send_blocking(mail("bob@kept.example")).unwrap();
    let mut outcomes = block_on(receipt.outcomes()).unwrap();
    let waiting = receipt.clone();
    let waits = std::thread::spawn(move || waiting.outcome_blocking());
    std::thread::sleep(Duration::from_millis(100));
    drain(&engine);
    let left = block_on(async {
        while outcomes.next().await.is_some() {}
        outcomes.is_complete()
    });
    assert!(!left);
    assert!(matches!(waits.join().unwrap(), Err(StatusError::NoEngine { .. })));
    assert!(matches!(block_on(receipt.status()), Err(StatusError::NoEngine { .. })));
    let _engine = home.start();
    assert_eq!(block_on(receipt.status()).unwrap().len(), 1);
}
