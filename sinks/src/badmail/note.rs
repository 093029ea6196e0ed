//! What stands beside bad mail: whom it did not reach and why, as JSON for programs and people.

use postrider_engine::{Address, Bad, RcptNo, Story};
use serde_json::{json, Value};

/// Why no report was made.
const NOT_REPORTED: &str = "the sender is the null one: the mail is a report or an automatic answer itself";

/// The note as text. `mail` is the name of the file with the mail, `complete` says whether all its octets are there.
pub(super) fn note(bad: &Bad, spool: u64, mail: &str, complete: bool) -> String {
    let envelope = &bad.draft.envelope;
    let recipients: Vec<Value> = bad.who.iter().map(|(no, story)| recipient(bad, *no, story)).collect();
    let note = json!({
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
    });
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
