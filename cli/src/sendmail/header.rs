//! The header of a mail that comes by sendmail: taken apart, mended, and asked who its recipients are.
//!
//! Rule: fields that are not named here stay octet for octet as they came, in their order; the body is never looked at.

use bytes::Bytes;
use postrider::rules::header::{fields, header_len, RawField};

use super::qualify::qualified;

/// Fields with mailboxes: those without a domain get ours, as Postfix does it for mail of its own host.
const MAILBOXES: [&str; 11] = [
    "From",
    "Sender",
    "Reply-To",
    "To",
    "Cc",
    "Bcc",
    "Resent-From",
    "Resent-Sender",
    "Resent-To",
    "Resent-Cc",
    "Resent-Bcc",
];
/// Nobody else is to read these.
const HIDDEN: [&str; 2] = ["Bcc", "Resent-Bcc"];
/// What old mailboxes have before the header.
const SEPARATORS: [&[u8]; 2] = [b"From ", b">From "];

/// A mail in two parts.
#[derive(Debug)]
pub struct Parts {
    /// Fields, each with its CRLF, as they are to be sent.
    pub header: Vec<u8>,
    /// The empty line, and what is behind it.
    pub body: Bytes,
    /// Who is named, as a header of its own in which no line is too long: what `RawMail` reads the envelope from.
    pub naming: Vec<u8>,
}

impl Parts {
    /// Takes a mail with CRLF line ends apart. One that does not begin with a field has no header, and one whose header ends
    /// without an empty line gets that line.
    pub fn of(octets: &Bytes, host: &str) -> Self {
        let octets = octets.slice(separators(octets)..);
        let end = header_len(&octets);
        let (mut header, mut naming) = (Vec::with_capacity(end), Vec::new());
        for field in fields(&octets[..end]) {
            let is_list = MAILBOXES.iter().any(|name| field.is(name));
            if !HIDDEN.iter().any(|name| field.is(name)) {
                match is_list {
                    true => put(&mut header, &field, &qualified(field.value(), host)),
                    false => header.extend_from_slice(field.octets()),
                }
            }
            match is_list {
                true => put(&mut naming, &field, &folded(&qualified(field.text().as_bytes(), host))),
                // It still parts one block of Resent- fields from the next.
                false => naming.extend_from_slice(b"X: x\r\n"),
            }
        }
        naming.extend_from_slice(b"X: x\r\n\r\n");
        if !octets[end..].starts_with(b"\r\n") {
            let body = [b"\r\n", &octets[end..]].concat().into();
            return Parts { header, body, naming };
        }
        Parts { header, body: octets.slice(end..), naming }
    }

    /// There is a field of this name.
    pub fn has(&self, name: &str) -> bool {
        fields(&self.header).any(|field| field.is(name))
    }
}

/// Octets of the lines before the header that mark a mail in an old mailbox.
fn separators(octets: &[u8]) -> usize {
    let mut from = 0;
    while SEPARATORS.iter().any(|begin| octets[from..].starts_with(begin)) {
        from = memchr::memchr(b'\n', &octets[from..]).map_or(octets.len(), |at| from + at + 1);
    }
    from
}

fn put(header: &mut Vec<u8>, field: &RawField<'_>, value: &[u8]) {
    header.extend_from_slice(field.name());
    header.push(b':');
    header.extend_from_slice(value);
    if !value.ends_with(b"\r\n") {
        header.extend_from_slice(b"\r\n");
    }
}

/// A list on one line, with each of its items on a line of its own.
fn folded(list: &[u8]) -> Vec<u8> {
    let (mut lines, mut is_quoted, mut is_escaped) = (vec![b' '], false, false);
    for &octet in list {
        lines.push(octet);
        match octet {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => is_quoted = !is_quoted,
            b',' | b';' if !is_quoted => lines.extend_from_slice(b"\r\n "),
            _ => {}
        }
    }
    while lines.ends_with(b"\r\n ") {
        lines.truncate(lines.len() - 3);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (String, String) {
        let parts = Parts::of(&Bytes::from(text.replace('\n', "\r\n")), "h.example");
        let text = |octets: &[u8]| String::from_utf8(octets.to_vec()).unwrap().replace("\r\n", "\n");
        (text(&parts.header), text(&parts.body))
    }

    #[test]
    fn a_mail_is_parted_into_its_header_and_its_body() {
        let table = [
            ("A: b\n\nc\n", "A: b\n", "\nc\n"),
            ("A: b\n", "A: b\n", "\n"),
            ("", "", "\n"),
            ("\nc\n", "", "\nc\n"),
            ("plain text\nA: b\n", "", "\nplain text\nA: b\n"),
            ("A: b\nno field\nc\n", "A: b\n", "\nno field\nc\n"),
            ("From ann Fri Nov 20\n>From bob\nA: b\n\nFrom c\n", "A: b\n", "\nFrom c\n"),
            ("From ann", "", "\n"),
            ("A: b\n c\nX-Odd : d\n\n", "A: b\n c\nX-Odd : d\n", "\n"),
        ];
        for (mail, header, body) in table {
            assert_eq!(parts(mail), (header.into(), body.into()), "{mail:?}");
        }
    }

    #[test]
    fn names_get_a_domain_and_hidden_fields_go_and_all_else_stays() {
        let mail =
            "to:root,\n Bob <bob>\nBCC: x@y,\n z@y\nResent-bcc: w@y\nSubject: To: root\nX-To: root\nFrom: ann@x\n\n";
        let expected = "to:root@h.example,\n Bob <bob@h.example>\nSubject: To: root\nX-To: root\nFrom: ann@x\n";
        assert_eq!(parts(mail).0, expected);
    }

    #[test]
    fn what_names_recipients_has_no_long_line() {
        let all: Vec<String> = (0..500).map(|n| format!("user{n}@a.example")).collect();
        let parts = Parts::of(&Bytes::from(format!("To: {}\r\nX: {}\r\n\r\n", all.join(","), "x".repeat(2000))), "h");
        let text = String::from_utf8(parts.naming).unwrap();
        assert!(text.lines().all(|line| line.len() < 100), "{text}");
        assert_eq!(text.matches("@a.example").count(), 500);
        assert_eq!(folded(b"\"a,b\"@x, \"\\\",\" <c@x>,"), b" \"a,b\"@x,\r\n  \"\\\",\" <c@x>,");
    }
}
