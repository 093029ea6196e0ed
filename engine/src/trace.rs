//! The `Received` field that says which way a mail came (RFC 5321, 4.4; transmission types of RFC 3848 and RFC 6531).
//!
//! Rule: nothing that came from outside can break out of its place in the field: it is written as what its place
//! allows, and everything else becomes `?`.

use std::net::IpAddr;

use crate::{address::ascii_domain, Address, Door, Envelope, Peer};

/// Octets after which a line is folded (RFC 5322, 2.1.1).
const FOLD_AT: usize = 78;

/// What the field says beside the envelope.
#[derive(Clone, Copy, Debug)]
pub struct Trace<'a> {
    /// The name by which this host is known.
    pub hostname: &'a str,
    /// The transaction, as it stands in the log.
    pub id: &'a str,
    /// The date as a header field has it.
    pub date: &'a str,
}

impl Trace<'_> {
    /// The field with its last CRLF. `for` is written only when there is exactly one recipient: with more it would tell
    /// each about the others.
    pub fn received(&self, envelope: &Envelope) -> String {
        let mut clauses = Vec::new();
        let by_a_client = matches!(envelope.door, Door::Smtp | Door::Lmtp);
        if by_a_client {
            clauses.push(from_clause(&envelope.peer));
        }
        clauses.push(format!("by {}", host_text(self.hostname)));
        if envelope.door == Door::Pickup {
            let who = envelope.peer.identity.as_deref().unwrap_or("unknown");
            clauses.push(format!("(from a folder, {})", comment_text(who)));
        }
        if by_a_client {
            clauses.push(format!("with {}", transmission_type(envelope)));
        }
        clauses.extend(envelope.peer.tls.as_deref().map(|tls| format!("({})", comment_text(tls))));
        clauses.push(format!("id {}", atom_text(self.id)));
        clauses.extend(only_recipient(envelope).map(|address| format!("for <{address}>")));
        if let Some(last) = clauses.last_mut() {
            last.push(';');
        }
        clauses.push(comment_text(self.date));
        folded("Received:", &clauses)
    }
}

/// The keyword behind `with` (RFC 3848; RFC 6531, 4.3).
pub fn transmission_type(envelope: &Envelope) -> String {
    let peer = &envelope.peer;
    let protocol = match (envelope.door, envelope.smtputf8, peer.extended) {
        (Door::Lmtp, true, _) => "UTF8LMTP",
        (Door::Lmtp, false, _) => "LMTP",
        (_, true, _) => "UTF8SMTP",
        (_, false, true) => "ESMTP",
        (_, false, false) => return "SMTP".to_owned(),
    };
    let tls = if peer.tls.is_some() { "S" } else { "" };
    let auth = if peer.identity.is_some() { "A" } else { "" };
    format!("{protocol}{tls}{auth}")
}

/// `from` what the client called itself, and in brackets where it really was.
fn from_clause(peer: &Peer) -> String {
    let name = peer.helo.as_deref().map_or_else(|| "unknown".to_owned(), host_text);
    match peer.ip.map(|ip| ip.to_canonical()) {
        Some(IpAddr::V4(ip)) => format!("from {name} ([{ip}])"),
        Some(IpAddr::V6(ip)) => format!("from {name} ([IPv6:{ip}])"),
        None => format!("from {name}"),
    }
}

/// The recipient, if it is the only one and may be written here: beyond ASCII only in an SMTPUTF8 mail.
fn only_recipient(envelope: &Envelope) -> Option<&Address> {
    let mut all = envelope.recipients.iter();
    let (_, only) = all.next().filter(|_| envelope.recipients.len() == 1)?;
    (envelope.smtputf8 || only.address.is_ascii()).then_some(&only.address)
}

/// A host name or literal: A-labels if it has them, `?` for whatever does not belong into one.
fn host_text(name: &str) -> String {
    let ascii = ascii_domain(name).map_or_else(|_| name.to_owned(), |domain| domain.into_owned());
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-._:[]".contains(c);
    replaced(&ascii, allowed)
}

/// What may stand in a comment without ending it, and without a quote that could hide its end.
fn comment_text(text: &str) -> String {
    replaced(text, |c| (c.is_ascii_graphic() || c == ' ') && !"()\\<>\";".contains(c))
}

fn atom_text(text: &str) -> String {
    replaced(text, |c| c.is_ascii_alphanumeric() || "-._+".contains(c))
}

fn replaced(text: &str, allowed: impl Fn(char) -> bool) -> String {
    text.chars().map(|c| if allowed(c) { c } else { '?' }).collect()
}

/// Joins words with blanks, or with a fold where the line would become too long.
fn folded(name: &str, clauses: &[String]) -> String {
    let mut field = name.to_owned();
    let mut width = field.len();
    for clause in clauses {
        if width + 1 + clause.len() > FOLD_AT && width > 1 {
            field.push_str("\r\n\t");
            width = 1;
        } else {
            field.push(' ');
            width += 1;
        }
        field.push_str(clause);
        width += clause.len();
    }
    field.push_str("\r\n");
    field
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Recipients;

    const TRACE: Trace<'_> = Trace { hostname: "mx.example.org", id: "abc.1", date: "Fri, 20 Nov 2026 06:31:14 +0000" };

    fn envelope(recipients: &[&str]) -> Envelope {
        let peer = Peer {
            ip: "192.0.2.7".parse().ok(),
            helo: Some("client.example".into()),
            extended: true,
            ..Peer::default()
        };
        let recipients: Recipients = recipients.iter().map(|text| Address::parse(text).unwrap()).collect();
        Envelope { door: Door::Smtp, peer, recipients, ..Envelope::default() }
    }

    #[test]
    fn the_field_says_from_where_by_whom_and_for_one_recipient_only() {
        assert_eq!(
            TRACE.received(&envelope(&["a@x"])),
            "Received: from client.example ([192.0.2.7]) by mx.example.org with ESMTP\r\n\
             \tid abc.1 for <a@x>; Fri, 20 Nov 2026 06:31:14 +0000\r\n"
        );
        assert!(!TRACE.received(&envelope(&["a@x", "b@x"])).contains("for <"));
        let from_library = Envelope { door: Door::Library, ..envelope(&[]) };
        assert!(TRACE.received(&from_library).starts_with("Received: by mx.example.org id abc.1; Fri"));
    }

    #[test]
    fn every_transmission_type_is_named_as_registered() {
        let table = [
            (false, false, false, false, "SMTP"),
            (true, false, false, false, "ESMTP"),
            (true, true, false, false, "ESMTPS"),
            (true, false, true, false, "ESMTPA"),
            (true, true, true, false, "ESMTPSA"),
            (true, false, false, true, "UTF8SMTP"),
            (true, false, true, true, "UTF8SMTPA"),
            (true, true, false, true, "UTF8SMTPS"),
            (true, true, true, true, "UTF8SMTPSA"),
        ];
        for (extended, tls, auth, smtputf8, name) in table {
            let mut envelope = Envelope { smtputf8, ..envelope(&[]) };
            envelope.peer.extended = extended;
            envelope.peer.tls = tls.then(|| "TLSv1.3".to_owned());
            envelope.peer.identity = auth.then(|| "me".to_owned());
            assert_eq!(transmission_type(&envelope), name);
        }
    }

    #[test]
    fn what_came_by_lmtp_says_so_and_a_client_without_an_address_has_none_there() {
        let mut envelope = Envelope { door: Door::Lmtp, ..envelope(&["a@x"]) };
        envelope.peer.ip = None;
        let field = TRACE.received(&envelope);
        assert!(field.starts_with("Received: from client.example by mx.example.org with LMTP "), "{field}");
        let mut names = Vec::new();
        for (tls, smtputf8) in [(false, false), (true, false), (false, true), (true, true)] {
            (envelope.peer.tls, envelope.smtputf8) = (tls.then(|| "TLSv1.3".to_owned()), smtputf8);
            names.push(transmission_type(&envelope));
        }
        assert_eq!(names, ["LMTP", "LMTPS", "UTF8LMTP", "UTF8LMTPS"]);
    }

    #[test]
    fn nothing_from_the_peer_breaks_out_of_the_field() {
        let mut envelope = envelope(&["\"a>; x\"@x"]);
        envelope.peer.helo = Some("evil) by (x\r\nX-Evil: \"yes\";".into());
        envelope.peer.tls = Some("a) (b\\".into());
        let field = TRACE.received(&envelope);
        assert!(field.contains("from evil??by??x??X-Evil:??yes?? ([192.0.2.7])"), "{field}");
        assert!(field.contains("(a? ?b?)"), "{field}");
        assert_eq!(field.matches("\r\n").count(), field.matches("\r\n\t").count() + 1);
    }

    #[test]
    fn addresses_beyond_ascii_stand_only_in_an_smtputf8_mail() {
        let mut envelope = envelope(&["用户@例え.jp"]);
        envelope.peer.helo = Some("bücher.example".into());
        envelope.peer.ip = "::ffff:192.0.2.7".parse().ok();
        let field = TRACE.received(&envelope);
        assert!(field.is_ascii() && field.contains("from xn--bcher-kva.example ([192.0.2.7])"), "{field}");
        envelope.smtputf8 = true;
        envelope.peer.ip = "2001:db8::1".parse().ok();
        let field = TRACE.received(&envelope);
        assert!(field.contains("for <用户@例え.jp>") && field.contains("([IPv6:2001:db8::1])"), "{field}");
    }
}
