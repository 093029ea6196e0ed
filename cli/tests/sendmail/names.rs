//! The command under its old names, as a link.

use std::{fs, os::unix::fs::symlink, time::Duration};

use crate::daemon::{call, Ended, Home};

fn called(home: &Home, name: &str, arguments: &[&str], input: &str) -> Ended {
    let link = home.path(name);
    if !link.exists() {
        symlink(env!("CARGO_BIN_EXE_postrider"), &link).unwrap();
    }
    call(home.command(&link, arguments), input.as_bytes())
}

#[test]
fn sendmail_sends() {
    let home = Home::started("");
    assert_eq!(called(&home, "sendmail", &["-t", "-i"], "To: x@b.example\n\nHello.\n").code, 0);
    assert!(home.mail().contains("x-receiver: x@b.example\n"));
    assert_eq!(called(&home, "sendmail", &[], "").code, 64);
}

#[test]
fn mailq_lists() {
    let home = Home::started("");
    assert_eq!(called(&home, "mailq", &[], "").code, 0);
    assert_eq!(called(&Home::new(""), "mailq", &[], "").code, 69);
}

#[test]
fn newaliases_checks_the_files_and_has_the_daemon_read_them() {
    let mut home = Home::new("");
    let text = fs::read_to_string(home.path("settings.toml")).unwrap();
    let more = format!("[aliases]\nfiles = [{:?}]\norigin = \"h.example\"\n", home.path("aliases"));
    fs::write(home.path("settings.toml"), text + &more).unwrap();
    fs::write(home.path("aliases"), "root: ann@b.example\nops: root\n").unwrap();
    let down = called(&home, "newaliases", &[], "");
    assert_eq!(down.code, 0, "{}", down.err);
    assert!(down.out.contains("2 names in 1 alias files") && down.out.contains("daemon is down"), "{}", down.out);
    home.start();
    fs::write(home.path("aliases"), "root: carol@b.example\n").unwrap();
    let up = called(&home, "newaliases", &[], "");
    assert!(up.code == 0 && up.out.contains("reads its settings again"), "{up:?}");
    let begin = std::time::Instant::now();
    while !home.log().contains("settings are in force") {
        assert!(begin.elapsed() < Duration::from_secs(20), "{}", home.log());
        std::thread::sleep(Duration::from_millis(20));
    }
    fs::write(home.path("aliases"), "root: :::\n\"\n").unwrap();
    let wrong = home.send(&["-bi"], "");
    assert_eq!(wrong.code, 78, "{}", wrong.out);
    assert!(wrong.err.contains("aliases"), "{}", wrong.err);
}
