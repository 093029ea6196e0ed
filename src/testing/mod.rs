//! A test kit for programs that send mail: an engine without sockets whose time the test moves, peers that do as told, and
//! checks that say what was seen.
//!
//! - [`TestEngine`]: the real engine, all of it, with its mail in memory. Nothing listens and nothing leaves the process. Time
//!   stands still unless the test says [`TestEngine::advance`]; five days of retries pass in a moment. It can crash, and
//!   start again on what it had on its spool.
//! - [`Peer`]: an SMTP or LMTP server with a script: a refusal at any step, a cut before or after the final dot, slowness,
//!   silence. A [`TestEngine`] brings one along; alone it listens on loopback, for whatever speaks SMTP.
//! - [`assert_delivered!`](crate::assert_delivered), [`assert_not_delivered!`](crate::assert_not_delivered),
//!   [`assert_no_duplicates!`](crate::assert_no_duplicates), [`assert_reported!`](crate::assert_reported) and
//!   [`assert_failed!`](crate::assert_failed), each with plain functions below it.
//!
//! A test, whole:
//!
//! ```
//! use std::time::Duration;
//! use postrider::{assert_delivered, assert_no_duplicates, assert_not_delivered};
//! use postrider::testing::{draft, At, TestEngine};
//!
//! let engine = TestEngine::start();
//! engine.peer().once(At::Rcpt(3), (450, "4.2.1 The mailbox is busy"));
//!
//! let to = ["ann@example.org", "bob@example.org", "eve@example.org"];
//! engine.send(draft("me@example.com", to, "Subject: Hello\r\n\r\nHi!\r\n")).unwrap();
//! assert_delivered!(engine, "ann@example.org", subject = "Hello");
//! assert_delivered!(engine, "bob@example.org");
//! assert_not_delivered!(engine, "eve@example.org"); // she waits for her retry
//!
//! engine.advance(Duration::from_secs(60));
//! assert_delivered!(engine, "eve@example.org", times = 1);
//! assert_no_duplicates!(engine);
//! ```
//!
//! `docs/testing.md` has an example for each need. The kit is behind the feature `testing`:
//! `[dev-dependencies] postrider = { version = "0.1", features = ["testing"] }`.
//!
//! Rule: whatever a peer or a clock has to decide is decided by one thread that owns it and is asked by message, as
//! everywhere else. A kit that cannot do what a test asks for fails the test, so some of its functions panic, and say so.

mod checks;
mod engine;
mod peer;
pub(crate) mod still;
mod wait;

pub use checks::{
    assert_no_duplicates, check_no_duplicates, deliveries, duplicates, reports, CheckFailed, DeliveryCheck, Duplicate,
    ReportCheck, Reported, Witness,
};
pub use engine::{NotSent, TestEngine, TestEngineBuilder, BEGIN};
pub use peer::{Act, At, Extension, Line, Peer, Speaker, Taken, TakenRecipient, LONGEST, MOST_LINES, MOST_MAILS};
pub use wait::wait;

use postrider_engine::{Address, Content, Draft, Envelope};

/// A mail of these octets, as they are: header, an empty line, body. An empty sender is the null one.
///
/// # Panics
/// An address is none.
#[allow(clippy::panic, reason = "a test with a wrong address has failed")]
#[track_caller]
pub fn draft<T: AsRef<str>>(
    sender: &str,
    recipients: impl IntoIterator<Item = T>,
    content: impl Into<Vec<u8>>,
) -> Draft {
    let address = |text: &str| match Address::parse(text) {
        Ok(address) => address,
        Err(error) => panic!("{text:?} is no address: {error}"),
    };
    let mut envelope = Envelope::default();
    envelope.sender = (!sender.is_empty()).then(|| address(sender));
    for recipient in recipients {
        envelope.recipients.add(address(recipient.as_ref()));
    }
    Draft::new(envelope, Content::new(content.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peers_and_engines_go_to_any_thread_and_are_used_from_several() {
        fn of_any_thread<T: Send + Sync>() {}
        of_any_thread::<Peer>();
        of_any_thread::<TestEngine>();
        of_any_thread::<TestEngineBuilder>();
    }
}
