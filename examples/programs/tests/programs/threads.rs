//! `with_a_thread`: threads that send, and no async runtime.

use std::collections::BTreeSet;

use postrider::testing::{At, Peer};
use rustix::process::Signal;
use tempfile::TempDir;

use super::program::{Program, LONG};

fn start(peer: &Peer, spool: &TempDir, recipients: &[&str]) -> Program {
    let (smart_host, spool) = (peer.address().to_string(), spool.path().display().to_string());
    Program::start("with_a_thread", &[&["--smart-host", &smart_host, "--spool", &spool], recipients].concat())
}

/// To whom the newsletter went; panics if it went to somebody twice.
fn readers(peer: &Peer) -> BTreeSet<String> {
    let mut readers = BTreeSet::new();
    for mail in peer.taken().iter().filter(|mail| mail.subject().as_deref() == Some("Newsletter 7")) {
        for recipient in &mail.recipients {
            assert!(readers.insert(recipient.address.clone()), "{} has it twice", recipient.address);
        }
    }
    readers
}

#[test]
fn threads_send_and_print_what_becomes_of_each_mail_and_a_second_run_sends_nothing_again() {
    let (peer, spool) = (Peer::start(), TempDir::new().unwrap());
    peer.always(At::rcpt_to("nobody@example.org"), (550, "5.1.1 No such user"));
    let recipients = ["a@example.org", "b@example.org", "c@example.org", "d@example.org", "e@example.org"];
    let all = [&recipients[..], &["nobody@example.org", "no address"]].concat();
    for _ in 0..2 {
        let (status, said) = start(&peer, &spool, &all).ended();
        assert_eq!(status.code(), Some(0), "{said}");
        for recipient in recipients {
            assert!(said.contains(&format!("{recipient}: delivered\n")), "{said}");
        }
        assert!(said.contains("nobody@example.org: failed: "), "{said}");
        assert!(said.contains("no address: never sent: "), "{said}");
        assert!(said.ends_with("Drained\n"), "{said}");
    }
    assert_eq!(readers(&peer), recipients.map(String::from).into());
}

#[test]
fn threads_that_wait_end_at_a_signal_and_the_next_start_delivers() {
    for signal in [Signal::TERM, Signal::INT] {
        let (peer, spool) = (Peer::start(), TempDir::new().unwrap());
        peer.address();
        peer.down();
        let mut program = start(&peer, &spool, &["ann@example.org"]);
        program.says("ann@example.org: on disk as ");
        program.signal(signal);
        let (status, said) = program.ended();
        assert_eq!(status.code(), Some(0), "{said}");
        assert_eq!(said, "ann@example.org: goes out at the next start\nDrained\n");

        peer.up();
        let (status, said) = start(&peer, &spool, &["ann@example.org"]).ended();
        assert_eq!(status.code(), Some(0), "{said}");
        assert!(said.contains("ann@example.org: delivered\n"), "{said}");
        assert_eq!(readers(&peer), ["ann@example.org".to_owned()].into());
    }
}

#[test]
fn with_an_address_to_listen_on_it_takes_mail_by_smtp_as_well() {
    use std::{
        io::{BufRead, BufReader},
        net::TcpStream,
    };
    let (peer, spool) = (Peer::start(), TempDir::new().unwrap());
    peer.address();
    peer.down();
    let mut program = start(&peer, &spool, &["--listen", "127.0.0.1:0", "ann@example.org"]);
    let address = program.says("listening on ");
    program.says("ann@example.org: on disk as ");
    let client = TcpStream::connect(address).unwrap();
    client.set_read_timeout(Some(LONG)).unwrap();
    let mut greeting = String::new();
    BufReader::new(client).read_line(&mut greeting).unwrap();
    assert!(greeting.starts_with("220 "), "{greeting}");
    program.ends_in_order_by(Signal::TERM);
}
