//! Stock of Postrider: spools and other plug-ins. They know the engine's rules and no actor.

mod memory;

pub use memory::{Memory, MemoryControl};
