//! What an operator asks a running daemon, and what becomes of it.

use std::os::unix::fs::PermissionsExt;

use postrider::{Engine, RawMail};
use serde_json::Value;

use super::{
    daemon::{until, Daemon},
    run::{ended, postrider, run, Ended},
};

/// Mail with a program in it is held; a host that does not answer keeps the rest in the queue.
const HOLDS: &str = "[[sink]]\nkind = \"attachment_block\"\nnames = [\"*.exe\"]\nblocked = \"hold\"\n\
                     [[route]]\ndomain = \"localhost\"\nto = \"discard\"\n\
                     [[route]]\ndomain = \"*\"\nto = [\"127.0.0.1:1\"]\n";

fn send(daemon: &Daemon, to: &str, more: &str) -> String {
    let client = Engine::connect(daemon.socket()).unwrap();
    let text = format!("From: ann@example.org\r\nTo: {to}\r\nSubject: hi\r\n{more}\r\nHello.\r\n");
    let receipt = client.send_blocking(RawMail::new(text).envelope_from_header()).unwrap();
    receipt.id().to_string()
}

const PROGRAM: &str = "Content-Type: application/x-thing; name=\"a.exe\"\r\nContent-Disposition: attachment; \
                       filename=\"a.exe\"\r\n";

fn lines(ended: &Ended) -> Vec<Value> {
    assert_eq!((ended.code, &*ended.err), (0, ""), "{ended:?}");
    ended.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn states(daemon: &Daemon) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let listed = lines(&daemon.run(&["queue", "list", "--json"]));
    listed.iter().map(|mail| (text(&mail["id"]), text(&mail["state"]))).collect()
}

#[test]
fn held_mail_is_listed_and_released_and_goes_out() {
    let daemon = Daemon::start(HOLDS);
    let nothing = daemon.run(&["queue", "held"]);
    assert_eq!((nothing.code, &*nothing.out), (0, "nothing is held\n"));
    assert_eq!(daemon.run(&["queue", "list"]).out, "no mail is on disk\n");
    let id = send(&daemon, "you@localhost", PROGRAM);
    let held = lines(&daemon.run(&["queue", "held", "--json"]));
    assert_eq!(held.len(), 1, "{held:?}");
    assert_eq!((&held[0]["id"], &held[0]["by"]), (&Value::from(&*id), &"policy".into()), "{held:?}");
    let people = daemon.run(&["queue", "held"]).out;
    assert!(people.starts_with("ID        BY        WHY\n") && people.contains(&id), "{people}");
    assert!(people.ends_with("1 mail held; `postrider queue release ID` offers one again\n"), "{people}");
    assert_eq!(states(&daemon), [(id.clone(), "held".into())]);
    let released = daemon.run(&["queue", "release", &id]);
    assert_eq!((released.code, released.out), (0, format!("{id} is released\n")));
    until("the mail is delivered", || states(&daemon).is_empty().then_some(()));
    assert_eq!(daemon.run(&["queue", "held"]).out, "nothing is held\n");
    let again = daemon.run(&["queue", "release", &id]);
    assert_eq!((again.code, &*again.out), (66, ""), "{again:?}");
    assert!(again.err.contains(&format!("no mail {id} is held")) && again.err.contains("queue held"), "{again:?}");
}

#[test]
fn what_waits_is_listed_with_its_recipients_in_portions_that_go_on() {
    let daemon = Daemon::start(HOLDS);
    let ids: Vec<String> = (0..5).map(|no| send(&daemon, &format!("bob{no}@example.net"), "")).collect();
    until("all were tried", || {
        let listed = lines(&daemon.run(&["queue", "list", "--json"]));
        let rest = listed.iter().filter(|mail| mail["state"] == "resting").count();
        (rest == 5).then_some(())
    });
    let listed = lines(&daemon.run(&["queue", "list", "--json"]));
    let numbers: Vec<&str> = listed.iter().map(|mail| mail["id"].as_str().unwrap()).collect();
    assert_eq!(numbers, ids);
    let first = &listed[0];
    assert_eq!((&first["sender"], &first["open"]), (&"ann@example.org".into(), &1.into()), "{first}");
    assert_eq!(first["recipients"][0]["address"], "bob0@example.net");
    assert!(first["octets"].as_u64().is_some_and(|octets| octets > 50), "{first}");
    assert!(first["arrived"].as_u64().is_some_and(|at| at > 1_700_000_000_000), "{first}");
    let two = lines(&daemon.run(&["queue", "list", "--json", "--limit", "2", "--after", &ids[1]]));
    let numbers: Vec<&str> = two.iter().map(|mail| mail["id"].as_str().unwrap()).collect();
    assert_eq!(numbers, ids[2..4]);
    let people = daemon.run(&["queue", "list", "--limit", "2"]).out;
    assert!(people.starts_with("ID        STATE         SIZE  ARRIVED (UTC)         SENDER"), "{people}");
    assert!(people.contains("          bob1@example.net: ") && !people.contains("bob2"), "{people}");
    let end = format!("2 mails: 0 out, 2 resting, 0 held, 0 prepared; there may be more: --after {}\n", ids[1]);
    assert!(people.ends_with(&end), "{people}");
}

#[test]
fn a_spool_in_order_passes_its_audit() {
    let daemon = Daemon::start(HOLDS);
    send(&daemon, "you@localhost", PROGRAM);
    let audit = lines(&daemon.run(&["queue", "audit", "--json"]));
    assert_eq!(audit.len(), 1);
    assert_eq!((&audit[0]["on_disk"], &audit[0]["held"], &audit[0]["stray_count"]), (&1.into(), &1.into(), &0.into()));
    let people = daemon.run(&["queue", "audit"]);
    let said = "1 mail on disk: 0 out, 0 resting, 1 held, 0 prepared\neach of them is accounted for\n";
    assert_eq!((people.code, &*people.out), (0, said));
}

#[test]
fn mail_is_due_when_it_is_asked_for_and_only_what_is_asked_for() {
    let daemon = Daemon::start(HOLDS);
    let id = send(&daemon, "bob@example.net", "");
    until("it rests", || (states(&daemon) == [(id.clone(), "resting".into())]).then_some(()));
    let other = daemon.run(&["queue", "flush", "example.com"]);
    assert_eq!((other.code, &*other.out), (0, "nothing waits that is meant\n"), "{other:?}");
    let mail = daemon.run(&["queue", "flush", "--mail", &id]);
    assert_eq!((mail.code, &*mail.out), (0, "1 mail is due now\n"), "{mail:?}");
    let none = daemon.run(&["queue", "flush", "--mail", "FFFF"]);
    assert_eq!(none.code, 66, "{none:?}");
    assert!(none.err.contains("no mail 0000FFFF waits"), "{none:?}");
    for wrong in [&["queue", "flush"][..], &["queue", "flush", "a b"], &["queue", "release", "xyz"]] {
        let wrong = daemon.run(wrong);
        assert_eq!((wrong.code, &*wrong.out), (64, ""), "{wrong:?}");
    }
}

#[test]
fn a_sink_is_listed_and_can_be_kept_out_for_a_while() {
    let daemon = Daemon::start(HOLDS);
    let enabled = || lines(&daemon.run(&["sink", "list", "--json"]))[0]["enabled"].clone();
    assert_eq!(enabled(), true);
    assert_eq!(daemon.run(&["sink", "suspend", "attachment_block"]).code, 0);
    assert_eq!(enabled(), false);
    let people = daemon.run(&["sink", "list"]).out;
    assert!(people.contains("attachment_block  off") && people.ends_with("1 sink: 1 off, 0 failing\n"), "{people}");
    send(&daemon, "you@localhost", PROGRAM);
    assert_eq!(daemon.run(&["queue", "held"]).out, "nothing is held\n");
    assert_eq!(daemon.run(&["sink", "resume", "attachment_block"]).code, 0);
    send(&daemon, "you@localhost", PROGRAM);
    assert_eq!(lines(&daemon.run(&["queue", "held", "--json"])).len(), 1);
    let unknown = daemon.run(&["sink", "suspend", "nobody"]);
    assert_eq!((unknown.code, &*unknown.out), (66, ""), "{unknown:?}");
    assert!(unknown.err.contains("\"nobody\""), "{unknown:?}");
}

#[test]
fn where_the_daemon_is_down_the_code_says_so_and_the_line_what_to_do() {
    let mut daemon = Daemon::start("");
    daemon.kill();
    for arguments in [&["queue", "held"][..], &["queue", "list"], &["queue", "audit", "--json"], &["sink", "list"]] {
        let down = daemon.run(arguments);
        assert_eq!((down.code, &*down.out), (69, ""), "{down:?}");
        assert!(down.err.contains(daemon.socket().to_str().unwrap()) && down.err.contains("start it"), "{down:?}");
    }
}

#[test]
fn settings_without_a_socket_say_how_to_have_one() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("settings.toml");
    std::fs::write(&file, "[listen]\nsockets = [\"127.0.0.1:0\"]\n").unwrap();
    let none = ended(postrider(&["queue", "list", "--config"]).arg(&file));
    assert_eq!(none.code, 78, "{none:?}");
    assert!(none.err.contains("send.socket") && none.err.contains("--socket"), "{none:?}");
    let unread = run(&["queue", "list", "--config", "/nowhere/postrider.toml"]);
    assert_eq!(unread.code, 78, "{unread:?}");
    assert!(unread.err.contains("/nowhere/postrider.toml") && unread.err.contains("--socket"), "{unread:?}");
}

/// The command as another user, who may reach the socket and the program but not the settings.
fn as_another_user(daemon: &Daemon, arguments: &[&str]) -> Ended {
    let mut command = std::process::Command::new("setpriv");
    command.args(["--reuid=12345", "--regid=12345", "--clear-groups"]).arg(env!("CARGO_BIN_EXE_postrider"));
    command.args(arguments).arg("--socket").arg(daemon.socket()).env("POSTRIDER_CONFIG", daemon.settings());
    ended(&mut command)
}

#[test]
fn another_user_is_refused_and_told_why_and_may_not_need_the_settings() {
    if !rustix::process::geteuid().is_root() {
        return eprintln!("passed over: only root can be somebody else");
    }
    let daemon = Daemon::start(HOLDS);
    let id = send(&daemon, "you@localhost", PROGRAM);
    let mode = |path: &std::path::Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    mode(daemon.folder(), 0o711);
    mode(&daemon.settings(), 0o600);
    for arguments in [
        &["queue", "held"][..],
        &["queue", "list"],
        &["queue", "audit"],
        &["queue", "release", &id],
        &["queue", "flush", "--all"],
        &["sink", "list"],
        &["sink", "suspend", "attachment_block"],
        &["sink", "resume", "attachment_block"],
    ] {
        let refused = as_another_user(&daemon, arguments);
        assert_eq!((refused.code, &*refused.out), (77, ""), "{arguments:?}: {refused:?}");
        assert!(refused.err.contains("not permitted: only root and the user"), "{refused:?}");
    }
    assert_eq!(states(&daemon), [(id, "held".into())]);
    mode(&daemon.socket(), 0o600);
    let closed = as_another_user(&daemon, &["queue", "held"]);
    assert_eq!(closed.code, 77, "{closed:?}");
    assert!(closed.err.contains("send.socket_mode"), "{closed:?}");
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let daemon = Daemon::start(HOLDS);
    send(&daemon, "you@localhost", PROGRAM);
    let mut command = daemon.command(&["queue", "list"]);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let closed = ended(command.stdout(writer));
    assert_eq!((closed.code, &*closed.err), (0, ""), "{closed:?}");
}
