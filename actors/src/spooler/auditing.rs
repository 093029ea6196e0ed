//! The audit: each mail on disk is out, rests, or is held; what is none of these is found, told, and taken up again.
//!
//! Rule: a mail is suspected first, while others go on working, and judged when all that was on its way then has been
//! heard, a sync that was under way too: so nobody is accused who was just being moved.

use std::collections::HashSet;

use super::*;
use crate::messages::Audit;

/// One audit, from the question to the answer.
pub(super) struct Auditing {
    answer: oneshot::Sender<Audit>,
    found: Audit,
    /// `None`: what is on disk is not known yet.
    suspects: Option<HashSet<QueueId>>,
    /// The suspects are being looked up.
    is_asked: bool,
}

impl Handler<AskAudit> for Spooler {
    type Result = ();

    fn handle(&mut self, AskAudit(answer): AskAudit, ctx: &mut Context<Self>) {
        self.audits.push_back(Auditing { answer, found: Audit::default(), suspects: None, is_asked: false });
        self.gathering.look(Look::All);
        self.flush_soon(ctx);
    }
}

impl Spooler {
    /// What is on disk beside what is in the index.
    pub(super) fn compare(&mut self, mails: &[(QueueId, Aside)], ctx: &mut Context<Self>) {
        let Some(audit) = self.audits.iter_mut().find(|audit| audit.suspects.is_none()) else { return };
        let unknown = mails.iter().filter(|(id, aside)| *aside == Aside::No && !self.index.has(*id));
        let suspects: HashSet<QueueId> = unknown.map(|(id, _)| *id).collect();
        let (out, resting) = self.index.counts();
        let held = mails.iter().filter(|(_, aside)| matches!(aside, Aside::Held(_))).count();
        let prepared = mails.iter().filter(|(_, aside)| *aside == Aside::Prepared).count();
        audit.found = Audit { on_disk: mails.len(), out, resting, held, prepared, strays: Vec::new() };
        audit.suspects = Some(suspects);
        self.ask_suspects(ctx);
        self.answer_audits();
    }

    /// Mails of a sync that is under way are on disk, and not in the index before it comes back: who is suspected is looked
    /// up after that.
    pub(super) fn ask_suspects(&mut self, ctx: &mut Context<Self>) {
        if self.syncing {
            return;
        }
        let mut asked = false;
        for audit in self.audits.iter_mut().filter(|audit| !audit.is_asked) {
            let Some(suspects) = &audit.suspects else { continue };
            suspects.iter().for_each(|id| self.gathering.look(Look::Left(*id)));
            (audit.is_asked, asked) = (true, true);
        }
        if asked {
            self.flush_soon(ctx);
        }
    }

    /// A mail was looked up; `known`: something will come of it, or has.
    pub(super) fn audited(&mut self, id: QueueId, known: bool) {
        for audit in &mut self.audits {
            let suspected = audit.suspects.as_mut().is_some_and(|suspects| suspects.remove(&id));
            if suspected && !known {
                error!(%id, "nothing would have become of this mail; it is due again now");
                audit.found.strays.push(id);
            }
        }
        self.answer_audits();
    }

    fn answer_audits(&mut self) {
        let is_over = |audit: &Auditing| audit.suspects.as_ref().is_some_and(HashSet::is_empty);
        while self.audits.front().is_some_and(is_over) {
            drop(self.audits.pop_front().map(|audit| audit.answer.send(audit.found)));
        }
    }
}
