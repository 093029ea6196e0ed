//! What each element does to the text where it begins and where it ends.
//!
//! Rule: what is not shown does nothing at either end.

use super::{
    element::Role,
    flow::{Done, Owed},
    lists::List,
    page::{Open, Page},
    style::{Style, White},
    tag::{Attribute, Tag},
};

/// Blanks before what explains a term.
const DETAIL: &str = "    ";

impl Page {
    /// What an element does where it begins.
    pub(super) fn enter(&mut self, open: &mut Open, tag: &Tag, style: &Style) -> Done {
        let role = open.role;
        // A list in a list is part of its item.
        let is_inner_list = matches!(role, Role::List(_)) && !self.lists.is_empty();
        let has_gap = role.has_gap() && !is_inner_list;
        let gap = |own: Option<bool>| if own.unwrap_or(has_gap) { Owed::Gap } else { Owed::Line };
        let is_own = role.is_block() && !matches!(role, Role::Table | Role::Group | Role::Row | Role::Cell);
        if is_own {
            self.flow.owe(gap(style.gap_above));
            open.below = gap(style.gap_below);
        }
        match role {
            Role::Heading(level) if level <= 2 => open.is_underlined = self.flow.heading_begins()?,
            Role::List(is_ordered) => {
                self.lists.push(List::of(tag, is_ordered, style.is_without_marker, self.lists.len()));
            }
            Role::Item => {
                let marker = match self.lists.last_mut() {
                    Some(list) => list.marker(tag),
                    None => List::stray().marker(tag),
                };
                self.flow.indent(marker)?;
            }
            Role::Detail => self.flow.indent(DETAIL.to_owned())?,
            Role::Quote => self.flow.quote()?,
            Role::Pre => self.is_pre_fresh = true,
            Role::Table => self.flow.table_begins()?,
            Role::Cell => {
                let number = |attribute| {
                    tag.get(attribute).and_then(|value| value.trim().parse::<u16>().ok()).unwrap_or(1).max(1)
                };
                let (columns, rows) = (number(Attribute::Colspan), number(Attribute::Rowspan));
                self.flow.cell_begins(columns, rows, style.is_right)?;
            }
            Role::Link if self.has_footnotes => self.links.begins(tag.get(Attribute::Href).unwrap_or("")),
            Role::Words if open.look.is_seen() => self.flow.text("\"", White::Wrap)?,
            _ => {}
        }
        Ok(())
    }

    /// What it does where it ends.
    pub(super) fn leave(&mut self, open: Open) -> Done {
        self.beyond = open.beyond;
        self.inlines -= usize::from(open.role == Role::Inline);
        if open.look.is_gone {
            return Ok(());
        }
        match open.role {
            Role::Item | Role::Quote | Role::Detail => self.flow.outdent()?,
            Role::List(_) => {
                self.lists.pop();
            }
            Role::Heading(level) if open.is_underlined => {
                self.flow.heading_ends(if level == 1 { '=' } else { '-' })?;
            }
            Role::Table => self.flow.table_ends()?,
            Role::Row => self.flow.row_ends(),
            Role::Cell => self.flow.cell_ends()?,
            Role::Link => {
                if let Some(number) = self.links.ends() {
                    self.flow.mark(&format!(" [{number}]"));
                }
            }
            Role::Words if open.look.is_seen() => self.flow.mark("\""),
            _ => {}
        }
        self.flow.owe(open.below);
        Ok(())
    }

    fn image(&mut self, tag: &Tag) -> Done {
        let look = self.look().within(&Style::of(tag));
        let alt = tag.get(Attribute::Alt).unwrap_or("").trim();
        // A picture has its own size, whatever that of the letters around it is.
        if alt.is_empty() || look.is_gone || look.is_unseen {
            return Ok(());
        }
        self.links.text(alt);
        // One or two characters are a sign among letters; words are set apart.
        match alt.chars().nth(2) {
            Some(_) => self.flow.apart(alt),
            None => self.flow.text(alt, White::Collapse),
        }
    }

    /// An element without content.
    pub(super) fn single(&mut self, role: Role, tag: &Tag) -> Done {
        if role == Role::Image {
            return self.image(tag);
        }
        self.end_implied(role)?;
        let look = self.look().within(&Style::of(tag));
        match role {
            _ if look.is_gone => Ok(()),
            Role::Break => self.flow.line_break(),
            _ => self.flow.rule(),
        }
    }
}
