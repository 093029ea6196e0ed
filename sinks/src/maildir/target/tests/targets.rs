//! The target as a queue sees it: a lease in, an outcome for each recipient out.

use std::{io, sync::Arc};

use postrider_engine::{After, Piece, SideFile, Target};

use super::{super::Maildir, *};
use crate::relay::tests::{mail, spool::Spool};

/// A side file that makes its octets when they are read: no buffer of its size exists.
struct Endless;

impl SideFile for Endless {
    fn name(&self) -> &str {
        "endless"
    }

    fn read_at(&self, _: u64, buffer: &mut [u8]) -> io::Result<usize> {
        assert!(buffer.len() <= 1 << 20, "it is read part by part");
        buffer.fill(b'x');
        Ok(buffer.len())
    }
}

/// A side file that is shorter than its mail.
struct Short;

impl SideFile for Short {
    fn name(&self) -> &str {
        "short"
    }

    fn read_at(&self, _: u64, _: &mut [u8]) -> io::Result<usize> {
        Ok(0)
    }
}

async fn deliver(home: &Home, draft: Draft) -> Spool {
    let spool = Spool::default();
    let mut target = Maildir::new(Arc::new(home.settings.clone()));
    assert_eq!(target.deliver(spool.lend(draft)).await, After::Reusable);
    spool
}

#[tokio::test]
async fn every_recipient_of_a_mail_has_its_file_and_no_attempt_is_noted() {
    let home = Home::new();
    let spool = deliver(&home, mail(200, "Subject: hi\r\n\r\n")).await;
    let expected: Vec<String> =
        (0..200).map(|no| format!("{no} delivered: 250 2.0.0 delivered to the mailbox")).collect();
    spool.played().came_to(&expected.iter().map(String::as_str).collect::<Vec<_>>());
    for no in 0..200 {
        assert!(home.only(&format!("r{no}/new")).contains(&format!("Delivered-To: r{no}@y.org\n")), "{no}");
    }
}

#[tokio::test]
async fn one_recipient_has_its_own_trouble() {
    let mut home = Home::new();
    home.settings.users.users = LocalUsers::read_list("r1", false).unwrap();
    deliver(&home, mail(2, "hi")).await.played().came_to(&[
        "0 failed Recipient: (ours) 550 5.1.1 no such user here",
        "1 delivered: 250 2.0.0 delivered to the mailbox",
    ]);
}

#[tokio::test]
async fn large_content_goes_from_file_to_file_part_by_part() {
    const LENGTH: u64 = 64 << 20;
    let home = Home::new();
    let mut draft = mail(1, "Subject: large\r\n\r\n");
    draft.content.push(Piece::Side(Arc::new(Endless), 3..LENGTH + 3));
    deliver(&home, draft).await.played().came_to(&["0 delivered: 250 2.0.0 delivered to the mailbox"]);
    let file = home.path("r0/new").join(&home.names("r0/new")[0]);
    let above = "Return-Path: <a@x.org>\nDelivered-To: r0@y.org\nSubject: large\n\n".len() as u64;
    assert_eq!(fs::metadata(file).unwrap().len(), LENGTH + above);
}

#[tokio::test]
async fn content_that_cannot_be_read_back_is_no_shorter_mail() {
    let home = Home::new();
    let mut draft = mail(1, "Subject: large\r\n\r\n");
    draft.content.push(Piece::Side(Arc::new(Short), 0..10));
    let spool = deliver(&home, draft).await;
    spool
        .played()
        .came_to(&["0 deferred Mail: (ours) 451 4.3.0 the content cannot be read back: unexpected end of file"]);
    assert_eq!((home.names("r0/new").len(), home.names("r0/tmp").len()), (0, 0));
}
