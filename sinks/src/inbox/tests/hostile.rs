//! What is in the way: links, pipes, huge files, names that lead elsewhere, files that change.

use std::os::unix::fs::symlink;

use rustix::fs::{mknodat, FileType, Mode, CWD};

use super::{super::head::Head, *};

fn problem(inbox: &Inbox, name: &str) -> MessageProblem {
    inbox.get(name).unwrap_err().problem
}

#[test]
fn what_cannot_be_read_is_an_error_of_its_own_and_the_others_go_on() {
    let home = Home::new();
    home.put("1.eml", 1, MAIL);
    home.put("2.eml", 2, "%PDF-1.4\n\0\0");
    symlink("1.eml", home.path("3.eml")).unwrap();
    mknodat(CWD, home.path("4.eml"), FileType::Fifo, Mode::RUSR, 0).unwrap();
    home.put("5.eml", 5, "\r\nan empty header");
    home.put("6.eml", 6, MAIL);
    let inbox = home.drop_folder();
    let mut found = listed(&inbox);
    found.sort();
    assert_eq!(found, ["1.eml", "2.eml: NoMail", "3.eml: NoFile", "4.eml: NoFile", "5.eml: NoMail", "6.eml"]);
    assert!(problem(&inbox, "2.eml").is_permanent());
}

#[test]
fn a_file_that_cannot_be_looked_at_is_an_error_of_its_own_and_may_pass() {
    use rustix::{fs::statat, fs::AtFlags, io::Errno};
    let (home, maildir) = (Home::new(), Home::with_maildir());
    ["a.eml", "bad", "c.eml"].into_iter().zip(1..).for_each(|(name, second)| home.put(name, second, MAIL));
    ["new/a", "cur/bad:2,S", "cur/c:2,"]
        .into_iter()
        .zip(1..)
        .for_each(|(name, second)| maildir.put(name, second, MAIL));
    for (mut inbox, [first, last]) in [(home.drop_folder(), ["a.eml", "c.eml"]), (maildir.maildir(), ["a", "c"])] {
        Arc::get_mut(&mut inbox.folders).unwrap().stat = |folder, file| match file.starts_with(b"bad") {
            true => Err(Errno::IO),
            false => statat(folder, file, AtFlags::SYMLINK_NOFOLLOW),
        };
        let all: Vec<_> = inbox.messages().unwrap().collect();
        let names = all.iter().flatten().map(|message| message.name().to_owned());
        assert_eq!(names.collect::<Vec<_>>(), [first, last]);
        let error = all.into_iter().find_map(Result::err).unwrap();
        assert!(matches!(error.problem, MessageProblem::File { .. }) && error.name == "bad", "{error}");
        assert!(!error.problem.is_permanent());
        assert!(matches!(problem(&inbox, "bad"), MessageProblem::File { .. }));
        assert_eq!(inbox.count().unwrap(), 3);
        inbox.get(last).unwrap().delete().unwrap();
    }
}

#[test]
fn a_name_never_leads_out_of_the_folder() {
    let home = Home::new();
    fs::create_dir(home.path("drop")).unwrap();
    home.put("secret.eml", 1, MAIL);
    home.put("drop/.hidden", 1, MAIL);
    let inbox = Inbox::drop_folder(home.path("drop")).unwrap();
    let long = "x".repeat(256);
    for name in ["../secret.eml", "..", ".", "", "/etc/passwd", "a/../../secret.eml", ".hidden", "a\0b", &long] {
        assert!(matches!(problem(&inbox, name), MessageProblem::Name), "{name}");
    }
    let maildir = Home::with_maildir();
    maildir.put("cur/a:2,S", 1, MAIL);
    for name in ["a:2,S", "../cur/a", "../../secret.eml"] {
        assert!(matches!(problem(&maildir.maildir(), name), MessageProblem::Name), "{name}");
    }
}

#[test]
fn a_huge_message_is_listed_and_deleted_but_not_read() {
    let home = Home::new();
    home.put("a.eml", 1, format!("x-sender: a@x\r\n{MAIL}"));
    let size = MAIL.len() as u64;
    let inbox = home.drop_folder().largest(size);
    assert_eq!(inbox.get("a.eml").unwrap().octets().unwrap(), MAIL.as_bytes());
    let message = inbox.largest(size - 1).get("a.eml").unwrap();
    assert_eq!(message.subject(), Some("hi"));
    let error = message.read().unwrap_err();
    assert!(matches!(error.problem, MessageProblem::Large { octets, most } if octets == size && most == size - 1));
    message.delete().unwrap();
    let sparse = File::create(home.path("b.eml")).unwrap();
    sparse.set_len(1 << 40).unwrap();
    assert_eq!(listed(&home.drop_folder()), ["b.eml: NoMail"]);
}

#[test]
fn a_header_has_a_limit() {
    let home = Home::new();
    let limit = usize::try_from(MOST_HEADER).unwrap();
    let header = |octets: usize| format!("X: {}\r\n\r\n", "y".repeat(octets - 7));
    home.put("fits.eml", 1, header(limit) + "body");
    home.put("open.eml", 2, header(limit - 10).trim_end());
    home.put("large.eml", 3, header(limit + 1) + "body");
    home.put("endless.eml", 4, format!("X: {}", "y".repeat(2 * limit)));
    home.put("name.eml", 5, "y".repeat(2 * limit));
    let large = format!("large.eml: LargeHeader({MOST_HEADER})");
    let endless = format!("endless.eml: LargeHeader({MOST_HEADER})");
    assert_eq!(listed(&home.drop_folder()), ["fits.eml", "open.eml", &large, &endless, "name.eml: NoMail"]);
}

#[test]
fn a_file_that_is_replaced_or_written_is_not_taken_for_the_one_that_was_listed() {
    let home = Home::new();
    home.put("a.eml", 1, MAIL);
    home.put("b.eml", 1, MAIL);
    let inbox = home.drop_folder();
    let [replaced, written] = ["a.eml", "b.eml"].map(|name| inbox.get(name).unwrap());
    home.put("other", 1, MAIL);
    fs::rename(home.path("other"), home.path("a.eml")).unwrap();
    home.put("b.eml", 1, MAIL.to_owned() + "more");
    for message in [replaced, written] {
        let name = message.name().to_owned();
        assert!(matches!(message.octets().unwrap_err().problem, MessageProblem::Changed), "{name}");
        assert!(matches!(message.delete().unwrap_err().problem, MessageProblem::Changed), "{name}");
    }
    assert_eq!(home.names(""), ["a.eml", "b.eml"]);
}

#[test]
fn what_vanishes_before_its_turn_is_an_error_and_of_no_interest_to_who_sees_only_his() {
    let home = Home::new();
    home.put("a.eml", 1, MAIL);
    home.put("b.eml", 2, MAIL);
    let inbox = home.drop_folder();
    let bobs = inbox.clone().only_for("bob@example.net".parse().unwrap());
    let (mut all, his) = (inbox.messages().unwrap(), bobs.messages().unwrap());
    fs::remove_file(home.path("a.eml")).unwrap();
    assert!(matches!(all.next().unwrap().unwrap_err().problem, MessageProblem::Gone));
    assert_eq!(all.next().unwrap().unwrap().name(), "b.eml");
    assert_eq!(his.map(|one| one.unwrap().name().to_owned()).collect::<Vec<_>>(), ["b.eml"]);
}

#[test]
fn a_file_that_may_not_be_read_is_an_error_that_may_pass() {
    use std::os::unix::fs::PermissionsExt;
    if rustix::process::geteuid().is_root() {
        return; // root may read everything
    }
    let home = Home::new();
    home.put("a.eml", 1, MAIL);
    fs::set_permissions(home.path("a.eml"), fs::Permissions::from_mode(0o000)).unwrap();
    let problem = problem(&home.drop_folder(), "a.eml");
    assert!(matches!(problem, MessageProblem::File { step: "opening it", .. }) && !problem.is_permanent(), "{problem}");
}

#[test]
fn a_part_with_a_header_that_would_take_too_long_is_not_parsed() {
    let of = |part: &str| format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n{part}hi\r\n--b--\r\n");
    let many = |count: usize| (0..count).map(|n| format!(";a{n:05}*1=x")).collect::<String>();
    let field = |count| format!("Content-Type: a/b{}\r\n\r\n", many(count));
    let long = |octets: usize| format!("X: {}\r\n\r\n", "y".repeat(octets - 7));
    let other = format!("DKIM-Signature: a{}\r\n\r\n", many(1000));
    let read = |mail: String| crate::inbox::body::read(mail.into());
    for fine in [field(100), long(MOST_PART_HEADER + 1), of(&field(100)), of(&long(MOST_PART_HEADER)), of(&other)] {
        assert!(read(fine).is_ok());
    }
    for large in [field(101), of(&field(101)), of(&long(MOST_PART_HEADER + 1)), of(&field(100_000))] {
        assert!(matches!(read(large), Err(MessageProblem::PartHeader)));
    }
}

#[test]
fn no_header_takes_long() {
    let begins = ["To: ", "From: a@b", "Subject: ", "Content-Type: a/b", "Content-Disposition: attachment", "Date: "];
    let repeated =
        ["(", "\"", ",a@b", "a:", ";", "<", "=?utf-8?Q?a?= ", ";name*0=x", ";name*1*=utf-8''x", "\\", "\r\n x", "=?"];
    for (begin, part) in begins.iter().flat_map(|begin| repeated.map(|part| (begin, part))) {
        let started = std::time::Instant::now();
        let header = format!("{begin}{}\r\n\r\n", part.repeat((1 << 18) / part.len()));
        drop(Head::read(header.as_bytes()));
        drop(crate::inbox::body::read(header.into()));
        assert!(started.elapsed().as_secs() < 20, "{begin} {part}: {:?}", started.elapsed());
    }
}
