//! One command of a client as its sinks see it.
//!
//! Rule: what the service does about a command and what it says are one. A sink may refuse what the service would do; it
//! may not say yes where the service has said no, or a client would think its mail taken that is not: who wants a
//! recipient in adds it.

use std::marker::PhantomData;

use super::{
    dialogue::DialogueEdits, sealed::Sealed, Auth, Bdat, Caller, Data, Etrn, Event, Given, Helo, Help, MailFrom, Noop,
    Properties, Quit, RcptTo, Rset, StartTls, Turn, UnknownCommand, Verdict, Vrfy,
};
use crate::{Address, Addressees, RcptNo, Recipient, Recipients, Reply, Subject, Token};

/// Recipients that sinks may add at one command.
const MOST_ADDED: usize = 1000;

/// A command.
pub trait CommandEvent: Event<Given = Command<Self>> {}
/// A command whose argument may be changed.
pub trait HasArgument: CommandEvent {}
/// A command within a mail: recipients may be added and dropped.
pub trait WithRecipients: CommandEvent {}
/// A command whose reply means nothing for the mail: any may be given.
pub trait AnyReply: CommandEvent {}

macro_rules! commands {
    ($($of:ident: $($event:ty),*;)*) => { $($(impl $of for $event {})*)* };
}

commands! {
    CommandEvent: Helo, Auth, StartTls, MailFrom, RcptTo, Data, Bdat, Rset, Vrfy, Etrn, Noop, Help, Quit, UnknownCommand;
    HasArgument: Helo, Auth, MailFrom, RcptTo, Vrfy, Etrn, UnknownCommand;
    WithRecipients: RcptTo, Data, Bdat;
    AnyReply: Vrfy, Etrn, Noop, Help, UnknownCommand;
}

/// One command, before it has any effect.
#[derive(Debug)]
pub struct Command<E: CommandEvent> {
    said: Said,
    edits: CommandEdits,
    token: Token,
    event: PhantomData<E>,
}

/// What the client said, and what the service makes of it.
#[derive(Clone, Debug)]
pub struct Said {
    /// Who says it.
    pub caller: Caller,
    /// The verb in capitals.
    pub verb: String,
    /// What stands behind the verb.
    pub argument: String,
    /// The sender of the mail that is open, or that this command would open.
    pub sender: Option<Option<Address>>,
    /// The recipient that this command would add.
    pub recipient: Option<Address>,
    /// The recipients of the mail that is open.
    pub recipients: Recipients,
    /// What the service would say. For DATA and BDAT, and for an ETRN that is begun, which are answered later, it is a
    /// refusal or nothing.
    pub native: Option<Reply>,
}

/// What sinks want done about a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommandEdits {
    /// About the reply.
    pub dialogue: DialogueEdits,
    /// In the place of the argument.
    pub argument: Option<String>,
    /// To be recipients of the mail that is open, whatever the service thinks of them.
    pub added: Vec<Recipient>,
    /// To be recipients no more.
    pub dropped: Vec<RcptNo>,
}

impl<E: CommandEvent> Sealed for Command<E> {}

impl<E: CommandEvent> Given for Command<E> {
    fn subject(&self) -> Subject<'_> {
        let recipients = match &self.said.recipient {
            Some(recipient) => Addressees::One(recipient),
            None => Addressees::All(&self.said.recipients),
        };
        let sender = self.said.sender.as_ref().map(Option::as_ref);
        Subject { sender, recipients, ..self.said.caller.subject() }
    }

    fn spare(&self) -> Self {
        let (said, edits) = (self.said.clone(), self.edits.clone());
        Command { said, edits, token: self.token.clone(), event: PhantomData }
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn flaw(&self, _: bool) -> Option<&'static str> {
        let argument = self.edits.argument.as_deref().unwrap_or_default();
        match () {
            () if self.edits.added.len() > MOST_ADDED => Some("it added too many recipients"),
            () if argument.chars().any(char::is_control) => Some("it put controls into an argument"),
            () => None,
        }
    }
}

impl<E: CommandEvent> Command<E> {
    /// For whoever has the session.
    pub fn new(said: Said) -> Self {
        Command { said, edits: CommandEdits::default(), token: Token::default(), event: PhantomData }
    }

    /// What became of it: for whoever has the session.
    pub fn into_parts(self) -> (Said, CommandEdits) {
        (self.said, self.edits)
    }

    /// Who says it.
    pub fn caller(&self) -> &Caller {
        &self.said.caller
    }

    /// What sinks leave on the session.
    pub fn properties_mut(&mut self) -> &mut Properties {
        &mut self.said.caller.properties
    }

    /// The verb in capitals.
    pub fn verb(&self) -> &str {
        &self.said.verb
    }

    /// What stands behind the verb, as sinks before this one left it.
    pub fn argument(&self) -> &str {
        self.edits.argument.as_deref().unwrap_or(&self.said.argument)
    }

    /// What the service would say to the command as the client gave it; nothing where that shows only later (DATA, BDAT).
    pub fn native(&self) -> Option<&Reply> {
        self.said.native.as_ref()
    }

    /// The reply as sinks before this one left it.
    pub fn reply(&self) -> Option<&Reply> {
        self.edits.dialogue.reply.as_ref().or(self.native())
    }

    /// The sender of the mail that is open, or that this command would open; the inner `None` is the null one.
    pub fn sender(&self) -> Option<Option<&Address>> {
        self.said.sender.as_ref().map(Option::as_ref)
    }

    /// The recipients of the mail that is open.
    pub fn recipients(&self) -> &Recipients {
        &self.said.recipients
    }

    /// Refuses the command, with a 4xx or 5xx: it has no effect, and the client gets this reply. Others still see it.
    pub fn refuse(&mut self, reply: Reply) {
        self.edits.dialogue.reply = Some(super::message::refusal(reply));
    }

    /// Adds a line to the reply.
    pub fn append(&mut self, line: impl Into<String>) {
        self.edits.dialogue.append(line.into());
    }

    /// The session ends when this is answered.
    pub fn drop_session(&mut self) {
        self.edits.dialogue.closes = true;
    }

    /// Goes on with the next sink.
    pub fn next(self) -> Verdict<E> {
        Verdict::new(self, Turn::Next)
    }

    /// Goes on past the other sinks of this event.
    pub fn skip_rest(self) -> Verdict<E> {
        Verdict::new(self, Turn::SkipRest)
    }
}

impl<E: HasArgument> Command<E> {
    /// Puts another argument in the place of the client's. The service reads it as if the client had said so.
    pub fn set_argument(&mut self, argument: impl Into<String>) {
        self.edits.argument = Some(argument.into());
    }
}

impl<E: AnyReply> Command<E> {
    /// Answers in the service's place; what the service would do is not done.
    pub fn answer(&mut self, reply: Reply) {
        self.edits.dialogue.reply = Some(reply);
    }
}

impl Command<RcptTo> {
    /// The recipient that the command names; none if it cannot be read.
    pub fn recipient(&self) -> Option<&Address> {
        self.said.recipient.as_ref()
    }
}

impl<E: WithRecipients> Command<E> {
    /// Adds a recipient to the mail that is open, whether the service would take it or not.
    pub fn add_recipient(&mut self, recipient: impl Into<Recipient>) {
        self.edits.added.push(recipient.into());
    }

    /// Takes a recipient out of the mail that is open.
    pub fn drop_recipient(&mut self, no: RcptNo) {
        self.edits.dropped.push(no);
    }
}
