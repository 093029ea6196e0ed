//! A scripted peer: a small, correct SMTP or LMTP server that does as told and remembers what it took.

mod clerk;
mod commands;
mod content;
mod dialogue;
mod manner;
mod script;
mod session;
mod sockets;
mod taken;
mod wire;

use std::{fmt, net::SocketAddr, sync::Arc, time::Duration};

use clerk::Order;
use manner::{Manner, Protocol};

pub(super) use clerk::Clerk;
pub use clerk::MOST_MAILS;
pub(super) use dialogue::told;
pub use dialogue::{Line, Speaker, MOST_LINES};
pub use manner::Extension;
pub use script::{Act, At};
pub(super) use session::serve;
pub use taken::{Taken, TakenRecipient};
pub use wire::LONGEST;

/// A peer. It accepts everything unless it is told otherwise, and remembers it.
///
/// Clones are the same peer; it ends with the last of them. It needs no async runtime, and may be asked from any thread.
/// Over real sockets it listens at [`Peer::address`]; a [`TestEngine`](super::TestEngine) reaches it within the process.
///
/// ```
/// use postrider::testing::{Act, At, Peer};
///
/// let peer = Peer::start();
/// peer.once(At::Rcpt(3), (450, "4.2.1 The mailbox is busy"));
/// peer.times(2, At::Data, Act::Cut);
/// peer.always(At::rcpt_to("nobody@example.org"), (550, "5.1.1 No such user"));
/// assert!(peer.taken().is_empty());
/// ```
#[derive(Clone)]
pub struct Peer {
    clerk: Clerk,
    _life: Arc<Life>,
}

/// The last clone ends the peer.
struct Life(Clerk);

impl Drop for Life {
    fn drop(&mut self) {
        self.0.tell(Order::End);
    }
}

impl fmt::Debug for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Peer").field("taken", &self.taken().len()).finish_non_exhaustive()
    }
}

impl Peer {
    /// A peer that speaks SMTP (RFC 5321).
    #[must_use]
    pub fn start() -> Self {
        Self::speaking(Protocol::Smtp)
    }

    /// A peer that speaks LMTP (RFC 2033): it answers the end of content for each recipient.
    #[must_use]
    pub fn start_lmtp() -> Self {
        Self::speaking(Protocol::Lmtp)
    }

    fn speaking(protocol: Protocol) -> Self {
        let clerk = Clerk::start(protocol);
        Peer { _life: Arc::new(Life(clerk.clone())), clerk }
    }

    pub(super) fn clerk(&self) -> &Clerk {
        &self.clerk
    }

    /// Where it listens: a port of loopback that the system chose, from the first call on.
    ///
    /// # Panics
    /// Loopback cannot be listened on.
    #[allow(clippy::expect_used, reason = "a test without its peer has failed")]
    pub fn address(&self) -> SocketAddr {
        let listening = self.clerk.ask(Order::Listen);
        listening.expect("the peer lives").expect("loopback has a free port")
    }

    /// The next time it comes to this step, it does this.
    pub fn once(&self, at: At, act: impl Into<Act>) -> &Self {
        self.times(1, at, act)
    }

    /// The next `times` times it comes to this step, it does this.
    pub fn times(&self, times: usize, at: At, act: impl Into<Act>) -> &Self {
        self.clerk.tell(Order::Tell(at, act.into(), Some(times)));
        self
    }

    /// From now on it does this at this step. What it is told for once goes before; of what it is told for always, the last
    /// counts.
    pub fn always(&self, at: At, act: impl Into<Act>) -> &Self {
        self.clerk.tell(Order::Tell(at, act.into(), None));
        self
    }

    /// It refuses the next `mails` mails for the time being (451 4.7.1 to MAIL: it says something about the mail, not about the
    /// host), then takes mail again.
    pub fn refuse_next(&self, mails: usize) -> &Self {
        self.times(mails, At::Mail, (451, "4.7.1 Not now"))
    }

    /// It forgets all that it was told by [`Peer::once`], [`Peer::times`] and [`Peer::always`].
    pub fn forget(&self) -> &Self {
        self.clerk.tell(Order::Forget);
        self
    }

    /// What it offers to those who connect from now on; [`Extension::all`] by default.
    pub fn offers(&self, extensions: impl IntoIterator<Item = Extension>) -> &Self {
        let extensions: Vec<_> = extensions.into_iter().collect();
        self.behave(move |manner| manner.extensions = extensions)
    }

    /// It waits so long before each reply. In a [`TestEngine`](super::TestEngine) that is the engine's time.
    pub fn slow(&self, pause: Duration) -> &Self {
        self.behave(move |manner| manner.pause = pause)
    }

    /// It writes its replies octet by octet, with such a pause between two.
    pub fn drip(&self, pause: Duration) -> &Self {
        self.behave(move |manner| manner.drip = Some(pause))
    }

    /// Every reply has several lines, or not any more.
    pub fn multi_line(&self, yes: bool) -> &Self {
        self.behave(move |manner| manner.multi_line = yes)
    }

    fn behave(&self, change: impl FnOnce(&mut Manner) + Send + 'static) -> &Self {
        self.clerk.tell(Order::Behave(Box::new(change)));
        self
    }

    /// The host is down: connections are cut and new ones refused. When this returns it is so.
    pub fn down(&self) {
        self.clerk.ask(|answer| Order::Up(false, answer));
    }

    /// The host is back, at the same address.
    pub fn up(&self) {
        self.clerk.ask(|answer| Order::Up(true, answer));
    }

    /// All mails that it took, in the order in which it took them.
    pub fn taken(&self) -> Vec<Taken> {
        self.clerk.ask(Order::Taken).unwrap_or_default()
    }

    /// What was said; the last [`MOST_LINES`] lines.
    pub fn dialogue(&self) -> Vec<Line> {
        self.clerk.ask(Order::Lines).unwrap_or_default()
    }

    /// How many connections were made to it.
    pub fn connections(&self) -> u64 {
        self.clerk.ask(Order::Connections).unwrap_or_default()
    }
}
