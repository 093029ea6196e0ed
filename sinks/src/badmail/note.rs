//! What stands beside bad mail: what is wrong with it, as JSON for programs and people. docs/badmail.md has every field.

use postrider_engine::{Address, Bad, RcptNo, Story};
use serde_json::{json, Value};

use super::file::{BadFile, Octets};

/// Mail that has failed and has no sender.
pub(super) const UNDELIVERABLE: &str = "undeliverable";
/// A file of a pickup folder.
pub(super) const PICKUP: &str = "pickup";

/// Why no report was made.
const NOT_REPORTED: &str = "the sender is the null one: the mail is a report or an automatic answer itself";

/// Why a mail is here.
const NO_SENDER: &str = "it has not reached all its recipients, and its sender is the null one, who cannot be told";

/// The note beside a mail. `mail` is the name of the file with it, `complete` says whether all its octets are there.
pub(super) fn of_mail(bad: &Bad, spool: u64, mail: &str, complete: bool) -> String {
    let envelope = &bad.draft.envelope;
    let recipients: Vec<Value> = bad.who.iter().map(|(no, story)| recipient(bad, *no, story)).collect();
    text(&json!({
        "kind": UNDELIVERABLE,
        "code": UNDELIVERABLE,
        "text": NO_SENDER,
        "when": bad.at.rfc3339(),
        "mail": mail,
        "complete": complete,
        "id": bad.id.to_string(),
        "spool": format!("{spool:016x}"),
        "octets": bad.draft.content.len(),
        "sender": envelope.sender.as_ref().map(Address::as_str),
        "arrived": envelope.arrived.to_string(),
        "failed": bad.at.to_string(),
        "client": envelope.peer.ip.map(|ip| ip.to_string()),
        "why_nobody_was_told": NOT_REPORTED,
        "recipients": recipients,
    }))
}

/// The note beside a file; `mail` is the name of the file with its octets, if there are any.
pub(super) fn of_file(bad: &BadFile<'_>, mail: Option<(&str, &Octets)>) -> String {
    text(&json!({
        "kind": PICKUP,
        "code": bad.why.code,
        "text": bad.why.text,
        "field": bad.why.field,
        "line": bad.why.line,
        "when": bad.at.rfc3339(),
        "mail": mail.map(|(name, _)| name),
        "complete": mail.is_some_and(|(_, octets)| octets.complete),
        "octets": mail.map(|(_, octets)| octets.size).or(bad.size),
        "file": bad.file,
        "folder": bad.folder,
        "owner": bad.owner,
    }))
}

fn text(note: &Value) -> String {
    format!("{note:#}\n")
}

fn recipient(bad: &Bad, no: RcptNo, story: &Story) -> Value {
    let recipient = bad.draft.envelope.recipients.get(no);
    let last = story.last.as_ref();
    json!({
        "number": no.0,
        "address": recipient.map(|recipient| recipient.address.as_str()),
        "original": recipient.and_then(|recipient| recipient.orcpt.as_deref()),
        "code": last.map(|last| last.reply.code),
        "status": story.status().to_string(),
        "text": last.map(|last| last.reply.text.as_ref()),
        "said_by": last.and_then(|last| last.remote.as_deref()),
        "attempts": story.attempts,
        "perhaps_delivered": story.perhaps,
    })
}
