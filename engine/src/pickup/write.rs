//! The lines of the envelope, written as they are read.
//!
//! Rule: what they cannot say is an error, and not left out.

use thiserror::Error;

use super::lines::END;
use crate::{Address, Body, Envelope, Notify, QueuePriority, Ret};

/// What the lines of a file cannot say of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Unsayable {
    /// It is binary (RFC 3030).
    #[error("a file cannot hold binary content: encode its parts")]
    Binary,
    /// When it goes.
    #[error("a file cannot say when a mail goes and when it expires: send it over the socket")]
    Times,
    /// How urgent it is.
    #[error("a file cannot say how urgent a mail is: the folder below high or low does")]
    Priority,
    /// An address has a control.
    #[error("a file cannot say one of the addresses")]
    Address,
}

/// The lines of the envelope of a mail, as [`read_file`](super::read_file) reads them, and one that says that they end: the mail
/// may begin with fields of the same names.
///
/// # Errors
/// [`Unsayable`]: what they cannot say.
pub fn envelope_lines(envelope: &Envelope) -> Result<String, Unsayable> {
    match envelope {
        Envelope { body: Body::BinaryMime, .. } => return Err(Unsayable::Binary),
        Envelope { not_before: None, expires: None, .. } => {}
        _ => return Err(Unsayable::Times),
    }
    if envelope.priority != QueuePriority::Normal {
        return Err(Unsayable::Priority);
    }
    let mut lines = format!("x-sender: <{}>", envelope.sender.as_ref().map_or("", Address::as_str));
    if let Some(ret) = envelope.ret {
        lines.push_str(if ret == Ret::Full { " RET=FULL" } else { " RET=HDRS" });
    }
    if let Some(envid) = &envelope.envid {
        lines.push_str(&format!(" ENVID={envid}"));
    }
    lines.push_str("\r\n");
    for (_, recipient) in envelope.recipients.iter() {
        lines.push_str(&format!("x-receiver: <{}>", recipient.address));
        if let Some(notify) = recipient.notify {
            lines.push_str(&format!(" NOTIFY={}", words(notify)));
        }
        if let Some(orcpt) = &recipient.orcpt {
            lines.push_str(&format!(" ORCPT={orcpt}"));
        }
        lines.push_str("\r\n");
    }
    lines.push_str(END);
    lines.push_str(":\r\n");
    let is_text = lines.replace("\r\n", "").chars().all(|c| !c.is_control());
    is_text.then_some(lines).ok_or(Unsayable::Address)
}

fn words(notify: Notify) -> String {
    let all = [(notify.success, "SUCCESS"), (notify.failure, "FAILURE"), (notify.delay, "DELAY")];
    let said: Vec<&str> = all.into_iter().filter_map(|(is_on, word)| is_on.then_some(word)).collect();
    if said.is_empty() {
        "NEVER".into()
    } else {
        said.join(",")
    }
}
