//! What does not compile: each mistake of a sink that cost a mail somewhere, beside a twin that differs in one line and
//! does compile. What concerns custody (mails, leases, slips) stands in `src/moved.rs` in the same way.
//!
//! Rule: a case fails for its own reason, so its message is compared too. The messages are those of one compiler; with
//! another one only the fact is.

use std::{fs, path::Path, process::Command};

/// The compiler whose messages the `.stderr` files have.
const COMPILER: &str = "rustc 1.95.0";

#[test]
fn mistakes_do_not_compile_and_their_twins_do() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/mistakes/*_twin.rs");
    let compiler = Command::new(std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into())).arg("--version").output();
    let compiler = String::from_utf8(compiler.unwrap().stdout).unwrap();
    if compiler.starts_with(COMPILER) {
        cases.compile_fail("tests/mistakes/*_mistake.rs");
    } else {
        // Without a file to compare with, the message is written there.
        let copies = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mistakes");
        fs::create_dir_all(&copies).unwrap();
        for case in fs::read_dir("tests/mistakes").unwrap().map(|case| case.unwrap().path()) {
            if case.to_str().is_some_and(|name| name.ends_with("_mistake.rs")) {
                fs::copy(&case, copies.join(case.file_name().unwrap())).unwrap();
            }
        }
        std::env::set_var("TRYBUILD", "overwrite");
        cases.compile_fail(copies.join("*_mistake.rs"));
    }
}
