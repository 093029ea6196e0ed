//! One call, one mail: who gets it, and what is in it.

use crate::daemon::{Ended, Home};

fn good(ended: Ended) {
    assert_eq!((ended.code, &*ended.err), (0, ""));
}

/// Lines `x-receiver` of a delivered mail.
fn receivers(mail: &str) -> Vec<&str> {
    let mut all: Vec<_> = mail.lines().filter_map(|line| line.strip_prefix("x-receiver: ")).collect();
    all.sort_unstable();
    all
}

fn sender(mail: &str) -> Option<&str> {
    mail.lines().find_map(|line| line.strip_prefix("x-sender: "))
}

fn body(mail: &str) -> &str {
    mail.split_once("\n\n").unwrap().1
}

#[test]
fn with_t_all_that_the_header_names_get_the_mail_and_nobody_reads_the_bcc() {
    let home = Home::started("");
    let mail = "From: me@a.example\nTo: ann@b.example\nCc: Bob <bob>\nBcc: carol@c.example,\n dora@c.example\nSubject: s\n\nHello.\n";
    let ended = home.send(&["-t", "-v", "eve@c.example"], mail);
    assert_eq!((ended.code, &*ended.err), (0, ""));
    assert!(ended.out.starts_with("queued as "), "{}", ended.out);
    let got = home.mail();
    let all = ["ann@b.example", "bob@h.example", "carol@c.example", "dora@c.example", "eve@c.example"];
    assert_eq!(receivers(&got), all);
    let (_, content) = got.split_once("Received:").unwrap_or(("", &got));
    assert!(!content.to_lowercase().contains("bcc") && !content.contains("dora@c.example,"), "{got}");
    assert!(
        got.contains("\nCc: Bob <bob@h.example>\n") && got.contains("\nDate: ") && got.contains("\nMessage-ID: <"),
        "{got}"
    );
}

#[test]
fn a_lone_dot_ends_the_mail_but_not_with_i() {
    let home = Home::started("");
    let mail = "Subject: s\n\none\n.\ntwo\n..\n.three\n";
    good(home.send(&["-f", "with@a.example", "x@b.example"], mail));
    assert_eq!(body(&home.mail()), "one\n");
    good(home.send(&["-i", "-f", "without@a.example", "x@b.example"], mail));
    let mails = home.delivered(2);
    let without = mails.iter().find(|mail| sender(mail) == Some("without@a.example")).unwrap();
    assert_eq!(body(without), "one\n.\ntwo\n..\n.three\n");
}

#[test]
fn an_empty_sender_is_the_null_one() {
    let home = Home::started("");
    good(home.send(&["-f", "", "x@b.example"], "Subject: s\n\n"));
    good(home.send(&["-f<>", "x@b.example"], "Subject: s\n\n"));
    for mail in home.delivered(2) {
        assert_eq!(sender(&mail), Some("<>"), "{mail}");
    }
}

#[test]
fn what_cron_pipes_without_a_header_is_a_mail() {
    let home = Home::started("");
    let line = ["-FCronDaemon", "-i", "-odi", "-oem", "-oi", "root"];
    good(home.send(&line, "100% done\r\nand a dot\n.\n"));
    let got = home.mail();
    assert_eq!(receivers(&got), ["root@h.example"]);
    assert!(got.contains("\nFrom: CronDaemon <"), "{got}");
    assert_eq!(body(&got), "100% done\nand a dot\n.\n");
}

#[test]
fn a_mail_of_40_mib_on_one_line_each_arrives_whole() {
    let home = Home::started("");
    let line = "x".repeat(999_999) + "\n";
    let mail = format!("Subject: s\n\n{}", line.repeat(40));
    good(home.send(&["-i", "x@b.example"], &mail));
    assert_eq!(body(&home.mail()).len(), line.len() * 40);
}
