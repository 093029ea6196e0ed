//! The engine's actors beside an actix system of the program's own.

use std::time::Duration;

use actix_web::rt::{self, System};
use postrider::{testing::Peer, DeliveryStatus, End, Engine, NewMail, Receipt, Settings};
use tempfile::TempDir;

fn mail(to: &str) -> NewMail {
    NewMail::new().from("me@example.com").to(to).subject("Hello").text("Hi!\n")
}

fn is_delivered(receipt: &Receipt) -> bool {
    receipt.outcome_blocking().unwrap().iter().all(|to| to.status == DeliveryStatus::Delivered)
}

#[test]
fn an_engine_and_the_actix_system_of_its_program_are_two_and_neither_ends_the_other() {
    let (peer, spool) = (Peer::start(), TempDir::new().unwrap());
    let settings = Settings::embedded(spool.path()).with_smart_hosts(&[peer.address().to_string()]).unwrap();
    let own = System::new();
    let (engine, receipt) = own.block_on(async {
        let before = System::current().id();
        let engine = Engine::builder(settings).start().unwrap();
        let receipt = engine.send(mail("ann@example.org")).await.unwrap();
        assert_eq!(System::current().id(), before, "the engine has not taken its place");
        System::current().stop();
        (engine, receipt)
    });
    own.run().unwrap();

    assert!(is_delivered(&receipt), "the program's system has ended, the engine goes on");
    assert!(is_delivered(&engine.send_blocking(mail("bob@example.org")).unwrap()));

    let own = System::new();
    assert_eq!(own.block_on(engine.drain(Duration::from_secs(25))), End::Drained);
    let said = own.block_on(async { rt::spawn(async { "still here" }).await });
    assert_eq!(said.unwrap(), "still here", "the engine has ended, the program's system goes on");
    assert_eq!(peer.taken().len(), 2);
}
