//! Who makes something of a page, and what it is told.
//!
//! Rule: it is told in the order of the page, of each element where it begins and where it ends, and of nothing that is not shown.

use super::{
    element::Role,
    style::{Look, Style, White},
    tag::Tag,
};
use crate::{Allowance, ConvertError};

pub(crate) type Done = Result<(), ConvertError>;

/// Who makes something of a page.
pub(crate) trait Draw {
    /// What an element says itself about how it looks, besides whether it is seen.
    type Own: Copy;
    /// How what is in an element looks; what is in it inherits it.
    type Style: Copy + Default + PartialEq;
    /// What is kept of an element until it ends.
    type Kept: Copy + Default;

    /// What is left of the limits.
    fn left(&mut self) -> &mut Allowance;
    /// What this element says.
    fn own(&mut self, role: Role, tag: &Tag) -> Self::Own;
    /// How it looks within this.
    fn within(around: &Self::Style, own: &Self::Own) -> Self::Style;
    /// An element begins.
    fn enter(&mut self, element: &Element<'_>, style: &Self::Style) -> Result<Self::Kept, ConvertError>;
    /// It ends.
    fn leave(&mut self, role: Role, look: Look, kept: Self::Kept) -> Done;
    /// What follows stands in a line of its own; true: behind a gap.
    fn line(&mut self, has_gap: bool) -> Done;
    /// Text that is seen. It may be a piece of a longer one.
    fn text(&mut self, text: &str, white: White, style: &Self::Style) -> Done;
    /// A line ends.
    fn line_break(&mut self, style: &Self::Style) -> Done;
    /// A rule.
    fn rule(&mut self, style: &Self::Style) -> Done;
    /// A picture that is seen.
    fn image(&mut self, tag: &Tag, style: &Self::Style) -> Done;
}

/// An element that begins.
#[derive(Debug)]
pub(crate) struct Element<'t> {
    pub(crate) role: Role,
    pub(crate) tag: &'t Tag,
    pub(crate) style: &'t Style,
    /// How text in it looks.
    pub(crate) look: Look,
}
