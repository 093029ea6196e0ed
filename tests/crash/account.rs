//! The account of a test: what was promised against what arrived.

use std::collections::{HashMap, HashSet};

use crate::daemon::{
    load::{recognised, Promise},
    sink::Taken,
};

/// What arrived, by the test's names.
#[derive(Default)]
pub struct Account {
    arrived: HashMap<String, Vec<u64>>,
}

impl Account {
    /// Books what the next hop has taken.
    pub fn take(&mut self, taken: Vec<Taken>) {
        for mail in taken {
            let (id, sum) = recognised(&mail).expect("every mail that arrives is one of this test's");
            self.arrived.entry(id).or_default().push(sum);
        }
    }

    /// Different mails that arrived.
    pub fn mails(&self) -> usize {
        self.arrived.len()
    }

    /// Whether all of these are here.
    pub fn has_all(&self, promises: &[Promise]) -> bool {
        promises.iter().all(|promise| self.arrived.contains_key(&promise.id))
    }

    /// Names of the mails that arrived more than once.
    pub fn repeated(&self) -> Vec<&str> {
        self.arrived.iter().filter(|(_, sums)| sums.len() > 1).map(|(id, _)| id.as_str()).collect()
    }

    /// Every promised mail is here, as it was sent.
    ///
    /// # Panics
    /// Names the first that are not.
    pub fn settle(&self, promises: &[Promise]) {
        let arrived = |promise: &Promise| self.arrived.get(&promise.id);
        let lost: Vec<_> = promises.iter().filter(|promise| arrived(promise).is_none()).collect();
        assert!(lost.is_empty(), "{} of {} promised are lost: {:?} …", lost.len(), promises.len(), first(&lost));
        let same = |promise: &Promise| arrived(promise).is_some_and(|sums| sums.iter().all(|sum| *sum == promise.sum));
        let changed: Vec<_> = promises.iter().filter(|promise| !same(promise)).collect();
        assert!(changed.is_empty(), "{} were changed: {:?} …", changed.len(), first(&changed));
    }

    /// Every mail that arrived twice was marked as one that might.
    ///
    /// # Panics
    /// Names the first that were not.
    pub fn explain(&self, promises: &[Promise], log: &str) -> usize {
        let (marked, names) = (marked(log), names(promises, log));
        let explained = |id: &str| names.get(id).is_some_and(|queued_as| marked.contains(queued_as));
        let repeated = self.repeated();
        let unmarked: Vec<_> = repeated.iter().filter(|id| !explained(id)).map(|id| (id, names.get(*id))).collect();
        assert!(unmarked.is_empty(), "{} of {} duplicates were not marked: {:?} …", unmarked.len(), repeated.len(), {
            first(&unmarked)
        });
        repeated.len()
    }
}

fn first<T>(all: &[T]) -> &[T] {
    &all[..all.len().min(5)]
}

/// Mails of which the log says that they were perhaps delivered, by the queue's names.
pub fn marked(log: &str) -> HashSet<&str> {
    let lines = log.lines().filter(|line| line.contains(" WARN ") && line.contains("perhaps delivered: "));
    lines.filter_map(|line| field(line, "id=")).collect()
}

/// From the test's names to the queue's: from the promises, and for mails that were taken without one from the
/// attempts in the log.
fn names<'a>(promises: &'a [Promise], log: &'a str) -> HashMap<&'a str, &'a str> {
    let attempts = log.lines().filter_map(|line| {
        let id = field(line, "to=\"").or_else(|| field(line, "to="))?.split_once('@')?.0;
        Some((id, field(line, "id=")?))
    });
    let promised = promises.iter().map(|promise| (promise.id.as_str(), promise.queued_as.as_str()));
    attempts.chain(promised).collect()
}

fn field<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let at = line.match_indices(name).find(|(at, _)| line[..*at].ends_with(' '))?.0 + name.len();
    line[at..].split([' ', '"']).next()
}
