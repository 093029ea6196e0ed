//! ETRN (RFC 1985): a client asks for the mail that waits for a domain or a queue.
//!
//! Rule: whether something is begun is for the caller to say, at once; no more is understood until it has.

use super::{
    plan::{Deed, Plan},
    replies, Flushed, Session, State,
};
use crate::{Flush, Reply};

impl Session {
    pub(super) fn plan_etrn(&self, node: &str) -> Result<Plan, Reply> {
        if self.settings.lmtp {
            return Err(replies::NOT_OFFERED);
        }
        if self.peer.helo.is_none() {
            return Err(replies::hello_first(&self.settings));
        }
        if self.mail.is_some() {
            return Err(replies::WITHIN_A_MAIL);
        }
        let what = Flush::parse(node).ok_or(replies::BAD_NODE)?;
        if !self.settings.may_flush(&self.peer) {
            return Ok(Plan::say(replies::node_not_allowed(node)));
        }
        Ok(Plan::later(Deed::Flush(what, node.into())))
    }

    /// The answer to `Flush`. The reply is the next action.
    pub fn flushed(&mut self, said: Flushed) {
        if !matches!(self.state, State::Asking(_)) {
            return;
        }
        if let State::Asking(node) = std::mem::replace(&mut self.state, State::Commands) {
            self.reply_late(replies::flushed(said, &node));
        }
    }
}
