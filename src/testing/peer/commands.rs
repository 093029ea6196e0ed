//! Commands as a peer reads them, and what it says to those that are wrong.

use super::{
    manner::{Extension, Protocol},
    session::Wrong,
};

/// What a client wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Command {
    Hello,
    Mail(Path),
    Rcpt(Path),
    Data,
    Bdat { octets: u64, last: bool },
    Reset,
    Quit,
    Noop,
    Verify,
    Wrong(Wrong),
}

/// An address with its parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Path {
    pub address: String,
    pub parameters: Vec<String>,
}

const SYNTAX: Wrong = (501, "5.5.4 That is no such command");

/// Reads a line without its end.
pub(super) fn command(line: &str, protocol: Protocol) -> Command {
    let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
    match (verb.to_ascii_uppercase().as_str(), protocol) {
        ("EHLO" | "HELO", Protocol::Smtp) | ("LHLO", Protocol::Lmtp) if !rest.is_empty() => Command::Hello,
        ("EHLO" | "HELO", Protocol::Smtp) | ("LHLO", Protocol::Lmtp) => Command::Wrong(SYNTAX),
        ("MAIL", _) => path(rest, "FROM:").map_or(Command::Wrong(SYNTAX), Command::Mail),
        ("RCPT", _) => path(rest, "TO:").map_or(Command::Wrong(SYNTAX), Command::Rcpt),
        ("DATA", _) => Command::Data,
        ("BDAT", _) => chunk(rest),
        ("RSET", _) => Command::Reset,
        ("QUIT", _) => Command::Quit,
        ("NOOP", _) => Command::Noop,
        ("VRFY", _) => Command::Verify,
        _ => Command::Wrong((500, "5.5.1 There is no such command")),
    }
}

/// `FROM:<me@example.org> SIZE=100`
fn path(text: &str, word: &str) -> Option<Path> {
    let (before, after) = (text.get(..word.len())?, text.get(word.len()..)?);
    let inner = after.trim_start().strip_prefix('<').filter(|_| before.eq_ignore_ascii_case(word))?;
    let end = end_of_path(inner)?;
    let parameters = inner[end + 1..].split_ascii_whitespace().map(str::to_owned).collect();
    Some(Path { address: inner[..end].to_owned(), parameters })
}

/// Where `>` stands that is not within a quoted local part (RFC 5321, 4.1.2).
fn end_of_path(text: &str) -> Option<usize> {
    let (mut quoted, mut escaped) = (false, false);
    text.char_indices().find_map(|(at, c)| {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '>' if !quoted => return Some(at),
            _ => {}
        }
        None
    })
}

fn chunk(text: &str) -> Command {
    let mut words = text.split_ascii_whitespace();
    let (octets, last) = (words.next().and_then(|octets| octets.parse().ok()), words.next());
    match (octets, last.map(str::to_ascii_uppercase).as_deref()) {
        (Some(octets), None) => Command::Bdat { octets, last: false },
        (Some(octets), Some("LAST")) => Command::Bdat { octets, last: true },
        _ => Command::Wrong(SYNTAX),
    }
}

/// Every parameter belongs to an extension that is offered, and the mail that is announced is not too large.
pub(super) fn check(parameters: &[String], offered: &[Extension]) -> Result<(), Wrong> {
    for parameter in parameters {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let (name, value) = (name.to_ascii_uppercase(), value.to_ascii_uppercase());
        let size = offered.iter().find_map(|offer| if let Extension::Size(most) = offer { Some(*most) } else { None });
        let known = match (name.as_str(), value.as_str()) {
            ("SIZE", octets) => match (size, octets.parse::<u64>()) {
                (Some(most), Ok(octets)) if most > 0 && octets > most => return Err(TOO_LARGE),
                (offered, octets) => offered.is_some() && octets.is_ok(),
            },
            ("BODY", "7BIT" | "8BITMIME") => offered.contains(&Extension::EightBitMime),
            ("BODY", "BINARYMIME") => offered.contains(&Extension::BinaryMime),
            ("SMTPUTF8", "") => offered.contains(&Extension::SmtpUtf8),
            ("RET" | "ENVID" | "NOTIFY" | "ORCPT", _) => offered.contains(&Extension::Dsn),
            _ => false,
        };
        if !known {
            return Err((555, "5.5.4 That parameter was not offered"));
        }
    }
    Ok(())
}

pub(super) const TOO_LARGE: Wrong = (552, "5.3.4 The mail is too large");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_read() {
        let path = |address: &str, parameters: &[&str]| Path {
            address: address.into(),
            parameters: parameters.iter().map(|text| (*text).into()).collect(),
        };
        let table = [
            ("EHLO me", Command::Hello),
            ("mail from:<>", Command::Mail(path("", &[]))),
            ("MAIL FROM:<a@x.org> SIZE=3 BODY=8BITMIME", Command::Mail(path("a@x.org", &["SIZE=3", "BODY=8BITMIME"]))),
            ("RCPT TO:<\"a>b\"@x.org>", Command::Rcpt(path("\"a>b\"@x.org", &[]))),
            ("RCPT TO:a@x.org", Command::Wrong(SYNTAX)),
            ("BDAT 12", Command::Bdat { octets: 12, last: false }),
            ("BDAT 0 last", Command::Bdat { octets: 0, last: true }),
            ("BDAT", Command::Wrong(SYNTAX)),
        ];
        for (line, read) in table {
            assert_eq!(command(line, Protocol::Smtp), read, "{line}");
        }
        assert_ne!(command("LHLO me", Protocol::Smtp), Command::Hello);
        assert_ne!(command("EHLO me", Protocol::Lmtp), Command::Hello);
    }

    #[test]
    fn a_parameter_needs_its_extension() {
        let of =
            |parameter: &str, offered: &[Extension]| check(&[parameter.to_owned()], offered).map_err(|(code, _)| code);
        assert_eq!(of("SIZE=10", &[Extension::Size(9)]), Err(552));
        assert_eq!(of("SIZE=10", &[Extension::Size(0)]), Ok(()));
        for parameter in ["SIZE=10", "BODY=8BITMIME", "BODY=BINARYMIME", "SMTPUTF8", "NOTIFY=NEVER", "RET=FULL"] {
            assert_eq!(of(parameter, &[]), Err(555), "{parameter}");
            assert_eq!(of(parameter, &Extension::all()), Ok(()), "{parameter}");
        }
    }
}
