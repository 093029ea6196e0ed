//! Greylisting (RFC 6647): whoever writes to somebody for the first time is asked to come again, which programs that send
//! unwanted mail seldom do.
//!
//! Rule: nobody waits twice for the same, nobody who is known waits, and no trouble of this list costs a mail: what cannot
//! be remembered is at worst asked to come again.

mod file;
mod line;
mod table;
#[cfg(test)]
mod tests;

use std::{path::PathBuf, time::Duration};

use ipnet::IpNet;
use postrider_engine::{
    events::{Command, RcptTo, Sink, Verdict},
    Address, Moment, Reply,
};
use thiserror::Error;
use tracing::error;

use self::{
    file::Lines,
    table::{Answer, Table, Terms, Triplet},
};
use super::{
    network::{has, network_of, V4_BITS, V6_BITS},
    time::{wall_clock, Now},
};

/// Entries of each table by default: some 200 octets each.
pub const GREYLIST_ENTRIES: usize = 100_000;
/// Lines that wait to be written when the disk does not take them; what is beyond is forgotten at the next restart.
const MOST_PENDING: usize = 1 << 20;

/// How long it is kept in memory only before its folder is tried again.
const RETRY_OPEN: Duration = Duration::from_secs(60);

const LATER: Reply = Reply::new(451, 7, 1, "Greylisted: please try again");

/// How long things take, and where they are remembered.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct GreylistSettings {
    /// Where the file is; the folder is made. Each greylist needs its own.
    pub folder: PathBuf,
    /// How long a stranger has to wait; 5 min.
    pub delay: Duration,
    /// How long they may take to come again; 2 days.
    pub retry_until: Duration,
    /// How long somebody is known after the last mail; 36 days, so a monthly mail never waits.
    pub keep: Duration,
    /// A client's network is known when so many of its triplets came again; 10. With 0 no network ever is.
    pub successes: u32,
    /// Leading bits of an IPv4 address that are one client; 24, for services that send from a range.
    pub v4_bits: u8,
    /// The same for IPv6; 64.
    pub v6_bits: u8,
    /// Triplets that wait, that are known, and networks: so many of each; the oldest go.
    pub entries: usize,
    /// Networks whose mail never waits.
    pub exempt: Vec<IpNet>,
    /// How long it is at least from one write to the next; 1 s. What waits is written with the next recipient or at the
    /// end, and a crash before forgets it.
    pub save_after: Duration,
    /// Tells the time.
    pub now: Now,
}

impl GreylistSettings {
    /// The defaults, remembered in this folder.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        GreylistSettings {
            folder: folder.into(),
            delay: Duration::from_secs(300),
            retry_until: Duration::from_secs(2 * 86_400),
            keep: Duration::from_secs(36 * 86_400),
            successes: 10,
            v4_bits: V4_BITS,
            v6_bits: V6_BITS,
            entries: GREYLIST_ENTRIES,
            exempt: Vec::new(),
            save_after: Duration::from_secs(1),
            now: wall_clock,
        }
    }

    fn terms(&self) -> Terms {
        let GreylistSettings { delay, retry_until, keep, successes, entries, .. } = *self;
        Terms { delay, retry_until, keep, successes, most: entries }
    }
}

/// What is wrong with the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum GreylistError {
    /// Nobody could ever come in.
    #[error("retry_until must be longer than delay")]
    Never,
    /// Nobody could be remembered.
    #[error("entries must be 1 or more")]
    NoEntries,
}

/// Asks strangers at RCPT TO to come again (451 4.7.1). Bind it with a pool of 1: it is one memory.
///
/// Clients that have proved who they are, and those without an address, never wait, nor do recipients whom the service
/// refuses anyway.
#[derive(Debug)]
pub struct Greylist {
    settings: GreylistSettings,
    state: Option<State>,
}

/// What is remembered. It goes to a thread that may wait for a disk, and comes back.
#[derive(Debug)]
struct State {
    table: Table,
    lines: Option<Lines>,
    /// Lines that are not written yet.
    pending: String,
    /// When it was written last.
    saved: Moment,
    /// When its folder was tried last.
    opened: Moment,
}

impl Clone for Greylist {
    /// Another guest, which takes the place of one that has ended: it reads the file anew.
    fn clone(&self) -> Self {
        Greylist { settings: self.settings.clone(), state: None }
    }
}

impl Greylist {
    /// A greylist that reads its file at its first recipient.
    ///
    /// # Errors
    /// [`GreylistError`]: the settings make no sense.
    pub fn new(settings: GreylistSettings) -> Result<Self, GreylistError> {
        match () {
            () if settings.retry_until <= settings.delay => Err(GreylistError::Never),
            () if settings.entries == 0 => Err(GreylistError::NoEntries),
            () => Ok(Greylist { settings, state: None }),
        }
    }

    fn triplet(&self, command: &Command<RcptTo>) -> Option<Triplet> {
        let peer = &command.caller().peer;
        let ip = peer.ip.filter(|ip| peer.identity.is_none() && !has(&self.settings.exempt, *ip))?;
        let network = network_of(ip, self.settings.v4_bits, self.settings.v6_bits);
        let text = |address: &Address| address.as_str().to_lowercase();
        let sender = command.sender()?.map(text).unwrap_or_default();
        Some(Triplet { network, sender, recipient: text(command.recipient()?) })
    }

    async fn state(&mut self, now: Moment) -> &mut State {
        let state = match self.state.take() {
            Some(state) if state.lines.is_some() || state.opened + RETRY_OPEN > now => state,
            old => self.open(now, old).await,
        };
        self.state.insert(state)
    }

    /// Reads the file; what was kept in memory meanwhile counts more.
    async fn open(&self, now: Moment, old: Option<State>) -> State {
        let (folder, terms) = (self.settings.folder.clone(), self.settings.terms());
        let opened = tokio::task::spawn_blocking(move || file::open(&folder, terms, now)).await;
        let (mut table, lines) = opened.unwrap_or_else(|_| (Table::new(terms), None));
        let mut pending = String::new();
        for change in old.iter().flat_map(|old| old.table.all()) {
            pending.push_str(&line::write(&change));
            table.apply(change);
        }
        State { table, lines, pending, saved: Moment::default(), opened: now }
    }

    async fn ask(&mut self, triplet: Triplet) -> Answer {
        let (now, save_after) = ((self.settings.now)(), self.settings.save_after);
        let state = self.state(now).await;
        let State { table, pending, .. } = state;
        let answer = table.ask(triplet, now, |change| {
            if pending.len() < MOST_PENDING {
                pending.push_str(&line::write(change));
            }
        });
        if !state.pending.is_empty() && state.saved + save_after <= now {
            state.saved = now;
            self.save().await;
        }
        answer
    }

    async fn save(&mut self) {
        let Some(mut state) = self.state.take() else { return };
        let saved = tokio::task::spawn_blocking(move || {
            state.save();
            state
        });
        // Without a runtime's threads there is nothing to come back: the file is read again.
        self.state = saved.await.ok();
    }
}

impl State {
    fn save(&mut self) {
        let Some(lines) = &mut self.lines else { return self.pending.clear() };
        match lines.add(&self.pending, &self.table) {
            Ok(()) => self.pending.clear(),
            Err(trouble) => error!(%trouble, "the file of the greylist cannot be written: it is tried again"),
        }
    }
}

impl Drop for Greylist {
    /// What waits to be written is a page or two.
    fn drop(&mut self) {
        if let Some(state) = self.state.as_mut().filter(|state| !state.pending.is_empty()) {
            state.save();
        }
    }
}

impl Sink<RcptTo> for Greylist {
    async fn on(&mut self, mut command: Command<RcptTo>) -> Verdict<RcptTo> {
        let is_taken = command.reply().is_none_or(Reply::is_positive);
        let Some(triplet) = self.triplet(&command).filter(|_| is_taken) else { return command.next() };
        if let Answer::Wait(left) = self.ask(triplet).await {
            let seconds = left.as_secs().max(1);
            command.refuse(LATER.with_text(format!("Greylisted: please try again in {seconds} seconds")));
        }
        command.next()
    }
}
