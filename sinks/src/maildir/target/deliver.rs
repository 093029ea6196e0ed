//! One delivery to one recipient, step by step.
//!
//! Rule: whatever step is the last, the mailbox has the mail whole or not at all; it is called delivered when file and
//! name are on disk, and what may not be there is taken back.

use std::{io::BufWriter, os::fd::AsFd, sync::Arc};

use postrider_engine::{Address, Body, Draft, QueueId, RcptNo};

use super::{
    folders::{sync, Mailbox, Making},
    name::FileName,
    quota::Usages,
    seek, LineEnds, MaildirSettings, Trouble,
};
use crate::mailfile::{write, BUFFER};
pub(super) use crate::mailfile::{Done, Step, Unwatched, Watch};

/// What is delivered to whom.
pub(super) struct Job {
    pub draft: Arc<Draft>,
    pub id: QueueId,
    pub no: RcptNo,
    pub address: Address,
    /// It was tried before.
    pub tried: bool,
}

/// What deliveries need.
pub(super) struct Delivery<'a> {
    pub settings: &'a MaildirSettings,
    pub usages: &'a mut Usages,
    pub watch: &'a dyn Watch,
}

impl Delivery<'_> {
    /// Delivers to one recipient.
    ///
    /// # Errors
    /// [`Trouble`]: the mailbox does not have the mail.
    pub fn run(&mut self, job: &Job) -> Result<Done, Trouble> {
        let is = self.settings;
        let user = is.users.find(&job.address, &is.place)?;
        let path = is.place.path(&user, &job.address.domain_key()).ok_or(Trouble::NoUser)?;
        let opened = self.watch.before(Step::Open).and_then(|()| Mailbox::open(&path, Making::of(is)));
        let mailbox = opened.map_err(Trouble::when("opening it"))?;
        let name = FileName::new(&is.origin, job.id, job.no, job.draft.envelope.arrived, is.place.host());
        if self.may_be_there(job) {
            let found = seek::find(&mailbox, &name).map_err(Trouble::when("looking into it"))?;
            if let Some(folder) = found {
                return self.keep(folder).map(|()| Done::Before);
            }
        }
        self.usages.check(&is.quota, &path, &mailbox, job.draft.content.len())?;
        let octets = self.fill(job, &mailbox, name.as_str());
        let octets = octets.inspect_err(|_| drop(mailbox.remove(name.as_str())))?;
        let done = self.put(&mailbox, name.as_str())?;
        self.usages.add(&path, &mailbox, octets);
        Ok(done)
    }

    /// Mail that came in since the start, and is tried for the first time, was delivered by nobody. All other is looked
    /// for, which takes the longer the more there is in the mailbox.
    fn may_be_there(&self, job: &Job) -> bool {
        job.tried || job.id < self.settings.origin.first
    }

    /// Writes the file in `tmp`, and says how many octets it has.
    fn fill(&self, job: &Job, mailbox: &Mailbox, name: &str) -> Result<u64, Trouble> {
        let created = self.watch.before(Step::Create).and_then(|()| mailbox.create(name, Making::of(self.settings)));
        let file = created.map_err(Trouble::when("making a file"))?;
        self.watch.before(Step::Write).map_err(Trouble::when("writing"))?;
        let out = BufWriter::with_capacity(BUFFER, &file);
        let (envelope, to) = (&job.draft.envelope, &job.address);
        let sender = envelope.sender.as_ref().map_or("", Address::as_str);
        let above = format!("Return-Path: <{sender}>\r\nDelivered-To: {to}\r\n");
        // In binary content a CR before a LF need not be the end of a line (RFC 3030).
        let lf = self.settings.line_ends == LineEnds::Lf && envelope.body != Body::BinaryMime;
        let octets = write(out, &above, &job.draft.content, lf)?;
        let synced = self.watch.before(Step::Sync).and_then(|()| file.sync_all());
        synced.map_err(Trouble::when("syncing a file"))?;
        Ok(octets)
    }

    /// Moves it to where readers look for it.
    fn put(&self, mailbox: &Mailbox, name: &str) -> Result<Done, Trouble> {
        let published = self.watch.before(Step::Publish).and_then(|()| mailbox.publish(name));
        let published = published.map_err(Trouble::when("moving mail to new"));
        if !published.inspect_err(|_| drop(mailbox.remove(name)))? {
            let _ = mailbox.remove(name);
            return self.keep(&mailbox.new).map(|()| Done::Before);
        }
        // After a sync that failed nobody knows what is on disk, and a second one would say that all is well.
        self.keep(&mailbox.new).inspect_err(|_| drop(mailbox.take_back(name)))?;
        let _ = self.watch.before(Step::Tell);
        Ok(Done::Now)
    }

    /// Brings a name to disk. That of an earlier attempt may not be there yet, so it is synced whoever made it.
    fn keep(&self, folder: impl AsFd) -> Result<(), Trouble> {
        let synced = self.watch.before(Step::Keep).and_then(|()| sync(folder));
        synced.map_err(Trouble::when("syncing its folder"))
    }
}
