//! From the octets of a file to a mail.

use bytes::{Bytes, BytesMut};

use super::{dots, lines::Above, Dots, FileCode, FileForm, FileProblem, FileRules};
use crate::{
    compose::{own_id, Addressing},
    session::{code_of_refusal, Counted, CountedEnd, HeaderText},
    Address, Content, Door, Draft, Envelope, Making, Recipient, Recipients,
};

/// Some programs begin a file of text with it.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// The mail that these octets are. `making.host` is the domain of addresses without one.
///
/// # Errors
/// [`FileProblem`]: they are none.
pub fn read_file(octets: &[u8], rules: &FileRules, making: &Making<'_>) -> Result<Draft, FileProblem> {
    let octets = octets.strip_prefix(BYTE_ORDER_MARK).unwrap_or(octets);
    if octets.is_empty() {
        return Err(FileProblem::new(
            FileCode::Empty,
            "the file is empty: write the mail under another name, and rename it",
        ));
    }
    if octets.len() as u64 > rules.limits.message_size.saturating_add(super::MAX_ENVELOPE as u64) {
        return Err(too_large(rules));
    }
    let plain = match rules.dots {
        Dots::Plain => None,
        Dots::Stuffed => Some(dots::unstuffed(octets)?),
    };
    let octets = plain.as_deref().unwrap_or(octets);
    let above = Above::read(octets, rules.form, rules.recipients, making.host)?;
    let rest = &octets[above.length..];
    let begins = rest.starts_with(b"\n") || rest.starts_with(b"\r\n");
    let (mail, end) = match rules.form {
        // A mail may have no field of its own: what is missing is ours to write.
        FileForm::Pickup if begins => checked(&[date(making).as_bytes(), rest].concat(), rules)?,
        _ => checked(rest, rules)?,
    };
    let fields = mail.slice(..crate::header::header_len(&mail));
    if rules.form == FileForm::Pickup {
        above.nobody_behind(&fields)?;
    }
    let mut envelope = envelope(above, &fields, rules, making)?;
    envelope.body = end.body;
    envelope.smtputf8 |= end.header == HeaderText::Utf8;
    let content = content(mail, &fields, &envelope, rules, making)?;
    Ok(Draft::new(envelope, content))
}

fn date(making: &Making<'_>) -> String {
    format!("Date: {}\r\n", making.now.rfc5322())
}

fn too_large(rules: &FileRules) -> FileProblem {
    let most = rules.limits.message_size;
    FileProblem::new(FileCode::TooLarge, format_args!("a mail has at most {most} octets here (limits.message_size)"))
}

/// The octets with CRLF at the end of each line, looked at as those of a client are.
fn checked(octets: &[u8], rules: &FileRules) -> Result<(Bytes, CountedEnd), FileProblem> {
    let mut counted = Counted::new(&rules.limits, octets.len() as u64, false).ok_or_else(|| too_large(rules))?;
    let (mut input, mut kept) = (BytesMut::from(octets), BytesMut::with_capacity(octets.len() + 2));
    while let Some(some) = counted.take(&mut input) {
        kept.extend_from_slice(&some);
    }
    let end = counted.finish().map_err(|reply| match code_of_refusal(&reply) {
        FileCode::TooLarge => too_large(rules), // which says how large it may be
        code => FileProblem::refused(code, &reply),
    })?;
    if end.header == HeaderText::Neither {
        return Err(FileProblem::new(FileCode::NoMail, "the header is neither ASCII nor UTF-8: encode it (RFC 2047)"));
    }
    kept.extend_from_slice(&end.last);
    Ok((kept.freeze(), end))
}

fn envelope(above: Above, fields: &[u8], rules: &FileRules, making: &Making<'_>) -> Result<Envelope, FileProblem> {
    let header = Addressing::of(fields).at(making.host);
    let Above { sender, mut recipients, ret, envid, .. } = above;
    if rules.form == FileForm::Replay && (sender.is_none() || recipients.is_empty()) {
        let (code, what) = match sender {
            None => (FileCode::NoSender, "x-sender"),
            Some(_) => (FileCode::NoRecipient, "x-receiver"),
        };
        let text =
            format!("an exported mail has its envelope above its header, and this one has no {what} line: write one");
        return Err(FileProblem::new(code, text).of(what));
    }
    if recipients.is_empty() {
        recipients.extend(header.recipients()?.into_iter().map(Recipient::from));
    }
    let sender = match sender {
        Some(sender) => sender,
        None => Some(header.sender()?),
    };
    let mut recipients: Recipients = recipients.into_iter().collect();
    recipients.name_once();
    match recipients.len() {
        0 => return Err(crate::ComposeError::NoRecipient.into()),
        n if n > rules.recipients => {
            let text = format!("the mail has more than {} recipients: put it there in parts", rules.recipients);
            return Err(FileProblem::new(FileCode::TooManyRecipients, text));
        }
        _ => {}
    }
    let needs_utf8 = |address: &Address| !address.is_ascii();
    Ok(Envelope {
        smtputf8: sender.iter().any(needs_utf8) || recipients.iter().any(|(_, one)| needs_utf8(&one.address)),
        sender,
        recipients,
        door: Door::Pickup,
        ret,
        envid,
        arrived: making.now,
        ..Envelope::default()
    })
}

/// An exported mail stays as it is.
fn content(
    mail: Bytes,
    fields: &[u8],
    envelope: &Envelope,
    rules: &FileRules,
    making: &Making<'_>,
) -> Result<Content, FileProblem> {
    let mut content = Content::new(mail.clone());
    if rules.form == FileForm::Replay {
        return Ok(content);
    }
    let has = |name| crate::header::has_field(fields, name);
    if has("Bcc") || has("Resent-Bcc") {
        let edited = content.edit_header(|header| {
            header.remove("Bcc");
            header.remove("Resent-Bcc");
            Ok(())
        });
        edited.map_err(|error| FileProblem::new(FileCode::NoMail, error).of("Bcc"))?;
    }
    let mut missing = String::new();
    if !has("From") {
        missing.extend(envelope.sender.iter().map(|sender| format!("From: <{sender}>\r\n")));
    }
    if !has("Date") {
        missing.push_str(&date(making));
    }
    if !has("Message-ID") {
        missing.push_str(&format!("Message-ID: {}\r\n", own_id(making)));
    }
    if !missing.is_empty() {
        content.prepend(missing);
    }
    Ok(content)
}
