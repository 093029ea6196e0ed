//! A session: somebody with a name and an address, and the mail that is theirs. Nobody is asked for a password: whoever may
//! use the engine may be anybody.

use postrider_engine::{Address, ComposeError, Draft, Making, NewMail, Outgoing};

use super::Engine;
use crate::{Receipt, SendError, Sending};

/// Somebody who reads mail here. (The dialogue with a client is [`rules::Session`](postrider_engine::Session).)
#[derive(Clone, Debug)]
pub struct Session {
    engine: Engine,
    name: String,
    address: Address,
}

impl Engine {
    /// A session for somebody of this name and address.
    ///
    /// ```no_run
    /// # #[cfg(feature = "maildir")]
    /// # fn with(engine: postrider::Engine) -> Result<(), Box<dyn std::error::Error>> {
    /// let session = engine.session("Orders", "orders@example.org".parse()?);
    /// for message in session.inbox()?.messages()? {
    ///     let message = message?;
    ///     println!("{:?}", message.read()?.text());
    ///     message.delete()?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn session(&self, name: impl Into<String>, address: Address) -> Session {
        Session { engine: self.clone(), name: name.into(), address }
    }
}

impl Session {
    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The address.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// The engine that carries mail for it.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Where mail of this session is sent from. As the ancestor's it is always empty: what is sent is on its way.
    pub fn outbox(&self) -> Outbox<'_> {
        Outbox(self)
    }

    /// The mail that was delivered for this address, by the settings that are in force now: see
    /// [`Settings::inbox`](crate::Settings::inbox). Waits for the disk.
    ///
    /// # Errors
    /// [`NoInbox`](crate::settings::NoInbox) says why there is none.
    #[cfg(feature = "maildir")]
    pub fn inbox(&self) -> Result<postrider_sinks::Inbox, crate::settings::NoInbox> {
        self.engine.settings().inbox(&self.address)
    }
}

/// Sends mail of a [`Session`].
#[derive(Clone, Copy, Debug)]
pub struct Outbox<'a>(&'a Session);

impl Outbox<'_> {
    /// A mail from whoever the session is of.
    ///
    /// ```no_run
    /// # fn with(engine: postrider::Engine) -> Result<(), Box<dyn std::error::Error>> {
    /// let session = engine.session("Orders", "orders@example.org".parse()?);
    /// let outbox = session.outbox();
    /// outbox.send_blocking(outbox.new_mail().to("ann@example.net").subject("Thank you").text("It is on its way."))?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn new_mail(&self) -> NewMail {
        NewMail::new().from((self.0.name(), self.0.address().as_str()))
    }

    /// As [`Engine::send`]; the envelope's sender is the session's address, whatever the mail says.
    ///
    /// # Errors
    /// [`SendError`]
    pub fn send<M: Outgoing + 'static>(&self, mail: M) -> Sending<impl Outgoing + use<M>> {
        self.0.engine.send(Of { sender: self.0.address.clone(), mail })
    }

    /// As [`Engine::send_blocking`].
    ///
    /// # Errors
    /// [`SendError`]
    pub fn send_blocking<M: Outgoing + 'static>(&self, mail: M) -> Result<Receipt, SendError> {
        self.send(mail).blocking()
    }
}

/// A mail of this sender.
struct Of<M> {
    sender: Address,
    mail: M,
}

impl<M: Outgoing> Outgoing for Of<M> {
    fn into_draft(self, making: &Making<'_>) -> Result<Draft, ComposeError> {
        let mut draft = self.mail.into_draft(making)?;
        draft.envelope.sender = Some(self.sender);
        Ok(draft)
    }
}
