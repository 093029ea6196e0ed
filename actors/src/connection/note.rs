//! What the log says of a mail that came in: taken before the mail is moved on, written when it is promised.

use std::{net::IpAddr, sync::Arc};

use postrider_engine::{Arrival, QueueId};
use tracing::info;

/// What the log says of a mail that came in.
pub(super) struct Note {
    pub(super) session: String,
    from: Option<Arc<str>>,
    client: Option<IpAddr>,
    recipients: usize,
    size: u64,
}

impl Note {
    pub(super) fn of(arrival: &Arrival) -> Self {
        let envelope = &arrival.envelope;
        Note {
            session: arrival.id.clone(),
            from: envelope.sender.as_ref().map(|sender| sender.as_str().into()),
            client: envelope.peer.ip,
            recipients: envelope.recipients.len(),
            size: arrival.size,
        }
    }

    pub(super) fn log(&self, id: QueueId) {
        let (session, from) = (&self.session, self.from.as_deref().unwrap_or("<>"));
        let client = self.client.map(tracing::field::display);
        let (recipients, size) = (self.recipients, self.size);
        info!(%id, session, from, client, recipients, size, "received");
    }
}
