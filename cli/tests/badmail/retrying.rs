//! Sending again: once, to the right people, and removed only then.

use super::*;

/// The octets of both files.
fn pair(daemon: &Daemon, name: &str) -> [(std::path::PathBuf, Vec<u8>); 2] {
    ["eml", "json"].map(|end| {
        let path = daemon.badmail().join(format!("{name}.{end}"));
        let octets = fs::read(&path).unwrap();
        (path, octets)
    })
}

#[test]
fn an_operator_sends_it_elsewhere_and_it_is_removed() {
    let (daemon, name) = with_bad_mail(&["a@gone.example"]);
    let sent = daemon.run("retry", &["--to", "you@localhost", &name]);
    assert_eq!(sent.code, 0, "{sent:?}");
    assert!(sent.out.starts_with(&format!("{name}: is sent again as ")), "{sent:?}");
    let mail = until("the mail", || daemon.mailbox("you").pop());
    assert!(mail.starts_with("Return-Path: <>\n") || mail.starts_with("Return-Path: <>\r\n"), "{mail}");
    assert!(mail.contains("the body\u{9b}2J"), "{mail}");
    assert_eq!(files(&daemon.badmail()), [""; 0]);
}

#[test]
fn a_crash_between_the_answer_and_the_removal_sends_nothing_twice() {
    let (daemon, name) = with_bad_mail(&["a@gone.example"]);
    let before = pair(&daemon, &name);
    for said in ["is sent again as", "was sent before as"] {
        before.iter().for_each(|(path, octets)| fs::write(path, octets).unwrap());
        let sent = daemon.run("retry", &["--to", "you@localhost", &name]);
        assert!(sent.code == 0 && sent.out.contains(said), "{said}: {sent:?}");
    }
    // Another address is another mail, and its delivery comes after that of the first.
    before.iter().for_each(|(path, octets)| fs::write(path, octets).unwrap());
    assert_eq!(daemon.run("retry", &["--to", "other@localhost", &name]).code, 0);
    until("the mail", || daemon.mailbox("other").pop());
    assert_eq!(daemon.mailbox("you").len(), 1);
}

#[test]
fn without_an_address_it_goes_to_those_whom_it_did_not_reach_and_to_nobody_else() {
    let (daemon, name) = with_bad_mail(&["you@localhost", "a@gone.example"]);
    let sent = daemon.run("retry", &[&name]);
    assert_eq!(sent.code, 0, "{sent:?}");
    let again = until("the same again", || name_of_only(&daemon).filter(|again| *again != name));
    let shown = daemon.run("show", &[&again]);
    assert!(shown.out.contains("a@gone.example") && !shown.out.contains("you@localhost"), "{shown:?}");
    assert!(shown.out.contains("sender     <>"), "{shown:?}");
    assert_eq!(daemon.mailbox("you").len(), 1);
}

#[test]
fn while_the_daemon_is_down_nothing_is_sent_and_nothing_is_removed() {
    let daemon = Daemon::stopped();
    keep_pickup(&daemon, "a");
    let sent = daemon.run("retry", &["--to", "you@localhost", "a"]);
    assert_eq!(sent.code, 69, "{sent:?}");
    assert!(sent.err.contains("start it, or correct the path"), "{sent:?}");
    assert_eq!(files(&daemon.badmail()), ["a.eml", "a.json"]);
}

#[test]
fn what_cannot_be_sent_stays_and_says_why() {
    let daemon = Daemon::start();
    keep_pickup(&daemon, "pickup-1");
    let folder = daemon.badmail();
    fs::write(folder.join("alone.eml"), MAIL).unwrap();
    let note = |name: &str, complete: bool| {
        let text = format!(
            r#"{{"kind": "undeliverable", "mail": "{name}.eml", "complete": {complete},
                "recipients": [{{"address": "a@gone.example"}}, {{"address": "no address"}}]}}"#
        );
        fs::write(folder.join(format!("{name}.json")), text).unwrap();
    };
    ["part", "gone", "whom"].iter().for_each(|name| note(name, *name != "part"));
    ["part", "whom"].iter().for_each(|name| fs::write(folder.join(format!("{name}.eml")), MAIL).unwrap());
    let before = files(&folder);
    for (name, code, why) in [
        ("pickup-1", 65, "put a corrected copy into the folder, then drop this"),
        ("alone", 65, "nobody knows for whom it was"),
        ("whom", 65, "nobody knows for whom it was"),
        ("part", 65, "a part of it is lost"),
        ("gone", 66, "its removal was cut short"),
        ("missing", 66, "there is no bad mail missing"),
    ] {
        let sent = daemon.run("retry", &[name]);
        assert!(sent.code == code && sent.err.contains(why), "{name}: {sent:?}");
    }
    assert_eq!(files(&folder), before);
    assert_eq!(daemon.run("retry", &["--to", "nowhere@", "alone"]).code, 64);
    let sent = daemon.run("retry", &["--to", "you@localhost", "alone"]);
    assert_eq!(sent.code, 0, "{sent:?}");
}

#[test]
fn what_the_daemon_refuses_stays() {
    let daemon = Daemon::start();
    fs::create_dir_all(daemon.badmail()).unwrap();
    fs::write(daemon.badmail().join("loop.eml"), "Received: x\r\n".repeat(200) + "\r\nx\r\n").unwrap();
    let sent = daemon.run("retry", &["--to", "you@localhost", "loop"]);
    assert!(sent.code == 65 && sent.err.contains("loop: the mail was refused"), "{sent:?}");
    assert_eq!(files(&daemon.badmail()), ["loop.eml"]);
}

#[test]
fn a_file_of_a_pickup_folder_that_is_good_by_now_goes_by_its_own_envelope_or_to_whom_it_is_sent() {
    let daemon = Daemon::start();
    let bad = "x-sender: me@localhost\nx-receiver: you@localhost\n\nSubject: by hand\n\n.a dot\n";
    for (name, to) in [("own", None), ("other", Some("other@localhost"))] {
        keep_pickup(&daemon, name);
        fs::write(daemon.badmail().join(format!("{name}.eml")), bad).unwrap();
        let arguments: Vec<&str> = to.iter().flat_map(|to| ["--to", to]).chain([name]).collect();
        let sent = daemon.run("retry", &arguments);
        assert_eq!(sent.code, 0, "{sent:?}");
    }
    for user in ["you", "other"] {
        let mail = until("the mail", || daemon.mailbox(user).pop());
        assert!(mail.starts_with("Return-Path: <me@localhost>"), "{mail}");
        assert!(
            mail.contains("Subject: by hand") && mail.contains("\n.a dot") && !mail.contains("x-receiver"),
            "{mail}"
        );
        assert_eq!(daemon.mailbox(user).len(), 1);
    }
    assert_eq!(files(&daemon.badmail()), [""; 0]);
}

#[test]
fn what_was_perhaps_mailed_goes_again_only_if_the_operator_says_so() {
    let daemon = Daemon::start();
    keep_pickup(&daemon, "perhaps");
    let note = daemon.badmail().join("perhaps.json");
    let text = fs::read_to_string(&note).unwrap().replace("no_sender", "perhaps_mailed");
    fs::write(&note, text).unwrap();
    fs::write(daemon.badmail().join("perhaps.eml"), "From: me@localhost\nTo: you@localhost\n\nx\n").unwrap();
    let refused = daemon.run("retry", &["perhaps"]);
    assert!(refused.code == 65 && refused.err.contains("may have been mailed already"), "{refused:?}");
    assert_eq!(files(&daemon.badmail()), ["perhaps.eml", "perhaps.json"]);
    assert_eq!(daemon.run("retry", &["--yes", "perhaps"]).code, 0);
    until("the mail", || daemon.mailbox("you").pop());
}

#[test]
fn a_file_is_not_sent_by_other_rules_than_those_of_its_folder_when_the_settings_cannot_be_read() {
    let daemon = Daemon::start();
    keep_pickup(&daemon, "a");
    fs::write(daemon.badmail().join("a.eml"), "From: me@localhost\nTo: you@localhost\n\n..two\n").unwrap();
    let broken = daemon.path("broken.toml");
    fs::write(&broken, "hostname = ").unwrap();
    let (folder, socket) = (daemon.badmail(), daemon.path("socket"));
    let named = [("--config", &broken), ("--folder", &folder), ("--socket", &socket)];
    let named = named.iter().flat_map(|(option, path)| [option, path.to_str().unwrap()]);
    let sent = daemon::run(["badmail", "retry"].into_iter().chain(named).chain(["a"]));
    assert!(sent.code == 78 && sent.err.contains("broken.toml"), "{sent:?}");
    assert_eq!(files(&daemon.badmail()), ["a.eml", "a.json"]);
}
