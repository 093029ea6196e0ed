//! Why a mail was not sent, or what became of it is not known: each says whether it is worth another try.

use std::{io, path::Path, sync::Arc};

use postrider_actors::clerk::NotPosted;
use postrider_engine::{
    program::{Code, Problem},
    ComposeError, Reply,
};
use thiserror::Error;

use crate::engine::Stopped;

/// A mail was not taken.
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
pub enum SendError {
    /// It cannot be sent as it is. Permanent.
    #[error("the mail cannot be sent: {0}")]
    Compose(#[from] ComposeError),
    /// A sink has refused it: permanently or for now, as its reply says.
    #[error("the mail was refused: {0}")]
    Rejected(Reply),
    /// A sink has taken it out: it is not sent, and that is as it should be. Permanent.
    #[error("a sink has discarded the mail; it is not sent")]
    Discarded,
    /// No space is left for new mail. Temporary: free space on the disk, or raise `spool.max_size`.
    #[error("no space is left for new mail; free some on the disk of the spool and send it again")]
    NoSpace,
    /// As many mails are being sent as may be, and waiting was not wanted. Temporary.
    #[error("too many mails are being sent at present; send it again in a moment")]
    Busy,
    /// As many keys and tickets are remembered as may be. Temporary: raise `send.most_remembered`, or shorten `send.key_life`.
    #[error(
        "no more keys and tickets can be remembered at present; send it again later, or raise send.most_remembered"
    )]
    TooManyKeys,
    /// A sink may not send by the handle of its engine: it would wait for itself. Permanent: give the new mail back with the
    /// verdict.
    #[error("a sink cannot send while it serves a mail; give new mail back with the verdict (`.with(draft)`)")]
    InsideSink,
    /// The engine is not running any more, or stops. Nothing was taken. Temporary: send it when it is started again.
    #[error(transparent)]
    Stopped(#[from] Stopped),
    /// No engine is there, or not any more: nobody listens at this path. Nothing was taken. Temporary.
    #[error("no engine is there at {}: {source}; start it, or correct the path", path.display())]
    NoEngine {
        /// The path of its socket.
        path: Arc<Path>,
        /// What the system says.
        source: Arc<io::Error>,
    },
    /// An engine of another process does not do this, for a reason that this version has no name for.
    #[error("the engine does not do this: {text}")]
    Refused {
        /// What it says.
        text: Arc<str>,
        /// It may do it later.
        temporary: bool,
    },
    /// Nobody knows whether it was taken: the engine went away before it answered. Under a key it can be sent again without
    /// harm; without one it may be there twice then.
    #[error(
        "nobody knows whether the mail was taken: {0}; sent again under its key it is sent once, and without a key it may be \
         there twice: send under a key (send_with_key)"
    )]
    Unknown(Arc<str>),
}

impl SendError {
    /// The same mail may be taken later: sending it again is worth it.
    pub fn is_temporary(&self) -> bool {
        match self {
            SendError::Rejected(reply) => !reply.is_permanent(),
            SendError::Compose(_) | SendError::Discarded | SendError::InsideSink => false,
            SendError::NoSpace | SendError::Busy | SendError::TooManyKeys => true,
            SendError::Stopped(_) | SendError::Unknown(_) | SendError::NoEngine { .. } => true,
            SendError::Refused { temporary, .. } => *temporary,
        }
    }

    /// The mail may have been taken nevertheless: sent again without a key, it may be there twice.
    pub fn is_perhaps_taken(&self) -> bool {
        matches!(self, SendError::Unknown(_))
    }
}

impl From<NotPosted> for SendError {
    fn from(why: NotPosted) -> Self {
        match why {
            NotPosted::Rejected(reply) => SendError::Rejected(reply),
            NotPosted::Discarded => SendError::Discarded,
            NotPosted::NoSpace => SendError::NoSpace,
            NotPosted::Busy => SendError::Busy,
            NotPosted::TooManyKeys => SendError::TooManyKeys,
            NotPosted::Failed(reason) => SendError::Unknown(reason),
            _ => SendError::Stopped(Stopped { reason: None }),
        }
    }
}

impl From<Problem> for SendError {
    fn from(Problem { code, temporary, text, reply, .. }: Problem) -> Self {
        match (code, reply) {
            (Code::Rejected, Some(reply)) => SendError::Rejected(reply.into()),
            (Code::Discarded, _) => SendError::Discarded,
            (Code::NoSpace, _) => SendError::NoSpace,
            (Code::Busy, _) => SendError::Busy,
            (Code::TooManyKeys, _) => SendError::TooManyKeys,
            (Code::Stopping, _) => SendError::Stopped(Stopped { reason: None }),
            (Code::Failed, _) => SendError::Unknown(text.into()),
            (Code::NoRecipient, _) => SendError::Compose(ComposeError::NoRecipient),
            (Code::Expired, _) => SendError::Compose(ComposeError::Expired),
            _ => SendError::Refused { text: text.into(), temporary },
        }
    }
}

/// A ticket was not redeemed.
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
pub enum RedeemError {
    /// Nobody redeemed it in time (`send.ticket_life`), and its mail was swept; or it was redeemed so long ago that nobody
    /// knows. Permanent.
    #[error("the ticket has expired: it was not redeemed in time, and its mail was not sent")]
    TicketExpired,
    /// It is of another spool. Permanent: redeem it at the engine that gave it.
    #[error("the ticket is of another spool; redeem it at the engine that gave it")]
    OtherSpool,
    /// No engine is there, or not any more: nobody listens at this path. Temporary: redeem it when it is started; it takes effect once.
    #[error("no engine is there at {}: {source}; start it, or correct the path", path.display())]
    NoEngine {
        /// The path of its socket.
        path: Arc<Path>,
        /// What the system says.
        source: Arc<io::Error>,
    },
    /// The engine is not running any more. Temporary: redeem it when it is started again; it takes effect once.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

/// What became of a mail cannot be told.
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
pub enum StatusError {
    /// Nothing is known of it: it never was, or it is at its end and was sent longer ago than is remembered (`send.remember`; of
    /// one with a key `send.key_life`). Permanent.
    #[error(
        "nothing is known of this mail any more: its number is wrong, or it was sent longer ago than send.remember (with a \
         key: send.key_life) keeps it; raise that, or ask earlier"
    )]
    Forgotten,
    /// As many mails are watched as may be. Temporary; how they stand can be asked all the same ([`Receipt::status`]).
    ///
    /// [`Receipt::status`]: crate::Receipt::status
    #[error("too many mails are watched at present; drop outcomes that nobody needs, or ask by `status`")]
    Busy,
    /// No engine is there, or not any more: nobody listens at this path. Temporary: ask it by the mail's number when it is started.
    #[error("no engine is there at {}: {source}; start it, or correct the path", path.display())]
    NoEngine {
        /// The path of its socket.
        path: Arc<Path>,
        /// What the system says.
        source: Arc<io::Error>,
    },
    /// The engine is not running any more. Temporary: ask it by the mail's number when it is started again.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

impl From<Problem> for RedeemError {
    fn from(Problem { code, text, .. }: Problem) -> Self {
        match code {
            Code::TicketExpired => RedeemError::TicketExpired,
            Code::OtherSpool => RedeemError::OtherSpool,
            _ => RedeemError::Stopped(Stopped { reason: Some(text.into()) }),
        }
    }
}

impl From<Problem> for StatusError {
    fn from(Problem { code, text, .. }: Problem) -> Self {
        match code {
            Code::Forgotten => StatusError::Forgotten,
            Code::Busy => StatusError::Busy,
            _ => StatusError::Stopped(Stopped { reason: Some(text.into()) }),
        }
    }
}
