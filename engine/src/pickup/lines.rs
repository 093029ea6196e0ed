//! The lines of the envelope, read: `x-sender: <ann@example.org> RET=HDRS ENVID=42` and, for each recipient,
//! `x-receiver: <bob@example.net> NOTIFY=NEVER ORCPT=rfc822;bob@example.net`.
//!
//! Rule: what is not understood is refused: a recipient that is passed over would be a mail that is lost.

use super::{FileCode, FileForm, FileProblem, MAX_ENVELOPE, MAX_ENVELOPE_LINE};
use crate::{
    recipients::to_xtext,
    session::{self, envid, notify, orcpt, ret},
    Address, Recipient, Ret,
};

pub(super) const SENDER: &str = "x-sender";
pub(super) const RECEIVER: &str = "x-receiver";
/// Ends them, whatever the first fields of the mail are called.
pub(super) const END: &str = "x-endofinjectedxheaders";
/// What other programs write among the lines of an exported mail. It says nothing that we keep.
const PASSED_OVER: [&str; 6] =
    ["x-createdby", "x-helodomain", "x-source", "x-sourceipaddress", "x-extendedmessageprops", "x-legacyexch50"];

/// What stands above the header.
#[derive(Debug, Default)]
pub(super) struct Above {
    /// `Some(None)` is the null sender.
    pub sender: Option<Option<Address>>,
    pub recipients: Vec<Recipient>,
    pub ret: Option<Ret>,
    pub envid: Option<String>,
    /// Octets of these lines.
    pub length: usize,
    /// How many lines they are.
    pub lines: usize,
    /// A line said that they end.
    pub is_ended: bool,
}

/// One line with those that go on with it.
struct Line<'a> {
    name: &'a str,
    value: String,
    octets: usize,
    lines: usize,
}

impl Above {
    /// Reads the lines with which the file begins. `domain`: that of addresses without one.
    pub(super) fn read(octets: &[u8], form: FileForm, most: usize, domain: &str) -> Result<Self, FileProblem> {
        let mut above = Above::default();
        while let Some(line) = line(&octets[above.length..]) {
            let number = above.lines + 1;
            match line.name.to_ascii_lowercase().as_str() {
                SENDER => above.sender(&line.value, domain).map_err(|problem| problem.of(SENDER).in_line(number))?,
                RECEIVER => {
                    above.receiver(&line.value, domain).map_err(|problem| problem.of(RECEIVER).in_line(number))?;
                }
                END => above.is_ended = true,
                name if form == FileForm::Replay && PASSED_OVER.contains(&name) => {}
                _ => break,
            }
            above.length += line.octets;
            above.lines += line.lines;
            above.limits(most, number)?;
            if above.is_ended {
                return Ok(above);
            }
        }
        match kin(&octets[above.length..]) {
            Some(name) => Err(wrong("the line is longer than one may be, is not UTF-8, or has no end")
                .of(name)
                .in_line(above.lines + 1)),
            None => Ok(above),
        }
    }

    /// A receiver who stands among the fields of the mail would be passed over, and the others would read of them. A line that
    /// says where the envelope ends says that this is meant.
    pub(super) fn nobody_behind(&self, fields: &[u8]) -> Result<(), FileProblem> {
        if self.is_ended {
            return Ok(());
        }
        let mut lines = fields.split(|octet| *octet == b'\n');
        let Some(at) = lines.position(|line| kin(line) == Some(RECEIVER)) else { return Ok(()) };
        let text = "a receiver stands below other fields: put it above them, or, if it is a field of the mail, put a \
                    line \"x-endofinjectedxheaders:\" above the header";
        Err(wrong(text).of(RECEIVER).in_line(self.lines + 1 + at))
    }

    fn limits(&self, most: usize, number: usize) -> Result<(), FileProblem> {
        if self.recipients.len() > most {
            let text = format!("the mail has more than {most} recipients: put it there in parts");
            return Err(FileProblem::new(FileCode::TooManyRecipients, text).of(RECEIVER).in_line(number));
        }
        if self.length > MAX_ENVELOPE {
            let text =
                format!("the lines of the envelope have more than {MAX_ENVELOPE} octets: put the mail there in parts");
            return Err(FileProblem::new(FileCode::BadEnvelope, text).in_line(number));
        }
        Ok(())
    }

    fn sender(&mut self, value: &str, domain: &str) -> Result<(), FileProblem> {
        if self.sender.is_some() {
            return Err(wrong("there are two senders: write one"));
        }
        let (path, parameters) = path_and_parameters(value)?;
        self.sender = Some(match path {
            "" => None,
            path => Some(address(path, domain)?),
        });
        for parameter in parameters.split_ascii_whitespace() {
            let (name, text) = parameter.split_once('=').unwrap_or((parameter, ""));
            let is_good = match name.to_ascii_uppercase().as_str() {
                "RET" => set(&mut self.ret, ret(text)),
                "ENVID" => set(&mut self.envid, envid(text)),
                // What the content says itself, and who proved to be whom at another host.
                "BODY" | "SIZE" | "SMTPUTF8" | "AUTH" => true,
                _ => false,
            };
            if !is_good {
                return Err(unknown(parameter));
            }
        }
        Ok(())
    }

    fn receiver(&mut self, value: &str, domain: &str) -> Result<(), FileProblem> {
        let (path, parameters) = path_and_parameters(value)?;
        let mut recipient = Recipient::from(address(path, domain)?);
        for parameter in parameters.split_ascii_whitespace() {
            let (name, text) = parameter.split_once('=').unwrap_or((parameter, ""));
            let is_good = match name.to_ascii_uppercase().as_str() {
                "NOTIFY" => set(&mut recipient.notify, notify(text)),
                "ORCPT" => set(&mut recipient.orcpt, original(text)),
                _ => false,
            };
            if !is_good {
                return Err(unknown(parameter));
            }
        }
        self.recipients.push(recipient);
        Ok(())
    }
}

/// Sets what is good and was not set before.
fn set<T>(place: &mut Option<T>, value: Option<T>) -> bool {
    let is_good = place.is_none() && value.is_some();
    *place = value;
    is_good
}

/// Exchange wrote original recipients without their type.
fn original(text: &str) -> Option<String> {
    orcpt(text, true).or_else(|| orcpt(&format!("rfc822;{}", to_xtext(text)), true).filter(|_| !text.contains(';')))
}

/// The next line as a field of an envelope; `None`: it is no field, or is too long to be one of ours.
fn line(octets: &[u8]) -> Option<Line<'_>> {
    let (first, mut length) = one(octets)?;
    let (name, value) = first.split_once(':')?;
    let (mut value, mut lines) = (value.trim().to_owned(), 1);
    while matches!(octets.get(length), Some(b' ' | b'\t')) {
        let (more, with) = one(&octets[length..])?;
        value.push(' ');
        value.push_str(more.trim());
        (length, lines) = (length + with, lines + 1);
        if value.len() > MAX_ENVELOPE_LINE {
            return None;
        }
    }
    Some(Line { name: name.trim_end(), value, octets: length, lines })
}

/// Which line of an envelope this begins as, if it is one.
fn kin(octets: &[u8]) -> Option<&'static str> {
    [SENDER, RECEIVER].into_iter().find(|name| {
        let (begin, rest) = octets.split_at_checked(name.len()).unwrap_or((octets, b""));
        begin.eq_ignore_ascii_case(name.as_bytes()) && rest.trim_ascii_start().starts_with(b":")
    })
}

/// The text of one line, and how many octets it has with its end.
fn one(octets: &[u8]) -> Option<(&str, usize)> {
    let end = memchr::memchr(b'\n', &octets[..octets.len().min(MAX_ENVELOPE_LINE)])?;
    let text = octets[..end].strip_suffix(b"\r").unwrap_or(&octets[..end]);
    Some((std::str::from_utf8(text).ok()?, end + 1))
}

/// What stands behind the name of a mailbox: `<ann@example.org>` of `"Ann" <ann@example.org>`. System.Net.Mail writes such lines.
/// All of it where there is no name: two addresses are no name and an address.
fn behind_the_name(value: &str) -> &str {
    let (mut is_quoted, mut is_escaped) = (false, false);
    for (at, c) in value.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            _ if is_quoted => {}
            '<' if value[..at].ends_with([' ', '\t', '"']) => return &value[at..],
            '<' | '@' | ',' | ';' => return value,
            _ => {}
        }
    }
    value
}

/// An address with or without brackets, and what stands behind it.
fn path_and_parameters(value: &str) -> Result<(&str, &str), FileProblem> {
    let value = behind_the_name(value.trim());
    if value.starts_with('<') {
        return session::path_and_parameters(value).ok_or_else(|| wrong("< is not closed"));
    }
    let end = if value.starts_with('"') { value.rfind('@').unwrap_or(0) } else { 0 };
    let end = value[end..].find([' ', '\t']).map_or(value.len(), |at| end + at);
    match &value[..end] {
        "" => Err(wrong("there is no address: write one, or <> for the null sender")),
        path => Ok((path, &value[end..])),
    }
}

fn address(path: &str, domain: &str) -> Result<Address, FileProblem> {
    Address::parse_at(path, domain).map_err(|error| {
        let shown: String = path.chars().take(80).flat_map(char::escape_debug).collect();
        FileProblem::new(FileCode::BadAddress, format_args!("\"{shown}\" is no address: {error}"))
    })
}

fn wrong(text: &str) -> FileProblem {
    FileProblem::new(FileCode::BadEnvelope, text)
}

fn unknown(parameter: &str) -> FileProblem {
    let shown: String = parameter.chars().take(80).flat_map(char::escape_debug).collect();
    wrong(&format!("\"{shown}\" is not known, is wrong, or stands there twice: NOTIFY and ORCPT are for receivers, RET and ENVID for senders (RFC 3461)"))
}
