//! What tests give to sinks, and how they read what comes back.

use std::{cell::Cell, time::Duration};

use postrider_engine::{
    events::{Caller, Command, CommandEvent, MailEvent, Message, MessageParts, Said, Sink, Turn},
    Address, Content, Door, Draft, Envelope, Moment, Recipients, Reply,
};

thread_local! {
    static TIME: Cell<u64> = const { Cell::new(1_000_000_000_000) };
}

/// A wall clock of this test alone.
pub(super) fn now() -> Moment {
    Moment(TIME.get())
}

/// The same clock as a duration.
pub(super) fn now_as_duration() -> Duration {
    Duration::from_millis(TIME.get())
}

/// The clocks of this test go on.
pub(super) fn pass(time: Duration) {
    TIME.set(TIME.get() + u64::try_from(time.as_millis()).unwrap());
}

pub(super) fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

/// A mail that came by SMTP from `a@from.example`.
pub(super) fn draft(content: impl Into<Content>, to: &[&str]) -> Draft {
    let mut envelope = Envelope::default();
    envelope.sender = Some(address("a@from.example"));
    envelope.recipients = to.iter().map(|to| address(to)).collect();
    envelope.door = Door::Smtp;
    envelope.peer.ip = "192.0.2.7".parse().ok();
    envelope.arrived = Moment(1_795_156_274_000);
    Draft::new(envelope, content.into())
}

/// A mail with this content for `b@to.example`.
pub(super) fn mail(content: impl Into<Content>) -> Draft {
    draft(content, &["b@to.example"])
}

/// What becomes of a mail at an event, and how it goes on.
pub(super) async fn run<E: MailEvent>(sink: &mut impl Sink<E>, mail: Draft) -> (MessageParts, Turn) {
    let (given, turn) = sink.on(Message::new(MessageParts::new(mail, None, None))).await.open();
    (given.into_parts(), turn)
}

/// The same for what the mail became.
pub(super) async fn parts<E: MailEvent>(sink: &mut impl Sink<E>, mail: Draft) -> MessageParts {
    run::<E>(sink, mail).await.0
}

/// How a mail is refused, if it is.
pub(super) async fn refused<E: MailEvent>(sink: &mut impl Sink<E>, mail: Draft) -> Option<String> {
    match run::<E>(sink, mail).await.1 {
        Turn::Reject(reply) => Some(reply.to_string()),
        _ => None,
    }
}

/// What the client is told in the service's place, if anything.
pub(super) async fn told<E: CommandEvent>(sink: &mut impl Sink<E>, said: Said) -> Option<String> {
    let (command, _) = sink.on(Command::new(said)).await.open();
    command.into_parts().1.dialogue.reply.map(|reply| reply.to_string())
}

/// A command of a client at this address: the service would say yes to it.
pub(super) fn said(ip: &str) -> Said {
    let mut caller = Caller { session: "s1".into(), door: Door::Smtp, ..Caller::default() };
    caller.peer.ip = ip.parse().ok();
    Said {
        caller,
        verb: String::new(),
        argument: String::new(),
        sender: Some(Some(address("a@from.example"))),
        recipient: None,
        recipients: Recipients::default(),
        native: Some(Reply::new(250, 1, 5, "OK")),
    }
}

/// RCPT TO of one recipient.
pub(super) fn rcpt(ip: &str, to: &str) -> Said {
    Said { recipient: Some(address(to)), ..said(ip) }
}

/// All octets of a mail as text.
pub(super) fn text(content: &Content) -> String {
    String::from_utf8(content.all(1 << 20).unwrap().to_vec()).unwrap()
}

/// The recipients, one after the other.
pub(super) fn recipients(parts: &MessageParts) -> Vec<String> {
    parts.draft.envelope.recipients.iter().map(|(_, to)| to.address.to_string()).collect()
}
