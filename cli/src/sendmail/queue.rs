//! `mailq` and `sendmail -bp`: what waits.

use postrider::Engine;

use super::place::Place;
use crate::{
    exit,
    failure::{Done, Failure},
    queue::list,
};

/// Lists what waits.
pub fn list(place: &Place) -> Done {
    let down = |why: &dyn std::fmt::Display| Failure::new(exit::UNAVAILABLE, format!("the daemon is down: {why}"));
    let socket = place.socket.as_deref().ok_or_else(|| down(&"it has no socket for programs; set send.socket"))?;
    let daemon = Engine::connect(socket)?;
    list::list(&daemon, &list::List::default())
}
