//! What our own targets deliver, the Inbox reads.

use std::sync::Arc;

use postrider_engine::{DropPlace, LocalUsers, Origin, QueueId, Target, Users};

use super::*;
use crate::{
    maildir::Place,
    relay::tests::{mail, spool::Spool},
    DropFolder, DropSettings, Maildir, MaildirSettings,
};

const TEXT: &str = "Received: from x\r\nSubject: hi\r\n\r\n.dot\r\nHello.\r\n";
const ORIGIN: Origin = Origin { spool: 7, first: QueueId(1) };

async fn drop_into(home: &Home, envelope: bool) {
    let mut settings = DropSettings::new(DropPlace::new(home.0.path()).unwrap(), ORIGIN);
    settings.envelope = envelope;
    DropFolder::new(Arc::new(settings)).deliver(Spool::default().lend(mail(2, TEXT))).await;
}

#[tokio::test]
async fn a_drop_folder_is_read_as_it_was_written() {
    let home = Home::new();
    drop_into(&home, true).await;
    let bob = home.drop_folder().only_for("r1@y.org".parse().unwrap());
    let message = bob.messages().unwrap().next().unwrap().unwrap();
    let envelope = message.envelope().unwrap();
    assert_eq!((envelope.sender.as_deref(), &*envelope.recipients.join(" ")), (Some("a@x.org"), "r0@y.org r1@y.org"));
    assert_eq!(message.octets().unwrap(), TEXT.as_bytes());
    assert_eq!(message.read().unwrap().text(), Some(".dot\r\nHello.\r\n"));
    message.delete().unwrap();
    assert_eq!(home.names(""), [""; 0]);
}

#[tokio::test]
async fn a_drop_folder_without_envelopes_is_read_too() {
    let home = Home::new();
    drop_into(&home, false).await;
    let message = home.drop_folder().messages().unwrap().next().unwrap().unwrap();
    assert_eq!((message.envelope(), message.octets().unwrap()), (None, TEXT.as_bytes().to_vec()));
}

#[tokio::test]
async fn a_mailbox_is_read_as_it_was_written() {
    let home = Home::new();
    let place = Place::new(&home.path("{user}"), "host.example").unwrap();
    let settings = MaildirSettings::new(place, LocalUsers::new(Users::Any), ORIGIN);
    Maildir::new(Arc::new(settings)).deliver(Spool::default().lend(mail(2, TEXT))).await;
    let inbox = Inbox::maildir(home.path("r1")).unwrap();
    let message = inbox.messages().unwrap().next().unwrap().unwrap();
    assert!(message.is_new() && message.name().ends_with("R1.host.example"), "{message:?}");
    assert_eq!(message.field("Delivered-To").as_deref(), Some("r1@y.org"));
    assert_eq!((message.subject(), message.read().unwrap().text()), (Some("hi"), Some(".dot\nHello.\n")));
    message.delete().unwrap();
    assert_eq!(inbox.count().unwrap(), 0);
}

#[tokio::test]
async fn whatever_is_delivered_while_somebody_reads_is_whole() {
    let home = Home::new();
    let settings = Arc::new(DropSettings::new(DropPlace::new(home.0.path()).unwrap(), ORIGIN));
    let inbox = home.drop_folder();
    let reader = std::thread::spawn(move || {
        let mut texts = 0;
        while texts < 50 {
            for message in inbox.messages().unwrap() {
                let message = message.unwrap();
                assert_eq!(message.octets().unwrap(), TEXT.as_bytes());
                message.delete().unwrap();
                texts += 1;
            }
        }
    });
    for number in 0..50 {
        let mut draft = mail(1, TEXT);
        draft.envelope.arrived = postrider_engine::Moment(number * 1000);
        DropFolder::new(Arc::clone(&settings)).deliver(Spool::default().lend(draft)).await;
    }
    reader.join().unwrap();
}
