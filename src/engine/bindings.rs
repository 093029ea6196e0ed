//! Bindings of a running engine: made, changed and looked at while mail flows.

use std::sync::Arc;

use postrider_actors::chain::{AnyBinding, AskBindings, Bind, BindError, BindingStatus, Change, ChangeBinding, Unbind};
use postrider_engine::Convert;
use tokio::sync::oneshot;

use super::{BindingError, Engine, Stopped};

impl Engine {
    /// Binds a sink: it takes part from now on. A mail that is at this moment led past the sinks of an event keeps the
    /// chain it began with.
    ///
    /// # Errors
    /// [`BindingError::Refused`]: nothing was changed.
    pub async fn bind(&self, binding: impl Into<AnyBinding>) -> Result<(), BindingError> {
        let (answer, answered) = oneshot::channel();
        self.0.cast.switchboard.do_send(Bind(binding.into(), answer));
        self.bound(answered).await
    }

    /// Those who convert mails in this engine: for sinks that have them do their work, see
    /// [`Builder::converters`](crate::Builder::converters).
    pub fn converters(&self) -> Arc<dyn Convert> {
        Arc::clone(&self.0.maker.brought.converters)
    }

    /// Takes a binding away. Mail that its guests have in hand comes back from them.
    ///
    /// # Errors
    /// [`BindingError::Refused`]: there is no such binding.
    pub async fn unbind(&self, id: &str) -> Result<(), BindingError> {
        let (answer, answered) = oneshot::channel();
        self.0.cast.switchboard.do_send(Unbind(id.to_owned(), answer));
        self.bound(answered).await
    }

    /// Changes a binding: whether it takes part, when, for which mail, with what.
    ///
    /// # Errors
    /// [`BindingError::Refused`]: there is no such binding.
    pub async fn change_binding(&self, id: &str, change: Change) -> Result<(), BindingError> {
        let (answer, answered) = oneshot::channel();
        self.0.cast.switchboard.do_send(ChangeBinding(id.to_owned(), change, answer));
        self.bound(answered).await
    }

    /// All bindings, in the order in which a mail meets them, with what they have done so far.
    ///
    /// # Errors
    /// [`Stopped`]: the engine is not running any more.
    pub async fn bindings(&self) -> Result<Vec<BindingStatus>, Stopped> {
        let (answer, answered) = oneshot::channel();
        self.0.cast.switchboard.do_send(AskBindings(answer));
        answered.await.map_err(|_| self.stopped())
    }

    async fn bound(&self, answered: oneshot::Receiver<Result<(), BindError>>) -> Result<(), BindingError> {
        let bound = answered.await.map_err(|_| BindingError::Stopped(self.stopped()))?;
        bound.map_err(BindingError::Refused)
    }
}
