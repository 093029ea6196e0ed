//! The examples to copy compile where they are copied to: a new crate that depends on `postrider` alone.
//!
//! Rule: nothing is taken along but the file. To be run with `--ignored`: it builds the engine as a user does, which takes
//! minutes.

// What it unwraps is the test failing.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::{fs, path::Path, process::Command};

const EXAMPLES: [&str; 3] = ["custom_sink", "custom_actor", "custom_target"];

#[test]
#[ignore = "builds the engine in a crate of its own"]
fn examples_compile_in_a_new_crate_that_depends_on_postrider_alone() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let crate_folder = tempfile::tempdir().unwrap();
    let bins = crate_folder.path().join("src/bin");
    fs::create_dir_all(&bins).unwrap();
    for example in EXAMPLES {
        fs::copy(here.join(format!("examples/{example}.rs")), bins.join(format!("{example}.rs"))).unwrap();
    }
    let manifest = format!(
        "[package]\nname = \"copied\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n\
         [dependencies]\npostrider = {{ path = {:?} }}\n\n[workspace]\n",
        here.display().to_string()
    );
    fs::write(crate_folder.path().join("Cargo.toml"), manifest).unwrap();
    fs::copy(here.join("Cargo.lock"), crate_folder.path().join("Cargo.lock")).unwrap();
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let built = Command::new(cargo)
        .arg("check")
        .current_dir(crate_folder.path())
        .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("copied"))
        .output()
        .unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
}
