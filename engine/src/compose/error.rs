//! Why something cannot be sent.

use thiserror::Error;

/// Something cannot be sent as it is: a permanent error, and nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ComposeError {
    /// It is for nobody.
    #[error("the mail has no recipient: name one with to, cc or bcc")]
    NoRecipient,
}
