//! In the place of the sinks that convert mails: the feature `convert` is off, and they are refused.

use std::sync::Arc;

use postrider_actors::chain::AnyBinding;
use postrider_engine::{events::Kind, BindingSettings, Convert};

use super::super::reader::Section;

pub(super) const KINDS: [&str; 0] = [];

/// Kinds that there would be with the feature.
pub(super) const LEFT_OUT: &[&str] = &["unpack_tnef", "text_alternative", "plain_only"];

/// There is none.
#[derive(Clone, Debug)]
pub(super) enum Converting {}

impl Converting {
    pub fn read(_: &str, _: &mut Section<'_>) -> Option<Self> {
        None
    }

    pub fn events(&self) -> &'static [Kind] {
        match *self {}
    }

    pub fn bind(self, _: BindingSettings, _: &[Kind], _: &Arc<dyn Convert>) -> AnyBinding {
        match self {}
    }
}
