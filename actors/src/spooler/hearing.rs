//! What the spooler hears, in the order of the vocabulary. Each handler does constant work and notes a flush.

use super::*;

impl Actor for Spooler {
    type Context = Context<Self>;

    /// After a start nobody holds anything, which is no special case.
    fn started(&mut self, ctx: &mut Context<Self>) {
        ctx.set_mailbox_capacity(0); // bounded by those who wait: each has one message here
        let mails = self.spool.take_mails();
        if !mails.is_empty() {
            info!(mails = mails.len(), "taking up what was left");
        }
        self.remembering.eager.extend(mails.iter().copied()); // nothing has happened to them yet
        mails.into_iter().for_each(|id| self.gathering.look(Look::Left(id)));
        self.tidy(ctx);
        self.flush_soon(ctx);
    }
}

impl Handler<Commit> for Spooler {
    type Result = ();

    fn handle(&mut self, Commit { entry, durability, answer }: Commit, ctx: &mut Context<Self>) {
        match durability {
            Durability::Synced => self.gathering.promise(entry, Then::Answer(answer)),
            Durability::Written => self.gathering.write(entry, Then::Answer(answer)),
        }
        self.flush_soon(ctx);
    }
}

impl Handler<Attempt> for Spooler {
    type Result = ();

    fn handle(&mut self, Attempt { fact, answer }: Attempt, ctx: &mut Context<Self>) {
        let then = Then::Attempt(answer);
        match self.habits.attempts_synced {
            true => self.gathering.promise(postrider_engine::Entry::facts(vec![fact]), then),
            false => self.gathering.note(vec![fact], then),
        }
        self.flush_soon(ctx);
    }
}

impl Handler<Record> for Spooler {
    type Result = ();

    fn handle(&mut self, Record(Told { facts, news }): Record, ctx: &mut Context<Self>) {
        for fact in &facts {
            if let Fact::Fault { mail } = fact {
                self.gathering.look(Look::Kept(*mail, Vec::new()));
                info!(id = %mail, "a fault is charged to this mail");
            }
        }
        match (facts.is_empty(), news.and_then(|news| self.but_once(news))) {
            (false, news) => {
                self.gathering.note(facts, news.map_or(Then::Nothing, Then::Report));
                self.flush_soon(ctx);
            }
            (true, Some(news)) => self.onward.news.do_send(Tell(news)),
            (true, None) => {}
        }
    }
}

impl Spooler {
    /// Without those of whom it was told before that they are late. News has a hold, so this is known until it is told.
    fn but_once(&mut self, news: News) -> Option<News> {
        let id = news.hold.id();
        news.only(|no, story| story.fate != Fate::Delayed || self.warned.entry(id).or_default().insert(no))
    }
}

impl Handler<Rested> for Spooler {
    type Result = ();

    fn handle(&mut self, Rested(rest): Rested, ctx: &mut Context<Self>) {
        let id = rest.hold.id();
        let who = rest.recipients.iter().map(|no| (*no, rest.due));
        match &rest.aside {
            Some(hop) => self.index.stand_aside(id, rest.priority, who, hop),
            None => self.index.rest(id, rest.priority, who),
        }
        if !rest.facts.is_empty() {
            self.gathering.note(rest.facts, Then::Nothing);
            self.flush_soon(ctx);
        }
        self.send_out(ctx);
    }
}

impl Handler<Wanted> for Spooler {
    type Result = ();

    fn handle(&mut self, Wanted { hop, priority, room, sent_aside, none_left }: Wanted, ctx: &mut Context<Self>) {
        if !self.index.wanted(&hop, priority, room, self.now()) {
            none_left.do_send(NoneLeft { priority, sent_aside });
        }
        self.send_out(ctx);
    }
}

impl Handler<Behave> for Spooler {
    type Result = ();

    fn handle(&mut self, Behave(habits): Behave, ctx: &mut Context<Self>) {
        self.index.set_room(habits.room);
        self.habits = habits;
        self.send_out(ctx);
    }
}

impl Handler<Recall> for Spooler {
    type Result = ();

    fn handle(&mut self, _: Recall, ctx: &mut Context<Self>) {
        self.index.recall(self.now());
        self.send_out(ctx);
    }
}

impl Handler<Unheld> for Spooler {
    type Result = ();

    fn handle(&mut self, Unheld(id): Unheld, ctx: &mut Context<Self>) {
        if self.index.back(id) {
            self.warned.remove(&id);
            self.gathering.look(Look::Left(id));
            self.flush_soon(ctx);
        }
    }
}

impl Handler<WriteOut> for Spooler {
    type Result = ();

    fn handle(&mut self, _: WriteOut, ctx: &mut Context<Self>) {
        if self.flush_is_noted {
            self.flush(ctx);
        }
    }
}

impl Handler<AskHeld> for Spooler {
    type Result = ();

    fn handle(&mut self, AskHeld(answer): AskHeld, ctx: &mut Context<Self>) {
        self.held.push(answer);
        self.gathering.look(Look::Held);
        self.flush_soon(ctx);
    }
}

impl Handler<AskFlush> for Spooler {
    type Result = ();

    fn handle(&mut self, AskFlush(what, answer): AskFlush, ctx: &mut Context<Self>) {
        let _ = answer.send(self.asked_by_client(what, ctx));
    }
}

impl Handler<FlushNow> for Spooler {
    type Result = ();

    fn handle(&mut self, FlushNow(what, answer): FlushNow, ctx: &mut Context<Self>) {
        self.ask_for(what, answer, ctx);
    }
}

impl Handler<Release> for Spooler {
    type Result = ();

    fn handle(&mut self, Release(mail, answer): Release, ctx: &mut Context<Self>) {
        let batch = Batch { entries: Vec::new(), looks: vec![Look::Left(mail)], durability: Durability::Written };
        let looked = self.spool.apply(batch).into_actor(self);
        ctx.spawn(looked.map(move |applied, this, ctx| {
            let seen = applied.ok().and_then(|applied| applied.seen.into_iter().next());
            let is_held = matches!(seen, Some(Seen::Left(_, Some(_), Aside::Held(_))));
            if is_held {
                info!(id = %mail, "released");
                this.gathering.note(vec![Fact::Released { mail }], Then::Nothing);
                this.gathering.look(Look::Left(mail));
                this.flush_soon(ctx);
            }
            let _ = answer.send(is_held);
        }));
    }
}

impl Handler<Drain> for Spooler {
    type Result = ();

    fn handle(&mut self, Drain(answer): Drain, ctx: &mut Context<Self>) {
        self.closed = true;
        self.draining.push(answer);
        if self.unsynced && !self.syncing && self.failed.is_none() {
            let going = self.gathering.take_promises();
            self.sync(going, ctx);
        }
        self.end_if_drained();
    }
}
