//! The first code of the README is what it says: in a new crate, as it stands, it sends a mail that outlives the program.
//!
//! Rule: nothing of it is changed but the name of the smart host. To be run with `--ignored`: it builds the engine as a user
//! does, which takes minutes.

// What it unwraps is the test failing.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command},
    time::{Duration, Instant},
};

use postrider::testing::{Act, At, Peer};

/// The first block of Rust in the README.
fn first_code() -> String {
    let readme = include_str!("../README.md");
    let (_, from) = readme.split_once("```rust").unwrap();
    let (_, from) = from.split_once('\n').unwrap();
    from.split("```").next().unwrap().to_owned()
}

/// Builds it in a crate of its own, and gives the program.
fn build(folder: &Path, code: &str) -> PathBuf {
    let here = env!("CARGO_MANIFEST_DIR");
    fs::create_dir_all(folder.join("src")).unwrap();
    fs::write(folder.join("src/main.rs"), code).unwrap();
    let manifest = format!(
        "[package]\nname = \"first-code\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n\
         [dependencies]\npostrider = {{ path = {here:?}, default-features = false }}\n\n[workspace]\n"
    );
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    fs::copy(Path::new(here).join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("first-code");
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let built = Command::new(cargo).arg("build").current_dir(folder).env("CARGO_TARGET_DIR", &target).output().unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    target.join("debug/first-code")
}

fn start(program: &Path, folder: &Path) -> Child {
    Command::new(program).current_dir(folder).spawn().unwrap()
}

fn wait_for(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(60), "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A record of the mail is in the log of the spool.
fn is_on_disk(folder: &Path) -> bool {
    let Ok(log) = fs::read_dir(folder.join("mail-spool/log")) else { return false };
    let has = |octets: Vec<u8>| octets.windows(10).any(|window| window == b"Hello Ann!");
    log.flatten().filter_map(|file| fs::read(file.path()).ok()).any(has)
}

#[test]
#[ignore = "builds the engine in a crate of its own"]
fn the_first_code_of_the_readme_sends_a_mail_that_outlives_a_dead_smart_host_and_kill_minus_nine() {
    let folder = tempfile::tempdir().unwrap();
    let peer = Peer::start();
    let address = peer.address().to_string();
    peer.once(At::Connect, Act::Hang); // the program waits for its greeting, and is killed
    let code = first_code();
    assert!(code.lines().count() <= 11 && code.contains("mail.example.org"), "ten lines and an empty one:\n{code}");
    let program = build(folder.path(), &code.replace("mail.example.org", &address));

    let mut first = start(&program, folder.path());
    wait_for("the mail is on disk", || is_on_disk(folder.path()));
    first.kill().unwrap(); // SIGKILL
    first.wait().unwrap();
    assert!(peer.taken().is_empty());

    // The next start sends a mail of its own, and goes on with the first.
    let mut second = start(&program, folder.path());
    wait_for("both arrive", || peer.taken().len() >= 2);
    assert!(second.wait().unwrap().success(), "it has seen the end of its own");
    std::thread::sleep(Duration::from_millis(500));
    let mails = peer.taken();
    assert_eq!(mails.len(), 2, "each once");
    for mail in &mails {
        assert!(mail.is_for("ann@example.net") && mail.header("Subject").as_deref() == Some("Welcome"));
        assert!(mail.text().contains("Hello Ann!"));
    }
    assert_ne!(mails[0].header("Message-ID"), mails[1].header("Message-ID"));
}
