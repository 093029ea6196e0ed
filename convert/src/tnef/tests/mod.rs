//! Streams made by hand, what is damaged, and both ways.

mod damage;
mod encapsulated;
mod model;
mod pack;
mod real;
pub(crate) mod strategies;
mod unpack;
mod written;
