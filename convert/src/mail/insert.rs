//! New parts, as they go into a mail.
//!
//! Rule: no line of a new part is a boundary of the mail, and no boundary of a new multipart is a line of what it holds.

use super::{Entity, Tree};
use crate::{
    boundary::Boundaries,
    tnef::mime::{write_part, Part, Style, Written},
    Allowance, ConvertError,
};

/// Writes new parts for one mail.
pub(super) struct Insertion<'t, 'm> {
    tree: &'t Tree<'m>,
    boundaries: Boundaries,
}

impl<'t, 'm> Insertion<'t, 'm> {
    pub fn new(tree: &'t Tree<'m>, allowance: &mut Allowance) -> Result<Self, ConvertError> {
        let mail = tree.octets(tree.root().range());
        allowance.step(mail.len())?;
        let mut boundaries = Boundaries::default();
        boundaries.avoid(mail);
        boundaries.differ(tree.boundaries());
        Ok(Insertion { tree, boundaries })
    }

    /// No boundary from now on stands in these octets.
    pub fn avoid(&mut self, octets: &[u8], allowance: &mut Allowance) -> Result<(), ConvertError> {
        allowance.step(octets.len())?;
        self.boundaries.avoid(octets);
        Ok(())
    }

    /// A boundary for a multipart that holds something of the mail, and what was written up to now.
    pub fn boundary(&mut self) -> String {
        self.boundaries.next()
    }

    /// The part, as it can stand in the place of this entity, or beside it.
    pub fn written(
        &mut self,
        part: &Part<'_>,
        place: &Entity,
        allowance: &mut Allowance,
    ) -> Result<Written, ConvertError> {
        let style = Style { boundaries: &mut self.boundaries, is_all_encoded: false };
        let written = write_part(part, style, allowance)?;
        for outer in self.tree.around(place).filter_map(Entity::boundary) {
            allowance.step(written.body.len())?;
            if has_line(&written.body, outer) {
                let style = Style { boundaries: &mut self.boundaries, is_all_encoded: true };
                return write_part(part, style, allowance);
            }
        }
        Ok(written)
    }
}

/// A line begins as this boundary does.
fn has_line(octets: &[u8], boundary: &str) -> bool {
    let delimiter = format!("--{boundary}");
    memchr::memmem::find_iter(octets, delimiter.as_bytes()).any(|at| at == 0 || octets.get(at - 1) == Some(&b'\n'))
}
