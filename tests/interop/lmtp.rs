//! Programs that hand mail to the daemon by LMTP, over TCP and through a socket in the file system, and the mailboxes that
//! it ends in.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    time::Duration,
};

use crate::{
    daemon::{free_port, home::Home, process::Daemon, within},
    mail::{body, on_the_wire, shown, Mail, LONG, PLAIN},
    peers::Peer,
    senders,
};

/// A daemon that takes mail for its own users by LMTP.
struct Service {
    home: Home,
    daemon: Daemon,
    port: u16,
    socket: PathBuf,
}

impl Service {
    fn start() -> Self {
        let (port, home) = (free_port(), Home::new("", ""));
        let (socket, spool) = (home.path("lmtp"), home.spool().display().to_string());
        home.settings(&format!(
            "hostname = \"postrider.localhost\"\nlocal_domains = [\"box.example\"]\n\
             [listen]\nsockets = [\"127.0.0.1:0\"]\nlmtp = [\"127.0.0.1:{port}\", \"{}\"]\nlmtp_mode = \"0666\"\n\
             [spool]\nfolder = \"{spool}\"\nsegment_size = \"4 MiB\"\n[maildir]\nusers = \"any\"\n",
            socket.display()
        ));
        // Postfix gives up root's rights, and is to reach the socket.
        let folder = socket.parent().expect("a file is in a folder");
        fs::set_permissions(folder, Permissions::from_mode(0o711)).expect("the folder is ours");
        Service { daemon: home.start(), home, port, socket }
    }

    /// The mails of a user, once there are as many, as they were on the wire.
    fn mails(&self, user: &str, count: usize) -> Vec<Vec<u8>> {
        let folder = self.home.spool().join("mail").join(user).join("new");
        let files =
            || fs::read_dir(&folder).map(|all| all.map(|file| file.expect("a file").path()).collect::<Vec<_>>());
        let came = within(Duration::from_secs(30), || files().is_ok_and(|files| files.len() >= count));
        assert!(came, "nothing for {user}\n{}", self.home.log_tail());
        let mails = files().expect("it is there");
        mails.iter().map(|file| on_the_wire(&fs::read(file).expect("mail can be read"))).collect()
    }

    fn has_for(&self, user: &str, mail: &Mail) {
        let mails = self.mails(user, 1);
        assert!(mails.len() == 1 && mail.has_its_body_in(&mails[0]), "{user}:\n{}", shown(&mails));
        let text = String::from_utf8_lossy(&mails[0]).into_owned();
        assert!(text.contains(" with LMTP"), "{text}");
    }

    /// Where it listens: by TCP, and in the file system.
    fn places(&self) -> [String; 2] {
        [format!("127.0.0.1:{}", self.port), self.socket.display().to_string()]
    }

    fn end(self) {
        assert_eq!(self.daemon.drain(), Some(0), "{}", self.home.log_tail());
    }
}

const TO: [&str; 2] = ["ann@box.example", "bob@box.example"];

#[test]
#[ignore = "needs a built daemon; .ci/run runs it"]
fn what_smtplib_sends_by_lmtp_over_tcp_and_through_a_file_reaches_each_mailbox_and_each_is_answered() {
    let service = Service::start();
    for (number, place) in service.places().iter().enumerate() {
        let mail = Mail::new(&format!("smtplib{number}"), PLAIN);
        let to = TO.map(|to| format!("{number}{to}"));
        senders::lmtplib(place, &to.each_ref().map(String::as_str), &mail);
        service.has_for(&format!("{number}ann"), &mail);
        service.has_for(&format!("{number}bob"), &mail);
    }
    service.end();
}

#[test]
#[ignore = "needs swaks; .ci/run runs it"]
fn what_swaks_sends_by_lmtp_reaches_each_mailbox_and_each_is_answered() {
    let service = Service::start();
    for (number, place) in service.places().iter().enumerate() {
        let mail = Mail::new(&format!("swaks{number}"), LONG);
        let to = TO.map(|to| format!("{number}{to}"));
        senders::swaks_by_lmtp(place, &to.each_ref().map(String::as_str), &mail);
        service.has_for(&format!("{number}ann"), &mail);
        service.has_for(&format!("{number}bob"), &mail);
    }
    service.end();
}

#[test]
#[ignore = "needs smtp-source; .ci/run runs it"]
fn what_smtp_source_sends_by_lmtp_over_many_connections_reaches_each_mailbox() {
    let service = Service::start();
    for (user, place) in ["tcp", "file"].iter().zip(service.places()) {
        senders::smtp_source_by_lmtp(&place, &format!("{user}@box.example"), 50);
        for number in ["", "2", "3"] {
            let mails = service.mails(&format!("{number}{user}"), 50);
            assert_eq!(mails.len(), 50, "for {number}{user}");
            assert!(mails.iter().all(|mail| body(mail).len() >= 3000), "cut:\n{}", shown(&mails));
        }
    }
    service.end();
}

fn postfix_by(way: impl Fn(&Service) -> String) {
    let service = Service::start();
    let transport = format!("default_transport=lmtp:{}", way(&service));
    let sender = Peer::start("postfix-relay", &["--relay", "127.0.0.1:1", "--set", &transport, "--set", "relayhost="]);
    let mail = Mail::new("postfix", PLAIN);
    senders::postfix(&sender, &TO, &mail);
    service.has_for("ann", &mail);
    service.has_for("bob", &mail);
    service.end();
}

#[test]
#[ignore = "needs root and Postfix; .ci/run runs it"]
fn what_postfix_sends_by_lmtp_over_tcp_reaches_each_mailbox() {
    postfix_by(|service| format!("inet:127.0.0.1:{}", service.port));
}

#[test]
#[ignore = "needs root and Postfix; .ci/run runs it"]
fn what_postfix_sends_by_lmtp_through_a_file_reaches_each_mailbox() {
    postfix_by(|service| format!("unix:{}", service.socket.display()));
}

#[test]
#[ignore = "needs a built daemon; .ci/run runs it"]
fn a_socket_that_a_dead_daemon_left_is_taken_over_and_a_living_one_is_not() {
    let service = Service::start();
    let second = service.home.run(&[]);
    assert_eq!(second.status.code(), Some(78));
    let text = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(text.contains("listen.lmtp: "), "{text}");
    let Service { home, daemon, socket, .. } = service;
    daemon.kill();
    assert!(socket.exists(), "the dead tidy nothing up");
    let daemon = home.start();
    let mail = Mail::new("again", PLAIN);
    senders::lmtplib(&socket.display().to_string(), &["ann@box.example"], &mail);
    assert_eq!(daemon.drain(), Some(0), "{}", home.log_tail());
}
