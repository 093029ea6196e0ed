//! Runs guests of one kind, and survives them. Chains speak to it as they would to an actor of the user's own.

use std::sync::Arc;

use actix::prelude::*;
use postrider_engine::{
    events::{Event, Fault, Given, Properties, Sink, Verdict},
    BindingSettings,
};
use tracing::{info_span, Instrument};

use super::{Beat, Culprit, Limits, Pool};
use crate::{chain::BindingKey, messages::Ask};

/// Makes a guest, from the properties of its binding.
pub type MakeGuest<S> = Arc<dyn Fn(&Properties) -> S + Send + Sync>;

/// The host of one binding's guests.
pub struct Host<S> {
    pool: Pool<S>,
    key: BindingKey,
    name: String,
}

impl<S: Send + 'static> Host<S> {
    /// A host of as many guests as the binding says.
    pub fn new(key: BindingKey, settings: Arc<BindingSettings>, guests: usize, make: MakeGuest<S>, beat: Beat) -> Self {
        let name = settings.id.clone();
        let limits = Limits { guests, wait: settings.waiting_limit, serve: settings.time_limit };
        Host { pool: Pool::new(limits, beat, move || make(&settings.properties)), key, name }
    }
}

impl<S> Unpin for Host<S> {}

impl<S: Send + 'static> Actor for Host<S> {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        ctx.set_mailbox_capacity(0); // bounded by the mails that are under way
    }
}

impl<S: Sink<E>, E: Event> Handler<Ask<E>> for Host<S> {
    type Result = ResponseActFuture<Self, Result<Verdict<E>, Fault>>;

    fn handle(&mut self, Ask(given): Ask<E>, _: &mut Context<Self>) -> Self::Result {
        // What a sink writes into the log says of which mail it is.
        let span = info_span!("sink", sink = &*self.name, event = %E::KIND, mail = given.name());
        let culprit = Culprit { mail: given.token().key(), binding: self.key };
        let stay = self.pool.stay(culprit, |mut guest| async move {
            let verdict = guest.on(given).await;
            (guest, verdict)
        });
        let stay = stay.instrument(span).into_actor(self);
        Box::pin(stay.map(|end, host: &mut Self, _| host.pool.leave(end)))
    }
}
