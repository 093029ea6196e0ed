//! In the place of the sinks of the stock: the feature `stock` is off, and `[[sink]]` is refused.

use postrider_actors::chain::AnyBinding;
use postrider_engine::{events::Kind, BindingSettings};

use super::{super::reader::Section, Means};

pub(super) fn kinds() -> Vec<&'static str> {
    vec!["none without the feature stock"]
}

/// There is none.
#[derive(Clone, Debug)]
pub(super) enum Stock {}

impl Stock {
    pub fn events(&self) -> &'static [Kind] {
        match *self {}
    }

    pub fn remembers(&self) -> bool {
        match *self {}
    }

    pub fn read(_: &str, _: &str, from: &mut Section<'_>) -> Option<Self> {
        let remedy = "build postrider with features = [\"stock\"], or remove the section";
        from.complain("kind", "sinks of the stock need the feature stock", remedy);
        None
    }

    pub fn bind(&self, _: BindingSettings, _: &[Kind], _: &Means) -> AnyBinding {
        match *self {}
    }
}
