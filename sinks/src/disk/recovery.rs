//! Recovery: reads all segments in their order and decides, where no frame follows, what that means.
//!
//! A frame that is missing though a later one knew it synced is *damage*: it is set aside, loudly, and the rest goes on.
//! If no later one knew it, power went away before it was synced: the log is *cut* there, and whatever lies behind, even
//! whole frames, does not exist. A segment that is missing was freed, which proves that all before it was synced.

use std::{io, sync::Arc};

use postrider_engine::OpenFile;
use tracing::error;

use super::{
    frame::{Frame, HEADER, VERSION},
    replay::{Damage, Replay},
    scan::{At, Scan},
    segment::segment_name,
    settings::{Doing, OpenError},
};

/// A segment that was found, by its sequence.
pub(super) struct Found {
    pub sequence: u64,
    pub file: Arc<dyn OpenFile>,
}

/// A place in the log: which of the segments found, and octets from its beginning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Spot {
    pub index: usize,
    pub offset: u64,
}

/// Where the log ends.
#[derive(Debug, Default)]
pub(super) struct End {
    /// Where the next frame would go; it may only if nothing was cut.
    pub spot: Spot,
    /// Something was cut: the place itself, if anything lies there, and every whole frame behind.
    pub cut: Vec<Spot>,
    /// The highest number of a frame, cut or not.
    pub highest: u64,
}

/// Reads the log.
pub(super) struct Recovery<'a> {
    salt: u64,
    segments: &'a [Found],
    pub replay: Replay,
    pub damage: Vec<(Damage, Spot, Spot)>,
    /// All whole frames behind the first place where none followed.
    later: Option<Vec<(Spot, Frame)>>,
    spot: Spot,
    /// How many segments are in use.
    opened: usize,
    scan: Option<(usize, Scan)>,
}

/// What comes where no frame follows.
enum Next {
    Frame(Spot, Frame),
    End,
}

impl<'a> Recovery<'a> {
    /// Reads these segments, which are in the order of their sequences.
    pub fn new(salt: u64, segments: &'a [Found]) -> Self {
        let mut replay = Replay { next_id: 1, ..Replay::default() };
        replay.last = segments.first().is_none_or(|first| first.sequence == 1).then_some(0);
        Recovery {
            salt,
            segments,
            replay,
            damage: Vec::new(),
            later: None,
            spot: Spot::default(),
            opened: 0,
            scan: None,
        }
    }

    fn name(&self, index: usize) -> String {
        self.segments.get(index).map_or_else(String::new, |found| segment_name(found.sequence))
    }

    fn scan(&mut self, index: usize) -> io::Result<&mut Scan> {
        let memory = match self.scan.take() {
            Some((at, scan)) if at == index => return Ok(&mut self.scan.insert((index, scan)).1),
            Some((_, scan)) => scan.into_memory(),
            None => Vec::new(),
        };
        let found = &self.segments[index];
        let scan = Scan::new(self.salt, found.sequence, Arc::clone(&found.file), memory)?;
        Ok(&mut self.scan.insert((index, scan)).1)
    }

    fn at(&mut self, spot: Spot) -> Result<At, OpenError> {
        if spot.index >= self.segments.len() {
            return Ok(At::Clean);
        }
        let name = self.name(spot.index);
        let at = self.scan(spot.index).and_then(|scan| scan.at(spot.offset)).doing("read", &name)?;
        match at {
            At::Version(found) => Err(OpenError::LaterVersion { found, known: VERSION, place: name }),
            at => Ok(at),
        }
    }

    /// Segments were freed before this one.
    fn gap_before(&self, index: usize) -> bool {
        let before = index.checked_sub(1).and_then(|before| self.segments.get(before));
        let (before, this) = (before.map_or(0, |found| found.sequence), self.segments.get(index));
        this.is_some_and(|found| found.sequence != before + 1)
    }

    /// Reads everything and says where it ends.
    pub fn run(&mut self) -> Result<End, OpenError> {
        while self.spot.index < self.segments.len() {
            let at = self.at(self.spot)?;
            let (spot, frame) = match (at, self.replay.last) {
                (At::Frame(frame), last) if last.is_none_or(|last| frame.previous == last) => (self.spot, frame),
                (at, _) => match self.search(at)? {
                    Next::Frame(spot, frame) => (spot, frame),
                    Next::End => return self.end(at),
                },
            };
            self.take(spot, &frame)?;
        }
        self.end(At::Clean)
    }

    /// The segments up to this one are in use: it has a frame.
    fn open_through(&mut self, index: usize) -> Result<(), OpenError> {
        while self.opened <= index {
            let name = self.name(self.opened);
            let scan = self.scan(self.opened).doing("read", &name)?;
            let (sequence, size) = (scan.sequence, scan.size);
            self.replay.ledger.open(sequence, size);
            self.opened += 1;
        }
        Ok(())
    }

    fn take(&mut self, spot: Spot, frame: &Frame) -> Result<(), OpenError> {
        self.open_through(spot.index)?;
        let name = self.name(spot.index);
        self.scan(spot.index).doing("read", &name)?;
        let Some((_, scan)) = &mut self.scan else { return Ok(()) };
        let body = scan.body(spot.offset, frame).doing("read", &name)?;
        self.replay.add(frame, spot.offset, body)?;
        self.spot = Spot { index: spot.index, offset: spot.offset + HEADER as u64 + u64::from(frame.length) };
        Ok(())
    }

    /// The frame that comes next though it does not follow at once.
    fn search(&mut self, at: At) -> Result<Next, OpenError> {
        let (last, next) = (self.replay.last, Spot { index: self.spot.index + 1, offset: 0 });
        if let (At::Clean, At::Frame(frame)) = (at, self.at(next)?) {
            let freed = self.gap_before(next.index) && last.is_none_or(|last| frame.previous > last);
            if Some(frame.previous) == last || (freed && self.is_rest_empty()?) {
                return Ok(Next::Frame(next, frame));
            }
        }
        let later = self.later(at)?;
        if let Some((spot, frame)) = later.iter().find(|(_, frame)| Some(frame.previous) == last) {
            return Ok(Next::Frame(*spot, *frame));
        }
        let Some((spot, frame)) = later.first().copied() else { return Ok(Next::End) };
        let known = later.iter().map(|(spot, frame)| self.witness(*spot, frame)).max().unwrap_or(0);
        let missing = known.min(frame.previous).saturating_sub(last.unwrap_or(frame.previous.saturating_sub(1)));
        if missing > 0 {
            self.damaged(missing, spot);
        }
        Ok(if known >= frame.previous { Next::Frame(spot, frame) } else { Next::End })
    }

    /// No frame lies behind the spot at hand in its segment.
    fn is_rest_empty(&mut self) -> Result<bool, OpenError> {
        let (Spot { index, offset }, name) = (self.spot, self.name(self.spot.index));
        let next = self.scan(index).and_then(|scan| scan.next_from(offset)).doing("read", &name)?;
        Ok(next.is_none())
    }

    /// Up to which number this frame knows the log to be synced.
    fn witness(&self, spot: Spot, frame: &Frame) -> u64 {
        let freed = spot.offset == 0 && spot.index > self.spot.index && self.gap_before(spot.index);
        if freed {
            frame.synced_through.max(frame.previous)
        } else {
            frame.synced_through
        }
    }

    fn damaged(&mut self, frames: u64, until: Spot) {
        let file: Arc<str> = self.name(self.spot.index).into();
        let offset = self.spot.offset;
        error!(%file, offset, frames, "the spool is damaged: what was written there is lost; a copy is set aside");
        self.damage.push((Damage { file, offset, frames }, self.spot, until));
    }

    /// All whole frames behind the spot at hand.
    fn later(&mut self, at: At) -> Result<Vec<(Spot, Frame)>, OpenError> {
        let all = match self.later.take() {
            Some(all) => all,
            None => self.all_later(at)?,
        };
        let behind: Vec<_> = all.iter().filter(|(spot, _)| *spot >= self.spot).copied().collect();
        self.later = Some(all);
        Ok(behind)
    }

    fn all_later(&mut self, at: At) -> Result<Vec<(Spot, Frame)>, OpenError> {
        let mut all = Vec::new();
        let mut offset = match at {
            At::Bad(skip) => self.spot.offset + skip,
            _ => self.spot.offset,
        };
        for index in self.spot.index..self.segments.len() {
            let name = self.name(index);
            while let Some((at, frame)) =
                self.scan(index).and_then(|scan| scan.next_from(offset)).doing("read", &name)?
            {
                all.push((Spot { index, offset: at }, frame));
                offset = at + HEADER as u64 + u64::from(frame.length);
            }
            offset = 0;
        }
        Ok(all)
    }

    fn end(&mut self, at: At) -> Result<End, OpenError> {
        let later = self.later(at)?;
        let highest = later.iter().map(|(_, frame)| frame.number).max();
        let highest = highest.max(self.replay.last).unwrap_or(0);
        let here = matches!(at, At::Bad(_)).then_some(self.spot);
        let mut cut: Vec<Spot> = here.into_iter().chain(later.into_iter().map(|(spot, _)| spot)).collect();
        cut.dedup();
        Ok(End { spot: self.spot, cut, highest })
    }
}
