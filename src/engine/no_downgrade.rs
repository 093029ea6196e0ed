//! A program without the conversions: what a host cannot take fails there.

use std::sync::Arc;

use postrider_engine::{Convert, Downgrade};

pub(super) fn converter(_: Arc<dyn Convert>) -> Option<Arc<dyn Downgrade>> {
    None
}
