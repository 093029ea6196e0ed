//! What is known of files that are not claimed: whether they still grow, and what was said about them.
//!
//! Rule: both are bounded. Who is not known is watched from now on, or spoken of again. What was said is said once; the file
//! is looked at again nevertheless, because what was wrong with it may be mended.

use std::{collections::HashMap, time::Duration};

use postrider_engine::{pickup::Tick, FileSeen};

/// Files that are watched at once. Others wait until some of these are done.
const MOST_WATCHED: usize = 10_000;
/// Files of which it is known that something was said about them.
const MOST_REPORTED: usize = 10_000;
/// A file of which something was said is looked at again after so long.
pub(super) const AGAIN: Duration = Duration::from_secs(60);
/// An empty file is one that nobody has written yet, for so long.
pub(super) const EMPTY_FOR: Duration = Duration::from_secs(600);

/// Files that may still be written.
#[derive(Default)]
pub(super) struct Watched(HashMap<String, Seen>);

struct Seen {
    version: u128,
    since: Duration,
    until: Duration,
}

impl Watched {
    /// It is not worth a look yet.
    pub fn rests(&self, name: &str, tick: Tick) -> bool {
        self.0.get(name).is_some_and(|seen| seen.until > tick.passed)
    }

    /// The file has rested long enough. A file that nobody wrote for as long, by its own time, has; one with a second name has not:
    /// its writer may be about to take that away, as those do who link into place.
    pub fn has_rested(&mut self, name: &str, file: &FileSeen, rest: Duration, tick: Tick) -> bool {
        let rest = if file.size == 0 { EMPTY_FOR } else { rest };
        let is_old =
            file.size > 0 && file.links == 1 && file.modified <= tick.now && file.modified.until(tick.now) >= rest;
        let known = self.0.get(name).filter(|seen| seen.version == file.version);
        if is_old || rest.is_zero() || known.is_some_and(|seen| seen.since + rest <= tick.passed) {
            self.0.remove(name);
            return true;
        }
        let since = known.map_or(tick.passed, |seen| seen.since);
        let until = if file.size == 0 { tick.passed + rest.min(Duration::from_secs(1)) } else { since + rest };
        if self.0.len() < MOST_WATCHED || known.is_some() {
            self.0.insert(name.to_owned(), Seen { version: file.version, since, until });
        }
        false
    }

    /// It is watched.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// It is watched no more.
    pub fn forget(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// Those that are gone are not watched.
    pub fn keep(&mut self, is_there: impl Fn(&str) -> bool) {
        self.0.retain(|name, _| is_there(name));
    }

    /// When the next of them may have rested.
    pub fn next(&self) -> Option<Duration> {
        self.0.values().map(|seen| seen.until).min()
    }
}

/// Files of which something was said, each with when it is looked at again.
#[derive(Default)]
pub(super) struct Reported(HashMap<String, Duration>);

impl Reported {
    /// Nothing was said about it yet.
    pub fn is_new(&mut self, name: &str, tick: Tick) -> bool {
        let until = tick.passed + AGAIN;
        if let Some(before) = self.0.get_mut(name) {
            *before = until;
            return false;
        }
        let has_room = self.0.len() < MOST_REPORTED;
        if has_room {
            self.0.insert(name.to_owned(), until);
        }
        has_room
    }

    /// Something was said about it.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// It is not worth a look yet.
    pub fn rests(&self, name: &str, tick: Tick) -> bool {
        self.0.get(name).is_some_and(|until| *until > tick.passed)
    }

    /// Of those that are gone nothing was said.
    pub fn keep(&mut self, is_there: impl Fn(&str) -> bool) {
        self.0.retain(|name, _| is_there(name));
    }
}

#[cfg(test)]
mod tests {
    use postrider_engine::{FileKind, Moment};

    use super::*;

    fn file(size: u64, version: u128, modified: u64) -> FileSeen {
        FileSeen { kind: FileKind::File, number: 1, links: 1, owner: 0, size, modified: Moment(modified), version }
    }

    fn at(seconds: u64) -> Tick {
        Tick { now: Moment(1_000_000 + seconds * 1000), passed: Duration::from_secs(seconds) }
    }

    #[test]
    fn a_file_that_grows_is_not_complete_and_one_that_rests_is() {
        let (mut watched, rest) = (Watched::default(), Duration::from_secs(2));
        assert!(!watched.has_rested("f", &file(5, 1, 1_000_000), rest, at(0)));
        assert!(watched.rests("f", at(1)) && !watched.rests("f", at(2)));
        assert!(!watched.has_rested("f", &file(9, 2, 1_002_000), rest, at(2)), "it has grown");
        assert!(!watched.has_rested("f", &file(9, 2, 9_000_000), rest, at(3)), "a time to come says nothing");
        assert!(watched.has_rested("f", &file(9, 2, 9_000_000), rest, at(4)));
        assert!(watched.has_rested("old", &file(9, 2, 990_000), rest, at(0)));
        assert!(watched.has_rested("any", &file(9, 2, 1_000_000), Duration::ZERO, at(0)));
    }

    #[test]
    fn a_file_with_a_second_name_is_waited_for_because_its_writer_may_link_into_place() {
        let (mut watched, rest) = (Watched::default(), Duration::from_secs(1));
        let linked = FileSeen { links: 2, ..file(9, 1, 0) };
        assert!(!watched.has_rested("f", &linked, rest, at(0)));
        assert!(watched.has_rested("f", &file(9, 2, 0), rest, at(1)), "the other name has gone");
        assert!(!watched.has_rested("g", &linked, rest, at(0)));
        assert!(watched.has_rested("g", &linked, rest, at(1)), "it stays, and is no mail");
    }

    #[test]
    fn an_empty_file_is_waited_for_and_then_given_up() {
        let (mut watched, rest) = (Watched::default(), Duration::from_secs(1));
        assert!(!watched.has_rested("f", &file(0, 1, 0), rest, at(0)));
        assert!(!watched.rests("f", at(1)), "it is looked at again soon");
        assert!(!watched.has_rested("f", &file(0, 1, 0), Duration::ZERO, at(599)));
        assert!(watched.has_rested("f", &file(0, 1, 0), rest, at(600)));
    }
}
