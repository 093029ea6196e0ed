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

/// Says whether two things are the same one: a draft and its copies, what a sink was given and what it gave back. A new
/// one is like no other.
#[derive(Clone, Debug, Default)]
pub struct Token(Arc<u8>);

impl Token {
    /// It is the same one.
    pub fn is(&self, other: &Token) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// A number that no other token has as long as this one lives.
    pub fn key(&self) -> usize {
        Arc::as_ptr(&self.0) as usize
    }
}

impl Draft {
    /// A draft of a new mail.
    pub fn new(envelope: Envelope, content: Content) -> Self {
        Draft { envelope, content, token: Token::default() }
    }

    /// The token of this mail.
    pub fn token(&self) -> Token {
        self.token.clone()
    }

    /// The draft is of the mail with this token.
    pub fn is_of(&self, token: &Token) -> bool {
        self.token.is(token)
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
