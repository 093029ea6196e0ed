//! Blocks mail with attachments of some names and types, however deep they lie and however their names are written.
//!
//! Rule: only what says what it is can be found, by name and type; the octets of an attachment are not looked at, and
//! nothing is unpacked. What could not be looked into is never taken for harmless without the settings saying so.

mod globs;
mod settings;
#[cfg(test)]
mod tests;
mod walk;

use std::sync::Arc;

use postrider_engine::{
    events::{MailEvent, Message, Sink, Verdict},
    Content, Reply,
};
use tracing::{info, warn};

use self::{
    globs::{as_saved, Globs},
    walk::{walk, Bounds, NotSeen, Part},
};

pub use settings::{AttachmentBlockError, AttachmentBlockSettings, Treatment, LOOK_DEPTH, LOOK_OCTETS, LOOK_PARTS};

/// The property of a mail that was marked: what was found.
pub const BLOCKED: &str = "blocked-attachment";
/// The field that says the same.
const FIELD: &str = "X-Blocked-Attachment";
/// Characters of a name that are repeated to people.
const MOST_OF_A_NAME: usize = 100;

const REFUSED: Reply = Reply::new(554, 7, 1, "");

/// Looks into each mail at any event that has a mail. Any number of guests; a mail is read on a thread that may wait for a
/// disk.
#[derive(Clone, Debug)]
pub struct AttachmentBlock {
    settings: AttachmentBlockSettings,
    lists: Arc<Lists>,
}

#[derive(Debug)]
struct Lists {
    names: Globs,
    types: Globs,
}

/// What a look into a mail came to.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Seen {
    Nothing,
    Blocked(String),
    Not(String),
}

impl AttachmentBlock {
    /// A sink with these settings.
    ///
    /// # Errors
    /// [`AttachmentBlockError`]: they make no sense.
    pub fn new(settings: AttachmentBlockSettings) -> Result<Self, AttachmentBlockError> {
        let names = Globs::new(&settings.names).ok_or(AttachmentBlockError::Names)?;
        let types = Globs::new(&settings.types).ok_or(AttachmentBlockError::Types)?;
        match settings.octets > 0 && settings.parts > 0 {
            true => Ok(AttachmentBlock { settings, lists: Arc::new(Lists { names, types }) }),
            false => Err(AttachmentBlockError::Nothing),
        }
    }

    async fn look(&self, content: &Content) -> Seen {
        let AttachmentBlockSettings { octets, parts, depth, .. } = self.settings;
        if content.len() > octets as u64 {
            return Seen::Not(NotSeen::TooLarge.to_string());
        }
        let (lists, content) = (Arc::clone(&self.lists), content.clone());
        let look = move || match content.all(octets) {
            Ok(mail) => lists.look(mail, Bounds { parts, depth }),
            Err(trouble) => {
                warn!(%trouble, "a mail cannot be read back to look for attachments");
                Seen::Not("it cannot be read back".to_owned())
            }
        };
        let seen = tokio::task::spawn_blocking(look).await;
        seen.unwrap_or_else(|_| Seen::Not("looking into it failed".to_owned()))
    }
}

impl Lists {
    fn look(&self, mail: bytes::Bytes, bounds: Bounds) -> Seen {
        let mut blocked = None;
        let end = walk(mail, bounds, |part| {
            blocked = self.blocks(&part);
            blocked.is_some()
        });
        match (blocked, end) {
            (Some(what), _) => Seen::Blocked(what),
            (None, Err(why)) => Seen::Not(why.to_string()),
            (None, Ok(())) => Seen::Nothing,
        }
    }

    fn blocks(&self, part: &Part) -> Option<String> {
        let name = part.names.iter().map(|name| as_saved(name)).find(|name| self.names.has(name));
        let kind = || part.kinds.iter().map(String::as_str).find(|kind| self.types.has(kind));
        name.or_else(kind).map(clean)
    }
}

/// As it can stand in a reply to a client that reads ASCII only.
fn clean(name: &str) -> String {
    let char = |c: char| if c == ' ' || (c.is_ascii_graphic() && c != '"') { c } else { '?' };
    name.chars().take(MOST_OF_A_NAME).map(char).collect()
}

fn treat<E: MailEvent>(mut mail: Message<E>, treatment: Treatment, why: &str) -> Verdict<E> {
    info!(why, ?treatment, "attachments were looked for");
    match treatment {
        Treatment::Reject => return mail.reject(REFUSED.with_text(format!("The mail is not taken: {why}"))),
        Treatment::Hold => mail.hold(format!("attachments: {why}")),
        Treatment::Pass => {}
        Treatment::Mark => {
            if let Err(trouble) = mail.content_mut().edit_header(|header| header.add(FIELD, why)) {
                warn!(%trouble, "a mail with a blocked attachment cannot be marked: it is held");
                mail.hold(format!("attachments: {why}"));
            }
            if mail.set_property(BLOCKED, why).is_err() {
                warn!("a mail has no room for the property of a blocked attachment");
            }
        }
    }
    mail.next()
}

impl<E: MailEvent> Sink<E> for AttachmentBlock {
    async fn on(&mut self, mail: Message<E>) -> Verdict<E> {
        match self.look(mail.content()).await {
            Seen::Nothing => mail.next(),
            Seen::Blocked(what) => treat(mail, self.settings.blocked, &format!("attachment \"{what}\"")),
            Seen::Not(why) => treat(mail, self.settings.not_seen, &why),
        }
    }
}
