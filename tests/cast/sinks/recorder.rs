//! A sink at every event there is, which writes down that it was called, for whom, and about what.
//!
//! Rule: it changes nothing, and comes before all others.

use std::{
    future::{ready, Ready},
    sync::mpsc,
};

use postrider::{
    events::{
        Auth, Bdat, Categorize, Command, CommandEvent, Connect, Data, Disconnect, DnsResolve, EndOfData, EndOfHeaders,
        Etrn, Helo, Help, Kind, Looking, Lookup, MailEvent, MailFrom, MaxMessageSize, Message, Noop, Oversize,
        PostCategorize, PreCategorize, Quit, RcptTo, Route, Routing, Rset, Sink, StartTls, Submission, Talk, TalkEvent,
        UnknownCommand, Verdict, Vrfy, KINDS,
    },
    rules::{Address, QueueId, Recipients},
    Binding, Priority,
};

use crate::world::World;

/// Where the sinks write: the event, whose it is, and what it is about.
#[derive(Clone)]
pub struct Log(pub mpsc::Sender<String>);

impl Log {
    fn note(&self, kind: Kind, whose: &str, what: &str) {
        self.0.send(format!("{kind} {whose} {what}").trim_end().to_owned()).unwrap();
    }
}

struct Talks(Log);

impl<E: TalkEvent> Sink<E> for Talks {
    async fn on(&mut self, talk: Talk<E>) -> Verdict<E> {
        self.0.note(E::KIND, &talk.caller().session, "");
        talk.next()
    }
}

struct Commands(Log);

impl<E: CommandEvent> Sink<E> for Commands {
    async fn on(&mut self, command: Command<E>) -> Verdict<E> {
        self.0.note(E::KIND, &command.caller().session, command.argument());
        command.next()
    }
}

struct Mails(Log);

impl<E: MailEvent> Sink<E> for Mails {
    async fn on(&mut self, mail: Message<E>) -> Verdict<E> {
        let (envelope, id) = (mail.envelope(), mail.id());
        self.0.note(E::KIND, &number(id), &parties(envelope.sender.as_ref(), &envelope.recipients));
        mail.next()
    }
}

fn number(id: Option<QueueId>) -> String {
    id.map_or("-".into(), |id| id.0.to_string())
}

fn parties(sender: Option<&Address>, recipients: &Recipients) -> String {
    let to: Vec<String> = recipients.iter().map(|(_, to)| to.address.to_string()).collect();
    format!("<{}> to {}", sender.map(ToString::to_string).unwrap_or_default(), to.join(" "))
}

fn looks(log: &Log) -> impl FnMut(Looking<EndOfHeaders>) -> Ready<Verdict<EndOfHeaders>> + Send {
    let log = log.clone();
    move |mail| {
        let octets = mail.header().head(1 << 16).unwrap();
        log.note(Kind::EndOfHeaders, &mail.caller().session, String::from_utf8(octets).unwrap().trim_end());
        ready(mail.next())
    }
}

fn routes(log: &Log) -> impl FnMut(Routing) -> Ready<Verdict<Route>> + Send {
    let log = log.clone();
    move |mail| {
        let ways: Vec<String> = mail.ways().map(|(_, to, way)| format!("{} by {}", to.address, way.hop)).collect();
        log.note(Kind::Route, &number(Some(mail.id())), &ways.join(", "));
        ready(mail.next())
    }
}

fn weighs(log: &Log) -> impl FnMut(Oversize) -> Ready<Verdict<MaxMessageSize>> + Send {
    let log = log.clone();
    move |mail| {
        log.note(Kind::MaxMessageSize, &mail.caller().session, &mail.size().to_string());
        ready(mail.next())
    }
}

fn resolves(log: &Log) -> impl FnMut(Lookup) -> Ready<Verdict<DnsResolve>> + Send {
    let log = log.clone();
    move |lookup| {
        log.note(Kind::DnsResolve, "-", lookup.domain());
        ready(lookup.next())
    }
}

/// Binds a sink to every event there is, before all others.
pub async fn record(world: &World, log: &Log) {
    let first = Priority::FIRST;
    let of = log.clone();
    let talks = Binding::new("talks", move || Talks(of.clone())).on(Connect).on(Disconnect);
    world.bind(talks.priority(first)).await;
    let of = log.clone();
    let commands = Binding::new("commands", move || Commands(of.clone())).on(Helo).on(Auth).on(StartTls).on(MailFrom);
    let commands = commands.on(RcptTo).on(Data).on(Bdat).on(Rset).on(Vrfy).on(Etrn).on(Noop).on(Help).on(Quit);
    world.bind(commands.on(UnknownCommand).priority(first)).await;
    let of = log.clone();
    let mails = Binding::new("mails", move || Mails(of.clone())).on(EndOfData).on(Submission).on(PreCategorize);
    world.bind(mails.on(Categorize).on(PostCategorize).priority(first)).await;
    let of = log.clone();
    world.bind(Binding::new("looks", move || looks(&of)).on(EndOfHeaders).priority(first)).await;
    let of = log.clone();
    world.bind(Binding::new("weighs", move || weighs(&of)).on(MaxMessageSize).priority(first)).await;
    let of = log.clone();
    world.bind(Binding::new("resolves", move || resolves(&of)).on(DnsResolve).priority(first)).await;
    let of = log.clone();
    world.bind(Binding::new("routes", move || routes(&of)).on(Route).priority(first)).await;
    let bound: usize = world.bindings().await.iter().map(|binding| binding.events.len()).sum();
    assert_eq!(bound, KINDS.len(), "a sink at every event");
}
