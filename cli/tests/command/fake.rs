//! A daemon that answers as a test says: what a real one says only when something is badly wrong.

use std::{
    io::{BufRead, BufReader, Write},
    os::unix::net::UnixListener,
    thread,
};

use super::run::{ended, postrider, Ended};

const HELLO: &str = "{\"is\":\"hello\",\"protocol\":1,\"spool\":\"0000000000000007\",\"host\":\"post.example\",\
                     \"max_octets\":100000000,\"max_recipients\":1000,\"max_line\":1048576}";

/// Runs the command against a daemon that greets so and answers its first request with these lines; the client's first tag
/// is 1.
fn answered(arguments: &[&str], greeting: &'static str, answers: &'static [&'static str]) -> Ended {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("socket");
    let socket = UnixListener::bind(&path).unwrap();
    let served = thread::spawn(move || {
        let (mut stream, _) = socket.accept().unwrap();
        writeln!(stream, "{greeting}").unwrap();
        let mut request = String::new();
        BufReader::new(stream.try_clone().unwrap()).read_line(&mut request).unwrap();
        answers.iter().for_each(|answer| writeln!(stream, "{answer}").unwrap());
        request.clear();
        let _ = BufReader::new(stream).read_line(&mut request); // until the client goes
    });
    let ended = ended(postrider(arguments).arg("--socket").arg(&path));
    served.join().unwrap();
    ended
}

#[test]
fn an_audit_that_finds_strays_names_them_and_fails() {
    const FOUND: &str = r#"{"is":"audited","tag":1,"on_disk":2,"out":0,"resting":1,"held":0,"prepared":0,"stray_count":1,"strays":["0000002A"]}"#;
    let audit = answered(&["queue", "audit"], HELLO, &[FOUND]);
    assert_eq!(audit.code, 70, "{audit:?}");
    assert!(audit.err.contains("1 mail: 0000002A") && !audit.out.contains("accounted"), "{audit:?}");
    let json = answered(&["queue", "audit", "--json"], HELLO, &[FOUND]);
    let line: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!((json.code, &line["strays"][0]), (70, &"0000002A".into()));
}

#[test]
fn each_way_to_fail_has_its_code() {
    const BUSY: &str = r#"{"is":"error","tag":null,"code":"too_many_connections","temporary":true,"text":"later"}"#;
    const UNKNOWN: &str = r#"{"is":"error","tag":1,"code":"unknown_request","temporary":false,"text":"no"}"#;
    const LATER: &str = r#"{"is":"error","tag":1,"code":"busy","temporary":true,"text":"later"}"#;
    const NOT_PERMITTED: &str = r#"{"is":"error","tag":1,"code":"not_permitted","temporary":false,"text":"as root"}"#;
    const STOPPING: &str = r#"{"is":"error","tag":1,"code":"stopping","temporary":true,"text":"it stops"}"#;
    let table: [(&str, &[&str], i32); 6] = [
        ("220 mail.example.org ESMTP", &[], 78),
        (BUSY, &[], 75),
        (HELLO, &[UNKNOWN], 70),
        (HELLO, &[LATER], 75),
        (HELLO, &[NOT_PERMITTED], 77),
        (HELLO, &[STOPPING], 69),
    ];
    for (greeting, answers, code) in table {
        let failed = answered(&["queue", "held"], greeting, answers);
        assert_eq!((failed.code, &*failed.out), (code, ""), "{greeting} {answers:?}: {failed:?}");
        assert!(failed.err.starts_with("postrider: "), "{failed:?}");
    }
}

#[test]
fn what_is_listed_for_people_moves_no_cursor_and_is_cut_and_json_is_whole() {
    const HELD: &str = r#"{"is":"held","tag":1,"id":"2A","by":"fault","reason":"a\u001b[2Jb\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}"#;
    const END: &str = r#"{"is":"end","tag":1,"count":1,"next":null}"#;
    let people = answered(&["queue", "held"], HELLO, &[HELD, END]);
    assert_eq!((people.code, people.out.lines().count()), (0, 3), "{people:?}");
    assert!(people.out.contains("a?[2Jb?xx") && people.out.contains("xx...\n"), "{people:?}");
    let json = answered(&["queue", "held", "--json"], HELLO, &[HELD, END]);
    let line: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert!(line["reason"].as_str().is_some_and(|reason| reason.contains("\u{1b}[2J") && reason.len() > 120));
}
