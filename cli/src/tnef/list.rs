//! `postrider tnef list`

use postrider::{
    convert::{
        tnef::{read, Envelope, FileTime, Mailbox, Message, RecipientKind},
        Charset, Flaws,
    },
    Moment,
};
use serde_json::json;

use super::{
    failed,
    held::{self, Held},
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
    let (limits, failed) = (how.bounds.limits(), |error| failed(&file, &octets, &error));
    let message = read(&octets, limits).map_err(failed)?;
    let envelope = message.output.envelope(limits).map_err(failed)?.output;
    let tree = message.output.to_mime(limits).map_err(failed)?;
    let parts = held::all(&tree.output, limits).map_err(failed)?;
    let mut flaws: Flaws = message.flaws;
    flaws.extend(tree.flaws);
    how.bounds.tell(&file, &flaws)?;
    let mut page = Page::new();
    match how.json {
        true => page.json(&object(&message.output, &envelope, &parts, &flaws))?,
        false => lines(&mut page, &message.output, &envelope, &parts)?,
    }
    page.end()
}

fn charset(message: &Message<'_>) -> Charset {
    Charset::of_code_page(message.code_page).unwrap_or(Charset::WINDOWS_1252)
}

fn lines(page: &mut Page, message: &Message<'_>, envelope: &Envelope, parts: &[Held<'_>]) -> Done {
    let mut field = |name: &str, value: Option<String>| {
        value.map_or(Ok(()), |value| page.line(format_args!("{name:<10} {}", shown(&value))))
    };
    field("class", envelope.class.clone())?;
    field("subject", envelope.subject.clone())?;
    field("from", envelope.from.as_ref().map(mailbox))?;
    field("sender", envelope.sender.as_ref().map(mailbox))?;
    for recipient in &envelope.recipients {
        field(kind(recipient.kind), Some(mailbox(&recipient.mailbox)))?;
    }
    field("sent", envelope.sent.and_then(moment).map(Moment::rfc5322))?;
    field("received", envelope.received.and_then(moment).map(Moment::rfc5322))?;
    field("id", envelope.message_id.clone())?;
    for held in parts {
        let is = if held.is_body { "body" } else { "attachment" };
        let name = shown(held.part.file_name.as_deref().unwrap_or_default());
        let octets = size(held.octets.len() as u64);
        page.line(format_args!("{is:<10} {octets:>9}  {:<28} {name}", shown(&held.part.media_type)))?;
    }
    for property in &message.properties {
        page.line(format_args!("property   {}", shown(&value::line(property, charset(message)))))?;
    }
    let attachments = parts.iter().filter(|held| !held.is_body).count();
    let properties = message.properties.len();
    let properties = format!("{properties} propert{}", if properties == 1 { "y" } else { "ies" });
    page.line(format_args!("{}, {properties}", counted(attachments, "attachment")))
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
