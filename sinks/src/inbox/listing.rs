//! The messages of an Inbox, one after the other, the oldest first.
//!
//! Rule: names are kept, and no more of them than a limit; a message is read when its turn comes.

use std::{collections::BinaryHeap, io, vec};

use super::{folders::Found, Inbox, Message, MessageError, MessageProblem};

/// Names in one listing, the oldest: some 20 MB. What came after them is in the next listing, when they are deleted.
pub const MOST_LISTED: usize = 100_000;

/// The messages that were there when they were listed. What another reader takes before its turn comes is an error of that
/// message; the next call goes on with the one behind.
#[derive(Debug)]
#[must_use = "nothing is read before it is asked for the next"]
pub struct Messages {
    inbox: Inbox,
    found: vec::IntoIter<Found>,
    left_out: u64,
}

/// What became of messages that were to be deleted.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Deleted {
    /// So many are gone.
    pub deleted: usize,
    /// These are still there, or were gone before.
    pub failed: Vec<MessageError>,
}

impl Messages {
    pub(super) fn of(inbox: &Inbox, most: usize) -> io::Result<Self> {
        let (mut oldest, mut left_out) = (BinaryHeap::new(), 0);
        inbox.each(|found| {
            oldest.push(found);
            if oldest.len() > most {
                oldest.pop();
                left_out += 1;
            }
        })?;
        let mut found = oldest.into_sorted_vec();
        if inbox.folders.is_maildir() {
            once(&mut found);
        }
        Ok(Messages { inbox: inbox.clone(), found: found.into_iter(), left_out })
    }

    /// How many messages beyond [`MOST_LISTED`] were there.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// Deletes all that have not been given yet. What is no mail, or cannot be read, stays.
    pub fn delete_all(mut self) -> Deleted {
        let mut is = Deleted::default();
        let inbox = self.inbox.clone();
        for message in self.by_ref() {
            match message.and_then(|message| message.remove().map_err(|problem| problem.of(message.name()))) {
                Ok(()) => is.deleted += 1,
                Err(error) => is.failed.push(error),
            }
        }
        if let Err(error) = inbox.folders.sync() {
            let problem = MessageProblem::when("syncing the folder")(error);
            is.failed.push(problem.of(&inbox.path().display().to_string()));
        }
        is
    }
}

/// A message that moved from `new` to `cur` while they were read was found twice.
fn once(found: &mut Vec<Found>) {
    let mut names = std::collections::HashSet::new();
    let mut twice: Vec<bool> = found.iter().rev().map(|one| !names.insert(one.name.clone())).collect();
    found.retain(|_| !twice.pop().unwrap_or(false));
}

impl Iterator for Messages {
    type Item = Result<Message, MessageError>;

    fn next(&mut self) -> Option<Self::Item> {
        for found in self.found.by_ref() {
            match self.inbox.load(&found) {
                Ok(message) if self.inbox.shows(&message) => return Some(Ok(message)),
                // Whose it was cannot be known any more.
                Err(MessageProblem::Gone) if self.inbox.is_filtered() => {}
                Ok(_) => {}
                Err(problem) => return Some(Err(problem.of(&found.name))),
            }
        }
        None
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, Some(self.found.len()))
    }
}
