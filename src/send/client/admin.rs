//! What an operator asks an engine in another process.
//!
//! Rule: it says the same as the calls of [`Engine`](crate::Engine) with the same names. Only root and the user that the engine
//! runs as are answered.

use std::{io, path::Path, sync::Arc};

use postrider_actors::messages::Audit;
use postrider_engine::{
    program::{
        admin::{AdminAnswer, AdminRequest, Audited, Portion, QueuedMail, Sink, MOST_PORTION},
        Code, Problem,
    },
    Flush, QueueId,
};
use thiserror::Error;

use super::{Client, There};
use crate::{HeldMail, Stopped};

/// What an operator asked for was not done.
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
pub enum AdminError {
    /// Whoever asks is neither root nor the user that the engine runs as. Permanent: ask as one of them.
    #[error("not permitted: {0}")]
    NotPermitted(Arc<str>),
    /// No sink is bound under this id. Permanent.
    #[error("{0}")]
    NoSuchSink(Arc<str>),
    /// No engine is there, or not any more: nobody listens at this path. Temporary: ask again when it is started.
    #[error("no engine is there at {}: {source}; start it, or correct the path", path.display())]
    NoEngine {
        /// The path of its socket.
        path: Arc<Path>,
        /// What the system says.
        source: Arc<io::Error>,
    },
    /// The engine is not running any more. Temporary: ask again when it is started.
    #[error(transparent)]
    Stopped(#[from] Stopped),
    /// It does not do this: it is of an older version, or for a reason that this version has no name for.
    #[error("the engine does not do this: {text}")]
    Refused {
        /// What it says.
        text: Arc<str>,
        /// It may do it later.
        temporary: bool,
    },
    /// The mail is not held. [`Client::release`] gives `false` instead.
    #[error("{0}")]
    NotHeld(Arc<str>),
}

impl AdminError {
    /// The same may be done later.
    pub fn is_temporary(&self) -> bool {
        match self {
            AdminError::NotPermitted(_) | AdminError::NoSuchSink(_) | AdminError::NotHeld(_) => false,
            AdminError::NoEngine { .. } | AdminError::Stopped(_) => true,
            AdminError::Refused { temporary, .. } => *temporary,
        }
    }
}

impl From<Problem> for AdminError {
    fn from(Problem { code, temporary, text, .. }: Problem) -> Self {
        let text: Arc<str> = text.into();
        match code {
            Code::NotPermitted => AdminError::NotPermitted(text),
            Code::NoSuchSink => AdminError::NoSuchSink(text),
            Code::NotHeld => AdminError::NotHeld(text),
            Code::Stopping => AdminError::Stopped(Stopped { reason: None }),
            Code::Failed => AdminError::Stopped(Stopped { reason: Some(text) }),
            _ => AdminError::Refused { text, temporary },
        }
    }
}

/// What operators ask. Each is answered to root and to the user that the engine runs as, and to nobody else.
impl Client {
    /// As [`Engine::audit`](crate::Engine::audit); of strays it names a thousand at most.
    ///
    /// # Errors
    /// [`AdminError`]
    pub async fn audit(&self) -> Result<Audit, AdminError> {
        match self.0.administer(AdminRequest::Audit { tag: 0 }).await?.pop() {
            Some(AdminAnswer::Audited { found, .. }) => Ok(audit(&found)),
            _ => Err(unexpected()),
        }
    }

    /// As [`Engine::held`](crate::Engine::held), by rising numbers.
    ///
    /// # Errors
    /// [`AdminError`]
    pub async fn held(&self) -> Result<Vec<HeldMail>, AdminError> {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let request = AdminRequest::Held { tag: 0, after, limit: Some(MOST_PORTION) };
            let (held, next) = listed(&self.0, request, |line| match line {
                AdminAnswer::Held { mail, .. } => Some(HeldMail { id: mail.id, why: mail.why() }),
                _ => None,
            })
            .await?;
            all.extend(held);
            match next {
                Some(_) => after = next,
                None => return Ok(all),
            }
        }
    }

    /// As [`Engine::release`](crate::Engine::release). `false`: there is no such mail, or it is not held.
    ///
    /// # Errors
    /// [`AdminError`]
    pub async fn release(&self, id: QueueId) -> Result<bool, AdminError> {
        match self.0.administer(AdminRequest::Release { tag: 0, id }).await {
            Ok(_) => Ok(true),
            Err(AdminError::NotHeld(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The mails on disk with numbers above `after`, `limit` of them at most (1000 are the most), with their recipients who
    /// are not at their end. [`Portion::next`] says where it goes on.
    ///
    /// # Errors
    /// [`AdminError`]
    pub async fn queue(&self, after: Option<QueueId>, limit: usize) -> Result<Portion<QueuedMail>, AdminError> {
        let request = AdminRequest::Queue { tag: 0, after, limit: Some(limit) };
        let (mails, next) = listed(&self.0, request, |line| match line {
            AdminAnswer::Mail { mail, .. } => Some(*mail),
            _ => None,
        })
        .await?;
        Ok(Portion::new(mails, next))
    }

    /// As [`Engine::flush`](crate::Engine::flush).
    ///
    /// # Errors
    /// [`AdminError`]
    pub async fn flush(&self, what: Flush) -> Result<usize, AdminError> {
        match self.0.administer(AdminRequest::Flush { tag: 0, what: what.into() }).await?.pop() {
            Some(AdminAnswer::Flushed { mails, .. }) => Ok(mails),
            _ => Err(unexpected()),
        }
    }

    /// All sinks, in the order in which a mail meets them, with what they have done so far.
    ///
    /// # Errors
    /// [`AdminError`]
    pub async fn bindings(&self) -> Result<Vec<Sink>, AdminError> {
        let (sinks, _) = listed(&self.0, AdminRequest::Sinks { tag: 0 }, |line| match line {
            AdminAnswer::Sink { sink, .. } => Some(*sink),
            _ => None,
        })
        .await?;
        Ok(sinks)
    }

    /// The sink of this binding takes part no more: [`Change::Enabled(false)`](crate::Change::Enabled).
    ///
    /// # Errors
    /// [`AdminError::NoSuchSink`], and others.
    pub async fn suspend(&self, sink: &str) -> Result<(), AdminError> {
        self.0.administer(AdminRequest::Suspend { tag: 0, sink: sink.into() }).await.map(drop)
    }

    /// It takes part again, and its faults are forgotten.
    ///
    /// # Errors
    /// [`AdminError::NoSuchSink`], and others.
    pub async fn resume(&self, sink: &str) -> Result<(), AdminError> {
        self.0.administer(AdminRequest::Resume { tag: 0, sink: sink.into() }).await.map(drop)
    }
}

macro_rules! blocking {
    ($($name:ident = $call:ident($($argument:ident: $of:ty),*) -> $gives:ty;)*) => {
        /// The same, waiting on this thread.
        impl Client {
            $(
                #[doc = concat!("As [`Client::", stringify!($call), "`], waiting on this thread.")]
                ///
                /// # Errors
                /// [`AdminError`]
                pub fn $name(&self, $($argument: $of),*) -> Result<$gives, AdminError> {
                    pollster::block_on(self.$call($($argument),*))
                }
            )*
        }
    };
}

blocking! {
    audit_blocking = audit() -> Audit;
    held_blocking = held() -> Vec<HeldMail>;
    release_blocking = release(id: QueueId) -> bool;
    queue_blocking = queue(after: Option<QueueId>, limit: usize) -> Portion<QueuedMail>;
    flush_blocking = flush(what: Flush) -> usize;
    bindings_blocking = bindings() -> Vec<Sink>;
    suspend_blocking = suspend(sink: &str) -> ();
    resume_blocking = resume(sink: &str) -> ();
}

/// All lines of a portion, and where it goes on.
async fn listed<T>(
    there: &There,
    request: AdminRequest,
    take: impl Fn(AdminAnswer) -> Option<T>,
) -> Result<(Vec<T>, Option<QueueId>), AdminError> {
    let mut lines = there.administer(request).await?;
    match lines.pop() {
        Some(AdminAnswer::End { next, .. }) => Ok((lines.into_iter().filter_map(take).collect(), next)),
        _ => Err(unexpected()),
    }
}

fn unexpected() -> AdminError {
    AdminError::Refused { text: "it has answered something else; build both from one version".into(), temporary: false }
}

fn audit(found: &Audited) -> Audit {
    let mut audit = Audit::default();
    (audit.on_disk, audit.out, audit.resting) = (found.on_disk, found.out, found.resting);
    (audit.held, audit.prepared) = (found.held, found.prepared);
    audit.strays = found.strays.iter().filter_map(|id| id.parse().ok()).collect();
    audit
}
