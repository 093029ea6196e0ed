//! The fields of a message, from what stands on it.
//!
//! Rule: a field that would say nothing is not there. Names and texts are moved, not copied.

use super::{
    meaning::{Envelope, Importance, Mailbox, Recipient, RecipientKind, Sensitivity},
    mime::{Field, FieldValue},
};

/// The fields of a message with this envelope, in their usual order.
pub(super) fn of(envelope: Envelope) -> Vec<Field> {
    let mut fields = Vec::new();
    let mut add = |name, value: Option<FieldValue>| fields.extend(value.map(|value| Field { name, value }));
    let one = |mailbox: Option<Mailbox>| mailbox.map(|mailbox| FieldValue::Mailboxes(vec![mailbox]));
    let many = |people: Vec<Mailbox>| (!people.is_empty()).then_some(FieldValue::Mailboxes(people));
    let ids = |ids: Vec<String>| (!ids.is_empty()).then_some(FieldValue::Ids(ids));
    let [to, cc, bcc] = people(envelope.recipients);
    add("Date", envelope.sent.map(FieldValue::Date));
    add("From", one(envelope.from));
    add("Sender", one(envelope.sender));
    add("To", many(to));
    add("Cc", many(cc));
    add("Bcc", many(bcc));
    add("Subject", envelope.subject.map(FieldValue::Text));
    add("Message-ID", envelope.message_id.map(|id| FieldValue::Ids(vec![id])));
    add("In-Reply-To", ids(envelope.in_reply_to));
    add("References", ids(envelope.references));
    let (importance, priority) = match envelope.importance {
        Some(Importance::Low) => (Some("low"), Some("5")),
        Some(Importance::High) => (Some("high"), Some("1")),
        // As all others, and nothing to be told.
        Some(Importance::Normal) | None => (None, None),
    };
    add("Importance", importance.map(FieldValue::Word));
    add("X-Priority", priority.map(FieldValue::Word));
    let sensitivity = envelope.sensitivity.map(|sensitivity| match sensitivity {
        Sensitivity::Personal => "Personal",
        Sensitivity::Private => "Private",
        Sensitivity::CompanyConfidential => "Company-Confidential",
    });
    add("Sensitivity", sensitivity.map(FieldValue::Word));
    fields
}

/// Those of To, of Cc and of Bcc.
fn people(recipients: Vec<Recipient>) -> [Vec<Mailbox>; 3] {
    let kinds = [RecipientKind::To, RecipientKind::Cc, RecipientKind::Bcc];
    // Room for as many as there are: a vector that grows is there three times.
    let count = |kind| recipients.iter().filter(|one| one.kind == kind).count();
    let mut all = kinds.map(|kind| Vec::with_capacity(count(kind)));
    for one in recipients {
        let at = match one.kind {
            RecipientKind::To => 0,
            RecipientKind::Cc => 1,
            RecipientKind::Bcc => 2,
        };
        all[at].push(one.mailbox);
    }
    all
}
