//! `postrider convert` and `postrider tnef` as people and scripts run them: the built binary, files, pipes.
//!
//! Rule: a command is judged by its code, its standard output, its standard error, and by what is in the folders afterwards.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod converting;
mod extracting;
mod looking;
mod mails;
mod pictures;

use std::{
    io::Write,
    process::{Command, Output, Stdio},
};

/// The command with these octets on standard input, run to its end.
fn piped(arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_postrider"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command can be started");
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || {
        let _ = stdin.write_all(&input); // a command that has refused its arguments reads nothing
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

/// What it has written, if it ended with 0 and had nothing to say.
fn made(arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let output = piped(arguments, input);
    assert_eq!((code(&output), &*err(&output)), (0, ""), "{arguments:?}");
    output.stdout
}

fn code(output: &Output) -> i32 {
    output.status.code().expect("it ends by itself")
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("it speaks UTF-8")
}

/// The names in a folder, in order.
fn names(folder: &std::path::Path) -> Vec<String> {
    let mut names: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
