//! x
mod checks;
mod engine;
mod peer;
pub(crate) mod still;

pub use checks::{
    assert_no_duplicates, check_no_duplicates, deliveries, duplicates, reports, CheckFailed, DeliveryCheck, Duplicate,
    ReportCheck, Reported, Witness,
};
pub use engine::{wait, NotSent, TestEngine, TestEngineBuilder, BEGIN};
pub use peer::{Act, At, Extension, Line, Peer, Speaker, Taken, TakenRecipient, LONGEST, MOST_LINES, MOST_MAILS};

use postrider_engine::{Address, Content, Draft, Envelope};

/// A mail of these octets, as they are: header, an empty line, body. For tests that care for the octets.
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
