//! `postrider pickup check`: the same rules as the daemon's, and nothing is mailed.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::Stdio,
};

use serde_json::Value;

use super::run::{postrider, run, Ended};

const LETTER: &str = "From: me@localhost\nTo: you@localhost\nBcc: blind@localhost\nSubject: x\n\nbody\n";
const EXPORTED: &str = "x-sender: me@localhost\nx-receiver: you@localhost\n\n";

struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Place(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str, text: impl AsRef<[u8]>) -> String {
        let path: PathBuf = self.0.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

fn check(arguments: &[&str]) -> Ended {
    run(&[&["pickup", "check"], arguments].concat())
}

#[test]
fn a_good_file_says_from_whom_and_to_whom_it_would_be_mailed() {
    let place = Place::new();
    let good = place.file("good.eml", LETTER);
    let said = check(&[&good]);
    assert_eq!((said.code, &*said.err), (0, ""), "{said:?}");
    let lines: Vec<&str> = said.out.lines().collect();
    assert_eq!(lines[..3], ["from       me@localhost", "to         you@localhost", "to         blind@localhost"]);
    assert!(lines[3].starts_with("it would be mailed: ") && lines[3].ends_with("2 recipients"), "{said:?}");
    let apart = check(&[&place.file("apart.eml", "x-sender: a@x\r\nx-receiver:\r\n b@x\r\n\r\nSubject: text\r\n")]);
    assert!(apart.out.contains("note: an empty line follows") && !said.out.contains("note:"), "{apart:?}");
    let json: Value = serde_json::from_str(&check(&["--json", &good]).out).unwrap();
    assert_eq!((&json["mail"], &json["sender"]), (&Value::Bool(true), &Value::from("me@localhost")));
    assert_eq!(json["recipients"], serde_json::json!(["you@localhost", "blind@localhost"]));
    assert_eq!(fs::read_to_string(&good).unwrap(), LETTER);
}

#[test]
fn a_bad_file_says_why_with_its_line_and_a_code_of_its_own() {
    let place = Place::new();
    for (text, line, code, why) in [
        ("Subject: x\n\nbody\n", None, "no_sender", "the mail is from nobody"),
        ("x-sender: me@localhost\nx-receiver: a b\n\nSubject: x\n\n", Some(2), "bad_envelope", "x-receiver"),
    ] {
        let bad = place.file("bad.eml", text);
        let said = check(&[&bad]);
        assert!(said.code == 65 && said.out.is_empty() && said.err.contains(why), "{said:?}");
        assert!(said.err.ends_with(&format!(" ({code})\n")) && !said.err.contains("..."), "{said:?}");
        let told = check(&["--json", &bad]);
        let json: Value = serde_json::from_str(&told.out).unwrap();
        assert_eq!((&json["mail"], &json["code"]), (&Value::Bool(false), &Value::from(code)), "{told:?}");
        assert_eq!((told.code, json["line"].as_u64()), (65, line), "{told:?}");
    }
}

#[test]
fn a_file_in_a_folder_of_the_settings_is_read_as_that_folder_reads_it() {
    let place = Place::new();
    let spool = place.0.path().join("spool");
    let folder = place.0.path().join("replay");
    let settings = place.file(
        "settings.toml",
        format!("[spool]\nfolder = {spool:?}\n[[pickup]]\nfolder = {folder:?}\nform = \"replay\"\n"),
    );
    let (plain, exported) =
        (place.file("replay/a.eml", LETTER), place.file("replay/b.eml", EXPORTED.to_owned() + LETTER));
    let refused = check(&["--config", &settings, &plain]);
    assert!(refused.code == 65 && refused.err.contains("no_sender"), "{refused:?}");
    assert_eq!(check(&["--config", &settings, &exported]).code, 0);
    assert_eq!(check(&["--config", &settings, "--form", "pickup", &plain]).code, 0);
    assert_eq!(check(&["--form", "replay", &plain]).code, 65);
    assert!(!spool.exists());
}

#[test]
fn standard_input_is_read_and_what_is_not_there_is_named() {
    let mut child = postrider(&["pickup", "check", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(LETTER.as_bytes()).unwrap();
    let said = Ended::from(child.wait_with_output().unwrap());
    assert!(said.code == 0 && said.out.starts_with("from       me@localhost"), "{said:?}");
    let missing = check(&["/nowhere/a.eml"]);
    assert!(missing.code == 66 && missing.err.contains("/nowhere/a.eml"), "{missing:?}");
    assert!(!Path::new("/nowhere").exists());
}
