//! `postrider badmail list`

use postrider::sinks::badmail::{Entry, Kind, Listing};
use serde_json::{json, Value};

use super::{arguments::Where, plain, say};
use crate::failure::Done;

/// Says what is there.
pub fn list(place: &Where, as_json: bool) -> Done {
    let listing = place.open()?.list()?;
    if as_json {
        return say(&plain::json(&format!("{:#}\n", of_listing(&listing))));
    }
    listing.entries.iter().try_for_each(|entry| say(&row(entry)))?;
    for (count, what) in [
        (listing.left_out, "more are there; those that came first are listed"),
        (listing.unreadable, "cannot be read; show NAME says why"),
        (listing.unfinished, "files are being written, or a crash has cut them short"),
        (listing.foreign, "other files are in the folder"),
    ] {
        if count > 0 {
            eprintln!("postrider: {count} {what}");
        }
    }
    if listing.entries.is_empty() {
        eprintln!("postrider: there is no bad mail");
    }
    Ok(())
}

fn row(entry: &Entry) -> String {
    let when = entry.when.as_deref().map_or("-".repeat(19), |when| when[..19].replace('T', " "));
    let about = match (&entry.kind, &entry.file) {
        (Kind::Undeliverable, _) if entry.recipients == 1 => "1 recipient".to_owned(),
        (Kind::Undeliverable, _) => format!("{} recipients", entry.recipients),
        (_, Some(file)) => plain::line(file),
        _ => entry.octets.name().to_owned(),
    };
    let size = entry.size.map_or("-".to_owned(), |size| size.to_string());
    format!("{when}  {}  {}  {size} octets  {about}\n", entry.name, plain::line(&entry.code))
}

fn of_listing(listing: &Listing) -> Value {
    json!({
        "entries": listing.entries.iter().map(of_entry).collect::<Vec<_>>(),
        "left_out": listing.left_out,
        "unreadable": listing.unreadable,
        "unfinished": listing.unfinished,
        "foreign": listing.foreign,
    })
}

/// An entry for programs.
pub fn of_entry(entry: &Entry) -> Value {
    json!({
        "name": entry.name,
        "kind": entry.kind.name(),
        "code": entry.code,
        "text": entry.text,
        "when": entry.when,
        "sender": entry.sender,
        "recipients": entry.recipients,
        "file": entry.file,
        "octets": entry.size,
        "mail": entry.octets.name(),
    })
}
