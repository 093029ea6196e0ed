//! All that is to be converted, and what it comes to.
//!
//! Rule: what it comes to is found out once, by the thread that calls, while there is no other.

use super::{
    conversion::{Conversion, Functions, Outcome, Way, ALL},
    corpus::{self, Input},
    damage::{self, Damage},
    Problem,
};
use crate::{arguments::Arguments, draw::draw};

/// One conversion of one copy of an input.
#[derive(Clone, Copy)]
pub struct Item {
    pub input: usize,
    pub damage: Damage,
    pub conversion: &'static Conversion,
}

/// All of it.
pub struct Work {
    pub inputs: Vec<Input>,
    /// In no order that has to do with what they are.
    pub items: Vec<Item>,
    /// What each comes to.
    golden: Vec<Outcome>,
    copies: usize,
}

impl Work {
    /// Whole inputs go through all conversions, whatever they are; damaged ones through those of their format.
    pub fn new(arguments: &Arguments) -> Result<Self, Problem> {
        let inputs = corpus::all()?;
        let (mut items, mut copies) = (Vec::new(), 0);
        for (input, of) in inputs.iter().enumerate() {
            for damage in damage::all(of.octets.len(), arguments) {
                let is_for = |conversion: &&Conversion| damage == Damage::None || conversion.of == of.format;
                items.extend(ALL.iter().filter(is_for).map(|conversion| Item { input, damage, conversion }));
                copies += 1;
            }
        }
        let order = |item: &Item| match item.damage {
            Damage::None => draw(u64::MAX, (arguments.seed, item.input, item.conversion.name)),
            Damage::CutAt(at) => draw(u64::MAX, (arguments.seed, item.input, item.conversion.name, at)),
            Damage::Flipped(by) => draw(u64::MAX, (arguments.seed, item.input, item.conversion.name, by)),
        };
        items.sort_by_cached_key(order);
        let mut work = Work { inputs, items, golden: Vec::new(), copies };
        work.golden = (0..work.items.len()).map(|item| work.convert(item, &Functions)).collect();
        Ok(work)
    }

    /// Converts it in this way.
    pub fn convert(&self, item: usize, way: &impl Way) -> Outcome {
        let Item { input, damage, conversion } = self.items[item];
        way.convert(conversion, &damage.of(&self.inputs[input].octets))
    }

    /// What it comes to.
    pub fn golden(&self, item: usize) -> &Outcome {
        &self.golden[item]
    }

    pub fn damaged(&self) -> usize {
        self.copies - self.inputs.len()
    }

    pub fn errors(&self) -> usize {
        self.golden.iter().filter(|outcome| matches!(outcome, Outcome::Refused(_))).count()
    }

    /// What it is, for people.
    pub fn name(&self, item: usize) -> String {
        let Item { input, damage, conversion } = self.items[item];
        let damage = match damage {
            Damage::None => "whole".to_owned(),
            Damage::CutAt(at) => format!("cut at {at}"),
            Damage::Flipped(by) => format!("with bits flipped by {by}"),
        };
        format!("{} of {:?}, {damage}", conversion.name, self.inputs[input].name)
    }
}
