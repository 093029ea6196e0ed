//! Sinks take part in the dialogue: they are asked about a command before it has any effect.
//!
//! Rule: what nobody listens to is done as ever. A command that is refused has no effect, and what sinks change is read as
//! if the client had said it. Recipients are added and dropped whatever the reply is: sinks answer for that themselves.

use super::{
    action::Asked,
    command, path,
    plan::{Deed, Plan},
    replies, Action, Session, State,
};
use crate::{
    events::{Caller, CommandEdits, DialogueEdits, Kind, KindSet, Properties, Said},
    Address, RcptNo, Recipient, Reply,
};

/// A command about which sinks are asked, and what would be done.
#[derive(Debug)]
pub(super) struct Ask {
    kind: Kind,
    verb: String,
    argument: String,
    plan: Plan,
}

/// Events whose command can be given another argument.
const WITH_ARGUMENT: KindSet = KindSet::EMPTY
    .with(Kind::Helo)
    .with(Kind::Auth)
    .with(Kind::MailFrom)
    .with(Kind::RcptTo)
    .with(Kind::Vrfy)
    .with(Kind::Etrn)
    .with(Kind::UnknownCommand);
/// Events whose command can be answered with a yes in our place.
const ANY_REPLY: KindSet =
    KindSet::EMPTY.with(Kind::Vrfy).with(Kind::Etrn).with(Kind::Noop).with(Kind::Help).with(Kind::UnknownCommand);
/// Events at which recipients come and go.
const WITH_RECIPIENTS: KindSet = KindSet::EMPTY.with(Kind::RcptTo).with(Kind::Data).with(Kind::Bdat);

impl Session {
    /// Says which events have sinks, from now on.
    pub fn listen_to(&mut self, kinds: KindSet) {
        self.listened = kinds;
    }

    /// The client, for its sinks.
    pub fn caller(&self) -> Caller {
        Caller {
            session: self.id.clone(),
            peer: self.peer.clone(),
            door: self.door(),
            properties: self.properties.clone(),
        }
    }

    /// Takes back what sinks left on the session, where no answer does.
    pub fn set_properties(&mut self, properties: Properties) {
        self.properties = properties;
    }

    /// The event of this line, if it has sinks.
    pub(super) fn listened_command(&self, text: &str) -> Option<Kind> {
        if self.listened.is_empty() {
            return None;
        }
        command::kind(&command::split(text).0).filter(|kind| self.listened.contains(*kind))
    }

    /// Asks about a line; it waits with what would be done.
    pub(super) fn ask(&mut self, kind: Kind, text: &str, plan: Plan) {
        let (verb, argument) = command::split(text);
        let is_last = plan.counts && self.errors + 1 >= self.settings.limits.errors;
        let said = Said {
            caller: self.caller(),
            verb: verb.clone(),
            argument: argument.to_owned(),
            sender: self.sender_of(kind, argument),
            recipient: self.recipient_of(kind, argument).map(|recipient| recipient.address),
            recipients: self.envelope().map(|envelope| envelope.recipients.clone()).unwrap_or_default(),
            native: if is_last { Some(replies::TOO_MANY_ERRORS) } else { self.native(kind, &plan) },
        };
        self.state = State::Consulting(Box::new(Ask { kind, verb, argument: argument.to_owned(), plan }));
        self.pending.push_back(Action::Ask(Box::new(Asked { kind, said })));
    }

    /// A chunk of a mail that is refused already is answered as the chunk before it.
    fn native(&self, kind: Kind, plan: &Plan) -> Option<Reply> {
        let refused = || self.content().filter(|_| kind == Kind::Bdat)?.refusal();
        plan.reply.clone().or_else(refused)
    }

    fn sender_of(&self, kind: Kind, argument: &str) -> Option<Option<Address>> {
        let open = self.envelope().map(|envelope| envelope.sender.clone());
        if kind != Kind::MailFrom || open.is_some() {
            return open;
        }
        path::mail_from(command::path(argument, "FROM:")?).ok().map(|from| from.sender)
    }

    fn recipient_of(&self, kind: Kind, argument: &str) -> Option<Recipient> {
        let text = command::path(argument, "TO:").filter(|_| kind == Kind::RcptTo)?;
        path::rcpt_to(text, self.envelope().is_none_or(|envelope| envelope.smtputf8)).ok()
    }

    /// The answer to `Ask`. A reply that the event does not allow is none; a 421 ends the session, as it says.
    pub fn answered(&mut self, properties: Properties, edits: CommandEdits) {
        if !matches!(self.state, State::Consulting(_)) {
            return;
        }
        let State::Consulting(ask) = std::mem::replace(&mut self.state, State::Commands) else { return };
        self.properties = properties;
        let CommandEdits { mut dialogue, argument, added, dropped } = edits;
        let (kind, mut ask) = (ask.kind, *ask);
        let is_allowed = |reply: &Reply| ANY_REPLY.contains(kind) || !reply.is_positive();
        let reply = dialogue.reply.take().filter(is_allowed);
        dialogue.closes |= reply.as_ref().is_some_and(|reply| reply.code == 421);
        let mut added = if WITH_RECIPIENTS.contains(kind) { added } else { Vec::new() };
        self.judge_edited(&mut ask, argument, &mut added, &dropped);
        if reply.is_none() {
            self.take_named(&mut ask, &mut added);
        }
        let plan = match reply {
            Some(reply) => ask.plan.answered(kind, reply),
            None => ask.plan,
        };
        self.carry_out_edited(plan, dialogue);
        self.add_unnamed(added);
    }

    /// What would be done about the command as sinks left it. At DATA and BDAT their recipients count already; at RCPT
    /// the client's comes first.
    fn judge_edited(
        &mut self,
        ask: &mut Ask,
        argument: Option<String>,
        added: &mut Vec<Recipient>,
        dropped: &[RcptNo],
    ) {
        if argument.is_none() && added.is_empty() && dropped.is_empty() {
            return;
        }
        if let Some(argument) = argument.filter(|_| WITH_ARGUMENT.contains(ask.kind)) {
            ask.argument = argument;
        }
        if WITH_RECIPIENTS.contains(ask.kind) {
            self.drop_recipients(dropped);
        }
        if ask.kind != Kind::RcptTo {
            self.add_unnamed(std::mem::take(added));
        }
        ask.plan = self.judge_parts(&ask.verb, &ask.argument);
    }

    /// As if the client had said so: the verb stays, whatever stands behind it.
    fn judge_parts(&self, verb: &str, argument: &str) -> Plan {
        let line = format!("{verb} {argument}");
        match command::text(line.as_bytes()) {
            Ok(text) if text.len() + 2 > self.settings.limits.command_line => self.refusal(replies::LINE_TOO_LONG),
            Ok(text) => self.judge(text),
            Err(reply) => self.refusal(reply),
        }
    }

    /// The very recipient of the command was added: it is taken, whatever we think of it, and the client hears so. Where
    /// the sink says nothing about reports, what the client said holds.
    fn take_named(&self, ask: &mut Ask, added: &mut Vec<Recipient>) {
        let Some(named) = self.recipient_of(ask.kind, &ask.argument) else { return };
        let Some(at) = added.iter().position(|recipient| recipient.address == named.address) else { return };
        let mut recipient = added.remove(at);
        recipient.notify = recipient.notify.or(named.notify);
        recipient.orcpt = recipient.orcpt.or(named.orcpt);
        if self.has_room() {
            let deed = Deed::Add(Box::new(recipient));
            ask.plan = Plan { deed, reply: Some(replies::RECIPIENT_OK), counts: false };
        }
    }

    /// There is a mail, and one recipient more may be in it.
    fn has_room(&self) -> bool {
        self.envelope().is_some_and(|envelope| envelope.recipients.len() < self.settings.limits.recipients)
    }

    /// Adds recipients of whom the client is told nothing, as many as there may be.
    fn add_unnamed(&mut self, added: Vec<Recipient>) {
        for recipient in added {
            if self.has_room() {
                self.add(recipient);
            }
        }
    }

    fn drop_recipients(&mut self, dropped: &[RcptNo]) {
        let Some(mail) = &mut self.mail else { return };
        let before = mail.envelope.recipients.len();
        mail.envelope.recipients.retain(|no| !dropped.contains(&no));
        mail.some_refused |= mail.envelope.recipients.len() < before;
    }

    /// Does what was planned. Where the client would be asked to go on, a session that ends needs another word.
    fn carry_out_edited(&mut self, plan: Plan, dialogue: DialogueEdits) {
        let comes_later = plan.reply.is_none() || self.is_weighed(&plan.deed);
        match (dialogue.closes, plan) {
            (true, Plan { deed: Deed::Data | Deed::Chunk { .. } | Deed::StartTls, reply, .. }) => {
                let refusal = reply.filter(|reply| !reply.is_positive()).unwrap_or(replies::ENDED);
                self.close(dialogue.applied_to(refusal));
            }
            (true, Plan { reply: Some(reply), .. }) => drop(self.close(dialogue.applied_to(reply))),
            (_, plan) if comes_later => {
                self.later = Some(Box::new(dialogue));
                self.carry_out(plan);
            }
            (_, Plan { deed, reply, counts }) => {
                let reply = reply.map(|reply| dialogue.applied_to(reply));
                self.carry_out(Plan { deed, reply, counts });
            }
        }
    }

    /// A reply that comes later than its command, as sinks want it.
    pub(super) fn reply_late(&mut self, reply: Reply) {
        let edits = self.later.take().map(|edits| *edits).unwrap_or_default();
        let reply = edits.applied_to(reply);
        match edits.closes {
            true => drop(self.close(reply)),
            false => self.reply(reply),
        }
    }
}
