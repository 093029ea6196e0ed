//! What follows when an entry is written: whoever waits is told, and new mail is ours and goes on.

use super::*;

impl Spooler {
    pub(super) fn written(&mut self, result: Result<Receipt, Refused>, then: Then, ctx: &mut Context<Self>) {
        let mut receipt = match result {
            Ok(receipt) => receipt,
            Err(refused) => {
                if let Then::Answer(answer) = then {
                    drop(answer.send(Err(refused)));
                }
                return;
            }
        };
        receipt.ids().iter().for_each(|_| self.counters.count(Event::Accepted));
        self.tell_watchers(&receipt, &then);
        self.commit(&mut receipt, ctx);
        match then {
            Then::Answer(answer) => drop(answer.send(Ok(receipt))),
            Then::Attempt(answer) => drop(answer.send(Ok(()))),
            Then::Report(news) => self.onward.news.do_send(Tell(news)),
            Then::Redeemed(mail, answer) => self.redeemed(mail, answer, ctx),
            Then::Nothing => {}
        }
    }

    /// Custody is ours: the mails go on if there is room.
    #[allow(clippy::disallowed_methods)] // the one place that makes mail ours
    pub(super) fn commit(&mut self, receipt: &mut Receipt, ctx: &mut Context<Self>) {
        let now = self.now();
        let unheld = self.unheld(ctx);
        let index = &mut self.index;
        let (mut marked, mut over) = (Vec::new(), None);
        let mails = receipt.commit(|id, mail| {
            let until = mail.remember().map(|remember| remember.until);
            over = over.into_iter().chain(until).min();
            if !mail.is_plain() {
                mail.held_for().into_iter().for_each(|reason| info!(%id, reason, "held"));
                marked.push(id); // held, or with news: what the spool knows of it decides
                return None;
            }
            index.admit(New::of(id, mail.draft()), now).then(|| Hold::new(id, Arc::clone(&unheld)))
        });
        if !marked.is_empty() {
            marked.into_iter().for_each(|id| self.gathering.look(Look::Left(id)));
            self.flush_soon(ctx);
        }
        if let Some(over) = over {
            self.tidy_by(over, ctx);
        }
        for mail in mails {
            self.onward.mail.do_send(Accepted(Offered::Committed(mail)));
        }
    }

    /// The way home of all holds.
    pub(super) fn unheld(&mut self, ctx: &mut Context<Self>) -> TellUnheld {
        let unheld = self.unheld.get_or_insert_with(|| {
            let this = ctx.address();
            Arc::new(move |id| this.do_send(Unheld(id)))
        });
        Arc::clone(unheld)
    }
}
