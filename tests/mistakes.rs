//! What does not compile: mistakes of a program that sends (`mistakes/`), and for each its twin of the same name (`twins/`),
//! which differs in a line or two and does compile. A mail that was sent and used again was merged with the next one in the ancestor
//! (KB922738); here it is gone.
//!
//! Rule: a case fails for its own reason, so its message is compared too. The messages are those of one compiler; with
//! another one only the fact is.

// What it unwraps is the test failing.
#![allow(clippy::unwrap_used)]

use std::{fs, path::Path, process::Command};

/// They compile, or nothing here does.
#[allow(dead_code)]
mod twins {
    mod redeem_what_is_not_prepared;
    mod send_a_copy;
    mod send_the_same_mail_twice;
    mod use_a_mail_again_after_it_was_sent;
}

/// The compiler whose messages the `.stderr` files have.
const COMPILER: &str = "rustc 1.95.0";

#[test]
fn mistakes_do_not_compile_though_their_twins_do() {
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
