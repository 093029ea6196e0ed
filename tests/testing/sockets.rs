//! A peer at a real socket, and a client that says what clients should not.

use std::{
    io::{BufRead, BufReader, ErrorKind, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use postrider::{
    assert_delivered, assert_not_delivered,
    testing::{wait, Act, At, Extension, Peer},
    Engine, Settings,
};

struct Client {
    stream: TcpStream,
    replies: BufReader<TcpStream>,
}

impl Client {
    fn connect(peer: &Peer) -> Self {
        Client::to(peer.address())
    }

    fn to(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let mut client = Client { replies: BufReader::new(stream.try_clone().unwrap()), stream };
        assert_eq!(client.reply(), "220");
        client
    }

    /// The code of the next reply; empty: the connection is over.
    fn reply(&mut self) -> String {
        loop {
            let mut line = String::new();
            if self.replies.read_line(&mut line).is_err() || line.len() < 4 {
                return String::new();
            }
            if line.as_bytes()[3] != b'-' {
                return line[..3].to_owned();
            }
        }
    }

    /// Says it all at once and gives the codes of the answers.
    fn says(&mut self, octets: &str, answers: usize) -> String {
        self.stream.write_all(octets.as_bytes()).unwrap();
        (0..answers).map(|_| self.reply()).collect::<Vec<_>>().join(" ")
    }
}

#[test]
fn it_speaks_smtp() {
    let table = [
        ("EHLO me\r\nMAIL FROM:<a@x.org>\r\nRCPT TO:<b@x.org>\r\nDATA\r\n", "250 250 250 354"),
        ("MAIL FROM:<a@x.org>\r\nEHLO me\r\nRCPT TO:<b@x.org>\r\nDATA\r\n", "503 250 503 503"),
        ("EHLO me\r\nMAIL FROM:<a@x.org>\r\nMAIL FROM:<a@x.org>\r\nDATA\r\n", "250 250 503 554"),
        (
            "EHLO me\r\nMAIL FROM:<a@x.org> X=1\r\nHELP\r\nNOOP\r\nVRFY a\r\nRSET\r\nQUIT\r\n",
            "250 555 500 250 252 250 221",
        ),
        (
            "EHLO me\r\nMAIL FROM:<>\r\nRCPT TO:<b@x.org>\r\nBDAT 3\r\nabcBDAT 0 LAST\r\nNOOP\r\n",
            "250 250 250 250 250 250",
        ),
        ("EHLO me\r\nBDAT 5 LAST\r\n12345NOOP\r\n", "250 503 250"),
        ("LHLO me\r\n", "500"),
    ];
    for (said, answers) in table {
        let peer = Peer::start();
        let number = answers.split(' ').count();
        assert_eq!(Client::connect(&peer).says(said, number), answers, "{said}");
    }
}

#[test]
fn it_speaks_lmtp() {
    let peer = Peer::start_lmtp();
    peer.once(At::EndFor(1), (550, "5.2.2 Full"));
    let mut client = Client::connect(&peer);
    let said = "LHLO me\r\nMAIL FROM:<a@x.org>\r\nRCPT TO:<b@x.org>\r\nRCPT TO:<c@x.org>\r\nDATA\r\n";
    assert_eq!(client.says(said, 5), "250 250 250 250 354");
    assert_eq!(client.says("Subject: hi\r\n\r\n..\r\n.\r\n", 2), "550 250");
    assert_not_delivered!(peer, "b@x.org");
    assert_delivered!(peer, "c@x.org", subject = "hi", contains = "\r\n\r\n.\r\n");
    assert_eq!(client.says("EHLO me\r\n", 1), "500");
}

#[test]
fn a_mail_that_is_too_large_is_refused_when_it_is_announced_and_when_it_comes() {
    let peer = Peer::start();
    peer.offers([Extension::Size(10)]);
    let mut client = Client::connect(&peer);
    assert_eq!(client.says("EHLO me\r\nMAIL FROM:<a@x.org> SIZE=11\r\n", 2), "250 552");
    assert_eq!(client.says("MAIL FROM:<a@x.org> SIZE=9\r\nRCPT TO:<b@x.org>\r\nDATA\r\n", 3), "250 250 354");
    assert_eq!(client.says("0123456789\r\n.\r\n", 1), "552");
    assert!(peer.taken().is_empty());
}

#[test]
fn a_peer_that_goes_down_cuts_its_clients_and_comes_back_at_the_same_address() {
    let peer = Peer::start();
    let mut client = Client::connect(&peer);
    peer.down();
    assert_eq!(client.says("NOOP\r\n", 1), "");
    assert_eq!(TcpStream::connect(peer.address()).unwrap_err().kind(), ErrorKind::ConnectionRefused);
    peer.up();
    assert_eq!(Client::connect(&peer).says("NOOP\r\n", 1), "250");
    assert_eq!(peer.connections(), 2);
}

#[test]
fn it_can_be_silent_and_ends_with_the_last_who_has_it() {
    let peer = Peer::start();
    peer.once(At::Hello, Act::Hang);
    let mut client = Client::connect(&peer);
    client.stream.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    assert_eq!(client.says("EHLO me\r\n", 1), "");
    let (again, address) = (peer.clone(), peer.address());
    drop(peer);
    assert!(TcpStream::connect(address).is_ok(), "a clone is the same peer");
    drop(again);
    let is_gone = (0..100).any(|_| {
        std::thread::sleep(Duration::from_millis(10));
        TcpStream::connect(address).is_err()
    });
    assert!(is_gone);
}

#[test]
fn an_engine_that_is_no_test_engine_delivers_to_it() {
    let (peer, folder) = (Peer::start(), tempfile::tempdir().unwrap());
    let text = format!(
        "hostname = \"engine.test\"\nsmart_host = [\"{}\"]\n[listen]\nsockets = [\"127.0.0.1:0\"]\n[spool]\nfolder = {:?}\n",
        peer.address(),
        folder.path()
    );
    let engine = Engine::builder(Settings::from_toml(&text).unwrap()).start().unwrap();
    let mut client = Client::to(engine.addresses()[0]);
    assert_eq!(client.says("EHLO me\r\n", 1), "250");
    assert_eq!(client.says("MAIL FROM:<a@x.org>\r\nRCPT TO:<b@x.org>\r\nDATA\r\n", 3), "250 250 354");
    assert_eq!(client.says("Subject: over sockets\r\n\r\n.\r\n", 1), "250");
    let in_time = (0..500).any(|_| {
        std::thread::sleep(Duration::from_millis(10));
        !peer.taken().is_empty()
    });
    assert!(in_time);
    assert_delivered!(peer, "b@x.org", subject = "over sockets", times = 1);
    wait(engine.drain(Duration::from_secs(5)));
}
