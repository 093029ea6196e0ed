//! What programs pass to sendmail, and what is read from it.

use postrider::{Notify, Ret};

use super::options::{read, Called, Mode, Options};

fn of(line: &[&str]) -> Result<Options, String> {
    read(Called::Sendmail, line.iter().map(|&word| word.to_owned()))
}

/// Sender, -t, -i, recipients.
type Meant = (Option<&'static str>, bool, bool, &'static [&'static str]);

#[test]
fn what_real_programs_pass_is_understood() {
    let table: [(&str, &[&str], Meant); 14] = [
        ("PHP", &["-t", "-i"], (None, true, true, &[])),
        ("PHP with -f", &["-t", "-i", "-fwww@a.example"], (Some("www@a.example"), true, true, &[])),
        (
            "git send-email",
            &["-i", "ann@b.example", "bob@c.example"],
            (None, false, true, &["ann@b.example", "bob@c.example"]),
        ),
        (
            "git with an envelope sender",
            &["-f", "me@a.example", "-i", "ann@b.example"],
            (Some("me@a.example"), false, true, &["ann@b.example"]),
        ),
        (
            "mutt",
            &["-oem", "-oi", "-f", "me@a.example", "--", "ann@b.example"],
            (Some("me@a.example"), false, true, &["ann@b.example"]),
        ),
        (
            "mutt with DSN",
            &["-oem", "-oi", "-N", "failure,delay", "-R", "hdrs", "--", "x@y"],
            (None, false, true, &["x@y"]),
        ),
        ("cronie", &["-FCronDaemon", "-i", "-odi", "-oem", "-oi", "-t"], (None, true, true, &[])),
        (
            "cronie with a sender",
            &["-FCronDaemon", "-i", "-odi", "-oem", "-oi", "-t", "-f", "root"],
            (Some("root"), true, true, &[]),
        ),
        ("vixie cron", &["-i", "-FCronDaemon", "-B8BITMIME", "-oem", "root"], (None, false, true, &["root"])),
        ("mailx", &["-i", "root"], (None, false, true, &["root"])),
        ("logwatch", &["-t"], (None, true, false, &[])),
        ("Python", &["-t", "-oi"], (None, true, true, &[])),
        (
            "fail2ban",
            &["-f", "fail2ban@a.example", "root@a.example"],
            (Some("fail2ban@a.example"), false, false, &["root@a.example"]),
        ),
        ("an old cron", &["-t", "-oi", "-odb", "-om", "-oA/etc/aliases"], (None, true, true, &[])),
    ];
    for (program, line, (sender, t, i, recipients)) in table {
        let read = of(line).unwrap_or_else(|wrong| panic!("{program}: {wrong}"));
        assert_eq!(read.sender.as_deref(), sender, "{program}");
        assert_eq!((read.from_header, read.ignores_dots, read.mode), (t, i, Mode::Mail), "{program}");
        assert_eq!(read.recipients, recipients, "{program}");
    }
}

#[test]
fn values_are_attached_or_follow_and_letters_may_share_a_hyphen() {
    for line in [&["-f", "a@x", "-t"][..], &["-fa@x", "-t"], &["-tfa@x"], &["-tf", "a@x"], &["-ra@x", "-t"]] {
        let read = of(line).unwrap();
        assert_eq!((read.sender.as_deref(), read.from_header), (Some("a@x"), true), "{line:?}");
    }
    assert_eq!(of(&["-f", "", "x@y"]).unwrap().sender.as_deref(), Some(""));
    assert_eq!(of(&["-f<>", "x@y"]).unwrap().sender.as_deref(), Some("<>"));
    assert_eq!(of(&["-F", "Ann B", "x@y"]).unwrap().full_name.as_deref(), Some("Ann B"));
    assert_eq!(of(&["--", "-x@y"]).unwrap().recipients, ["-x@y"], "behind -- all are recipients");
    assert_eq!(of(&["x@y", "--", "z@y"]).unwrap().recipients, ["x@y", "z@y"]);
    assert_eq!(of(&["-C", "/etc/x.toml", "x@y"]).unwrap().settings, Some("/etc/x.toml".into()));
}

#[test]
fn wishes_about_reports_are_read() {
    let on = |success, failure, delay| Some(Notify { success, failure, delay });
    let table = [
        ("never", on(false, false, false)),
        ("NEVER", on(false, false, false)),
        ("failure,delay", on(false, true, true)),
        ("Success, Failure", on(true, true, false)),
    ];
    for (text, notify) in table {
        assert_eq!(of(&["-N", text, "x@y"]).unwrap().notify, notify, "{text}");
    }
    assert_eq!(of(&["-R", "hdrs", "x@y"]).unwrap().ret, Some(Ret::Headers));
    assert_eq!(of(&["-RFULL", "x@y"]).unwrap().ret, Some(Ret::Full));
    assert_eq!(of(&["-V", "abc", "x@y"]).unwrap().envid.as_deref(), Some("abc"));
}

#[test]
fn dots_errors_and_modes_have_more_than_one_spelling() {
    for line in ["-i", "-oi", "-OIgnoreDots", "-OIgnoreDots=True", "-ti"] {
        assert!(of(&[line, "x@y"]).unwrap().ignores_dots, "{line}");
    }
    assert!(!of(&["-OIgnoreDots=false", "x@y"]).unwrap().ignores_dots);
    for (line, is_quiet) in [("-oeq", true), ("-eq", true), ("-OErrorMode=q", true), ("-oem", false), ("-oee", false)] {
        assert_eq!(of(&[line, "x@y"]).unwrap().is_quiet, is_quiet, "{line}");
    }
    for (line, mode) in
        [("-bm", Mode::Mail), ("-bs", Mode::Smtp), ("-bp", Mode::Queue), ("-bi", Mode::Aliases), ("-I", Mode::Aliases)]
    {
        assert_eq!(of(&[line, "x@y"]).unwrap().mode, mode, "{line}");
    }
    let none = || std::iter::empty::<String>();
    assert_eq!(read(Called::Mailq, none()).unwrap().mode, Mode::Queue);
    assert_eq!(read(Called::Newaliases, none()).unwrap().mode, Mode::Aliases);
}

#[test]
fn what_has_no_meaning_here_is_passed_over() {
    for line in [
        "-odi",
        "-odb",
        "-om",
        "-o7",
        "-OQueueDirectory=/tmp",
        "-X/tmp/log",
        "-Ltag",
        "-U",
        "-G",
        "-n",
        "-h5",
        "-Ac",
        "-d0.1",
        "-pSMTP:h",
        "-B7BIT",
    ] {
        let read = of(&[line, "x@y"]).unwrap_or_else(|wrong| panic!("{line}: {wrong}"));
        assert_eq!(read, Options { recipients: vec!["x@y".into()], ..Options::default() }, "{line}");
    }
}

#[test]
fn what_is_not_understood_is_refused_with_what_to_do() {
    let table: [(&[&str], &str); 15] = [
        (&[], "no recipient"),
        (&["-i"], "use -t"),
        (&["-bd"], "postrider serve"),
        (&["-bD"], "postrider serve"),
        (&["-q"], "by itself"),
        (&["-q15m"], "by itself"),
        (&["-bv", "x@y"], "there is -bm"),
        (&["-Z", "x@y"], "no option -Z"),
        (&["-tZ"], "no option -Z"),
        (&["-f"], "-f needs a value"),
        (&["-Nsometimes", "x@y"], "never"),
        (&["-Rsome", "x@y"], "hdrs or full"),
        (&["-oex", "x@y"], "-oeq"),
        (&["-BBINARYMIME", "x@y"], "encode"),
        (&["x@y", "-f", "a@x"], "options go before recipients"),
    ];
    for (line, part) in table {
        let wrong = of(line).unwrap_err();
        assert!(wrong.contains(part) && !wrong.contains('\n'), "{line:?}: {wrong}");
    }
}
