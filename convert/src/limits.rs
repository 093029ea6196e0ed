//! How much a conversion may take.
//!
//! Rule: each limit is checked before what it limits is made.

use crate::ConvertError;

/// How much a conversion may take of memory and time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Octets of the result, with all of its parts.
    pub output: usize,
    /// Groups, elements or messages within each other that are told apart. What is deeper is taken for flat.
    pub depth: usize,
    /// Steps: about one for each octet, token or property that is looked at.
    pub work: u64,
    /// Parts of a mail that are told apart, those that hold others included. What would have more is taken for one.
    pub parts: usize,
}

impl Limits {
    /// The same with so many octets of output.
    #[must_use]
    pub fn with_output(self, output: usize) -> Self {
        Limits { output, ..self }
    }

    /// The same with so much depth.
    #[must_use]
    pub fn with_depth(self, depth: usize) -> Self {
        Limits { depth, ..self }
    }

    /// The same with so many steps.
    #[must_use]
    pub fn with_work(self, work: u64) -> Self {
        Limits { work, ..self }
    }

    /// The same with so many parts.
    #[must_use]
    pub fn with_parts(self, parts: usize) -> Self {
        Limits { parts, ..self }
    }
}

impl Default for Limits {
    /// 64 MiB of output, 256 levels, 2^30 steps, 1000 parts: a mail of usual limits passes.
    fn default() -> Self {
        Limits { output: 64 << 20, depth: 256, work: 1 << 30, parts: 1000 }
    }
}

/// What is left of the limits of one conversion.
#[derive(Clone, Debug)]
pub struct Allowance {
    limits: Limits,
    output: usize,
    work: u64,
}

impl Allowance {
    /// All of them.
    pub fn new(limits: Limits) -> Self {
        Allowance { limits, output: limits.output, work: limits.work }
    }

    /// So many octets are to be made.
    ///
    /// # Errors
    /// That is more than is left.
    pub fn make(&mut self, octets: usize) -> Result<(), ConvertError> {
        self.output = self.output.checked_sub(octets).ok_or(ConvertError::TooLarge { most: self.limits.output })?;
        Ok(())
    }

    /// A result of so many octets, which were counted before as far as they were made, is within the limit.
    pub(crate) fn fits(&self, octets: usize) -> Result<(), ConvertError> {
        let most = self.limits.output;
        if octets > most {
            Err(ConvertError::TooLarge { most })
        } else {
            Ok(())
        }
    }

    /// So many steps are to be taken.
    ///
    /// # Errors
    /// That is more than is left.
    pub fn step(&mut self, steps: usize) -> Result<(), ConvertError> {
        let left = u64::try_from(steps).ok().and_then(|steps| self.work.checked_sub(steps));
        self.work = left.ok_or(ConvertError::TooMuchWork { most: self.limits.work })?;
        Ok(())
    }

    /// How many levels are told apart.
    pub fn depth(&self) -> usize {
        self.limits.depth
    }

    /// How many parts of a mail are told apart.
    pub fn parts(&self) -> usize {
        self.limits.parts
    }

    /// Limits for a step of this conversion: what is left.
    pub(crate) fn rest(&self) -> Limits {
        Limits { output: self.output, work: self.work, ..self.limits }
    }

    /// Octets that may still be made.
    pub fn room(&self) -> usize {
        self.output
    }
}
