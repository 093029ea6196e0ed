//! One message: its header is known, its body is read when it is asked for.
//!
//! Rule: a message does not change. What is read later is of the very file that was listed, or an error; deleting it is the
//! one thing that can be done to it, and takes it away from whoever has it.

use std::{io::Read, sync::Arc, time::SystemTime};

use bytes::Bytes;
use postrider_engine::{header::RawFields, Address};

use super::{
    body,
    folders::{Folders, Found},
    head::Head,
    AddressEntry, MessageBody, MessageEnvelope, MessageError, MessageProblem,
};

/// A message in an [`Inbox`](super::Inbox). There is no way to change it; it can be deleted, and is gone then:
///
/// ```compile_fail,E0382
/// # fn with(message: postrider_sinks::inbox::Message) -> Result<(), postrider_sinks::inbox::MessageError> {
/// message.delete()?;
/// println!("{:?}", message.subject()); // borrow of moved value
/// # Ok(())
/// # }
/// ```
pub struct Message {
    folders: Arc<Folders>,
    found: Found,
    head: Head,
    largest: u64,
}

impl std::fmt::Debug for Message {
    /// Nothing of what is in it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Message").field("name", &self.found.name).field("size", &self.size()).finish_non_exhaustive()
    }
}

/// What readers of a Maildir have noted about a message, in the name of its file. In a drop folder nothing is noted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MessageFlags {
    /// `S`: a user has seen it.
    pub seen: bool,
    /// `R`: it was answered.
    pub replied: bool,
    /// `P`: it was passed on.
    pub passed: bool,
    /// `F`: somebody marked it.
    pub flagged: bool,
    /// `D`: somebody is still writing it.
    pub draft: bool,
    /// `T`: it is to be deleted.
    pub trashed: bool,
}

impl Message {
    pub(super) fn load(folders: &Arc<Folders>, found: &Found, largest: u64) -> Result<Self, MessageProblem> {
        let (file, found) = folders.open(found)?;
        let head = Head::read(file)?;
        Ok(Message { folders: Arc::clone(folders), found, head, largest })
    }

    /// Its name in the Inbox, for [`Inbox::get`](super::Inbox::get): that of its file; in a Maildir without the flags, so that
    /// it stays the same.
    pub fn name(&self) -> &str {
        &self.found.name
    }

    /// Its octets, without the lines of the envelope in front.
    pub fn size(&self) -> u64 {
        self.found.size.saturating_sub(self.head.in_front as u64)
    }

    /// When its file was written; `None`: the file system says a time that is none.
    pub fn received(&self) -> Option<SystemTime> {
        self.found.received()
    }

    /// What readers have noted about it.
    pub fn flags(&self) -> MessageFlags {
        let info = self.found.info().strip_prefix(b"2,").unwrap_or_default();
        let has = |flag| self.folders.is_maildir() && info.contains(&flag);
        MessageFlags {
            seen: has(b'S'),
            replied: has(b'R'),
            passed: has(b'P'),
            flagged: has(b'F'),
            draft: has(b'D'),
            trashed: has(b'T'),
        }
    }

    /// It is in `new`: no reader of the Maildir has taken it up yet. Always so in a drop folder.
    pub fn is_new(&self) -> bool {
        self.found.is_first()
    }

    /// Who gave it and for whom it is, where its writer put that in front (drop folders).
    pub fn envelope(&self) -> Option<&MessageEnvelope> {
        self.head.envelope.as_ref()
    }

    /// Who sent it: the first of `From`, else `Sender`. Anybody can write there what he likes.
    pub fn sender(&self) -> Option<&AddressEntry> {
        self.head.from.first().or(self.head.sender.first())
    }

    /// All of `From`.
    pub fn from(&self) -> &[AddressEntry] {
        &self.head.from
    }

    /// All of `To`.
    pub fn to(&self) -> &[AddressEntry] {
        &self.head.to
    }

    /// All of `Cc`.
    pub fn cc(&self) -> &[AddressEntry] {
        &self.head.cc
    }

    /// All of `To` and `Cc`. Those to whom it was delivered are in the [`envelope`](Message::envelope).
    pub fn recipients(&self) -> impl Iterator<Item = &AddressEntry> {
        self.head.to.iter().chain(&self.head.cc)
    }

    /// `Subject`, decoded (RFC 2047).
    pub fn subject(&self) -> Option<&str> {
        self.head.subject.as_deref()
    }

    /// `Date`: when it was sent, as its sender says.
    pub fn date(&self) -> Option<SystemTime> {
        self.head.date
    }

    /// `Message-ID`, without its brackets.
    pub fn message_id(&self) -> Option<&str> {
        self.head.message_id.as_deref()
    }

    /// All header fields, in their order, as they stand in the file; each line ends in CRLF.
    pub fn fields(&self) -> RawFields<'_> {
        self.head.fields()
    }

    /// The value of the first field of this name, as one line; encoded words stay as they are.
    pub fn field(&self, name: &str) -> Option<String> {
        self.fields().find(|field| field.is(name)).map(|field| field.text().into_owned())
    }

    /// It is for this address: by the envelope, else by `To` and `Cc`. Case does not matter.
    pub fn is_for(&self, address: &Address) -> bool {
        match &self.head.envelope {
            Some(envelope) => envelope.recipients.iter().any(|one| is_same(one, address)),
            None => self.recipients().any(|one| is_same(&one.address, address)),
        }
    }

    /// The message as it is in the file, without the lines of the envelope.
    ///
    /// # Errors
    /// [`MessageProblem::Large`] beyond the limit of the Inbox; [`MessageProblem::Gone`] and [`MessageProblem::Changed`] if somebody
    /// else was there meanwhile.
    pub fn octets(&self) -> Result<Vec<u8>, MessageError> {
        self.read_octets().map_err(|problem| problem.of(self.name()))
    }

    /// Reads text, HTML and attachments.
    ///
    /// # Errors
    /// As [`octets`](Message::octets), [`MessageProblem::Parts`] and [`MessageProblem::PartHeader`].
    pub fn read(&self) -> Result<MessageBody, MessageError> {
        let octets = self.read_octets().map(Bytes::from);
        octets.and_then(body::read).map_err(|problem| problem.of(self.name()))
    }

    /// Deletes it. When this returns it is gone from the disk; if several readers delete it, one alone hears `Ok`, so one who
    /// reads, deletes and then works on what was read is the only one who does.
    ///
    /// In a drop folder one file may be for several recipients of one mail (see its [`envelope`](Message::envelope)): who deletes
    /// it takes it from the others, also where an Inbox is [`only_for`](super::Inbox::only_for) one of them. Where each reads for
    /// himself, set `recipients_per_transaction = 1` on the route to the folder, which makes a file for each, or lead each
    /// domain to a folder of its own.
    ///
    /// # Errors
    /// [`MessageProblem::Gone`]: somebody else deleted it. [`MessageProblem::Changed`]: another file has its name; it stays.
    pub fn delete(self) -> Result<(), MessageError> {
        let synced = |()| self.folders.sync().map_err(MessageProblem::when("syncing its folder"));
        self.remove().and_then(synced).map_err(|problem| problem.of(self.name()))
    }

    /// Deletes it; its name may come back after a loss of power.
    pub(super) fn remove(&self) -> Result<(), MessageProblem> {
        self.folders.remove(&self.found)
    }

    fn read_octets(&self) -> Result<Vec<u8>, MessageProblem> {
        if self.size() > self.largest {
            return Err(MessageProblem::Large { octets: self.size(), most: self.largest });
        }
        let file = self.folders.reopen(&self.found)?;
        let mut octets = Vec::with_capacity(usize::try_from(self.found.size).unwrap_or(0));
        let read = file.take(self.found.size + 1).read_to_end(&mut octets);
        let read = read.map_err(MessageProblem::when("reading it"))?;
        if read as u64 != self.found.size {
            return Err(MessageProblem::Changed);
        }
        octets.drain(..self.head.in_front);
        Ok(octets)
    }
}

fn is_same(written: &str, address: &Address) -> bool {
    let Ok(written) = Address::parse(written.trim()) else { return false };
    written.domain_key() == address.domain_key()
        && written.local_part().to_lowercase() == address.local_part().to_lowercase()
}
