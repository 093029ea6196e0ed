//! In the place of the front: the feature `listen` is off, and no client comes in.

use super::*;

/// Where clients come in: nowhere.
pub enum Entrance {}

/// How clients are served: there are none.
#[derive(Clone, Copy, Debug, Default)]
pub struct Admit {}

/// Serves nobody.
#[derive(Clone)]
pub(super) struct Front {}

impl Front {
    pub fn open(_: Vec<Entrance>, _: Admit, _: WaysIn, _: Vec<ArbiterHandle>) -> Self {
        Front {}
    }

    pub async fn serve_anew(&self, _: Admit) {}

    pub async fn drain(self, _: Instant) -> bool {
        true
    }
}
