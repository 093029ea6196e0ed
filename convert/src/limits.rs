//! How much a conversion may take.
//!
//! Rule: each limit is checked before what it limits is made.

use crate::ConvertError;

/// Octets of memory that what is made of a stream may take for each of its own: properties and files without contents are in
/// memory larger than in the stream.
const ITEMS_TIMES: usize = 8;
/// What small streams may take besides: a vector begins with room for four.
const ITEMS_FLOOR: usize = 64 << 10;

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
    items: Items,
}

/// What properties, values and files may take of memory, and what is left of that.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Items {
    most: usize,
    left: usize,
}

impl Items {
    fn new(most: usize) -> Self {
        Items { most, left: most }
    }
}

impl Allowance {
    /// All of them.
    pub fn new(limits: Limits) -> Self {
        Allowance { limits, output: limits.output, work: limits.work, items: Items::new(usize::MAX) }
    }

    /// So many octets are to be made.
    ///
    /// # Errors
    /// That is more than is left.
    pub fn make(&mut self, octets: usize) -> Result<(), ConvertError> {
        self.output = self.output.checked_sub(octets).ok_or(ConvertError::TooLarge { most: self.limits.output })?;
        Ok(())
    }

    /// A stream of so many octets is read next: what stands for its properties, values and files takes eight times that at most.
    pub(crate) fn begin_stream(&mut self, octets: usize) {
        self.items = Items::new(octets.saturating_mul(ITEMS_TIMES).saturating_add(ITEMS_FLOOR));
    }

    /// A stream of so many octets is read next, which another one holds, and shares what that may take. If none does, for a message
    /// that was read before holds it, it begins as one, and what comes back is for [`Allowance::end_nested`].
    pub(crate) fn begin_nested(&mut self, octets: usize) -> Option<Items> {
        let outer = Some(self.items).filter(|items| items.most == usize::MAX);
        if outer.is_some() {
            self.begin_stream(octets);
        }
        outer
    }

    /// It is read.
    pub(crate) fn end_nested(&mut self, outer: Option<Items>) {
        self.items = outer.unwrap_or(self.items);
    }

    /// So many octets are to be made that stand for items of the stream.
    ///
    /// # Errors
    /// That is more than is left, or more than such a stream may take.
    pub(crate) fn make_items(&mut self, octets: usize) -> Result<(), ConvertError> {
        let Items { most, left } = self.items;
        self.items.left = left.checked_sub(octets).ok_or(ConvertError::TooManyItems { most })?;
        self.make(octets)
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
