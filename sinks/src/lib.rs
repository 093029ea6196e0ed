//! Stock of Postrider: spools and other plug-ins. They know the engine's rules and no actor.

pub mod disk;
mod memory;

pub use memory::{Memory, MemoryControl};
