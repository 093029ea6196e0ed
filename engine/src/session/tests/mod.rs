//! Dialogues with a session, and a model that knows nothing of how it works.
//!
//! A dialogue is text as it would stand in a log. `C:` is a line of the client (CRLF is put behind it), `C+` are octets
//! as they are with `\r \n \0` written out; what the session does is `S:` for each line of a reply and `=` for the rest.

mod asking;
mod asking_content;
mod asking_model;
mod asking_recipients;
mod chunks;
mod commands;
mod content;
mod etrn;
mod limits;
mod lmtp;
mod locals;
mod model;
mod model_content;
mod model_test;
mod sizing;
mod smuggling;
mod states;

use std::sync::Arc;

use bytes::BytesMut;

use super::*;

/// What a session did, with content joined to the mail that it became.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Event {
    Reply(Reply),
    Begin,
    /// id, sender, recipients, envelope's body and octets.
    Mail(Vec<String>, Body, Vec<u8>),
    Abandon,
    Flush(Flush),
    /// What sinks are asked about a command: its event, verb and argument, and what we would say.
    Ask(Kind, String, Option<Reply>),
    /// The size that is too big.
    Oversize(u64),
    Close,
}

use crate::{
    events::{CommandEdits, Kind, Oversize},
    Body, Flush,
};

/// What sinks answer.
trait Sinks {
    fn asked(&self, asked: &Asked) -> CommandEdits;

    fn oversize(&self, _: &mut Oversize) {}
}

/// Those that change nothing.
struct Idle;

impl Sinks for Idle {
    fn asked(&self, _: &Asked) -> CommandEdits {
        CommandEdits::default()
    }
}

impl<F: Fn(&Asked) -> CommandEdits> Sinks for F {
    fn asked(&self, asked: &Asked) -> CommandEdits {
        self(asked)
    }
}

/// A client and its session; commits and questions are answered at once.
struct Dialogue<'a> {
    session: Session,
    sinks: &'a dyn Sinks,
    input: BytesMut,
    content: Vec<u8>,
    arrivals: Vec<Arrival>,
}

impl<'a> Dialogue<'a> {
    fn new(settings: &SessionSettings) -> Self {
        Dialogue::with(settings, KindSet::EMPTY, &Idle)
    }

    fn with(settings: &SessionSettings, kinds: KindSet, sinks: &'a dyn Sinks) -> Self {
        let peer = Peer { ip: "192.0.2.7".parse().ok(), ..Peer::default() };
        let mut session = Session::new(Arc::new(settings.clone()), peer, "id");
        session.greeting();
        session.listen_to(kinds);
        Dialogue { session, sinks, input: BytesMut::new(), content: Vec::new(), arrivals: Vec::new() }
    }

    fn send(&mut self, octets: &[u8]) -> Vec<Event> {
        self.input.extend_from_slice(octets);
        let mut events = Vec::new();
        while let Some(action) = self.session.step(&mut self.input) {
            let event = match action {
                Action::Reply(reply) => Event::Reply(reply),
                Action::BeginContent { .. } => Event::Begin,
                Action::Content(octets) => {
                    self.content.extend_from_slice(&octets);
                    continue;
                }
                Action::Commit(arrival) => {
                    self.session.committed(Ok(&arrival.id));
                    self.mail(*arrival)
                }
                Action::Abandon => {
                    self.content.clear();
                    Event::Abandon
                }
                Action::Flush(what) => {
                    self.session.flushed(Flushed::Started);
                    Event::Flush(what)
                }
                Action::Ask(asked) => self.ask(*asked),
                Action::Oversize(mail) => self.weigh(*mail),
                Action::Close => Event::Close,
                Action::StartTls => panic!("not in these dialogues"),
            };
            events.push(event);
        }
        events
    }

    /// Nothing happens before the answer, and one that nobody waits for is none.
    fn ask(&mut self, asked: Asked) -> Event {
        assert_eq!((self.session.step(&mut self.input).is_none(), self.session.phase()), (true, Phase::Consulting));
        let edits = self.sinks.asked(&asked);
        let Asked { kind, said } = asked;
        assert_eq!(said.caller.session, "id");
        let mut properties = said.caller.properties;
        let before = properties.get("asked").map_or(0, |asked| asked.parse().unwrap());
        properties.set("asked", (before + 1u32).to_string()).unwrap();
        self.session.oversize_answered(properties.clone(), u64::MAX);
        self.session.answered(properties, edits);
        let command = if said.argument.is_empty() { said.verb } else { format!("{} {}", said.verb, said.argument) };
        Event::Ask(kind, command, said.native)
    }

    fn weigh(&mut self, mut mail: Oversize) -> Event {
        assert_eq!((self.session.step(&mut self.input).is_none(), self.session.phase()), (true, Phase::Consulting));
        let size = mail.size();
        self.sinks.oversize(&mut mail);
        let (caller, limit) = mail.into_parts();
        self.session.oversize_answered(caller.properties.clone(), limit);
        self.session.answered(caller.properties, CommandEdits::default());
        Event::Oversize(size)
    }

    fn mail(&mut self, arrival: Arrival) -> Event {
        let content = std::mem::take(&mut self.content);
        assert_eq!(arrival.size, content.len() as u64);
        let envelope = &arrival.envelope;
        let sender = envelope.sender.as_ref().map_or("<>".to_owned(), |sender| format!("{sender:?}"));
        let recipients = envelope.recipients.iter().map(|(_, recipient)| format!("{:?}", recipient.address));
        let names = [arrival.id.clone(), sender].into_iter().chain(recipients).collect();
        let body = envelope.body;
        self.arrivals.push(arrival);
        Event::Mail(names, body, content)
    }
}

/// All that a session does with these octets, given in these pieces.
fn events<'a>(settings: &SessionSettings, pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<Event> {
    let mut dialogue = Dialogue::new(settings);
    pieces.into_iter().flat_map(|piece| dialogue.send(piece)).collect()
}

/// All that a session does with these octets and these sinks: at once, and the same when they come one by one.
fn consulted(settings: &SessionSettings, kinds: &[Kind], sinks: &dyn Sinks, octets: &[u8]) -> Vec<Event> {
    let kinds: KindSet = kinds.iter().copied().collect();
    let whole = Dialogue::with(settings, kinds, sinks).send(octets);
    let mut dialogue = Dialogue::with(settings, kinds, sinks);
    let single: Vec<Event> = octets.chunks(1).flat_map(|octet| dialogue.send(octet)).collect();
    assert_eq!(single, whole, "{}", octets.escape_ascii());
    whole
}

/// A refusal by a sink.
fn refused(code: u16, text: &'static str) -> CommandEdits {
    let dialogue = DialogueEdits { reply: Some(Reply::new(code, 7, 1, text)), ..DialogueEdits::default() };
    CommandEdits { dialogue, ..CommandEdits::default() }
}

/// The replies alone, a line each.
fn replies(events: &[Event]) -> Vec<String> {
    let text = |event: &Event| match event {
        Event::Reply(reply) => Some(reply.to_string()),
        _ => None,
    };
    events.iter().filter_map(text).collect()
}

/// A host that takes mail for `here.example` and all below it, and relays for nobody.
fn settings() -> SessionSettings {
    let mut settings = SessionSettings::new("mx.here.example");
    settings.relay = RelayPolicy::new(Vec::new(), ["here.example", ".here.example", "bücher.example"]);
    settings
}

/// The same, for a client whose bare newlines are mended.
fn lenient() -> SessionSettings {
    SessionSettings { bare_newlines_from: vec!["192.0.2.0/24".parse().unwrap()], ..settings() }
}

fn unescaped(text: &str) -> Vec<u8> {
    text.replace("\\r", "\r").replace("\\n", "\n").replace("\\0", "\0").into_bytes()
}

fn written(event: &Event) -> Vec<String> {
    match event {
        Event::Reply(reply) => {
            let mut out = Vec::new();
            reply.write_to(&mut out);
            String::from_utf8(out).unwrap().lines().map(|line| format!("S: {line}")).collect()
        }
        Event::Mail(names, _, content) => vec![format!("= {}: {}", names.join(" "), content.escape_ascii())],
        other => vec![format!("= {other:?}")],
    }
}

/// Plays the client's side of the text and compares all that happens with the text.
fn dialogue(settings: &SessionSettings, text: &str) {
    let expected: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let mut dialogue = Dialogue::new(settings);
    let mut found = Vec::new();
    for line in expected.iter().filter(|line| line.starts_with('C')) {
        found.push((*line).to_owned());
        let octets = match line.split_at(2) {
            ("C:", rest) => [rest.strip_prefix(' ').unwrap_or(rest).as_bytes(), b"\r\n"].concat(),
            (_, rest) => unescaped(rest.strip_prefix(' ').unwrap_or(rest)),
        };
        found.extend(dialogue.send(&octets).iter().flat_map(written));
    }
    assert_eq!(found.join("\n"), expected.join("\n"));
}

/// The dialogue up to the 354 and all that follows it.
fn data(settings: &SessionSettings, content: &[u8]) -> Vec<Event> {
    let head = b"EHLO c\r\nMAIL FROM:<a@b>\r\nRCPT TO:<x@here.example>\r\nDATA\r\n";
    let mut all = events(settings, [head as &[u8], content]);
    all.drain(..5);
    all
}
