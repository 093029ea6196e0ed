//! Shows a compiler the mistakes of a crate, here and in the root.
//!
//! Rule: a case fails for its own reason, so its message is compared too, with the compiler that the messages are of.

// What it unwraps is the test failing.
#![allow(clippy::unwrap_used)]

use std::{fs, path::Path, process::Command};

/// The compiler whose messages the `.stderr` files have.
const COMPILER: &str = "rustc 1.95.0";

/// Those in the `tests/mistakes` of this crate.
pub fn mistakes_do_not_compile() {
    let cases = trybuild::TestCases::new();
    let compiler = Command::new(std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into())).arg("--version").output();
    let compiler = String::from_utf8(compiler.unwrap().stdout).unwrap();
    if compiler.starts_with(COMPILER) {
        cases.compile_fail("tests/mistakes/*.rs");
    } else {
        // Without a file to compare with, the message is written there.
        let copies = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mistakes");
        fs::create_dir_all(&copies).unwrap();
        for case in fs::read_dir("tests/mistakes").unwrap().map(|case| case.unwrap().path()) {
            if case.extension().is_some_and(|end| end == "rs") {
                fs::copy(&case, copies.join(case.file_name().unwrap())).unwrap();
            }
        }
        std::env::set_var("TRYBUILD", "overwrite");
        cases.compile_fail(copies.join("*.rs"));
    }
}
