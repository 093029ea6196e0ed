//! How a call ends that sends nothing: with a code that says what to do, and a line that says it to people.

use std::{
    io::Write,
    os::{fd::OwnedFd, unix::net::UnixStream},
    path::Path,
    process::Stdio,
};

use crate::daemon::{Ended, Home};

#[test]
fn each_failure_has_its_code_and_a_line_and_sends_nothing() {
    let home = Home::started("[limits]\nmessage_size = \"2 MiB\"\n");
    let large = format!("Subject: s\n\n{}", "x\n".repeat(1_500_000));
    let table: [(&[&str], &[u8], i32, &str); 12] = [
        (&[], b"", 64, "no recipient"),
        (&["-Q", "x@b"], b"", 64, "no option -Q"),
        (&["-bd"], b"", 64, "postrider serve"),
        (&["-q30m"], b"", 64, "by itself"),
        (&["-t"], b"Subject: s\n\n", 65, "no recipient"),
        (&["x@b"], b"Subject: s\n\na\0b\n", 65, "NUL"),
        (&["x@b"], large.as_bytes(), 65, "more than 2097152 octets"),
        (&["x@"], b"\n", 67, "no mailbox"),
        (&["-f", "x@", "x@b"], b"\n", 67, "no address"),
        (&["-t"], b"To: x@\n\n", 67, "To:"),
        (&["-C", "/nowhere.toml", "x@b"], b"\n", 78, "no such file"),
        (&["-C", "/", "x@b"], b"\n", 78, "cannot be read"),
    ];
    for (line, input, code, part) in table {
        let ended = home.send(line, input);
        assert_eq!(ended.code, code, "{line:?}: {}", ended.err);
        assert!(ended.err.contains(part) && ended.err.starts_with("postrider: "), "{line:?}: {}", ended.err);
        assert_eq!(ended.err.lines().count(), 1, "{line:?}: {}", ended.err);
    }
    let quiet = home.send(&["-oeq", "x@"], "\n");
    assert_eq!((quiet.code, &*quiet.err), (67, ""));
    assert!(home.delivered(0).is_empty());
}

#[test]
fn what_only_the_engine_refuses_is_told_as_it_says_it() {
    let home = Home::started("[limits]\nmessage_size = \"64 KiB\"\nrecipients_per_mail = 100\n");
    let large = home.send(&["x@b.example"], format!("A: b\n\n{}", "x\n".repeat(100_000)));
    assert_eq!(large.code, 65, "{}", large.err);
    let loops = home.send(&["x@b.example"], "Received: by a\n".repeat(60) + "\n");
    assert_eq!(loops.code, 65, "{}", loops.err);
    let many: Vec<String> = (0..101).map(|n| format!("x{n}@b.example")).collect();
    let many = home.send(&many.iter().map(String::as_str).collect::<Vec<_>>(), "A: b\n\n");
    assert_eq!(many.code, 65, "{}", many.err);
    assert!(home.delivered(0).is_empty());
}

#[test]
fn an_input_that_breaks_sends_nothing() {
    let home = Home::started("");
    let (theirs, ours) = UnixStream::pair().unwrap();
    (&ours).write_all(b"Subject: s\n\nhalf").unwrap();
    (&theirs).write_all(b"nobody reads this").unwrap();
    let mut command = home.command(Path::new(env!("CARGO_BIN_EXE_postrider")), &["sendmail", "x@b.example"]);
    let child = command.stdin(Stdio::from(OwnedFd::from(theirs))).spawn().unwrap();
    drop(command);
    drop(ours); // with octets unread: whoever reads hears of a broken connection behind the half
    let ended = Ended::from(child.wait_with_output().unwrap());
    assert_eq!(ended.code, 74, "{}", ended.err);
    assert!(home.delivered(0).is_empty());
}
