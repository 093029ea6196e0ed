//! `postrider badmail` as an operator runs it: the built binary, a real daemon, a real socket.
//!
//! Rule: a command is judged by its code, its standard output, its standard error, and by what is in the folders afterwards.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod daemon;
mod looking;
mod retrying;

use std::fs;

use daemon::{files, until, Daemon};
use serde_json::Value;

const MAIL: &str = "Subject: Undelivered\u{1b}[31m\r\n\r\nthe body\u{9b}2J\r\n";

/// A daemon that could not deliver one mail of nobody's, and the name of that.
fn with_bad_mail(to: &[&str]) -> (Daemon, String) {
    let daemon = Daemon::start();
    daemon.mail_from_nobody(to, MAIL);
    let name = until("bad mail", || name_of_only(&daemon));
    (daemon, name)
}

/// The name of the only one, if its note is there.
fn name_of_only(daemon: &Daemon) -> Option<String> {
    let names = files(&daemon.badmail());
    let notes: Vec<&str> = names.iter().filter_map(|name| name.strip_suffix(".json")).collect();
    (notes.len() == 1).then(|| notes[0].to_owned())
}

fn listed(daemon: &Daemon) -> Value {
    let listed = daemon.run("list", &["--json"]);
    assert_eq!(listed.code, 0, "{listed:?}");
    serde_json::from_str(&listed.out).unwrap()
}

/// Puts a file that a pickup folder refused there, as the engine does.
fn keep_pickup(daemon: &Daemon, name: &str) {
    let note = format!(
        r#"{{"kind": "pickup", "code": "no_sender", "text": "there is no sender", "field": "From", "line": null,
            "file": "a\u001b[2J.eml", "folder": "/var/pickup", "owner": 1000, "octets": 12, "when": "2026-11-20T06:31:14.000Z",
            "mail": "{name}.eml", "complete": true}}"#
    );
    fs::create_dir_all(daemon.badmail()).unwrap();
    fs::write(daemon.badmail().join(format!("{name}.eml")), "To: nobody\n\n").unwrap();
    fs::write(daemon.badmail().join(format!("{name}.json")), note).unwrap();
}
