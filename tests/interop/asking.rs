//! Python's smtplib asks the daemon for mail (ETRN), and a program looks into a drop folder.

use std::{fs, time::Duration};

use postrider::testing::Peer;

use crate::{
    daemon::{
        home::{route, Home},
        within,
    },
    mail::{shown, Mail, LONG},
    senders,
};

#[test]
#[ignore = "needs a built daemon; .ci/run runs it"]
fn mail_on_a_held_route_goes_out_when_a_client_asks_for_its_domain() {
    let peer = Peer::start();
    let home =
        Home::new("segment_size = \"4 MiB\"", &route("held.example", peer.address().port(), "hold_for_etrn = true"));
    let (daemon, mail) = (home.start(), Mail::new("held", LONG));
    senders::smtplib(daemon.address, &["joe@held.example", "ann@held.example"], "BODY=8BITMIME", &mail);
    assert!(!within(Duration::from_secs(2), || !peer.taken().is_empty()), "nobody has asked\n{}", home.log_tail());
    senders::etrn(daemon.address, "held.example", 250);
    within(Duration::from_secs(20), || !peer.taken().is_empty());
    let taken = peer.taken();
    assert!(taken.len() == 1 && mail.came_through_in(&taken[0].content), "{}", home.log_tail());
    senders::etrn(daemon.address, "not a domain", 501);
    within(Duration::from_secs(5), || home.log().contains("status=\"delivered\""));
    senders::etrn(daemon.address, "held.example", 251);
    assert_eq!(daemon.drain(), Some(0), "{}", home.log_tail());
}

#[test]
#[ignore = "needs a built daemon; .ci/run runs it"]
fn a_mail_for_two_is_one_file_in_the_drop_folder_with_its_envelope_in_front() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let to = format!("[[route]]\ndomain = \"*\"\nto = \"drop:{}\"\n", folder.path().display());
    let home = Home::new("segment_size = \"4 MiB\"", &to);
    let (daemon, mail) = (home.start(), Mail::new("dropped", LONG));
    senders::smtplib(daemon.address, &["joe@a.example", "ann@b.example"], "BODY=8BITMIME", &mail);
    let files = || {
        let all = fs::read_dir(folder.path()).expect("it can be read").map(|file| file.expect("a file").path());
        all.filter(|path| path.extension().is_some_and(|ext| ext == "eml")).collect::<Vec<_>>()
    };
    assert!(within(Duration::from_secs(20), || !files().is_empty()), "{}", home.log_tail());
    let content: Vec<Vec<u8>> = files().iter().map(|path| fs::read(path).expect("it can be read")).collect();
    let head = b"x-sender: sender@from.example\r\nx-receiver: joe@a.example\r\nx-receiver: ann@b.example\r\nReceived: ";
    assert!(content.len() == 1 && content[0].starts_with(head), "{}", shown(&content));
    assert!(mail.came_through_in(&content[0]), "changed:\n{}", shown(&content));
    assert_eq!(daemon.drain(), Some(0), "{}", home.log_tail());
}
