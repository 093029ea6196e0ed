//! What a queue hears, in the order of the vocabulary.

use super::{ending::UNNEEDED_AFTER, *};

impl Actor for Queue {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        ctx.set_mailbox_capacity(0); // bounded by the mails that are out
    }
}

impl Handler<Enqueue> for Queue {
    type Result = ();

    fn handle(&mut self, Enqueue { slip, .. }: Enqueue, ctx: &mut Context<Self>) {
        self.came(&slip);
        for piece in slip.pieces(self.habits.recipients) {
            self.take_in(piece);
        }
        self.pump(ctx);
    }
}

impl Handler<Home> for Queue {
    type Result = ();

    fn handle(&mut self, Home { rest, era }: Home, ctx: &mut Context<Self>) {
        match rest {
            Some(part) => self.again(part, era, ctx),
            None => self.reached(),
        }
        self.set_timer(ctx);
    }
}

impl Handler<Back> for Queue {
    type Result = ();

    fn handle(&mut self, Back { carrier, fault }: Back, ctx: &mut Context<Self>) {
        fault.into_iter().for_each(|mail| self.charge(mail));
        self.on_the_way = self.on_the_way.saturating_sub(1);
        self.idle.extend(carrier);
        self.used = Instant::now();
        self.end_later(UNNEEDED_AFTER, ctx);
        self.pump(ctx);
        self.close_later(ctx);
        self.end_if_drained(ctx);
    }
}

impl Handler<Drain> for Queue {
    type Result = ();

    fn handle(&mut self, Drain(answer): Drain, ctx: &mut Context<Self>) {
        self.draining.get_or_insert_with(Vec::new).push(answer);
        self.end_if_drained(ctx);
    }
}
