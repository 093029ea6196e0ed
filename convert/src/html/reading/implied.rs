//! What ends by itself where something else begins (HTML standard, 13.2.6.4.7: a paragraph, an item, a cell).
//!
//! Rule: what stands in something that is too deep ends nothing outside of that.

use super::{
    draw::{Done, Draw},
    element::Role,
    page::Page,
};

impl<D: Draw> Page<D> {
    /// Ends what ends by itself where this begins.
    pub(super) fn end_implied(&mut self, role: Role) -> Done {
        while !self.is_beyond() {
            let Some(at) = self.implied(role) else { break };
            self.end_down_to(at)?;
        }
        Ok(())
    }

    /// The element that ends where this begins.
    fn implied(&self, role: Role) -> Option<usize> {
        let is_list = |role: Role| matches!(role, Role::List(_)) || role.is_scope();
        let is_table = |role: Role| role == Role::Table;
        if role.ends_paragraph() {
            let paragraph = self.find(|open| open.role == Role::Paragraph, Role::is_scope);
            if paragraph.is_some() {
                return paragraph;
            }
        }
        match role {
            Role::Item => self.find(|open| open.role == Role::Item, is_list),
            Role::Term | Role::Detail => self.find(
                |open| matches!(open.role, Role::Term | Role::Detail),
                |role| role == Role::Spaced || role.is_scope(),
            ),
            Role::Cell => self.find(|open| open.role == Role::Cell, is_table),
            Role::Row => self.find(|open| matches!(open.role, Role::Row | Role::Cell), is_table),
            Role::Group => self.find(|open| matches!(open.role, Role::Group | Role::Row | Role::Cell), is_table),
            _ => None,
        }
    }
}
