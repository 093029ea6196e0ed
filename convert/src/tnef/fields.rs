//! The fields of a message, from what stands on it.
//!
//! Rule: a field that would say nothing is not there.

use super::{
    meaning::{Envelope, Importance, Mailbox, RecipientKind, Sensitivity},
    mime::{Field, FieldValue},
};

/// The fields of a message with this envelope, in their usual order.
pub(super) fn of(envelope: &Envelope) -> Vec<Field> {
    let mut fields = Vec::new();
    let mut add = |name, value: Option<FieldValue>| fields.extend(value.map(|value| Field { name, value }));
    let one = |mailbox: &Option<Mailbox>| mailbox.clone().map(|mailbox| FieldValue::Mailboxes(vec![mailbox]));
    let ids = |ids: &[String]| (!ids.is_empty()).then(|| FieldValue::Ids(ids.to_vec()));
    add("Date", envelope.sent.map(FieldValue::Date));
    add("From", one(&envelope.from));
    add("Sender", one(&envelope.sender));
    add("To", people(envelope, RecipientKind::To));
    add("Cc", people(envelope, RecipientKind::Cc));
    add("Bcc", people(envelope, RecipientKind::Bcc));
    add("Subject", envelope.subject.clone().map(FieldValue::Text));
    add("Message-ID", envelope.message_id.clone().map(|id| FieldValue::Ids(vec![id])));
    add("In-Reply-To", ids(&envelope.in_reply_to));
    add("References", ids(&envelope.references));
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

fn people(envelope: &Envelope, kind: RecipientKind) -> Option<FieldValue> {
    let of_kind = envelope.recipients.iter().filter(|one| one.kind == kind);
    let people: Vec<Mailbox> = of_kind.map(|one| one.mailbox.clone()).collect();
    (!people.is_empty()).then_some(FieldValue::Mailboxes(people))
}
