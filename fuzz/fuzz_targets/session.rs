//! Any octets of a client, in any pieces: the session never panics, does the same for every split, and keeps its rules.

#![no_main]

use std::sync::Arc;

use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use postrider_engine::events::{CommandEdits, KindSet, KINDS};
use postrider_engine::session::{Action, Flushed, Phase, RelayPolicy, Session, SessionSettings};
use postrider_engine::{Body, Moment, Peer};

/// What one run did: replies as text, mails as octets.
type Transcript = Vec<String>;

/// Small limits, so that a short input meets them; half of all runs come from a network whose newlines are mended,
/// and half speak LMTP.
fn settings(lmtp: bool) -> SessionSettings {
    let mut settings = SessionSettings::new("mx.here.example");
    settings.lmtp = lmtp;
    settings.relay = RelayPolicy::new(Vec::new(), ["here.example"]);
    settings.bare_newlines_from = "192.0.2.0/24".parse().into_iter().collect();
    settings.relay.networks = settings.bare_newlines_from.clone();
    settings.submission = true;
    let limits = &mut settings.limits;
    (limits.message_size, limits.drain, limits.recipients) = (300, 100, 3);
    (limits.mails, limits.received, limits.command_line, limits.skip) = (4, 3, 200, 300);
    (limits.header_line, limits.header, limits.text_line) = (60, 120, 100);
    settings
}

/// `listened`: sinks that change nothing but the size that a mail may have are asked about everything.
fn run<'a>(lenient: bool, lmtp: bool, listened: KindSet, pieces: impl Iterator<Item = &'a [u8]>) -> Transcript {
    let ip = if lenient { "192.0.2.7" } else { "198.51.100.7" };
    let mut peer = Peer::default();
    peer.ip = ip.parse().ok();
    let mut session = Session::new(Arc::new(settings(lmtp)), peer, "id");
    session.greeting();
    session.listen_to(listened);
    let (mut input, mut content, mut transcript) = (BytesMut::new(), Vec::new(), Vec::new());
    for piece in pieces {
        input.extend_from_slice(piece);
        while let Some(action) = session.step(&mut input) {
            play(&mut session, action, &mut content, &mut transcript);
        }
        assert_ne!(session.phase(), Phase::Committing);
    }
    transcript
}

fn play(session: &mut Session, action: Action, content: &mut Vec<u8>, transcript: &mut Transcript) {
    let line = match action {
        Action::Reply(reply) => {
            let mut out = Vec::new();
            reply.write_to(&mut out);
            format!("{reply}")
        }
        Action::BeginContent { .. } => "begin".to_owned(),
        Action::Content(octets) => {
            content.extend_from_slice(&octets);
            return;
        }
        Action::Commit(mut arrival) => {
            let octets = std::mem::take(content);
            check(arrival.envelope.body, &octets);
            assert_eq!(arrival.size, octets.len() as u64);
            check(Body::EightBitMime, &arrival.stamp(Moment(0)));
            session.committed(Ok(&arrival.id));
            format!("{:?} {}", arrival.envelope, octets.escape_ascii())
        }
        Action::Flush(what) => {
            session.flushed(Flushed::Started);
            format!("{what:?}")
        }
        Action::Ask(asked) => {
            session.answered(asked.said.caller.properties, CommandEdits::default());
            return;
        }
        Action::Oversize(mut mail) => {
            mail.allow(350);
            let (caller, limit) = mail.into_parts();
            session.oversize_answered(caller.properties, limit);
            "oversize".to_owned()
        }
        Action::Abandon => {
            content.clear();
            "abandon".to_owned()
        }
        Action::Close => "close".to_owned(),
        Action::StartTls => unreachable!("not offered"),
    };
    transcript.push(line);
}

/// What is kept of a text can not end a mail at the next host, whatever that takes for a newline.
fn check(body: Body, octets: &[u8]) {
    #[cfg(feature = "planted-bug")]
    assert!(!octets.windows(2).any(|pair| pair == b".."), "the planted bug");
    if body == Body::BinaryMime {
        return;
    }
    for (at, octet) in octets.iter().enumerate() {
        match octet {
            0 => panic!("a NUL was kept"),
            b'\r' => assert_eq!(octets.get(at + 1), Some(&b'\n'), "a bare CR was kept"),
            b'\n' => assert!(at > 0 && octets[at - 1] == b'\r', "a bare LF was kept"),
            _ => {}
        }
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((&first, octets)) = data.split_first() else { return };
    let (lenient, lmtp, cut) = (first & 128 != 0, first & 64 == 0, usize::from(first & 63).max(1));
    for listened in [KindSet::EMPTY, KINDS.into_iter().collect()] {
        let whole = run(lenient, lmtp, listened, [octets].into_iter());
        assert_eq!(run(lenient, lmtp, listened, octets.chunks(cut)), whole);
    }
});
