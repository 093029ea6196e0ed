//! Reads command lines (RFC 5321, 4.1.1): the verb and, as plain text, what stands behind it.
//!
//! Rule: what is no text without controls is no command.

use super::replies;
use crate::{events::Kind, Reply};

/// One command; its argument is not yet looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Command<'a> {
    Ehlo(&'a str),
    Helo(&'a str),
    Lhlo(&'a str),
    Mail(&'a str),
    Rcpt(&'a str),
    Data,
    /// Size, and whether it is the last one.
    Bdat(u64, bool),
    Rset,
    Noop,
    Vrfy,
    Help,
    Quit,
    StartTls,
    Etrn(&'a str),
    /// Not a mail client at all: the connection ends.
    Http,
}

/// The methods of HTTP, and what HTTP/2 begins with. None is a verb of SMTP.
const HTTP: [&str; 10] = ["GET", "POST", "PUT", "HEAD", "DELETE", "OPTIONS", "CONNECT", "TRACE", "PATCH", "PRI"];

/// Verbs that exist, but not here.
const NOT_OFFERED: [&str; 7] = ["EXPN", "AUTH", "TURN", "ATRN", "SEND", "SAML", "SOML"];

/// The text of a line; blanks at its end do not matter (RFC 5321, 4.1.1).
pub(super) fn text(line: &[u8]) -> Result<&str, Reply> {
    let text = std::str::from_utf8(line).map_err(|_| replies::NOT_TEXT)?;
    if text.chars().any(char::is_control) {
        return Err(replies::NOT_TEXT);
    }
    Ok(text.trim_end_matches(' '))
}

/// The verb in capitals, and what stands behind it.
pub(super) fn split(text: &str) -> (String, &str) {
    let (verb, argument) = text.split_once(' ').unwrap_or((text, ""));
    (verb.to_ascii_uppercase(), argument.trim_start_matches(' '))
}

/// The event of a verb; strangers have none.
pub(super) fn kind(verb: &str) -> Option<Kind> {
    match verb {
        "EHLO" | "HELO" | "LHLO" => Some(Kind::Helo),
        "AUTH" => Some(Kind::Auth),
        "STARTTLS" => Some(Kind::StartTls),
        "MAIL" => Some(Kind::MailFrom),
        "RCPT" => Some(Kind::RcptTo),
        "DATA" => Some(Kind::Data),
        "BDAT" => Some(Kind::Bdat),
        "RSET" => Some(Kind::Rset),
        "VRFY" => Some(Kind::Vrfy),
        "ETRN" => Some(Kind::Etrn),
        "NOOP" => Some(Kind::Noop),
        "HELP" => Some(Kind::Help),
        "QUIT" => Some(Kind::Quit),
        other if HTTP.contains(&other) => None,
        _ => Some(Kind::UnknownCommand),
    }
}

/// Reads a command; an error is the reply to it.
pub(super) fn parse(text: &str) -> Result<Command<'_>, Reply> {
    let (verb, argument) = split(text);
    match verb.as_str() {
        "EHLO" => Ok(Command::Ehlo(argument)),
        "HELO" => Ok(Command::Helo(argument)),
        "LHLO" => Ok(Command::Lhlo(argument)),
        "MAIL" => path(argument, "FROM:").map(Command::Mail).ok_or(replies::BAD_MAIL),
        "RCPT" => path(argument, "TO:").map(Command::Rcpt).ok_or(replies::BAD_RCPT),
        "DATA" => alone(argument, Command::Data),
        "BDAT" => chunk(argument).ok_or(replies::BAD_CHUNK),
        "RSET" => alone(argument, Command::Rset),
        "NOOP" => Ok(Command::Noop),
        "VRFY" if argument.is_empty() => Err(replies::NEEDS_ARGUMENT),
        "VRFY" => Ok(Command::Vrfy),
        "HELP" => Ok(Command::Help),
        "QUIT" => alone(argument, Command::Quit),
        "ETRN" => Ok(Command::Etrn(argument)),
        "STARTTLS" => alone(argument, Command::StartTls),
        other if HTTP.contains(&other) => Ok(Command::Http),
        other if NOT_OFFERED.contains(&other) => Err(replies::NOT_OFFERED),
        _ => Err(replies::UNKNOWN),
    }
}

fn alone<'a>(argument: &str, command: Command<'a>) -> Result<Command<'a>, Reply> {
    if argument.is_empty() {
        Ok(command)
    } else {
        Err(replies::NO_ARGUMENT)
    }
}

/// What stands behind `FROM:` or `TO:`. A blank there is against the grammar, but common.
pub(super) fn path<'a>(argument: &'a str, keyword: &str) -> Option<&'a str> {
    let head = argument.get(..keyword.len())?;
    head.eq_ignore_ascii_case(keyword).then(|| argument[keyword.len()..].trim_start_matches(' '))
}

/// `size [LAST]` (RFC 3030, 2).
fn chunk(argument: &str) -> Option<Command<'_>> {
    let (size, last) = argument.split_once(' ').unwrap_or((argument, ""));
    let last = last.trim_start_matches(' ');
    if !last.is_empty() && !last.eq_ignore_ascii_case("LAST") {
        return None;
    }
    number(size).map(|size| Command::Bdat(size, !last.is_empty()))
}

/// Digits only: no sign, no blank (RFC 1870, 6; RFC 3030, 2).
pub(super) fn number(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.len() <= 20 && text.bytes().all(|c| c.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

/// What a client may call itself: a word that can be written into a header field. Its truth is not asked for (RFC
/// 5321, 4.1.4), nor is its form: clients give bare addresses and names with underscores.
pub(super) fn is_host_name(text: &str) -> bool {
    let bad = |c: char| c.is_whitespace() || "()<>@,;\\\"".contains(c);
    !text.is_empty() && text.len() <= 255 && !text.chars().any(bad)
}
