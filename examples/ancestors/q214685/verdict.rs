//! Compares what a conversion has come to with what it comes to alone.
//!
//! Rule: what is equal in each octet and each flaw, or is the same error, is the same; anything else is told.

use super::{conversion::Outcome, work::Work};

/// What was found otherwise.
#[derive(Debug, Default)]
pub struct Differences {
    /// It has a result, and there was none.
    pub lost: usize,
    /// There was another.
    pub damaged: usize,
    /// A thread has panicked.
    pub crashed: usize,
    /// Those that were compared.
    pub conversions: usize,
    first: Option<(usize, String)>,
}

impl Differences {
    pub fn judge(&mut self, item: usize, golden: &Outcome, found: &Outcome) {
        self.conversions += 1;
        match (golden, found) {
            (_, Outcome::Crashed) => self.crashed += 1,
            (golden, found) if golden == found => return,
            (_, Outcome::Lost) | (Outcome::Made(_), Outcome::Refused(_)) => self.lost += 1,
            _ => self.damaged += 1,
        }
        if self.first.is_none() {
            self.first = Some((item, format!("{golden:?} alone, and {found:?}")));
        }
    }

    /// A thread has died outside of any conversion.
    pub fn of_a_dead_thread() -> Self {
        Differences { crashed: 1, ..Differences::default() }
    }

    pub fn sum_of(all: impl IntoIterator<Item = Differences>) -> Self {
        all.into_iter().fold(Differences::default(), |sum, one| Differences {
            lost: sum.lost + one.lost,
            damaged: sum.damaged + one.damaged,
            crashed: sum.crashed + one.crashed,
            conversions: sum.conversions + one.conversions,
            first: sum.first.or(one.first),
        })
    }

    pub fn sum(&self) -> usize {
        self.lost + self.damaged + self.crashed
    }

    /// What they are, in one line.
    pub fn told(&self, work: &Work) -> String {
        let Differences { lost, damaged, crashed, conversions, first } = self;
        let first = match first {
            Some((item, what)) => format!("{} ({what})", work.name(*item)),
            None => "none".to_owned(),
        };
        format!("lost {lost}, damaged {damaged}, crashed {crashed} of {conversions}; first: {first}")
    }
}
