//! The events of a mail's way, and the trait by which a sink takes part in one.
//!
//! Rule: one type per event. What a stage does not allow is no method of what its sinks get, so it does not compile. A
//! sink gets what the event is about, owns it, and gives it back within its verdict: it can neither keep it nor answer
//! twice. `docs/events.md` tells each event's story on one page.

mod command;
mod dialogue;
mod fault;
mod kind;
mod looking;
mod message;
mod parts;
mod properties;
mod verdict;
mod ways;

use std::future::Future;

pub use command::{AnyReply, Command, CommandEdits, CommandEvent, HasArgument, Said, WithRecipients};
pub use dialogue::{Caller, DialogueEdits, Talk, TalkEvent};
pub use fault::Fault;
pub use kind::{Kind, KindSet, Phase, KINDS};
pub use looking::Looking;
pub use message::{AfterCommit, BeforeCommit, MailEvent, MayChangeRecipients, Message};
pub use parts::MessageParts;
pub use properties::{Properties, PropertiesFull, MOST_PROPERTIES, MOST_PROPERTY_OCTETS};
pub use verdict::{Turn, Verdict};
pub use ways::{Lookup, Oversize, Routing};

use crate::{Subject, Token};

/// Something that happens on a mail's way, and that sinks can be bound to. The events are fixed: nobody else can
/// implement this.
pub trait Event: sealed::Sealed + Send + Sync + Sized + 'static {
    /// Which one it is.
    const KIND: Kind;
    /// What a sink gets, and gives back.
    type Given: Given;
}

/// What a sink gets, as whoever leads it past the sinks sees it.
pub trait Given: sealed::Sealed + Send + Sized + 'static {
    /// What a rule can ask about.
    fn subject(&self) -> Subject<'_>;

    /// By which the log knows it: a mail's number, or a session.
    fn name(&self) -> String {
        String::new()
    }

    /// An untouched copy, for when a sink fails: the same mail, and no edit of the sink's.
    fn spare(&self) -> Self;

    /// By which it is known again.
    fn token(&self) -> &Token;

    /// What is wrong with it as it came back from a sink: what nobody may make of it, or too much of something. One that
    /// does not go on may be without a recipient.
    fn flaw(&self, goes_on: bool) -> Option<&'static str> {
        let _ = goes_on;
        None
    }

    /// The same, held: where there is a mail that can be.
    fn held(self, reason: &str) -> Self {
        let _ = reason;
        self
    }
}

/// Takes part in an event: the plain way to be a sink. One guest serves one event at a time, so `&mut self` is its own.
///
/// ```
/// use postrider_engine::events::{EndOfData, Message, Sink, Verdict};
///
/// struct Stamp;
///
/// impl Sink<EndOfData> for Stamp {
///     async fn on(&mut self, mut mail: Message<EndOfData>) -> Verdict<EndOfData> {
///         mail.set_property("stamped", "yes").ok();
///         mail.next()
///     }
/// }
/// ```
pub trait Sink<E: Event>: Send + 'static {
    /// Serves one event. A panic, or more time than its binding has, costs the mail in hand what the binding says, and
    /// this guest: another is made.
    fn on(&mut self, given: E::Given) -> impl Future<Output = Verdict<E>> + Send;
}

/// A closure is a sink as well: `|mail: Message<EndOfData>| async move { mail.next() }`.
impl<E, F, Serving> Sink<E> for F
where
    E: Event,
    F: FnMut(E::Given) -> Serving + Send + 'static,
    Serving: Future<Output = Verdict<E>> + Send,
{
    fn on(&mut self, given: E::Given) -> impl Future<Output = Verdict<E>> + Send {
        self(given)
    }
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! events {
    ($($(#[$doc:meta])* $name:ident => $given:ty;)*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug)]
            pub struct $name;
            impl sealed::Sealed for $name {}
            impl Event for $name {
                const KIND: Kind = Kind::$name;
                type Given = $given;
            }
        )*
    };
}

events! {
    /// A client has connected; nothing was said yet.
    Connect => Talk<Connect>;
    /// EHLO, HELO or LHLO.
    Helo => Command<Helo>;
    /// AUTH.
    Auth => Command<Auth>;
    /// STARTTLS.
    StartTls => Command<StartTls>;
    /// MAIL FROM.
    MailFrom => Command<MailFrom>;
    /// RCPT TO.
    RcptTo => Command<RcptTo>;
    /// DATA, before the 354.
    Data => Command<Data>;
    /// BDAT, before its octets are taken.
    Bdat => Command<Bdat>;
    /// RSET.
    Rset => Command<Rset>;
    /// VRFY.
    Vrfy => Command<Vrfy>;
    /// ETRN.
    Etrn => Command<Etrn>;
    /// NOOP.
    Noop => Command<Noop>;
    /// HELP.
    Help => Command<Help>;
    /// QUIT.
    Quit => Command<Quit>;
    /// A command that the service does not know or does not offer.
    UnknownCommand => Command<UnknownCommand>;
    /// The header of a mail has come in whole; its body has not.
    EndOfHeaders => Looking<EndOfHeaders>;
    /// The client has gone, whoever ended it.
    Disconnect => Talk<Disconnect>;
    /// A mail has come in whole by SMTP or LMTP; the client waits for the reply.
    EndOfData => Message<EndOfData>;
    /// A mail is about to be committed, whatever door it came by.
    Submission => Message<Submission>;
    /// A mail is ours and on disk; its recipients are as they came.
    PreCategorize => Message<PreCategorize>;
    /// Recipients are resolved and expanded: before our aliases are.
    Categorize => Message<Categorize>;
    /// Recipients are resolved and expanded, ours too.
    PostCategorize => Message<PostCategorize>;
    /// The way of each recipient is known and may be changed. Fires each time a mail is led on, after a wait too.
    Route => Routing;
    /// A mail is larger than it may be; a sink may let it pass.
    MaxMessageSize => Oversize;
    /// A domain's exchangers are looked for.
    DnsResolve => Lookup;
}
