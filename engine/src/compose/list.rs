//! A list of mailboxes as a text (RFC 5322, 3.4), read strictly where an address is meant and kindly around it.
//!
//! Rule: each octet of the text is understood, or the whole list is refused.

use super::{Mailbox, MailboxError};
use crate::Address;

/// All mailboxes of a text. Commas and semicolons part them; empty items are skipped; of a group (`Team: a@x, b@x;`) the
/// members are taken; a comment is the name where there is no other.
pub(super) fn mailboxes(text: &str) -> Result<Vec<Mailbox>, MailboxError> {
    mailboxes_at(text, "")
}

/// The same; addresses without a domain are at this one, if it is not empty.
pub(super) fn mailboxes_at(text: &str, domain: &str) -> Result<Vec<Mailbox>, MailboxError> {
    if text.chars().any(|c| c.is_control() && c != '\t') {
        return Err(MailboxError::Control);
    }
    let mut reader = ListReader { rest: text, domain, item: Item::default(), found: Vec::new() };
    while let Some(c) = reader.next() {
        reader.take(c)?;
    }
    reader.end_item()?;
    Ok(reader.found)
}

/// What is known of the mailbox that is being read.
#[derive(Default)]
struct Item {
    /// What can be a name: quotes taken off.
    name: String,
    /// The same with quotes: what is the address if there is none in angle brackets.
    bare: String,
    comment: String,
    /// What stood in angle brackets.
    angle: Option<String>,
}

struct ListReader<'a> {
    rest: &'a str,
    domain: &'a str,
    item: Item,
    found: Vec<Mailbox>,
}

impl ListReader<'_> {
    fn next(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = &self.rest[c.len_utf8()..];
        Some(c)
    }

    fn take(&mut self, c: char) -> Result<(), MailboxError> {
        match c {
            ',' | ';' => return self.end_item(),
            '(' => return self.comment(),
            ' ' | '\t' => self.push(' '),
            _ if self.item.angle.is_some() => return Err(MailboxError::Behind),
            '"' => return self.quoted(),
            '[' => return self.literal(),
            '<' => self.item.angle = Some(self.angle()?),
            ':' => self.group()?,
            c => self.push(c),
        }
        Ok(())
    }

    /// What stood before the colon was the name of a group. One with an `@` is an address that a wrong sign parts from the next.
    fn group(&mut self) -> Result<(), MailboxError> {
        match std::mem::take(&mut self.item).bare.contains('@') {
            true => Err(MailboxError::GroupName),
            false => Ok(()),
        }
    }

    fn push(&mut self, c: char) {
        self.item.name.push(c);
        self.item.bare.push(c);
    }

    fn quoted(&mut self) -> Result<(), MailboxError> {
        self.item.bare.push('"');
        loop {
            let c = self.next().ok_or(MailboxError::Unclosed('"'))?;
            self.item.bare.push(c);
            match c {
                '"' => return Ok(()),
                '\\' => {
                    let escaped = self.next().ok_or(MailboxError::Unclosed('"'))?;
                    self.push(escaped);
                }
                c => self.item.name.push(if c == '\t' { ' ' } else { c }),
            }
        }
    }

    fn literal(&mut self) -> Result<(), MailboxError> {
        self.push('[');
        loop {
            let c = self.next().ok_or(MailboxError::Unclosed('['))?;
            self.push(c);
            if c == ']' {
                return Ok(());
            }
        }
    }

    /// What stands before the `>` that is in no quotes.
    fn angle(&mut self) -> Result<String, MailboxError> {
        let (mut inside, mut is_quoted) = (String::new(), false);
        loop {
            let c = self.next().ok_or(MailboxError::Unclosed('<'))?;
            match c {
                '>' if !is_quoted => return Ok(inside.trim().to_owned()),
                '\\' if is_quoted => {
                    inside.push(c);
                    inside.push(self.next().ok_or(MailboxError::Unclosed('"'))?);
                    continue;
                }
                '"' => is_quoted = !is_quoted,
                _ => {}
            }
            inside.push(c);
        }
    }

    /// Comments nest (RFC 5322, 3.2.2).
    fn comment(&mut self) -> Result<(), MailboxError> {
        let mut depth = 1_usize;
        self.push(' ');
        loop {
            let c = self.next().ok_or(MailboxError::Unclosed('('))?;
            match c {
                '\\' => {
                    let escaped = self.next().ok_or(MailboxError::Unclosed('('))?;
                    self.item.comment.push(escaped);
                    continue;
                }
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                self.item.comment.push(' ');
                return Ok(());
            }
            self.item.comment.push(if c == '\t' { ' ' } else { c });
        }
    }

    fn end_item(&mut self) -> Result<(), MailboxError> {
        let item = std::mem::take(&mut self.item);
        let (name, address) = match &item.angle {
            Some(address) => (item.name.trim(), address.as_str()),
            None => ("", item.bare.trim()),
        };
        if item.angle.is_none() && address.is_empty() {
            return Ok(());
        }
        let name = if name.is_empty() { item.comment.trim() } else { name };
        self.found.push(Mailbox::of(name, Address::parse_at(address, self.domain)?)?);
        Ok(())
    }
}
