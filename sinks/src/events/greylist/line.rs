//! A change as a line of the file, which a person can read: checksum, kind, time, network, and who to whom.
//!
//! Rule: a line that is not whole, or not as it was written, is no line.

use postrider_engine::Moment;

use super::table::{Change, Network, Triplet};

/// The first line of the file.
pub(super) const TITLE: &str = "postrider greylist 1\n";
/// In the place of an empty sender: no address is this.
const NULL: &str = "<>";

/// The line, with its end. Addresses have no blanks but within quotes, so they are written with those escaped.
pub(super) fn write(change: &Change) -> String {
    let text = match change {
        Change::Waits(triplet, at) => format!("W {} {}", at.0, triplet_text(triplet)),
        Change::Known(triplet, at) => format!("K {} {}", at.0, triplet_text(triplet)),
        Change::Network(net, network) => format!("N {} {net} {}", network.last.0, network.successes),
    };
    format!("{:08x} {text}\n", crc32fast::hash(text.as_bytes()))
}

/// Reads a line without its end.
pub(super) fn read(line: &str) -> Option<Change> {
    let (sum, text) = line.split_once(' ')?;
    if u32::from_str_radix(sum, 16).ok()? != crc32fast::hash(text.as_bytes()) {
        return None;
    }
    let mut words = text.split(' ');
    let kind = words.next()?;
    let at = Moment(words.next()?.parse().ok()?);
    let network = words.next()?.parse().ok()?;
    if kind == "N" {
        let successes = words.next()?.parse().ok()?;
        return Some(Change::Network(network, Network { successes, last: at }));
    }
    let sender = words.next().map(|word| if word == NULL { String::new() } else { unescaped(word) })?;
    let triplet = Triplet { network, sender, recipient: unescaped(words.next()?) };
    match kind {
        "W" => Some(Change::Waits(triplet, at)),
        "K" => Some(Change::Known(triplet, at)),
        _ => None,
    }
}

fn triplet_text(triplet: &Triplet) -> String {
    let sender = if triplet.sender.is_empty() { NULL.to_owned() } else { escaped(&triplet.sender) };
    format!("{} {sender} {}", triplet.network, escaped(&triplet.recipient))
}

fn escaped(address: &str) -> String {
    address.replace('%', "%25").replace(' ', "%20")
}

fn unescaped(word: &str) -> String {
    word.replace("%20", " ").replace("%25", "%")
}
