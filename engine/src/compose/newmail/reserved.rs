//! Which fields a program does not write by name.
//!
//! Rule: no field that may stand once only (RFC 5322, 3.6) can come to stand twice, and none that only a transport may
//! write is forged.

/// Fields with setters of their own.
const OWN: [(&str, &str); 15] = [
    ("From", "use from"),
    ("Sender", "use sender"),
    ("Reply-To", "use reply_to"),
    ("To", "use to"),
    ("Cc", "use cc"),
    ("Bcc", "use bcc, which no reader sees"),
    ("Subject", "use subject"),
    ("Date", "use date"),
    ("Message-ID", "use message_id"),
    ("In-Reply-To", "use in_reply_to"),
    ("References", "use references"),
    ("Importance", "use importance"),
    ("X-Priority", "use importance"),
    ("MIME-Version", "it is written by itself"),
    ("Return-Path", "use return_path"),
];
/// Fields that transports write.
const TRACE: [&str; 6] =
    ["Received", "Received-SPF", "Delivered-To", "X-Original-To", "Authentication-Results", "DKIM-Signature"];
const TRACE_PREFIXES: [&str; 1] = ["ARC-"];

/// What to do instead of writing a field of this name; `None`: it may be written.
pub(super) fn instead_of(name: &str) -> Option<&'static str> {
    let begins = |prefix: &str| name.get(..prefix.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(prefix));
    if let Some((_, instead)) = OWN.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)) {
        Some(instead)
    } else if begins("Content-") {
        Some("use text, html, calendar or attach")
    } else if begins("Resent-") {
        Some("send the octets of the old mail as a RawMail")
    } else if TRACE.iter().any(|trace| trace.eq_ignore_ascii_case(name)) || TRACE_PREFIXES.into_iter().any(begins) {
        Some("only a mail transport writes it")
    } else {
        None
    }
}
