//! What came out: which mail, and its sum without trace fields and without fields that were put above it because it had none.
//!
//! Rule: whoever reads a mailbox moves what it has seen from `new` to `cur`, as readers do: there it is found by a delivery
//! that is repeated after a crash. What the file says is let go, its name stays.

use std::{
    fs::{self, File},
    io,
    path::PathBuf,
};

use super::{
    mail::{sum, MailId, Sum, MARK},
    Problem,
};
use crate::draw::draw;

/// What is put above a mail on its way.
const TRACE: [&str; 3] = ["Return-Path:", "Delivered-To:", "Received:"];
/// What a mail gets that has none.
const ADDED: [&str; 2] = ["Date:", "Message-ID:"];

/// A mail that came out.
#[derive(Clone, Debug)]
pub struct Came {
    /// None: it does not say.
    pub id: Option<MailId>,
    pub sum: Sum,
    /// A short form of its `Message-ID`, if it has one.
    pub message_id: Option<u64>,
}

impl Came {
    pub fn new(octets: &[u8]) -> Self {
        let sent = without(&TRACE, octets);
        let end = sent.windows(4).position(|here| here == b"\r\n\r\n").unwrap_or(sent.len());
        let header = String::from_utf8_lossy(&sent[..end]);
        let field = |name: &str| {
            let mut lines = header.split("\r\n").filter_map(|line| line.split_once(": "));
            lines.find_map(|(of, value)| of.eq_ignore_ascii_case(name).then(|| value.to_owned()))
        };
        let id = field(MARK).and_then(|value| value.parse().ok());
        Came { id, sum: sum_as_sent(sent), message_id: field("Message-ID").map(|value| draw(u64::MAX, value)) }
    }
}

/// The sum of a mail as whoever sent it had it: one that begins with our mark was completed by fields above that.
pub fn sum_as_sent(octets: &[u8]) -> Sum {
    let begin = without(&ADDED, octets);
    sum(if begin.starts_with(MARK.as_bytes()) { begin } else { octets })
}

/// The octets behind all fields at their beginning that have one of these names.
fn without<'a>(names: &[&str], mut octets: &'a [u8]) -> &'a [u8] {
    while names.iter().any(|name| octets.starts_with(name.as_bytes())) {
        let ends = |here: &[u8]| here.starts_with(b"\r\n") && !matches!(here[2], b' ' | b'\t');
        match octets.windows(3).position(ends) {
            Some(end) => octets = &octets[end + 2..],
            None => return &[],
        }
    }
    octets
}

/// Somebody who reads what came out.
pub trait Reads {
    /// Adds what is new, and says how much that is.
    fn read(&mut self, came: &mut Vec<Came>) -> Result<usize, Problem>;
}

/// Reads all Maildirs in a folder.
pub struct Mailboxes(pub PathBuf);

impl Reads for Mailboxes {
    fn read(&mut self, came: &mut Vec<Came>) -> Result<usize, Problem> {
        let before = came.len();
        for mailbox in fs::read_dir(&self.0)? {
            let mailbox = mailbox?.path();
            let new = match fs::read_dir(mailbox.join("new")) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue, // it is being made
                found => found?,
            };
            for file in new {
                let file = file?;
                came.push(Came::new(&fs::read(file.path())?));
                let mut seen = file.file_name();
                seen.push(":2,S");
                let seen = mailbox.join("cur").join(seen);
                fs::rename(file.path(), &seen)?;
                File::create(seen)?; // no octets of it any more
            }
        }
        Ok(came.len() - before)
    }
}
