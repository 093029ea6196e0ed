//! A session: somebody with a name and an address, and the mail that is theirs. Nobody is asked for a password: whoever may
//! use the engine may be anybody.

use postrider_engine::Address;

use super::Engine;

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
