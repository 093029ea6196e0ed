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

/// Each command and option of the command line is on the page, so that nobody has to look twice.
#[test]
fn the_page_of_the_command_has_every_command_and_option() {
    let page = include_str!("../../../docs/command.md");
    for (group, known) in [
        ("queue", "list audit held release flush"),
        ("sink", "list suspend resume"),
        ("pickup", "check"),
        ("tnef", "list extract"),
        ("", "serve check convert"),
    ] {
        for command in known.split(' ') {
            let words: Vec<&str> = [group, command, "--help"].into_iter().filter(|word| !word.is_empty()).collect();
            let help = run(&words);
            assert_eq!(help.code, 0, "{words:?}");
            let title = words[..words.len() - 1].join(" ");
            assert!(page.contains(&format!("`{title}`")), "{title}");
            let options = help.out.split_whitespace().filter(|word| word.starts_with("--") && word.len() > 2);
            for option in options.map(|option| option.trim_matches(|c: char| !c.is_ascii_alphanumeric())) {
                assert!(
                    page.contains(&format!("--{option}")) || ["help", "version"].contains(&option),
                    "{title} {option}"
                );
            }
        }
    }
}
