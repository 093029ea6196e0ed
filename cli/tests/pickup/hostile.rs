//! What somebody puts there who wishes us ill. What it points to is never mailed, and each is told of once.

use std::{
    fs::{self, hard_link},
    os::unix::fs::symlink,
    process::Command,
};

use crate::{bad, daemon::Home, mail, only_left, put, AT_SIGHT};

#[test]
fn links_pipes_and_folders_are_refused_told_of_once_and_never_mailed() {
    let mut home = Home::with_pickup_and(AT_SIGHT);
    fs::write(home.path("secret"), mail("secret")).unwrap();
    let pickup = |name: &str| home.path("pickup").join(name);
    symlink(home.path("secret"), pickup("symlink")).unwrap();
    symlink(home.path("drop"), pickup("symlink-to-a-folder")).unwrap();
    hard_link(home.path("secret"), pickup("hardlink")).unwrap();
    assert!(Command::new("mkfifo").arg(pickup("pipe")).status().unwrap().success());
    fs::create_dir(pickup("folder")).unwrap();
    fs::write(pickup("folder/inner"), mail("inner")).unwrap();
    home.start();
    for (number, expected) in [1, 2, 3].into_iter().zip(1..) {
        put(&home, "good", mail(&format!("good {number}"))); // each is found by a scan of its own
        assert_eq!(home.delivered(expected).len(), expected);
    }
    let bad = bad(&home, 4);
    let seen: Vec<_> =
        bad.iter().map(|(note, _)| (note["file"].as_str().unwrap(), note["code"].as_str().unwrap())).collect();
    let expected = [("hardlink", "link"), ("pipe", "not_a_file"), ("symlink", "link"), ("symlink-to-a-folder", "link")];
    assert_eq!(seen, expected);
    assert!(bad.iter().all(|(note, octets)| octets.is_none() && note["mail"].is_null() && note["complete"] == false));
    let log = home.log();
    for name in ["hardlink", "pipe", "symlink", "symlink-to-a-folder", "folder"] {
        let said = log.lines().filter(|line| line.contains(&format!("file=\"{name}\" ")) && line.contains(" WARN "));
        assert_eq!(said.count(), 1, "{name}: {}", home.log_tail());
    }
    only_left(&home, &["folder"]);
    assert_eq!(fs::read_to_string(home.path("secret")).unwrap(), mail("secret"));
    assert!(home.delivered(3).iter().all(|mail| mail.contains("Subject: good ")));
}
