//! The handle: whoever sends, from wherever, and what a receipt is good for.

use std::time::Duration;

use postrider::{
    events::{Message, Submission},
    testing::Peer,
    Binding, DeliveryStatus, Engine, QueueId, RawMail, SendError, StatusError,
};

use super::{end, keeping, mail, settings};

#[test]
fn a_mail_is_sent_from_any_thread_in_any_runtime_and_outside_of_one() {
    let folder = tempfile::tempdir().unwrap();
    let engine = keeping(folder.path());
    let mut ids = vec![engine.send_blocking(mail("plain@example.net")).unwrap().id()];
    ids.extend(std::thread::scope(|scope| {
        let one = scope.spawn(|| engine.send_blocking(mail("thread@example.net")).unwrap().id());
        one.join()
    }));
    let tokio = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    ids.push(tokio.block_on(async { engine.send(mail("tokio@example.net")).await.unwrap().id() }));
    let current = tokio::runtime::Builder::new_current_thread().build().unwrap();
    ids.push(current.block_on(async { engine.send(mail("current@example.net")).await.unwrap().id() }));
    ids.push(
        postrider::actix::System::new().block_on(async { engine.send(mail("a@example.net")).await.unwrap().id() }),
    );
    assert_eq!(ids, (1..=5).map(QueueId).collect::<Vec<_>>());
    end(engine);
}

#[test]
fn nothing_is_sent_before_it_is_awaited() {
    let folder = tempfile::tempdir().unwrap();
    let engine = keeping(folder.path());
    drop(engine.send(mail("a@example.net")));
    let sent = engine.send_blocking(mail("b@example.net")).unwrap();
    assert_eq!(sent.id(), QueueId(1));
    end(engine);
}

#[test]
fn a_receipt_is_found_again_after_a_restart_and_its_key_is_known() {
    let folder = tempfile::tempdir().unwrap();
    let engine = keeping(folder.path());
    let first = engine.send_with_key("welcome/42", mail("a@example.net")).blocking().unwrap();
    let other = engine.send_blocking(mail("b@example.net").cc("c@example.net")).unwrap();
    end(engine);
    assert!(matches!(pollster::block_on(other.status()), Err(StatusError::Stopped(_))));

    let engine = keeping(folder.path());
    let again = engine.send_with_key("welcome/42", mail("a@example.net")).blocking().unwrap();
    assert!(again.is_repetition() && again.id() == first.id());
    let found = pollster::block_on(engine.receipt(other.id())).unwrap();
    let status = pollster::block_on(found.status()).unwrap();
    let said: Vec<_> = status.iter().map(|one| (one.address.as_str(), one.status.is_final())).collect();
    assert_eq!(said, [("b@example.net", false), ("c@example.net", false)]);
    let unknown = pollster::block_on(engine.receipt(QueueId(99)));
    assert!(matches!(unknown, Err(StatusError::Forgotten)));
    end(engine);
}

#[test]
fn what_was_delivered_and_what_was_refused_is_known_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let peer = Peer::start();
    peer.once(postrider::testing::At::Rcpt(2), (550, "5.1.1 No such user"));
    let with_peer = || settings(folder.path()).with_smart_hosts(&[peer.address().to_string()]).unwrap();
    let engine = Engine::builder(with_peer()).start().unwrap();
    let receipt = engine.send_blocking(mail("a@example.net").to("b@example.net")).unwrap();
    let heard = receipt.outcome_blocking().unwrap();
    end(engine);
    let engine = Engine::builder(with_peer()).start().unwrap();
    let found = pollster::block_on(engine.receipt(receipt.id())).unwrap();
    let known = pollster::block_on(found.status()).unwrap();
    assert_eq!(known, heard);
    assert_eq!(known[0].status, DeliveryStatus::Delivered);
    let DeliveryStatus::Failed { why } = &known[1].status else { panic!("{:?}", known[1]) };
    assert_eq!((why.reply.code, known[1].address.as_str()), (550, "b@example.net"));
    end(engine);
}

#[test]
fn a_sink_that_sends_by_its_own_engine_is_told_what_to_do_instead() {
    let folder = tempfile::tempdir().unwrap();
    let engine = keeping(folder.path());
    let (tell, told) = std::sync::mpsc::channel();
    let handle = engine.clone();
    let sends = move || {
        let (engine, tell) = (handle.clone(), tell.clone());
        move |message: Message<Submission>| {
            let (engine, tell) = (engine.clone(), tell.clone());
            async move {
                let _ = tell.send(engine.send(mail("copy@example.net")).await.map(|receipt| receipt.id()));
                message.next()
            }
        }
    };
    pollster::block_on(engine.bind(Binding::new("sends", sends).on(Submission))).unwrap();
    assert!(engine.send_blocking(mail("a@example.net")).is_ok());
    assert!(matches!(told.recv_timeout(Duration::from_secs(10)), Ok(Err(SendError::InsideSink))));
    pollster::block_on(engine.unbind("sends")).unwrap();
    end(engine);
}

#[test]
fn mistakes_are_permanent_and_a_stopped_engine_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let engine = keeping(folder.path());
    let nobody = engine.send_blocking(mail("a@example.net").header("X-A", "b\r\nBcc: eve@example.net"));
    assert!(matches!(&nobody, Err(error @ SendError::Compose(_)) if !error.is_temporary()), "{nobody:?}");
    let raw = RawMail::new("no header at all").from("me@example.org").to("a@example.net");
    assert!(matches!(engine.send_blocking(raw), Err(SendError::Compose(_))));
    let late = engine.clone();
    pollster::block_on(engine.drain(Duration::from_secs(10)));
    let stopped = late.send_blocking(mail("a@example.net"));
    assert!(matches!(&stopped, Err(error @ SendError::Stopped(_)) if error.is_temporary()), "{stopped:?}");
}

#[test]
fn a_receipt_keeps_no_engine_running() {
    let folder = tempfile::tempdir().unwrap();
    let engine = keeping(folder.path());
    let receipt = engine.send_blocking(mail("a@example.net")).unwrap();
    drop(engine);
    let begun = std::time::Instant::now();
    while pollster::block_on(receipt.status()).is_ok() {
        assert!(begun.elapsed() < Duration::from_secs(20), "the engine goes on");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_large_mail_goes_through_a_side_file_and_comes_out_as_it_went_in() {
    let folder = tempfile::tempdir().unwrap();
    let peer = Peer::start();
    let settings = settings(folder.path()).with_smart_hosts(&[peer.address().to_string()]).unwrap();
    let engine = Engine::builder(settings).start().unwrap();
    let line = "0123456789".repeat(7) + "\r\n";
    let octets = format!("Subject: large\r\n\r\n{}", line.repeat(60_000));
    let sent = engine.send_blocking(RawMail::new(octets.clone()).from("me@example.org").to("a@example.net")).unwrap();
    sent.outcome_blocking().unwrap();
    assert!(peer.taken()[0].content.ends_with(octets.as_bytes()));
    end(engine);
}
