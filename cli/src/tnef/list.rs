//! `postrider tnef list`
//!
//! Rule: nothing is said before all of it was read, so with `--strict` it is all or nothing.

use postrider::{
    convert::{
        tnef::{read, Envelope, FileTime, Mailbox, Message, RecipientKind},
        Charset, ConvertError, Flaws, Limits,
    },
    Moment,
};
use serde_json::json;

use super::{
    held::{Held, Room},
    streams::{Stream, Streams},
    value, List,
};
use crate::{
    convert::input,
    failure::Done,
    page::{counted, shown, size, Page},
};

/// Says what is in it.
pub fn list(how: &List) -> Done {
    let file = input::name(how.file.as_deref());
    let octets = input::octets(how.file.as_deref())?;
    let streams = Streams::find(&file, &octets, how.bounds.limits())?;
    let (mut flaws, mut found) = (streams.flaws.clone(), Flaws::default());
    let mut room = Room::to_look(streams.limits);
    let listed = streams.each(&mut flaws, |stream| {
        let (lines, flaws) = listed(how.json, stream, streams.limits, &mut room)?;
        found.extend(flaws);
        Ok((stream.name.as_deref(), lines))
    })?;
    flaws.extend(found);
    how.bounds.tell(&file, &flaws)?;
    let mut page = Page::new();
    for (at, (name, lines)) in listed.iter().enumerate() {
        if !how.json && listed.len() > 1 {
            let before = if at == 0 { "" } else { "\n" };
            let name = shown(name.unwrap_or_default());
            page.line(format_args!("{before}stream     {} of {}  {name}", at + 1, listed.len()))?;
        }
        lines.iter().try_for_each(|line| page.line(line))?;
    }
    page.end()
}

/// The lines about a stream, and what is wrong with it.
fn listed(
    json: bool,
    stream: &Stream<'_>,
    limits: Limits,
    room: &mut Room,
) -> Result<(Vec<String>, Flaws), ConvertError> {
    let message = read(&stream.octets, limits)?;
    let envelope = message.output.envelope(limits)?.output;
    let tree = message.output.to_mime(limits)?;
    let parts = room.all(&tree.output, true)?;
    let mut flaws: Flaws = message.flaws;
    flaws.extend(tree.flaws);
    let lines = match json {
        true => vec![object(&message.output, &envelope, &parts, &flaws).to_string()],
        false => lines(&message.output, &envelope, &parts),
    };
    Ok((lines, flaws))
}

fn charset(message: &Message<'_>) -> Charset {
    Charset::of_code_page(message.code_page).unwrap_or(Charset::WINDOWS_1252)
}

fn lines(message: &Message<'_>, envelope: &Envelope, parts: &[Held<'_>]) -> Vec<String> {
    let mut lines = Vec::new();
    let mut field = |name: &str, value: Option<String>| {
        lines.extend(value.map(|value| format!("{name:<10} {}", shown(&value))));
    };
    field("class", envelope.class.clone());
    field("subject", envelope.subject.clone());
    field("from", envelope.from.as_ref().map(mailbox));
    field("sender", envelope.sender.as_ref().map(mailbox));
    for recipient in &envelope.recipients {
        field(kind(recipient.kind), Some(mailbox(&recipient.mailbox)));
    }
    field("sent", envelope.sent.and_then(moment).map(Moment::rfc5322));
    field("received", envelope.received.and_then(moment).map(Moment::rfc5322));
    field("id", envelope.message_id.clone());
    for held in parts {
        let is = if held.is_body { "body" } else { "attachment" };
        let name = shown(held.part.file_name.as_deref().unwrap_or_default());
        let octets = size(held.octets.len() as u64);
        lines.push(format!("{is:<10} {octets:>9}  {:<28} {name}", shown(&held.part.media_type)));
    }
    for property in &message.properties {
        lines.push(format!("property   {}", shown(&value::line(property, charset(message)))));
    }
    let attachments = parts.iter().filter(|held| !held.is_body).count();
    let properties = message.properties.len();
    let properties = format!("{properties} propert{}", if properties == 1 { "y" } else { "ies" });
    lines.push(format!("{}, {properties}", counted(attachments, "attachment")));
    lines
}

fn object(message: &Message<'_>, envelope: &Envelope, parts: &[Held<'_>], flaws: &Flaws) -> serde_json::Value {
    let of = |mailbox: &Mailbox| json!({ "name": mailbox.name, "address": mailbox.address });
    let recipients = envelope
        .recipients
        .iter()
        .map(|one| json!({ "kind": kind(one.kind), "name": one.mailbox.name, "address": one.mailbox.address }));
    let time = |time: Option<FileTime>| time.and_then(moment).map(|moment| moment.0);
    let parts = |is_body: bool| {
        let parts = parts.iter().filter(move |held| held.is_body == is_body);
        let object = |held: &Held<'_>| {
            json!({
                "name": held.part.file_name,
                "type": held.part.media_type,
                "octets": held.octets.len(),
                "content_id": held.part.content_id,
            })
        };
        parts.map(object).collect::<Vec<_>>()
    };
    json!({
        "class": envelope.class,
        "subject": envelope.subject,
        "from": envelope.from.as_ref().map(of),
        "sender": envelope.sender.as_ref().map(of),
        "recipients": recipients.collect::<Vec<_>>(),
        "sent": time(envelope.sent),
        "received": time(envelope.received),
        "message_id": envelope.message_id,
        "bodies": parts(true),
        "attachments": parts(false),
        "properties": message.properties.iter().map(|one| value::json(one, charset(message))).collect::<Vec<_>>(),
        "flaws": flaws.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

fn mailbox(of: &Mailbox) -> String {
    match (&of.name, &of.address) {
        (Some(name), Some(address)) => format!("{name} <{address}>"),
        (name, address) => name.as_ref().or(address.as_ref()).cloned().unwrap_or_default(),
    }
}

fn kind(of: RecipientKind) -> &'static str {
    match of {
        RecipientKind::To => "to",
        RecipientKind::Cc => "cc",
        RecipientKind::Bcc => "bcc",
    }
}

/// Times before 1970 are nobody's.
fn moment(of: FileTime) -> Option<Moment> {
    u64::try_from(of.unix()).ok().map(|seconds| Moment(seconds.saturating_mul(1000)))
}
