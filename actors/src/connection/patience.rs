//! How long a client is waited for (RFC 5321, 4.5.3.2). No wait is without a limit but that for the answer to a commit.

use std::time::Duration;

use postrider_engine::session::Phase;
use tokio::time::Instant;

use super::Dialogue;

/// Time limits of a connection (RFC 5321, 4.5.3.2).
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For the next command: five minutes.
    pub command: Duration,
    /// For the next octets of content: three minutes.
    pub content: Duration,
    /// For all of the content that is read only to be dropped.
    pub draining: Duration,
    /// For each step of writing a reply.
    pub reply: Duration,
    /// For the whole connection; ends it between two mails.
    pub connection: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        let minutes = |n: u64| Duration::from_secs(n * 60);
        Patience {
            command: minutes(5),
            content: minutes(3),
            draining: minutes(1),
            reply: minutes(5),
            connection: minutes(24 * 60),
        }
    }
}

impl<S> Dialogue<S> {
    /// How long is waited in this phase.
    pub(super) fn patience(&mut self, phase: Phase) -> Duration {
        let now = Instant::now();
        if phase != Phase::Draining {
            self.drains_until = None;
        }
        match phase {
            Phase::Content => self.hall.patience.content,
            Phase::Draining => {
                let until = *self.drains_until.get_or_insert(now + self.hall.patience.draining);
                until.saturating_duration_since(now)
            }
            _ => self.hall.patience.command.min(self.ends.saturating_duration_since(now)),
        }
    }
}
