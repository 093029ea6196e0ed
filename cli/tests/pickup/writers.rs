//! Who writes, and what comes of it: other users, urgent files, exported mail, what a sink refuses.

use std::{
    fs::{self, Permissions},
    io::Write,
    os::unix::{fs::PermissionsExt, process::CommandExt},
    process::{Command, Stdio},
    time::SystemTime,
};

use crate::{bad, daemon::Home, mail, only_left, put, put_into, AT_SIGHT};

/// Runs a line of shell as this user, who is in no other group; whether it succeeds.
fn shell_as(user: u32, line: &str, input: &str) -> bool {
    let mut command = Command::new("sh");
    command.args(["-c", line]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    if rustix::process::geteuid().is_root() {
        command.uid(user).gid(user);
    }
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait().unwrap().success()
}

#[test]
fn in_a_folder_of_mode_1733_each_user_may_write_and_is_recorded_and_touches_nobody_elses_file() {
    let mut home = Home::with_pickup_and("scan = \"100 ms\"\nrest = \"200 ms\"\nmode = \"1733\"\n");
    fs::set_permissions(home.path(""), Permissions::from_mode(0o711)).unwrap();
    fs::remove_dir(home.path("pickup")).unwrap(); // the daemon makes it
    home.start();
    let mode = |name: &str| fs::metadata(home.path(name)).unwrap().permissions().mode() & 0o7777;
    assert_eq!(["pickup", "pickup/high", "pickup/low", "pickup/.claimed"].map(mode), [0o1733, 0o1733, 0o1733, 0o700]);
    let pickup = home.path("pickup").display().to_string();
    assert!(shell_as(4711, &format!("umask 077; cat >{pickup}/.kept.tmp; cat {pickup}/.kept.tmp"), "x"));
    assert!(shell_as(4711, &format!("umask 077; cat >{pickup}/letter"), &mail("of another user")));
    let got = home.mail();
    let root = rustix::process::geteuid().is_root();
    let writer = if root { 4711 } else { rustix::process::geteuid().as_raw() };
    let received = format!("\nReceived: by h.example (from a folder, uid:{writer}) id ");
    assert!(got.contains(&received) && got.contains("Subject: of another user\n"), "{got}");
    let file = format!("{pickup}/.kept.tmp");
    assert!(!root || !shell_as(4712, &format!("ls {pickup}"), ""), "nobody else may look");
    assert!(!root || !shell_as(4712, &format!("rm -f {file} || mv {file} {file}2 || cat {file}"), ""));
    assert!(home.path("pickup/.kept.tmp").exists());
}

#[test]
fn files_in_high_go_before_all_others_and_those_in_low_behind_them() {
    let mut home = Home::new("connections = 1\n"); // of its route: one after the other
    home.set(&format!("[[pickup]]\nfolder = {:?}\n{AT_SIGHT}", home.path("pickup")));
    for (below, name) in [("pickup/low", "a"), ("pickup", "b"), ("pickup/high", "c")] {
        fs::create_dir_all(home.path(below)).unwrap();
        (0..40).for_each(|n| put_into(&home.path(below), &format!("{name}{n:02}"), mail(name)));
    }
    home.start();
    home.delivered(120);
    let mut times = [("c", Vec::new()), ("b", Vec::new()), ("a", Vec::new())];
    for file in crate::daemon::mails(&home.path("drop")) {
        let text = fs::read_to_string(&file).unwrap();
        let (_, all) = times.iter_mut().find(|(name, _)| text.contains(&format!("Subject: {name}\r\n"))).unwrap();
        all.push((claim_of(&text), fs::metadata(&file).unwrap().modified().unwrap()));
    }
    let [urgent, usual, low] = times.map(|(_, all)| all);
    for (before, behind) in [(&urgent, &usual), (&usual, &low)] {
        assert!(before.len() == 40 && behind.len() == 40);
        let last = before.iter().map(|(claim, _)| *claim).max();
        assert!(last < behind.iter().map(|(claim, _)| *claim).min(), "claimed in another order: {before:?} {behind:?}");
    }
    let middle = |all: &[(u64, SystemTime)]| all.iter().map(|(_, time)| *time).max().unwrap();
    assert!(middle(&urgent) < middle(&usual) && middle(&usual) < middle(&low), "delivered in another order");
}

/// The number of the claim, which stands in the trace field.
fn claim_of(mail: &str) -> u64 {
    let (_, behind) = mail.split_once(" id ").unwrap();
    let id = behind.split_ascii_whitespace().next().unwrap();
    u64::from_str_radix(id.split_once('-').unwrap().1, 16).unwrap()
}

#[test]
fn an_exported_mail_goes_on_to_the_octet() {
    let mut home = Home::with_pickup_and(&format!("form = \"replay\"\n{AT_SIGHT}"));
    home.start();
    let mut exported = b"Subject: =?utf-8?q?folded?=\r\n\tand  folded \r\n again\r\nBcc: kept@c.example\r\nX-Empty:\r\n\
                         To: somebody@else.example\r\nReceived: from far\r\n\r\n.\r\n..\r\n.dot\r\nblank \t\r\n\r\n\xff\xfe\r\n"
        .to_vec();
    exported.extend(std::iter::repeat_n(b'y', 1500));
    exported.extend_from_slice(b"\r\nFrom here\r\n\r\nlast\r\n\r\n");
    let above = b"X-Sender: <me@a.example> BODY=8BITMIME RET=HDRS\r\nX-Receiver: <you@b.example> NOTIFY=NEVER ORCPT=rfc822;o@b.example\r\n\
                  X-Receiver: <too@b.example>\r\nX-CreatedBy: MSExchange15\r\nX-EndOfInjectedXHeaders: 1\r\n";
    put(&home, "exported.eml", [&above[..], &exported].concat());
    let [got] = &home.octets(1)[..] else { panic!("one mail") };
    let above =
        b"x-sender: me@a.example\r\nx-receiver: you@b.example\r\nx-receiver: too@b.example\r\nReceived: by h.example ";
    let trace = got.strip_suffix(&exported[..]).expect("it is changed").strip_prefix(&above[..]).unwrap();
    let trace = std::str::from_utf8(trace).unwrap();
    assert!(trace.ends_with("\r\n") && trace.trim_end().lines().skip(1).all(|line| line.starts_with('\t')), "{trace}");
}

#[test]
fn what_a_sink_rejects_is_bad_mail_with_the_words_of_the_sink_and_others_go_on() {
    let block = "[[sink]]\nkind = \"attachment_block\"\nevents = [\"submission\"]\nnames = [\"*.exe\"]\n";
    let mut home = Home::with_pickup_and(&format!("{AT_SIGHT}{block}"));
    home.start();
    let program = "Content-Type: application/octet-stream; name=\"a.exe\"\n\nMZ\n";
    let rejected = mail("program").replace("\n\ntext\n", &format!("\n{program}"));
    put(&home, "a.eml", &rejected);
    put(&home, "b.eml", mail("text"));
    let [(note, octets)] = &bad(&home, 1)[..] else { panic!("one bad mail") };
    assert_eq!((&note["code"], &note["file"]), (&"refused".into(), &"a.eml".into()));
    assert!(
        note["text"].as_str().unwrap().contains("554") && note["text"].as_str().unwrap().contains("5.7.1"),
        "{note}"
    );
    assert_eq!(octets.as_deref(), Some(rejected.as_bytes()));
    assert!(home.mail().contains("Subject: text\n"));
    only_left(&home, &[]);
}
