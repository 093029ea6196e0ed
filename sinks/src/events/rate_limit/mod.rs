//! Limits how much comes from a client's network, a sender or somebody who has signed in, and how much goes to a recipient.
//!
//! Rule: it puts off, and never refuses for good; whoever is put off hears how long to wait. Who comes at the allowed rate
//! never notices. What is remembered has a limit, and goes when it means nothing any more.

#[cfg(test)]
mod tests;

use std::{net::IpAddr, num::NonZeroU32, time::Duration};

use governor::{
    clock::Clock,
    middleware::NoOpMiddleware,
    state::{InMemoryState, NotKeyed},
    Quota, RateLimiter,
};
use postrider_engine::{
    events::{BeforeCommit, Command, EndOfData, MailFrom, Message, RcptTo, Sink, Submission, Verdict},
    Address, Peer, RcptNo, Reply,
};
use thiserror::Error;

use super::{
    aged::Aged,
    network::{network_of, V4_BITS, V6_BITS},
    time::since_start,
};

/// Those of whom one rate remembers something, by default: some 200 octets each.
pub const RATE_KEYS: usize = 100_000;

const TOO_FAST: Reply = Reply::new(451, 7, 1, "");
/// The mailbox does not take more now; another recipient may (RFC 3463, 3.3).
const TOO_MUCH_FOR_ONE: Reply = Reply::new(450, 2, 1, "");

/// By what is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RateBy {
    /// The client's network.
    Network,
    /// The reverse-path, without regard to case. The null one is nobody's, and not counted.
    Sender,
    /// Who the client has proved to be (AUTH).
    Identity,
    /// Each recipient, without regard to case.
    Recipient,
}

/// So much within so long: at once, if nothing came before, and then evenly.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    /// By what is counted.
    pub by: RateBy,
    /// Mails, or recipients: as the event is that it is bound to.
    pub most: u32,
    /// Within this time.
    pub within: Duration,
}

/// The rates that a sink keeps.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RateLimitSettings {
    /// All hold.
    pub rates: Vec<Rate>,
    /// Leading bits of an IPv4 address that are one network; 24.
    pub v4_bits: u8,
    /// The same for IPv6; 64.
    pub v6_bits: u8,
    /// Of so many each rate remembers something; those who came least recently are forgotten.
    pub keys: usize,
    /// A clock that never goes back.
    pub now: fn() -> Duration,
}

impl Default for RateLimitSettings {
    fn default() -> Self {
        let (v4_bits, v6_bits, now) = (V4_BITS, V6_BITS, since_start);
        RateLimitSettings { rates: Vec::new(), v4_bits, v6_bits, keys: RATE_KEYS, now }
    }
}

/// What is wrong with the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RateLimitError {
    /// Nothing would ever pass.
    #[error("a rate lets 1 or more pass")]
    Nothing,
    /// There would be no limit.
    #[error("the time of a rate must be as many nanoseconds as it lets pass, or more")]
    NoTime,
    /// Nobody could be remembered.
    #[error("keys must be 1 or more")]
    NoKeys,
}

/// Puts off what comes too fast (451 4.7.1; for one recipient 450 4.2.1). Bind it with a pool of 1, to one event:
/// `mail_from` counts mails, `rcpt_to` recipients of the client, `submission` mails of all doors.
pub struct RateLimit {
    settings: RateLimitSettings,
    rates: Vec<(Rate, Quota, Aged<String, Bucket>)>,
}

/// The rate of one key, and when it was asked last.
struct Bucket {
    limiter: RateLimiter<NotKeyed, InMemoryState, Ticks, NoOpMiddleware<Duration>>,
    used: Duration,
}

#[derive(Clone, Copy)]
struct Ticks(fn() -> Duration);

impl Clock for Ticks {
    type Instant = Duration;

    fn now(&self) -> Duration {
        (self.0)()
    }
}

/// Who does something.
struct Who<'a> {
    ip: Option<IpAddr>,
    identity: Option<&'a str>,
    sender: Option<&'a Address>,
    recipient: Option<&'a Address>,
}

impl<'a> Who<'a> {
    fn new(peer: &'a Peer, sender: Option<&'a Address>, recipient: Option<&'a Address>) -> Self {
        Who { ip: peer.ip, identity: peer.identity.as_deref(), sender, recipient }
    }
}

impl Clone for RateLimit {
    /// Another guest with the same rates: it remembers nothing yet.
    fn clone(&self) -> Self {
        let fresh = |(rate, quota, _): &(Rate, Quota, _)| (*rate, *quota, Aged::new(self.settings.keys));
        RateLimit { settings: self.settings.clone(), rates: self.rates.iter().map(fresh).collect() }
    }
}

impl RateLimit {
    /// A sink with these rates.
    ///
    /// # Errors
    /// [`RateLimitError`] says what makes no sense.
    pub fn new(settings: RateLimitSettings) -> Result<Self, RateLimitError> {
        if settings.keys == 0 {
            return Err(RateLimitError::NoKeys);
        }
        let rate = |rate: &Rate| {
            let most = NonZeroU32::new(rate.most).ok_or(RateLimitError::Nothing)?;
            let quota = Quota::with_period(rate.within / rate.most).ok_or(RateLimitError::NoTime)?.allow_burst(most);
            Ok((*rate, quota, Aged::new(settings.keys)))
        };
        let rates = settings.rates.iter().map(rate).collect::<Result<_, _>>()?;
        Ok(RateLimit { settings, rates })
    }

    fn key(&self, by: RateBy, who: &Who<'_>) -> Option<String> {
        let text = |address: Option<&Address>| address.map(|address| address.as_str().to_lowercase());
        match by {
            RateBy::Network => {
                who.ip.map(|ip| network_of(ip, self.settings.v4_bits, self.settings.v6_bits).to_string())
            }
            RateBy::Sender => text(who.sender),
            RateBy::Identity => who.identity.map(str::to_owned),
            RateBy::Recipient => text(who.recipient),
        }
    }

    /// Counts it for the rates by what `of` says, and says how long to wait, by the longest.
    fn count(&mut self, who: &Who<'_>, of: impl Fn(RateBy) -> bool) -> Option<(RateBy, Duration)> {
        let clock = Ticks(self.settings.now);
        let mut waits = Vec::new();
        for at in 0..self.rates.len() {
            let by = self.rates[at].0.by;
            let Some(key) = self.key(by, who).filter(|_| of(by)) else { continue };
            let (rate, quota, buckets) = &mut self.rates[at];
            let (quota, now) = (*quota, clock.now());
            // Who has not come for so long may send as much as a stranger.
            buckets.expire(|bucket| bucket.used + rate.within <= now);
            let limiter = buckets.take(&key).map(|bucket| bucket.limiter);
            let limiter = limiter.unwrap_or_else(|| RateLimiter::direct_with_clock(quota, clock));
            waits.extend(limiter.check().err().map(|until| (by, until.wait_time_from(now))));
            buckets.put(key, Bucket { limiter, used: now });
        }
        waits.into_iter().max_by_key(|(_, wait)| *wait)
    }

    fn mail<E: BeforeCommit>(&mut self, mut mail: Message<E>) -> Verdict<E> {
        let envelope = mail.envelope();
        let all = Who::new(&envelope.peer, envelope.sender.as_ref(), None);
        if let Some(wait) = self.count(&all, |by| by != RateBy::Recipient) {
            return mail.reject(reply(wait));
        }
        let mut refused: Vec<(RcptNo, Reply)> = Vec::new();
        for (no, recipient) in envelope.recipients.iter() {
            let one = Who::new(&envelope.peer, None, Some(&recipient.address));
            let wait = self.count(&one, |by| by == RateBy::Recipient);
            refused.extend(wait.map(|wait| (no, reply(wait))));
        }
        if let (true, Some((_, reply))) = (refused.len() == envelope.recipients.len(), refused.first()) {
            return mail.reject(reply.clone());
        }
        refused.into_iter().for_each(|(no, reply)| mail.refuse(no, reply));
        mail.next()
    }
}

fn reply((by, wait): (RateBy, Duration)) -> Reply {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    match by {
        RateBy::Recipient => TOO_MUCH_FOR_ONE
            .with_text(format!("This recipient gets too much mail at once: try again in {seconds} seconds")),
        _ => TOO_FAST.with_text(format!("Too much at once: try again in {seconds} seconds")),
    }
}

impl Sink<MailFrom> for RateLimit {
    async fn on(&mut self, mut command: Command<MailFrom>) -> Verdict<MailFrom> {
        if command.reply().is_none_or(Reply::is_positive) {
            let who = Who::new(&command.caller().peer, command.sender().flatten(), None);
            if let Some(wait) = self.count(&who, |_| true) {
                command.refuse(reply(wait));
            }
        }
        command.next()
    }
}

impl Sink<RcptTo> for RateLimit {
    async fn on(&mut self, mut command: Command<RcptTo>) -> Verdict<RcptTo> {
        if command.reply().is_none_or(Reply::is_positive) {
            let who = Who::new(&command.caller().peer, command.sender().flatten(), command.recipient());
            if let Some(wait) = self.count(&who, |_| true) {
                command.refuse(reply(wait));
            }
        }
        command.next()
    }
}

impl Sink<EndOfData> for RateLimit {
    async fn on(&mut self, mail: Message<EndOfData>) -> Verdict<EndOfData> {
        self.mail(mail)
    }
}

impl Sink<Submission> for RateLimit {
    async fn on(&mut self, mail: Message<Submission>) -> Verdict<Submission> {
        self.mail(mail)
    }
}
