//! The pool: files that wait to become segments, one of them reserved.
//!
//! As long as new mail is accepted, space is left for what the ends of all mails will take, and two segments beside: one for
//! moves, whatever they move, and one for what is written meanwhile. So facts can always be written, and moving wins back what
//! they have finished. Our own reports leave these two alone as long as moving wins anything.

use std::{
    io,
    sync::{mpsc, Arc},
};

use postrider_engine::{Claim, Files};

use super::{
    counters::Counters,
    janitor::{prepare, Task},
    segment::{free_name, segment_name, Ready, Segment, LOG},
    settings::Settings,
};

/// What the facts of one mail take, up to its end, roughly: that it failed and why, and that its sender was told.
const FACTS_OF_A_MAIL: u64 = 512;
/// Segments that our own mail leaves alone.
const LEFT: usize = 2;

/// Files that wait to become segments. Owned by the log's thread.
pub(super) struct Pool {
    files: Arc<dyn Files>,
    settings: Settings,
    counters: Arc<Counters>,
    tasks: mpsc::Sender<Task>,
    ready: Vec<Ready>,
    /// Files that the janitor is preparing, or gives back when their segments are freed.
    coming: usize,
    /// Preparing failed for want of space, and no segment was freed since.
    full: bool,
    /// What was refused last, and has not found room since.
    pressed: Option<Claim>,
    /// What the facts of all mails will take.
    facts: u64,
    next_name: u64,
    next_sequence: u64,
}

impl Pool {
    /// A pool with what was found waiting. Names and sequences from these numbers on were never given.
    pub fn new(
        (files, settings, counters): (Arc<dyn Files>, Settings, Arc<Counters>),
        tasks: mpsc::Sender<Task>,
        ready: Vec<Ready>,
        (next_name, next_sequence): (u64, u64),
    ) -> Self {
        counters.ready.set(ready.len() as u64);
        Pool {
            files,
            settings,
            counters,
            tasks,
            ready,
            coming: 0,
            full: false,
            pressed: None,
            facts: 0,
            next_name,
            next_sequence,
        }
    }

    /// There are so many mails, each of which will come to an end.
    pub fn keep_room_for(&mut self, mails: usize) {
        self.facts = FACTS_OF_A_MAIL.saturating_mul(mails as u64);
    }

    /// Mail from outside leaves so many octets, in files that wait and on the disk: for two segments, and for facts.
    fn floor(&self) -> u64 {
        let Settings { segment_octets, min_free_octets, .. } = self.settings;
        segment_octets.saturating_add(min_free_octets.max(segment_octets)).saturating_add(self.facts)
    }

    /// What there is.
    fn stock(&self) -> io::Result<u64> {
        Ok(self.files.free_octets()?.saturating_add(self.waiting_octets()))
    }

    /// New mail may be written where there is room for it: the reserve is whole, and the disk above its floor.
    pub fn may_accept(&mut self) -> io::Result<bool> {
        Ok(self.stock()? >= self.floor() && self.ensure(1, false)?)
    }

    /// A segment for new mail with at least so much space; none if it would be the reserve's, or above a limit.
    pub fn take_for_mail(&mut self, octets: u64) -> io::Result<Option<Segment>> {
        let taken = octets.max(self.settings.segment_octets);
        if self.stock()? >= self.floor().saturating_add(taken) && self.ensure(2, true)? {
            self.take(octets)
        } else {
            Ok(None)
        }
    }

    /// Our own mail may be written where it fits if the two segments are there that are left. If moving wins nothing, one must
    /// do, or half of one: what is reported gives its space back.
    pub fn may_spare(&mut self, left: u64, is_last_hope: bool) -> io::Result<bool> {
        let half = is_last_hope && left >= self.settings.segment_octets / 2;
        Ok(half || self.ensure(if is_last_hope { 1 } else { LEFT }, false)?)
    }

    /// A segment for our own mail: one beside the two that are left, or, if moving wins nothing, half of one of these.
    pub fn take_to_spare(&mut self, octets: u64, is_last_hope: bool) -> io::Result<Option<Segment>> {
        let half = is_last_hope && octets <= self.settings.segment_octets / 2;
        if half || self.ensure(1 + LEFT, false)? {
            self.take_reserved(octets)
        } else {
            Ok(None)
        }
    }

    /// A segment for what is never refused; none if the disk is full to the last.
    pub fn take_reserved(&mut self, octets: u64) -> io::Result<Option<Segment>> {
        if self.ensure(1, false)? {
            self.take(octets)
        } else {
            Ok(None)
        }
    }

    /// Makes sure that so many files wait; within the limits of the settings, if `limited`.
    fn ensure(&mut self, count: usize, limited: bool) -> io::Result<bool> {
        while self.ready.len() < count {
            if limited && !self.within_limits()? {
                return Ok(false);
            }
            let (name, octets) = (self.new_name(), self.settings.segment_octets);
            let Some(file) = prepare(self.files.as_ref(), &name, octets)? else {
                self.full = true;
                return Ok(false);
            };
            self.counters.log_octets.add(octets);
            self.add(Ready { name, file, octets });
        }
        Ok(true)
    }

    /// The spool may take one more segment of the disk.
    fn leaves_room(&self) -> bool {
        let Settings { segment_octets, max_octets, .. } = self.settings;
        let used = self.counters.log_octets.get() + self.counters.side_octets.get();
        used.saturating_add(segment_octets) <= max_octets
    }

    /// One more segment stays within the limits.
    fn within_limits(&self) -> io::Result<bool> {
        let segment_octets = self.settings.segment_octets;
        Ok(self.leaves_room() && self.stock()? >= self.floor().saturating_add(segment_octets))
    }

    /// Gives a waiting file its sequence, durably.
    fn take(&mut self, octets: u64) -> io::Result<Option<Segment>> {
        let Some(ready) = self.ready.last_mut() else { return Ok(None) };
        if ready.octets < octets {
            match ready.file.reserve(octets) {
                Err(error) if super::janitor::is_full(&error) => return Ok(None),
                reserved => reserved?,
            }
            self.counters.log_octets.add(octets - ready.octets);
            ready.octets = octets;
        }
        let Some(Ready { name, file, octets }) = self.ready.pop() else { return Ok(None) };
        self.counters.ready.set(self.ready.len() as u64);
        let sequence = self.next_sequence;
        self.next_sequence += 1;
        self.files.rename(&name, &segment_name(sequence))?;
        self.files.sync_folder(LOG)?;
        Ok(Some(Segment { sequence, file, octets, end: 0 }))
    }

    fn new_name(&mut self) -> String {
        self.next_name += 1;
        free_name(self.next_name - 1)
    }

    fn wanted(&self) -> usize {
        1 + self.settings.prepared_segments
    }

    /// A file waits.
    pub fn add(&mut self, ready: Ready) {
        // Filled ones are at the end: they are taken first.
        self.ready.push(ready);
        self.counters.ready.set(self.ready.len() as u64);
    }

    /// The janitor has prepared a file, or found no space for one.
    pub fn prepared(&mut self, ready: Option<Ready>) {
        self.coming = self.coming.saturating_sub(1);
        match ready {
            Some(ready) => self.add(ready),
            None => {
                self.counters.log_octets.sub(self.settings.segment_octets);
                self.full = true;
            }
        }
    }

    /// Has the janitor prepare what is wanted and not there.
    pub fn prepare_ahead(&mut self) -> io::Result<()> {
        while !self.full && self.ready.len() + self.coming < self.wanted() && self.within_limits()? {
            let Settings { segment_octets: octets, fill_segments: fill, .. } = self.settings;
            self.counters.log_octets.add(octets);
            self.coming += 1;
            let name = self.new_name();
            let _ = self.tasks.send(Task::Prepare { name, octets, fill });
        }
        Ok(())
    }

    /// Has the janitor free these segments of so many octets, and keep those that will be wanted.
    pub fn free(&mut self, segments: Vec<(u64, u64)>) {
        let mut there = self.ready.len() + self.coming;
        let most = self.wanted() + usize::from(self.leaves_room());
        let mut kept = |(sequence, octets): (u64, u64)| {
            let keep = octets == self.settings.segment_octets && there < most;
            there += usize::from(keep);
            (sequence, octets, keep)
        };
        let kept: Vec<_> = segments.into_iter().map(&mut kept).collect();
        let mut free = Vec::new();
        for (sequence, octets, keep) in kept {
            if !keep {
                self.counters.log_octets.sub(octets);
            }
            self.coming += usize::from(keep);
            free.push((sequence, keep.then(|| (self.new_name(), octets))));
        }
        let _ = self.tasks.send(Task::Free(free));
    }

    /// Segments were freed: there may be space again. Mail from outside tries anew; for what is ours moving goes on until there
    /// is enough.
    pub fn freed(&mut self, ready: Vec<Ready>) -> io::Result<()> {
        self.full = false;
        self.coming = self.coming.saturating_sub(ready.len());
        ready.into_iter().for_each(|ready| self.add(ready));
        let has_enough = match self.pressed {
            None => return Ok(()), // nothing is short: the janitor prepares what is wanted, and no more
            Some(Claim::Free) => true,
            Some(_) => self.is_relieved()? && self.ensure(1 + LEFT, false)?,
        };
        if has_enough {
            self.pressed = None;
        }
        Ok(())
    }

    /// Facts have left half of what was kept for them.
    fn is_relieved(&self) -> io::Result<bool> {
        Ok(self.stock()? >= self.floor() - self.facts / 2)
    }

    /// Facts have taken a segment. When they have had half of what was kept for them, moving begins to win it back; and the
    /// two segments that are left for that are to be there before something else takes the space.
    pub fn was_taken_for_facts(&mut self) -> io::Result<()> {
        if !self.is_relieved()? {
            self.press(Claim::Spare);
            self.ensure(LEFT, false)?;
        }
        Ok(())
    }

    /// Facts have taken of the two segments that are left, and there is no space for others.
    pub fn is_short(&self) -> bool {
        let missing = LEFT.saturating_sub(self.ready.len()) as u64;
        let needed = missing * self.settings.segment_octets;
        missing > 0 && (self.full || self.files.free_octets().is_ok_and(|free| free < needed))
    }

    /// The janitor has yet to say what came of some file.
    pub fn is_preparing(&self) -> bool {
        self.coming > 0
    }

    /// A file waits.
    pub fn has_one(&self) -> bool {
        !self.ready.is_empty()
    }

    /// Octets in the files that wait.
    pub fn waiting_octets(&self) -> u64 {
        self.ready.iter().map(|ready| ready.octets).sum()
    }

    /// Something was refused for want of space.
    pub fn press(&mut self, claim: Claim) {
        self.pressed = self.pressed.max(Some(claim));
    }

    /// The strongest claim that was refused since a segment was freed.
    pub fn pressed(&self) -> Option<Claim> {
        self.pressed
    }
}
