//! From replies to outcomes.
//!
//! Rule: 5xx is the end, 4xx is not; who said it and how far it reaches is kept. Where a code says something about us
//! or about the host, and nothing about the mail, it is never the end.

use std::sync::Arc;

use postrider_engine::{Diagnosis, Enhanced, Outcome, Reply, Scope};

/// The host does not take us as we are (RFC 4954, 6; RFC 3207, 4): a matter of settings, not of the mail.
const AUTHENTICATION_REQUIRED: u16 = 530;

/// Octets of a peer's text that are kept: it is written down for every recipient it was said to.
const KEPT_TEXT: usize = 1024;

/// What a host said, cut to what is worth keeping.
pub(super) fn said(scope: Scope, mut reply: Reply, host: &Arc<str>) -> Arc<Diagnosis> {
    if reply.text.len() > KEPT_TEXT {
        let end = (0..=KEPT_TEXT).rev().find(|at| reply.text.is_char_boundary(*at)).unwrap_or(0);
        reply.text.to_mut().truncate(end);
    }
    Diagnosis::remote(scope, reply, Arc::clone(host))
}

/// A refusal of the mail as a whole: at MAIL, at DATA, or of its content.
pub(super) fn of_mail(reply: Reply, host: &Arc<str>) -> Arc<Diagnosis> {
    let hop = matches!(reply.code, 421 | AUTHENTICATION_REQUIRED) || reply.enhanced == Some(Enhanced(4, 3, 2));
    let scope = if hop { Scope::Hop } else { Scope::Mail };
    said(scope, reply, host)
}

/// A refusal of one recipient. 552 says "too many" like 452 (RFC 5321, 4.5.3.1.10), unless its enhanced code says
/// something else.
pub(super) fn of_recipient(reply: Reply, host: &Arc<str>) -> Outcome {
    let too_many = reply.code == 552 && matches!(reply.enhanced, None | Some(Enhanced(_, 5, 3)));
    let authentication = reply.code == AUTHENTICATION_REQUIRED;
    let scope = if authentication { Scope::Hop } else { Scope::Recipient };
    let why = said(scope, reply, host);
    match too_many {
        true => Outcome::Deferred(why),
        false => Outcome::refused(why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_cannot_make_us_keep_a_novel() {
        let reply = Reply::new(550, 0, 0, "").with_text(format!("x{}", "ä".repeat(9000)));
        let why = said(Scope::Mail, reply, &"mx".into());
        assert_eq!(why.reply.text.len(), KEPT_TEXT - 1, "not cut within a character");
    }
}
