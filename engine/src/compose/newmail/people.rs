//! From whom a mail is, and to whom.

use super::NewMail;
use crate::compose::{delivery::address, ComposeError, Mailbox, MailboxList};

impl NewMail {
    /// Adds an author, or several (RFC 5322, 3.6.2). With more than one, [`NewMail::sender`] must be set, too.
    ///
    /// All setters of mailboxes take one or more as text, with `,` or `;` between them, a pair of name and address, or what
    /// else a [`MailboxList`] is made of. An address needs a domain. Domains beyond ASCII become A-labels; a local part
    /// beyond ASCII makes the mail one that needs SMTPUTF8 (RFC 6531).
    ///
    /// ```
    /// # use postrider_engine::NewMail;
    /// NewMail::new()
    ///     .from(("Ann Example", "ann@example.org"))
    ///     .to("Bob <bob@example.net>; \"Doe, Carol\" <carol@example.com>")
    ///     .cc(["dan@example.net", "eve@example.net"]);
    /// ```
    pub fn from(mut self, authors: impl Into<MailboxList>) -> Self {
        let done = add(&mut self.from, "from", authors.into());
        self.note(done);
        self
    }

    /// Who sends it, if that is not the author, or not the only one.
    pub fn sender(mut self, sender: impl Into<MailboxList>) -> Self {
        let mut one = Vec::new();
        let done = add(&mut one, "sender", sender.into()).and_then(|()| match one.len() {
            1 => Ok(()),
            _ => Err(ComposeError::value("sender", "", "one mailbox")),
        });
        self.note(done);
        self.sender = one.pop();
        self
    }

    /// Adds to where answers go, if not to the authors.
    pub fn reply_to(mut self, mailboxes: impl Into<MailboxList>) -> Self {
        let done = add(&mut self.reply_to, "reply_to", mailboxes.into());
        self.note(done);
        self
    }

    /// Adds recipients. Who is named several times, here or with `cc` and `bcc`, gets it once.
    ///
    /// A text is a *list* of mailboxes: parse one address that comes from outside as [`Address`](crate::Address) first, so that
    /// nobody names several (`.to(text.parse::<Address>()?)`).
    pub fn to(mut self, recipients: impl Into<MailboxList>) -> Self {
        let done = add(&mut self.to, "to", recipients.into());
        self.note(done);
        self
    }

    /// Adds recipients of a copy.
    pub fn cc(mut self, recipients: impl Into<MailboxList>) -> Self {
        let done = add(&mut self.cc, "cc", recipients.into());
        self.note(done);
        self
    }

    /// Adds recipients who are in the envelope only: the mail does not name them.
    pub fn bcc(mut self, recipients: impl Into<MailboxList>) -> Self {
        let done = add(&mut self.bcc, "bcc", recipients.into());
        self.note(done);
        self
    }

    /// The sender of the envelope, to whom reports go, if that is neither the sender nor the author.
    pub fn return_path(mut self, bounces: &str) -> Self {
        match address("return_path", bounces) {
            Ok(address) if address.domain().is_empty() => {
                let what = "an address with a domain; for none at all use null_return_path";
                self.note(Err(ComposeError::value("return_path", bounces, what)));
            }
            Ok(address) => self.return_path = Some(Some(address)),
            Err(error) => self.note(Err(error)),
        }
        self
    }

    /// The envelope has the null sender, `<>`: nobody is told what becomes of the mail (RFC 5321, 4.5.5). For automatic
    /// answers (RFC 3834, 3.3).
    pub fn null_return_path(mut self) -> Self {
        self.return_path = Some(None);
        self
    }
}

fn add(to: &mut Vec<Mailbox>, field: &'static str, list: MailboxList) -> Result<(), ComposeError> {
    let all = list.0.map_err(|(text, problem)| ComposeError::Mailbox { field, text, problem })?;
    to.extend(all);
    Ok(())
}
