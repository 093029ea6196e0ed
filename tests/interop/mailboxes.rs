//! Mail into mailboxes that other programs keep: Dovecot takes it by LMTP and shows it by IMAP.

use std::{path::Path, process::Command, time::Duration};

use crate::{
    daemon::{
        home::{route, Home},
        sink::Sink,
        within,
    },
    mail::{shown, Mail, LONG},
    peers::Peer,
    senders,
};

/// What a user sees in the inbox.
fn inbox(dovecot: &Peer, user: &str) -> Vec<u8> {
    let socket = dovecot.folder.join("run/imap-test");
    let mut command = Command::new("python3");
    let output =
        command.arg("tests/interop/peers/imap.py").arg(socket).arg(user).output().expect("python3 is installed");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn lmtp_to(socket: &str, dovecot: &Peer) {
    let sink = Sink::start();
    let lmtp = format!("[[route]]\ndomain = \"box.example\"\nto = \"lmtp:{socket}\"\nretry = [\"500 ms\"]\n");
    let home = Home::new("segment_size = \"4 MiB\"", &(lmtp + &route("*", sink.port, "")));
    let (daemon, mail) = (home.start(), Mail::new("boxes", LONG));
    let to = ["one@box.example", "full@box.example", "nobody@box.example", "two@box.example"];
    senders::smtplib(daemon.address, &to, "BODY=8BITMIME", &mail);
    let mut reports = String::new();
    let told = within(Duration::from_secs(20), || {
        reports.extend(sink.taken().iter().map(|report| String::from_utf8_lossy(&report.content).into_owned()));
        reports.contains("nobody@box.example") && reports.contains("full@box.example")
    });
    assert!(told, "{reports}\n{}", home.log_tail());
    assert!(reports.contains("5.1.1") && reports.contains("5.2.2"), "{reports}");
    for user in ["one", "two"] {
        let came = within(Duration::from_secs(20), || mail.is_in(&inbox(dovecot, user)));
        assert!(came, "nothing for {user}\n{}", home.log_tail());
        let seen = inbox(dovecot, user);
        assert!(mail.came_through_in(&seen), "changed:\n{}", shown(std::slice::from_ref(&seen)));
        assert!(seen.starts_with(b"Return-Path: <sender@from.example>\r\n"), "{}", shown(std::slice::from_ref(&seen)));
    }
    assert_eq!(inbox(dovecot, "full"), b"", "who was refused got nothing");
    assert_eq!(daemon.drain(), Some(0), "{}", home.log_tail());
}

#[test]
#[ignore = "needs root and Dovecot; .ci/run runs it"]
fn dovecot_answers_by_lmtp_for_each_recipient_over_a_socket_in_the_file_system() {
    let dovecot = Peer::start("dovecot", &[]);
    let socket = dovecot.folder.join("run/lmtp");
    lmtp_to(&Path::new(&socket).display().to_string(), &dovecot);
}

#[test]
#[ignore = "needs root and Dovecot; .ci/run runs it"]
fn dovecot_answers_by_lmtp_for_each_recipient_over_tcp() {
    let dovecot = Peer::start("dovecot", &[]);
    lmtp_to(&format!("127.0.0.1:{}", dovecot.port), &dovecot);
}
