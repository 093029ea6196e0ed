//! How a queue ends what nobody needs: connections that stand idle, and itself.

use super::*;

/// A queue without mail and connections ends after this time.
pub(super) const UNNEEDED_AFTER: Duration = Duration::from_secs(300);

impl Queue {
    /// Closes carriers that have stood idle for too long.
    fn close_idle(&mut self, ctx: &mut Context<Self>) {
        let now = Instant::now();
        let (over, keep) = std::mem::take(&mut self.idle).into_iter().partition(|c: &Carrier| c.expires_at() <= now);
        self.idle = keep;
        over.into_iter().for_each(Carrier::close);
        self.closing = None;
        self.close_later(ctx);
    }

    pub(super) fn close_later(&mut self, ctx: &mut Context<Self>) {
        let first = self.idle.iter().map(Carrier::expires_at).min();
        if let (Some(at), None) = (first, &self.closing) {
            let pause = at.saturating_duration_since(Instant::now());
            self.closing = Some(ctx.run_later(pause, |this, ctx| this.close_idle(ctx)));
        }
    }

    /// A queue that nobody has needed for a while ends: there are as many hops as there are providers of mail. What is sent
    /// to it at that very moment comes again from the spool.
    pub(super) fn end_later(&mut self, pause: Duration, ctx: &mut Context<Self>) {
        if std::mem::replace(&mut self.ending, true) {
            return;
        }
        ctx.run_later(pause, |this, ctx| {
            this.ending = false;
            let unused = this.used.elapsed();
            match this.is_needed() {
                false if unused >= UNNEEDED_AFTER => ctx.stop(),
                false => this.end_later(UNNEEDED_AFTER - unused, ctx),
                true => {} // the next carrier that comes back begins anew
            }
        });
    }

    fn is_needed(&self) -> bool {
        let has_mail = !self.ready.is_empty()
            || !self.later.is_empty()
            || self.on_the_way > 0
            || self.aside.iter().any(|aside| aside.some);
        has_mail || self.down.is_some() || !self.idle.is_empty() || self.draining.is_some()
    }

    /// Nothing more is lent: the engine ends, or another queue has taken its place.
    pub(super) fn is_ending(&self) -> bool {
        self.draining.is_some() || self.dissolved
    }

    pub(super) fn end_if_drained(&mut self, ctx: &mut Context<Self>) {
        if self.is_ending() && self.on_the_way == 0 {
            self.idle.drain(..).for_each(Carrier::close);
            self.draining = None; // dropping the answers tells
            ctx.stop();
        }
    }
}
