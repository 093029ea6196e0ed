//! Which file of settings is read, and whether it is good.

use std::fs;

use super::{
    daemon::Daemon,
    run::{ended, postrider, run},
};

#[test]
fn check_says_which_file_it_has_read() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("settings.toml");
    let spool = folder.path().join("spool");
    fs::write(&file, format!("[listen]\nsockets = [\"127.0.0.1:0\"]\n[spool]\nfolder = {spool:?}\n")).unwrap();
    let named = run(&["check", "--config", file.to_str().unwrap()]);
    assert_eq!(named.code, 0, "{named:?}");
    assert_eq!(named.out, format!("the settings are good: {}\n", file.display()));
    let by_variable = ended(postrider(&["check"]).env("POSTRIDER_CONFIG", &file));
    assert_eq!((by_variable.code, by_variable.out), (0, named.out));
}

#[test]
fn a_daemon_says_first_which_file_it_has_read() {
    let daemon = Daemon::start("");
    let log = daemon.log();
    let first = log.lines().next().unwrap();
    assert!(first.contains("settings") && first.contains(daemon.settings().to_str().unwrap()), "{log}");
}

#[test]
fn a_file_that_is_not_there_is_named_with_a_code_of_its_own() {
    let missing = run(&["check", "--config", "/nowhere/postrider.toml"]);
    assert_eq!((missing.code, &*missing.out), (78, ""), "{missing:?}");
    assert!(missing.err.contains("/nowhere/postrider.toml"), "{missing:?}");
}
