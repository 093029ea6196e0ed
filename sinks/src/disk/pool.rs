//! The pool: files that wait to become segments, one of them reserved.
//!
//! As long as new mail is accepted, one whole segment of space is left for facts, our own reports and moves: they can
//! always be written, and what they finish gives space back.

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

/// Files that wait to become segments. Owned by the log's thread.
pub(super) struct Pool {
    files: Arc<dyn Files>,
    settings: Settings,
    counters: Arc<Counters>,
    tasks: mpsc::Sender<Task>,
    ready: Vec<Ready>,
    /// Files that the janitor is preparing.
    coming: usize,
    /// Preparing failed for want of space, and no segment was freed since.
    full: bool,
    /// What was refused last, if no segment was freed since.
    pressed: Option<Claim>,
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
            next_name,
            next_sequence,
        }
    }

    /// New mail may be written where there is room for it: the reserve is whole, and the disk above its floor.
    pub fn may_accept(&mut self) -> io::Result<bool> {
        Ok(self.files.free_octets()? >= self.settings.min_free_octets && self.ensure(1, false)?)
    }

    /// A segment for new mail with at least so much space; none if it would be the reserve's, or above a limit.
    pub fn take_for_mail(&mut self, octets: u64) -> io::Result<Option<Segment>> {
        if self.ensure(2, true)? {
            self.take(octets)
        } else {
            Ok(None)
        }
    }

    /// Our own mail may be written if so much room is left behind it: as long as facts and moves have half a segment, or
    /// a whole one that waits, what is reported gives its space back.
    pub fn may_spare(&mut self, left: u64) -> io::Result<bool> {
        Ok(left >= self.settings.segment_octets / 2 || self.ensure(1, false)?)
    }

    /// A segment for our own mail: one beside the reserve, or, if nothing else can win space, half of the reserve.
    pub fn take_to_spare(&mut self, octets: u64, is_last_hope: bool) -> io::Result<Option<Segment>> {
        let half = is_last_hope && octets <= self.settings.segment_octets / 2;
        if self.ensure(2, false)? || half {
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

    /// One more segment stays within the limits.
    fn within_limits(&self) -> io::Result<bool> {
        let Settings { segment_octets, max_octets, min_free_octets, .. } = self.settings;
        let used = self.counters.log_octets.get() + self.counters.side_octets.get();
        let fits = used.saturating_add(segment_octets) <= max_octets;
        Ok(fits && self.files.free_octets()? >= min_free_octets.saturating_add(segment_octets))
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
        let mut kept = |(sequence, octets): (u64, u64)| {
            let keep = octets == self.settings.segment_octets && there < self.wanted() + 1;
            there += usize::from(keep);
            (sequence, octets, keep)
        };
        let kept: Vec<_> = segments.into_iter().map(&mut kept).collect();
        let mut free = Vec::new();
        for (sequence, octets, keep) in kept {
            if !keep {
                self.counters.log_octets.sub(octets);
            }
            free.push((sequence, keep.then(|| (self.new_name(), octets))));
        }
        let _ = self.tasks.send(Task::Free(free));
    }

    /// Segments were freed: there may be space again.
    pub fn freed(&mut self, ready: Vec<Ready>) {
        (self.full, self.pressed) = (false, None);
        ready.into_iter().for_each(|ready| self.add(ready));
    }

    /// Octets in the files that wait.
    pub fn waiting_octets(&self) -> u64 {
        self.ready.iter().map(|ready| ready.octets).sum()
    }

    /// A file waits.
    pub fn has_one(&self) -> bool {
        !self.ready.is_empty()
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
