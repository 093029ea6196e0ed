//! Files that are no mail: each becomes bad mail with its reason, whole, and is told of once.

use std::fs;

use crate::{bad, daemon::Home, mail, only_left, put, AT_SIGHT};

/// Name, octets, and of the note: code, a part of the text, field, line.
type Case = (&'static str, String, &'static str, &'static str, Option<&'static str>, Option<u64>);

#[test]
fn each_file_that_is_no_mail_is_kept_whole_with_code_text_field_line_and_time() {
    let mut home = Home::with_pickup_and(&format!("recipients = 2\n{AT_SIGHT}[limits]\nmessage_size = \"64 KiB\"\n"));
    home.start();
    let above = "x-sender: me@a.example\nx-receiver: you@b.example\n";
    let many = format!("x-sender: me@a.example\n{}A: b\n\n", "x-receiver: you@b.example\n".repeat(3));
    let table: [Case; 9] = [
        ("a", "To: you@b.example\nSubject: x\n\ntext\n".into(), "no_sender", "x-sender", Some("From"), None),
        ("b", "From: me@a.example\nSubject: x\n\ntext\n".into(), "no_recipient", "x-receiver", Some("To"), None),
        ("c", format!("{above}A: b\n\na\0b\n"), "no_mail", "NUL", None, None),
        ("d", format!("{above}this is no header\n\ntext\n"), "no_mail", "header", None, None),
        ("e", format!("{above}A: b\n\n{}", "text\n".repeat(20_000)), "too_large", "limits.message_size", None, None),
        ("f", format!("{above}A: b\n\n{}", "text\n".repeat(600_000)), "too_large", "limits.message_size", None, None),
        (
            "g",
            "x-sender: me@a.example\nx-receiver: you\x40\n\n".into(),
            "bad_address",
            "no address",
            Some("x-receiver"),
            Some(2),
        ),
        (
            "h",
            "x-sender: me@a.example\nx-sender: you@b.example\n\n".into(),
            "bad_envelope",
            "two senders",
            Some("x-sender"),
            Some(2),
        ),
        ("i", many, "too_many_recipients", "in parts", Some("x-receiver"), Some(4)),
    ];
    for (name, octets, ..) in &table {
        put(&home, name, octets);
    }
    put(&home, "z", mail("good"));
    let owner = rustix::process::geteuid().as_raw();
    for ((note, kept), (name, octets, code, text, field, line)) in bad(&home, table.len()).into_iter().zip(&table) {
        assert_eq!(
            (&note["file"], &note["code"], &note["kind"]),
            (&(*name).into(), &(*code).into(), &"pickup".into()),
            "{note}"
        );
        assert!(note["text"].as_str().unwrap().contains(text), "{note}");
        assert_eq!((note["field"].as_str(), note["line"].as_u64()), (*field, *line), "{note}");
        assert_eq!((&note["owner"], &note["octets"]), (&owner.into(), &octets.len().into()), "{note}");
        let when = note["when"].as_str().unwrap();
        assert!(when.len() == 24 && when.starts_with("20") && &when[10..11] == "T" && when.ends_with('Z'), "{note}");
        assert_eq!(note["folder"].as_str(), home.path("pickup").to_str());
        assert!(kept.as_deref() == Some(octets.as_bytes()), "{name} was not kept as it was");
    }
    assert!(home.mail().contains("Subject: good\n"));
    only_left(&home, &[]);
    let log = home.log();
    for (name, ..) in &table {
        let said = log.lines().filter(|line| line.contains(&format!("file=\"{name}\" ")) && line.contains(" WARN "));
        assert_eq!(said.count(), 1, "{name}: {}", home.log_tail());
    }
}

#[test]
fn with_stuffed_dots_what_stands_behind_the_last_dot_is_told_of_and_not_cut_off() {
    let mut home = Home::with_pickup_and(&format!("dots = \"stuffed\"\n{AT_SIGHT}"));
    home.start();
    let text = format!("{}Testing\n.\nTesting\n", mail("cut").replace("text\n", ""));
    put(&home, "cut.eml", &text);
    put(&home, "whole.eml", mail("whole").replace("text\n", "..\n...dot\n.\n\n"));
    let [(note, octets)] = &bad(&home, 1)[..] else { panic!("one bad mail") };
    assert_eq!((&note["code"], &note["line"]), (&"behind_the_dot".into(), &6.into()), "{note}");
    assert!(note["text"].as_str().unwrap().contains("dots = \"plain\""), "{note}");
    assert_eq!(octets.as_deref(), Some(text.as_bytes()));
    assert!(home.mail().ends_with("Subject: whole\n\n.\n..dot\n"), "{}", home.mail());
}

#[test]
fn an_operator_sees_why_and_sends_a_corrected_copy() {
    let mut home = Home::with_pickup_and(AT_SIGHT);
    home.start();
    put(&home, "a.eml", "To: you@b.example\nSubject: x\n\ntext\n");
    let [(note, _)] = &bad(&home, 1)[..] else { panic!("one bad mail") };
    let name = note["mail"].as_str().unwrap().strip_suffix(".eml").unwrap();
    let badmail = |arguments: &[&str]| {
        let all = [&["badmail"], arguments].concat();
        crate::daemon::call(home.command(env!("CARGO_BIN_EXE_postrider").as_ref(), &all), b"")
    };
    let listed = badmail(&["list"]);
    assert!(listed.code == 0 && listed.out.contains("no_sender") && listed.out.contains("a.eml"), "{listed:?}");
    let shown = badmail(&["show", name]);
    assert!(shown.out.contains("x-sender") && shown.out.contains("Subject: x"), "{shown:?}");
    put(&home, "a.eml", "From: me@a.example\nTo: you@b.example\nSubject: x\n\ntext\n");
    assert!(home.mail().contains("Subject: x\n"));
    assert_eq!(badmail(&["drop", "--yes", name]).code, 0);
    assert_eq!(fs::read_dir(home.path("spool/badmail")).unwrap().count(), 0);
}
