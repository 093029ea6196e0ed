//! Listing, showing and dropping.

use super::*;
use crate::daemon::run;

#[test]
fn what_is_there_is_listed_for_people_and_for_programs() {
    let (daemon, name) = with_bad_mail(&["a@gone.example", "b@gone.example"]);
    keep_pickup(&daemon, "pickup-1");
    fs::write(daemon.badmail().join("README"), "x").unwrap();
    let people = daemon.run("list", &[]);
    let lines: Vec<&str> = people.out.lines().collect();
    assert_eq!((people.code, lines.len()), (0, 2), "{people:?}");
    assert_eq!(lines[0], "2026-11-20 06:31:14  pickup-1  no_sender  12 octets  a\\u{1b}[2J.eml");
    assert!(lines[1].contains(&name) && lines[1].ends_with("2 recipients"), "{people:?}");
    assert_eq!(people.err, "postrider: 1 other files are in the folder\n");
    let programs = listed(&daemon);
    let (pickup, mail) = (&programs["entries"][0], &programs["entries"][1]);
    assert_eq!((&pickup["kind"], &pickup["code"]), (&"pickup".into(), &"no_sender".into()));
    assert_eq!((&mail["name"], &mail["recipients"], &mail["sender"]), (&name.as_str().into(), &2.into(), &Value::Null));
    assert_eq!(programs["foreign"], 1);
}

#[test]
fn one_is_shown_with_its_reason_and_nothing_in_it_commands_the_terminal() {
    let (daemon, name) = with_bad_mail(&["a@gone.example"]);
    let shown = daemon.run("show", &[&name]);
    assert_eq!(shown.code, 0, "{shown:?}");
    assert!(shown.out.contains("to         a@gone.example: 550 5.1.1 nobody"), "{shown:?}");
    assert!(shown.out.contains("Subject: Undelivered\\u{1b}[31m\n") && !shown.out.contains("the body"), "{shown:?}");
    let all = daemon.run("show", &["--all", &name]);
    assert!(all.out.ends_with("\n\nthe body\\u{9b}2J\n"), "{all:?}");
    let programs = daemon.run("show", &["--json", &name]);
    let note: Value = serde_json::from_str(&programs.out).unwrap();
    assert_eq!(note["recipients"][0]["why"], "550 5.1.1 nobody");
    for said in [shown, all, programs] {
        assert!(!said.out.contains(['\u{1b}', '\u{9b}']), "{said:?}");
    }
}

#[test]
fn what_is_dropped_is_gone_and_nothing_is_without_a_word() {
    let daemon = Daemon::stopped();
    ["a", "b", "c"].iter().for_each(|name| keep_pickup(&daemon, name));
    let asked = daemon.run("drop", &["a"]);
    assert_eq!((asked.code, files(&daemon.badmail()).len()), (64, 6), "nobody is there to be asked");
    assert!(asked.err.contains("--yes"), "{asked:?}");
    let dropped = daemon.run("drop", &["--yes", "a", "missing", "c"]);
    assert_eq!((dropped.code, &*dropped.out), (66, "a: removed\nc: removed\n"), "{dropped:?}");
    assert!(dropped.err.contains("there is no bad mail missing"), "{dropped:?}");
    assert_eq!(files(&daemon.badmail()), ["b.eml", "b.json"]);
}

#[test]
fn what_is_not_there_is_said_with_the_code_for_it() {
    let daemon = Daemon::stopped();
    let empty = daemon.run("list", &[]);
    assert_eq!((empty.code, &*empty.out, &*empty.err), (0, "", "postrider: there is no bad mail\n"));
    for name in ["missing", "../settings", "a.eml"] {
        let shown = daemon.run("show", &[name]);
        assert_eq!((shown.code, &*shown.out), (66, ""), "{shown:?}");
        assert!(shown.err.contains("list says which there are"), "{shown:?}");
    }
    assert_eq!(daemon.run("show", &[]).code, 64);
}

#[test]
fn a_folder_can_be_named_and_where_none_is_kept_it_has_to_be() {
    let daemon = Daemon::stopped();
    keep_pickup(&daemon, "a");
    let named = run(["badmail", "list", "--folder", daemon.badmail().to_str().unwrap()]);
    assert_eq!((named.code, named.out.lines().count()), (0, 1), "{named:?}");
    let settings = daemon.path("off.toml");
    fs::write(&settings, "[report]\nbadmail = \"off\"\n").unwrap();
    let off = run(["badmail", "list", "--config", settings.to_str().unwrap()]);
    assert_eq!(off.code, 78, "{off:?}");
    assert!(off.err.contains("report.badmail is off") && off.err.contains("--folder"), "{off:?}");
}
