//! What can go wrong with a connection, and what is said about it.
//!
//! Rule: such trouble is never the mail's end. It delays; a reply that a host gave is kept as it was given.

use std::{fmt, io, sync::Arc};

use postrider_engine::{Diagnosis, Enhanced, Reply, ReplyError, Scope};
use thiserror::Error;

use super::outcome::said;

/// Why a connection cannot be used any more, or was never made.
#[derive(Debug, Error)]
pub(super) enum Trouble {
    #[error("cannot connect: {0}")]
    Unreachable(String),
    #[error("no answer in time")]
    Silent,
    #[error("the connection was closed")]
    Closed,
    #[error("the connection broke: {0}")]
    Broke(#[from] io::Error),
    #[error("{0}")]
    NoReply(#[from] ReplyError),
    #[error("the peer broke the rules of SMTP: {0}")]
    OutOfTurn(Reply),
    /// The host wants none of us at the moment: 421, or a refusal of greeting, EHLO or RSET.
    #[error("{0}")]
    Said(Reply),
}

impl Trouble {
    /// What is said about it; `during` names the step.
    pub fn diagnosis(self, scope: Scope, host: &Arc<str>, during: &str) -> Arc<Diagnosis> {
        let (subject, detail) = match &self {
            Trouble::Unreachable(_) => (4, 1),
            Trouble::Silent | Trouble::Closed | Trouble::Broke(_) => (4, 2),
            Trouble::NoReply(_) | Trouble::OutOfTurn(_) => (5, 0),
            Trouble::Said(_) => (3, 2),
        };
        match self {
            Trouble::Said(reply) => said(scope, reply, host),
            other => own(scope, (451, subject, detail), format_args!("{host}: {other} ({during})")),
        }
    }
}

/// Our own diagnosis: code, subject and detail; the class follows from the code.
pub(super) fn own(scope: Scope, (code, subject, detail): (u16, u16, u16), text: fmt::Arguments<'_>) -> Arc<Diagnosis> {
    let enhanced = Some(Enhanced(if code >= 500 { 5 } else { 4 }, subject, detail));
    Diagnosis::own(scope, Reply { code, enhanced, text: text.to_string().into() })
}
