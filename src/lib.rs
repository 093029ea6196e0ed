//! Postrider: an actor-based mail transport engine. It accepts mail, promises it, keeps it on disk, and delivers it to
//! each recipient's next hop or reports why not.
//!
//! This is the one crate to name: it re-exports what an embedding program, a target or a spool needs.
//!
//! Features, all on by default: `convert` (conversions of RTF, HTML, text and TNEF), `dns` (mail exchangers), `listen` (clients by SMTP
//! and LMTP), `maildir` (mailboxes, drop folders, the `Inbox`), `stock` (sinks of events) and `toml` (settings from files). Settings that
//! ask for one that was left out are refused at start.

mod descriptors;
mod engine;
mod send;
pub mod settings;
#[cfg(feature = "testing")]
pub mod testing;

/// The framework of the cast, for actors of your own.
pub use actix;
pub use descriptors::raise_descriptor_limit;
pub use engine::{BindingError, Builder, End, Engine, HeldMail, Outbox, ReloadError, Session, StartError, Stopped};
pub use postrider_actors::{
    chain::{AnyBinding, BindError, Binding, BindingStatus, Change},
    converters::ConverterLimits,
    messages::{Ask, Audit},
    transport::Placement,
};
#[cfg(feature = "convert")]
pub use postrider_convert as convert;
pub use postrider_engine as rules;
pub use postrider_engine::events;
pub use postrider_engine::{
    Address, Attachment, BindingScope, BindingSettings, ComposeError, DeliveryStatus, Draft, Flush, HeldBy, HeldWhy,
    Importance, Mailbox, MailboxError, MailboxList, Moment, NewMail, Notify, OnFault, Outgoing, Priority, QueueId,
    QueuePriority, RawMail, Ret, Rule, Ticket, TicketSyntax, When, WhenSuspended,
};
pub use postrider_sinks as sinks;
#[cfg(feature = "maildir")]
pub use postrider_sinks::{inbox, Inbox};
#[cfg(feature = "convert")]
pub use send::RtfBody;
pub use send::{
    AdminError, Client, ConnectError, Outcomes, Preparing, Receipt, RecipientStatus, RedeemError, SendError, Sending,
    StatusError,
};
pub use settings::{Settings, SettingsError, SettingsErrors};

/// The examples of the pages compile.
#[cfg(doctest)]
mod pages {
    #[doc = include_str!("../README.md")]
    struct Readme;
    #[doc = include_str!("../docs/sending.md")]
    struct Sending;
    #[doc = include_str!("../docs/events.md")]
    struct Events;
    #[cfg(feature = "convert")]
    #[doc = include_str!("../docs/conversion.md")]
    struct Conversion;
    #[cfg(feature = "testing")]
    #[doc = include_str!("../docs/testing.md")]
    struct Testing;
    #[doc = include_str!("../docs/inbox.md")]
    struct Inbox;
}
