//! `mailq` and `sendmail -bp`: what waits.

use postrider::Engine;

use super::{place::Place, say};
use crate::{
    exit,
    failure::{Done, Failure},
};

/// Lists what waits.
pub fn list(place: &Place) -> Done {
    let down = |why: &dyn std::fmt::Display| Failure::new(exit::UNAVAILABLE, format!("the daemon is down: {why}"));
    let socket = place.socket.as_deref().ok_or_else(|| down(&"it has no socket for programs; set send.socket"))?;
    Engine::connect(socket).map_err(|error| down(&error))?;
    say(&format!("the daemon at {} takes mail", socket.display()));
    Ok(())
}
