//! `postrider badmail show`

use postrider::{
    rules::Piece,
    sinks::badmail::{BadMessage, BadRecipient, Kind},
};
use serde_json::{json, Value};

use super::{arguments::Where, code_of, list::of_entry, plain, say};
use crate::failure::{Done, Failure};

/// Octets that are in hand at once.
const PART: usize = 64 * 1024;

/// Says why it is there, and shows its header; `all`: its body too.
pub fn show(place: &Where, name: &str, all: bool, as_json: bool) -> Done {
    let bad = place.open()?.get(name)?;
    if as_json {
        return say(&plain::json(&format!("{:#}\n", of_message(&bad))));
    }
    for (field, value) in fields(&bad) {
        say(&format!("{field:<11}{}\n", plain::line(&value)))?;
    }
    say("\n")?;
    let shown = if all { show_all(&bad) } else { show_header(&bad) };
    shown.map_err(|error| Failure::new(code_of(&error), format!("{name} cannot be read: {error}")))?
}

fn show_header(bad: &BadMessage) -> std::io::Result<Done> {
    let mut octets = plain::Octets::default();
    let header = octets.add(&bad.header()?);
    Ok(say(&(header + &octets.end())))
}

fn show_all(bad: &BadMessage) -> std::io::Result<Done> {
    let (mut shown, mut part) = (plain::Octets::default(), vec![0; PART]);
    let content = bad.content().unwrap_or_default();
    for piece in content.pieces() {
        let Piece::Side(file, range) = piece else { continue };
        let mut at = range.start;
        while at < range.end {
            let read = file.read_at(at, &mut part)?;
            if read == 0 {
                break;
            }
            if let Err(failure) = say(&shown.add(&part[..read])) {
                return Ok(Err(failure));
            }
            at += read as u64;
        }
    }
    Ok(say(&shown.end()))
}

/// What is known of it, in the order in which a person asks.
fn fields(bad: &BadMessage) -> Vec<(&'static str, String)> {
    let entry = &bad.entry;
    let mut fields = vec![("name", entry.name.clone()), ("why", format!("{}: {}", entry.code, entry.text))];
    let mut add = |name, value: Option<String>| fields.extend(value.map(|value| (name, value)));
    add("when", entry.when.clone());
    add("field", bad.field.clone());
    add("line", bad.line.map(|line| line.to_string()));
    add("file", entry.file.clone());
    add("folder", bad.folder.clone());
    add("owner", bad.owner.map(|owner| owner.to_string()));
    if entry.kind == Kind::Undeliverable {
        add("sender", Some(entry.sender.clone().unwrap_or_else(|| "<>".to_owned())));
    }
    let size = entry.size.map_or("unknown".to_owned(), |size| size.to_string());
    add("octets", Some(format!("{size} ({})", entry.octets.name())));
    bad.recipients.iter().for_each(|recipient| add("to", Some(told(recipient))));
    fields
}

fn told(recipient: &BadRecipient) -> String {
    let by = recipient.said_by.as_ref().map_or(String::new(), |host| format!(", said by {host}"));
    let perhaps = if recipient.perhaps_delivered { " (it may have the mail)" } else { "" };
    format!("{}: {}{by}{perhaps}", recipient.address, recipient.why)
}

fn of_message(bad: &BadMessage) -> Value {
    let mut shown = of_entry(&bad.entry);
    let recipients: Vec<Value> = bad.recipients.iter().map(of_recipient).collect();
    for (name, value) in [
        ("recipients", json!(recipients)),
        ("folder", json!(bad.folder)),
        ("owner", json!(bad.owner)),
        ("field", json!(bad.field)),
        ("line", json!(bad.line)),
    ] {
        shown[name] = value;
    }
    shown
}

fn of_recipient(recipient: &BadRecipient) -> Value {
    json!({
        "address": recipient.address.as_str(),
        "original": recipient.original,
        "why": recipient.why,
        "said_by": recipient.said_by,
        "perhaps_delivered": recipient.perhaps_delivered,
    })
}
