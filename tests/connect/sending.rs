//! What holds in one process holds between two.

use postrider::{DeliveryStatus, SendError, StatusError, Ticket};

use super::*;

#[test]
fn a_mail_that_was_sent_through_the_socket_is_on_disk_and_its_outcome_comes_back() {
    let home = Home::new();
    let (engine, client) = (home.start(), home.connect());
    let receipt = client.send_blocking(mail("bob@gone.example")).unwrap();
    let ends = receipt.outcome_blocking().unwrap();
    assert_eq!((ends[0].address.as_str(), &ends[0].status), ("bob@gone.example", &DeliveryStatus::Delivered));
    let kept = client.send_blocking(mail("bob@kept.example")).unwrap();
    assert!(!block_on(kept.status()).unwrap()[0].status.is_final());
    assert_eq!(block_on(engine.audit()).unwrap().on_disk, 1);
    let refused = client.send_blocking(mail("bob@bad.example")).unwrap();
    assert!(matches!(&refused.outcome_blocking().unwrap()[0].status,
        DeliveryStatus::Failed { why } if why.reply.code == 550 && why.reply.text.contains("no such user")));
    assert!(block_on(client.receipt(kept.id())).is_ok());
    assert!(matches!(block_on(client.receipt(postrider::QueueId(0xFFFF))), Err(StatusError::Forgotten)));
}

#[test]
fn a_key_is_one_whoever_sends_under_it_and_from_whatever_process() {
    let home = Home::new();
    let (engine, client) = (home.start(), home.connect());
    let first = client.send_with_key("welcome/42", mail("bob@kept.example")).blocking().unwrap();
    let other = home.connect().send_with_key("welcome/42", mail("bob@kept.example")).blocking().unwrap();
    let local = engine.send_with_key("welcome/42", mail("bob@kept.example")).blocking().unwrap();
    assert_eq!((other.id(), other.is_repetition()), (first.id(), true));
    assert_eq!((local.id(), local.is_repetition()), (first.id(), true));
    assert_eq!(block_on(engine.audit()).unwrap().on_disk, 1);
}

#[test]
fn a_ticket_of_either_process_is_good_in_the_other() {
    let home = Home::new();
    let (engine, client) = (home.start(), home.connect());
    let there: Ticket = client.prepare(mail("bob@gone.example")).blocking().unwrap();
    let here = engine.prepare(mail("bob@gone.example")).blocking().unwrap();
    assert_eq!((here.spool(), block_on(engine.audit()).unwrap().prepared), (there.spool(), 2));
    for _ in 0..2 {
        assert_eq!(engine.redeem_blocking(&there).unwrap().id(), there.id());
        assert_eq!(client.redeem_blocking(&here).unwrap().id(), here.id());
    }
    let receipt = block_on(client.redeem(&there)).unwrap();
    assert_eq!(receipt.outcome_blocking().unwrap()[0].status, DeliveryStatus::Delivered);
    let foreign = Ticket::new(there.spool() ^ 1, there.id());
    assert!(matches!(client.redeem_blocking(&foreign), Err(postrider::RedeemError::OtherSpool)));
    let unknown = Ticket::new(there.spool(), postrider::QueueId(0xFFFF));
    assert!(matches!(client.redeem_blocking(&unknown), Err(postrider::RedeemError::TicketExpired)));
}

#[test]
fn a_thousand_from_ten_threads_over_one_connection_are_a_thousand_mails() {
    let home = Home::new();
    let (engine, client) = (home.start(), home.connect());
    let threads: Vec<_> = (0..10)
        .map(|_| {
            let client = client.clone();
            std::thread::spawn(move || {
                block_on(futures_util::future::join_all((0..100).map(|_| {
                    let sending = client.send(mail("bob@kept.example"));
                    async move { sending.await.unwrap().id() }
                })))
            })
        })
        .collect();
    let ids: std::collections::BTreeSet<_> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
    assert_eq!((ids.len(), block_on(engine.audit()).unwrap().on_disk), (1000, 1000));
}

#[test]
fn a_large_mail_arrives_whole_and_one_that_is_too_large_is_refused_without_harm_to_others() {
    let home = Home::new();
    let engine = home.start_with("[limits]\nmessage_size = \"4 MiB\"\noverrun = 0\n");
    let client = home.connect();
    let of = |size: usize| {
        mail_of("bob@kept.example", format!("Subject: x\r\n\r\n{}", "0123456789abcd\r\n".repeat(size / 16)))
    };
    let sent = client.send_blocking(of(3 << 20));
    assert!(sent.is_ok(), "{sent:?}");
    assert!(matches!(client.send_blocking(of(5 << 20)), Err(SendError::Rejected(reply)) if reply.code == 552));
    assert!(client.send_blocking(mail("bob@kept.example")).is_ok());
    assert_eq!(block_on(engine.audit()).unwrap().on_disk, 2);
}

#[test]
fn what_is_no_mail_is_refused_with_a_reply_and_for_good() {
    let home = Home::new();
    let (_engine, client) = (home.start(), home.connect());
    let error = client.send_blocking(mail_of("bob@kept.example", "no header\r\n".into())).unwrap_err();
    assert!(matches!(&error, SendError::Rejected(_)) && !error.is_temporary(), "{error}");
}

#[test]
fn outcomes_come_one_after_the_other_and_end_when_all_are_at_their_end() {
    let home = Home::new();
    let (_engine, client) = (home.start(), home.connect());
    let mut both = mail("bob@gone.example");
    both.envelope.recipients.add(Address::parse("eve@bad.example").unwrap());
    let receipt = client.send_blocking(both).unwrap();
    block_on(async {
        let (mut outcomes, mut ends) = (receipt.outcomes().await.unwrap(), 0);
        while let Some(one) = outcomes.next().await {
            ends += usize::from(one.status.is_final());
        }
        assert!(outcomes.is_complete());
        assert_eq!(ends, 2);
    });
}

#[test]
fn a_watch_that_nobody_listens_to_is_stopped() {
    let home = Home::new();
    let (_engine, client) = (home.start(), home.connect());
    let receipt = client.send_blocking(mail("bob@kept.example")).unwrap();
    // More than one connection may have at once: each has to be given back.
    for _ in 0..postrider::rules::program::MOST_WATCHES + 100 {
        let outcomes = on_this_thread(receipt.outcomes());
        assert!(outcomes.is_ok(), "{outcomes:?}");
    }
}

/// A runtime for each of ten thousand would take long.
fn on_this_thread<T>(future: impl std::future::Future<Output = T>) -> T {
    thread_local! {
        static RUNTIME: tokio::runtime::Runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    }
    RUNTIME.with(|runtime| runtime.block_on(future))
}
