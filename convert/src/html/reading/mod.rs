//! Pages as they are read, whatever becomes of them: tags and texts, which elements are open, and what of them is seen.
//!
//! Rule: text and documents are made of the same page. What one of them leaves out as not seen, the other one does, too.

pub(crate) mod draw;
pub(crate) mod element;
mod implied;
pub(crate) mod lists;
pub(crate) mod page;
pub(crate) mod style;
pub(crate) mod tag;
pub(crate) mod target;
mod token;
