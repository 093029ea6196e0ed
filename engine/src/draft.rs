//! What a mail says, and the token by which it is known again.

use std::sync::Arc;

use crate::{Content, Envelope, RcptNo};

/// Envelope and content: plain data without duty, handed to sinks and back.
///
/// All of it may be edited; which mail it is may not: the token is set when a draft is made and copied by a clone.
#[derive(Clone, Debug)]
pub struct Draft {
    /// What SMTP says about the mail.
    pub envelope: Envelope,
    /// Its octets.
    pub content: Content,
    token: Token,
}

/// Says whether two drafts are of the same mail; nobody can make one.
#[derive(Clone, Debug)]
pub struct Token(Arc<()>);

impl Draft {
    /// A draft of a new mail.
    pub fn new(envelope: Envelope, content: Content) -> Self {
        Draft { envelope, content, token: Token(Arc::new(())) }
    }

    /// The token of this mail.
    pub fn token(&self) -> Token {
        self.token.clone()
    }

    /// The draft is of the mail with this token.
    pub fn is_of(&self, token: &Token) -> bool {
        Arc::ptr_eq(&self.token.0, &token.0)
    }

    /// Leaves only the recipients of whom `keep` says so; they keep their numbers.
    pub fn only(mut self, keep: impl Fn(RcptNo) -> bool) -> Self {
        self.envelope.recipients.retain(keep);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_is_the_same_mail_and_an_equal_one_is_not() {
        let new = || Draft::new(Envelope::default(), Content::default());
        let draft = new();
        assert!(draft.clone().is_of(&draft.token()));
        assert!(!new().is_of(&draft.token()));
    }
}
