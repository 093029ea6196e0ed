//! The examples to copy compile where they are copied to: a new crate that depends on `postrider`, and on what their first
//! lines name.
//!
//! Rule: nothing is taken along but the file. To be run with `--ignored`: it builds the engine as a user does, which takes
//! minutes.

// What it unwraps is the test failing.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::{fs, path::Path, process::Command};

/// Those that depend on `postrider` alone.
const ALONE: [&str; 3] = ["custom_sink", "custom_actor", "custom_target"];

/// Those that show it beside other crates.
const BESIDE: [&str; 4] = ["outbox", "with_a_thread", "with_actix_web", "with_axum"];

/// What these name, with no more features than they need.
const OTHERS: &str = r#"
actix-web = { version = "4", default-features = false }
axum = { version = "0.8", default-features = false, features = ["http1", "json", "tokio"] }
rusqlite = { version = "0.43", default-features = false, features = ["bundled"] }
serde = { version = "1", features = ["derive"] }
serde_json = "1"
signal-hook = { version = "0.4", default-features = false, features = ["iterator"] }
tokio = { version = "1", features = ["full"] }
tracing-subscriber = { version = "0.3", default-features = false, features = ["fmt"] }
"#;

#[test]
#[ignore = "builds the engine in crates of its own"]
fn examples_compile_in_a_new_crate_that_has_what_they_name() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().unwrap();
    new_crate(here, folder.path(), "alone", &ALONE, "");
    new_crate(here, folder.path(), "beside", &BESIDE, OTHERS);
    // One workspace: what both need is built once.
    let workspace = "[workspace]\nresolver = \"2\"\nmembers = [\"alone\", \"beside\"]\n";
    fs::write(folder.path().join("Cargo.toml"), workspace).unwrap();
    fs::copy(here.join("Cargo.lock"), folder.path().join("Cargo.lock")).unwrap();
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let built = Command::new(cargo)
        .arg("check")
        .current_dir(folder.path())
        .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("copied"))
        .output()
        .unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
}

fn new_crate(here: &Path, folder: &Path, name: &str, examples: &[&str], others: &str) {
    let bins = folder.join(name).join("src/bin");
    fs::create_dir_all(&bins).unwrap();
    for example in examples {
        fs::copy(here.join(format!("examples/{example}.rs")), bins.join(format!("{example}.rs"))).unwrap();
    }
    let manifest = format!(
        "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n\
         [dependencies]\npostrider = {{ path = {:?} }}\n{others}",
        here.display().to_string()
    );
    fs::write(folder.join(name).join("Cargo.toml"), manifest).unwrap();
}
