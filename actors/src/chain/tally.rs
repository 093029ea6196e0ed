//! What a binding has done so far, and whether it is suspended: counted where it happens, read by whoever asks.

use std::sync::{
    atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering},
    Arc,
};

use postrider_engine::{
    events::{Fault, Kind},
    BindingSettings,
};
use tracing::{error, info, warn};

/// Counts of one binding.
#[derive(Debug, Default)]
pub struct Tally {
    served: AtomicU64,
    faults: AtomicU64,
    in_a_row: AtomicU32,
    in_hand: AtomicUsize,
    suspended: AtomicBool,
}

/// A binding as it is now.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct BindingStatus {
    /// What it says.
    pub settings: BindingSettings,
    /// The events that it takes part in.
    pub events: Vec<Kind>,
    /// How many it has served.
    pub served: u64,
    /// How often it has failed.
    pub faults: u64,
    /// How often in a row, up to now.
    pub faults_in_a_row: u32,
    /// How many it serves now, those who wait for a guest included.
    pub in_hand: usize,
    /// It has failed too often in a row.
    pub suspended: bool,
}

/// One event in the hands of a sink.
pub(super) struct InHand<'a>(&'a Tally);

impl Drop for InHand<'_> {
    fn drop(&mut self) {
        self.0.in_hand.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Tally {
    pub(super) fn in_hand(&self) -> InHand<'_> {
        self.in_hand.fetch_add(1, Ordering::Relaxed);
        InHand(self)
    }

    /// It has failed too often in a row.
    pub fn is_suspended(&self) -> bool {
        self.suspended.load(Ordering::Relaxed)
    }

    pub(super) fn served(&self, id: &str) {
        self.served.fetch_add(1, Ordering::Relaxed);
        if self.in_a_row.load(Ordering::Relaxed) != 0 {
            self.in_a_row.store(0, Ordering::Relaxed);
        }
        if self.is_suspended() && self.suspended.swap(false, Ordering::Relaxed) {
            info!(sink = id, "is suspended no more: it has answered");
        }
    }

    pub(super) fn failed(&self, settings: &BindingSettings, kind: Kind, fault: Fault) {
        self.faults.fetch_add(1, Ordering::Relaxed);
        let more = u32::from(fault.counts_against_the_sink());
        let in_a_row = self.in_a_row.fetch_add(more, Ordering::Relaxed).saturating_add(more);
        warn!(sink = settings.id, event = %kind, %fault, in_a_row, then = ?settings.on_fault, "a sink has failed");
        if in_a_row >= settings.faults && !self.suspended.swap(true, Ordering::Relaxed) {
            error!(sink = settings.id, in_a_row, then = ?settings.when_suspended, "is suspended: see to it");
        }
    }

    /// As if nothing had gone wrong.
    pub(super) fn forgive(&self) {
        self.in_a_row.store(0, Ordering::Relaxed);
        self.suspended.store(false, Ordering::Relaxed);
    }

    pub(super) fn status(&self, settings: &Arc<BindingSettings>, events: Vec<Kind>) -> BindingStatus {
        BindingStatus {
            settings: BindingSettings::clone(settings),
            events,
            served: self.served.load(Ordering::Relaxed),
            faults: self.faults.load(Ordering::Relaxed),
            faults_in_a_row: self.in_a_row.load(Ordering::Relaxed),
            in_hand: self.in_hand.load(Ordering::Relaxed),
            suspended: self.is_suspended(),
        }
    }
}
