//! Mail into mailboxes that other programs keep: Dovecot takes it by LMTP, or finds it where we have put it, and shows it
//! by IMAP.

use std::{
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use crate::{
    daemon::{
        home::{route, Home},
        process::Daemon,
        sink::Sink,
        within,
    },
    mail::{shown, Mail, LONG},
    peers::Peer,
    senders,
};

/// What a user sees in the inbox.
fn inbox(dovecot: &Peer, user: &str) -> Vec<u8> {
    imap(dovecot, user, "show")
}

/// What a user does in the inbox: see imap.py.
fn imap(dovecot: &Peer, user: &str, what: &str) -> Vec<u8> {
    let socket = dovecot.folder.join("run/imap-test");
    let mut command = Command::new("python3");
    command.arg("tests/interop/peers/imap.py").arg(socket).args([user, what]);
    let output = command.output().expect("python3 is installed");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn lmtp_to(socket: &str, dovecot: &Peer) {
    let sink = Sink::start();
    let lmtp = format!("[[route]]\ndomain = \"box.example\"\nto = \"lmtp:{socket}\"\nretry = [\"500 ms\"]\n");
    let home = Home::new("segment_size = \"4 MiB\"", &(lmtp + &route("*", sink.port, "")));
    let (daemon, mail) = (home.start(), Mail::new("boxes", LONG));
    let to = ["one@box.example", "full@box.example", "nobody@box.example", "two@box.example"];
    senders::smtplib(daemon.address, &to, "BODY=8BITMIME", &mail);
    let mut reports = String::new();
    let told = within(Duration::from_secs(20), || {
        reports.extend(sink.taken().iter().map(|report| String::from_utf8_lossy(&report.content).into_owned()));
        reports.contains("nobody@box.example") && reports.contains("full@box.example")
    });
    assert!(told, "{reports}\n{}", home.log_tail());
    assert!(reports.contains("5.1.1") && reports.contains("5.2.2"), "{reports}");
    for user in ["one", "two"] {
        let came = within(Duration::from_secs(20), || mail.is_in(&inbox(dovecot, user)));
        assert!(came, "nothing for {user}\n{}", home.log_tail());
        let seen = inbox(dovecot, user);
        assert!(mail.came_through_in(&seen), "changed:\n{}", shown(std::slice::from_ref(&seen)));
        assert!(seen.starts_with(b"Return-Path: <sender@from.example>\r\n"), "{}", shown(std::slice::from_ref(&seen)));
    }
    assert_eq!(inbox(dovecot, "full"), b"", "who was refused got nothing");
    assert_eq!(daemon.drain(), Some(0), "{}", home.log_tail());
}

#[test]
#[ignore = "needs root and Dovecot; .ci/run runs it"]
fn dovecot_answers_by_lmtp_for_each_recipient_over_a_socket_in_the_file_system() {
    let dovecot = Peer::start("dovecot", &[]);
    let socket = dovecot.folder.join("run/lmtp");
    lmtp_to(&Path::new(&socket).display().to_string(), &dovecot);
}

#[test]
#[ignore = "needs root and Dovecot; .ci/run runs it"]
fn dovecot_answers_by_lmtp_for_each_recipient_over_tcp() {
    let dovecot = Peer::start("dovecot", &[]);
    lmtp_to(&format!("127.0.0.1:{}", dovecot.port), &dovecot);
}

/// Dovecot, and a daemon that writes into its mailboxes.
struct Shared {
    dovecot: Peer,
    home: Home,
}

impl Shared {
    fn new(line_ends: &str) -> Self {
        let dovecot = Peer::start("dovecot", &[]);
        let folder = dovecot.folder.join("mail");
        let owner = fs::metadata(folder.join("one")).expect("the peer has made it");
        let rest = format!(
            "[maildir]\nfolder = \"{}/{{user}}\"\nowner = \"{}:{}\"\nline_ends = \"{line_ends}\"\n\
             [[route]]\ndomain = \"box.example\"\nto = \"maildir\"\nretry = [\"300 ms\"]\n",
            folder.display(),
            owner.uid(),
            owner.gid()
        );
        Shared { dovecot, home: Home::new("segment_size = \"4 MiB\"", &rest) }
    }

    /// The names of the files in one part of the mailbox of `one`.
    fn files(&self, part: &str) -> Vec<String> {
        let folder: PathBuf = self.dovecot.folder.join("mail/one").join(part);
        let Ok(files) = fs::read_dir(folder) else { return Vec::new() };
        files.map(|file| file.expect("it can be read").file_name().to_string_lossy().into_owned()).collect()
    }

    /// This mail comes to `one` and `two`, and is shown as it was sent.
    fn gets(&self, daemon: &Daemon, mail: &Mail) {
        senders::smtplib(daemon.address, &["one@box.example", "two@box.example"], "BODY=8BITMIME", mail);
        for user in ["one", "two"] {
            let came = within(Duration::from_secs(20), || mail.is_in(&inbox(&self.dovecot, user)));
            let seen = inbox(&self.dovecot, user);
            assert!(came && mail.came_through_in(&seen), "{user}:\n{}", shown(std::slice::from_ref(&seen)));
        }
    }

    /// How often `one` is shown a mail.
    fn shows(&self, mail: &Mail) -> usize {
        let (seen, content) = (inbox(&self.dovecot, "one"), &mail.content);
        seen.windows(content.len()).filter(|here| here == content).count()
    }

    fn flags(&self) -> String {
        String::from_utf8(imap(&self.dovecot, "one", "flags")).expect("flags are ASCII")
    }
}

fn written_by_us(line_ends: &str) {
    let shared = Shared::new(line_ends);
    let (daemon, first, second) = (shared.home.start(), Mail::new("first", LONG), Mail::new("second", LONG));
    shared.gets(&daemon, &first);
    assert!(inbox(&shared.dovecot, "one").starts_with(b"Return-Path: <sender@from.example>\r\nDelivered-To: one@"));
    let name = shared.files("new");
    assert_eq!((name.len(), shared.flags().as_str()), (1, "\n"), "it is new");
    imap(&shared.dovecot, "one", "seen");
    assert_eq!(shared.files("new"), Vec::<String>::new());
    assert_eq!(shared.files("cur"), [format!("{}:2,S", name[0])], "its name stays");
    shared.gets(&daemon, &second);
    assert_eq!(shared.flags(), "\\Seen\n\n");
    assert_eq!((shared.shows(&first), shared.shows(&second)), (1, 1));
    assert_eq!(inbox(&shared.dovecot, "full"), b"");
    assert_eq!(daemon.drain(), Some(0), "{}", shared.home.log_tail());
}

#[test]
#[ignore = "needs root and Dovecot; .ci/run runs it"]
fn dovecot_shows_what_we_have_put_into_its_mailboxes_and_keeps_flags_on_it() {
    written_by_us("lf");
}

#[test]
#[ignore = "needs root and Dovecot; .ci/run runs it"]
fn dovecot_shows_what_we_have_put_into_its_mailboxes_with_crlf() {
    written_by_us("crlf");
}

/// The daemon dies when the file has its name and nobody has noted it; the user does something; the daemon delivers again.
/// Says what the mailboxes are then.
fn killed_when_the_mail_was_there(user_does: &str) -> Shared {
    let shared = Shared::new("lf");
    let mail = Mail::new("killed", LONG);
    let trace = shared.home.path("trace").display().to_string();
    // Whoever gives a file its name waits ten minutes (in microseconds) before going on.
    let waits = ["-e", "trace=renameat2", "-e", "inject=renameat2:delay_exit=600000000"];
    let strace = ["strace", "-f", "-o", &trace, "-e", "signal=none"];
    let daemon = shared.home.start_under(&[&strace[..], &waits].concat());
    senders::smtplib(daemon.address, &["one@box.example"], "BODY=8BITMIME", &mail);
    let came = within(Duration::from_secs(20), || shared.files("new").len() == 1);
    assert!(came && shared.shows(&mail) == 1, "{}", shared.home.log_tail());
    imap(&shared.dovecot, "one", user_does);
    assert!(!shared.home.log().contains("status=\"delivered\""), "nobody has noted it");
    daemon.kill();
    let (daemon, second) = (shared.home.start(), Mail::new("second", LONG));
    let again = within(Duration::from_secs(20), || shared.home.log().contains("it was in the mailbox already"));
    assert!(again, "{}", shared.home.log_tail());
    shared.gets(&daemon, &second);
    assert_eq!((shared.shows(&mail), shared.shows(&second)), (1, 1));
    assert_eq!(daemon.drain(), Some(0), "{}", shared.home.log_tail());
    shared
}

#[test]
#[ignore = "needs root, Dovecot and strace; .ci/run runs it"]
fn dovecot_shows_a_mail_once_that_was_delivered_again_after_kill_nine() {
    let shared = killed_when_the_mail_was_there("show");
    assert_eq!(shared.flags(), "\n\n");
}

#[test]
#[ignore = "needs root, Dovecot and strace; .ci/run runs it"]
fn a_mail_that_was_read_in_dovecot_before_it_was_delivered_again_stays_one_and_read() {
    let shared = killed_when_the_mail_was_there("seen");
    assert_eq!(shared.flags(), "\\Seen\n\n");
}
