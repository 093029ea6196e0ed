//! In the place of the sinks that convert mails: the feature `convert` is off, and they are refused.

use std::sync::Arc;

use postrider_actors::chain::AnyBinding;
use postrider_engine::{events::Kind, BindingSettings, Convert};

use super::super::reader::Section;

pub(super) const KINDS: [&str; 0] = [];

/// There is none.
#[derive(Clone, Debug)]
pub(super) enum Converting {}

impl Converting {
    pub fn read(kind: &str, from: &mut Section<'_>) -> Option<Self> {
        if matches!(kind, "unpack_tnef" | "text_alternative" | "plain_only") {
            let remedy = "build postrider with features = [\"convert\"], or remove the section";
            from.complain("kind", "sinks that convert mails need the feature convert", remedy);
        }
        None
    }

    pub fn events(&self) -> &'static [Kind] {
        match *self {}
    }

    pub fn bind(self, _: BindingSettings, _: &[Kind], _: &Arc<dyn Convert>) -> AnyBinding {
        match self {}
    }
}
