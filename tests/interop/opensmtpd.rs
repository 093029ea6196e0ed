//! OpenSMTPD hands mail to the daemon, which puts it into a mailbox and passes it on: what comes out is what OpenSMTPD
//! was given, with fields in front of it.

use std::{fs, net::Ipv4Addr, time::Duration};

use crate::{
    daemon::{
        home::{route, Home},
        sink::Sink,
        within,
    },
    mail::{on_the_wire, shown, Mail, LONG},
    peers::Peer,
    senders,
};

/// The fields in front of a mail that came through, if it did.
fn added(mail: &Mail, other: &[u8]) -> Option<String> {
    let fields = other.strip_suffix(mail.content.as_slice())?;
    Some(String::from_utf8_lossy(fields).into_owned())
}

/// The names of fields, in their order.
fn names(fields: &str) -> Vec<&str> {
    let begins = |line: &&str| !line.starts_with([' ', '\t']);
    fields.lines().filter(begins).filter_map(|line| Some(line.split_once(':')?.0)).collect()
}

#[test]
#[ignore = "needs root and OpenSMTPD; .ci/run runs it"]
fn what_opensmtpd_sends_reaches_a_mailbox_and_the_next_hop_with_trace_fields_only() {
    let sink = Sink::start();
    let rest = "[maildir]\nusers = \"any\"\n[[route]]\ndomain = \"box.example\"\nto = \"maildir\"\n";
    let home = Home::new("segment_size = \"4 MiB\"", &(rest.to_owned() + &route("hop.example", sink.port, "")));
    let daemon = home.start();
    let sender = Peer::start("opensmtpd-relay", &["--relay", &daemon.address.to_string()]);
    let mails = ["one", "two"].map(|mark| Mail::new(mark, LONG));
    let to = ["ann@box.example", "bob@box.example", "joe@hop.example"];
    let opensmtpd = (Ipv4Addr::LOCALHOST, sender.port).into();
    mails.iter().for_each(|mail| senders::smtplib(opensmtpd, &to, "BODY=8BITMIME", mail));

    let new = |user: &str| home.spool().join("mail").join(user).join("new");
    let files = |user: &str| -> Vec<Vec<u8>> {
        let Ok(all) = fs::read_dir(new(user)) else { return Vec::new() };
        let read = |file: fs::DirEntry| on_the_wire(&fs::read(file.path()).expect("mail can be read"));
        all.map(|file| read(file.expect("the folder can be read"))).collect()
    };
    let all = within(Duration::from_secs(30), || ["ann", "bob"].iter().all(|user| files(user).len() == mails.len()));
    assert!(all, "{}", home.log_tail());
    for (user, mail) in ["ann", "bob"].iter().flat_map(|user| mails.iter().map(move |mail| (user, mail))) {
        let there = files(user);
        let fields: Vec<_> = there.iter().filter_map(|other| added(mail, other)).collect();
        assert_eq!(fields.len(), 1, "{} for {user}, changed:\n{}", mail.mark, shown(&there));
        assert_eq!(names(&fields[0]), ["Return-Path", "Delivered-To", "Received", "Received"], "{}", fields[0]);
        assert!(fields[0].contains("Received: from peer.example "), "{}", fields[0]);
    }
    for _ in &mails {
        let taken = sink.next(Duration::from_secs(20)).expect("the next hop gets it");
        assert_eq!((taken.sender.split(' ').next(), taken.recipients.len()), (Some("<sender@from.example>"), 1));
        let fields: Vec<_> = mails.iter().filter_map(|mail| added(mail, &taken.content)).collect();
        assert_eq!(fields.len(), 1, "changed:\n{}", shown(&[taken.content]));
        assert_eq!(names(&fields[0]), ["Received", "Received"], "{}", fields[0]);
    }
    assert!(sink.next(Duration::from_secs(1)).is_none(), "once");
    assert_eq!(daemon.drain(), Some(0), "{}", home.log_tail());
}
