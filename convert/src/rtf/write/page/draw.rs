//! What each element does to the document where it begins and where it ends.

use super::{
    css,
    look::{Own, Style},
    out::Done,
    Writer,
};
use crate::{
    html::reading::{
        draw::{Draw, Element},
        element::Role,
        lists::List,
        style::{Look, White},
        tag::{Attribute, Tag},
        target,
    },
    Allowance, ConvertError,
};

/// What is kept of an element.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Kept {
    has_gap_below: bool,
    style: Style,
}

impl Draw for Writer<'_> {
    type Own = Own;
    type Style = Style;
    type Kept = Kept;

    fn left(&mut self) -> &mut Allowance {
        &mut self.out.left
    }

    fn own(&mut self, role: Role, tag: &Tag) -> Own {
        css::own(role, tag, &mut self.resources)
    }

    fn within(around: &Style, own: &Own) -> Style {
        around.within(own)
    }

    fn enter(&mut self, element: &Element<'_>, style: &Style) -> Result<Kept, ConvertError> {
        let Element { role, tag, style: says, look } = *element;
        let mut kept = Kept { has_gap_below: false, style: *style };
        let is_inner_list = matches!(role, Role::List(_)) && !self.lists.is_empty();
        let has_gap = role.has_gap() && !is_inner_list;
        if role.is_own_block() {
            self.line(says.gap_above.unwrap_or(has_gap))?;
            kept.has_gap_below = says.gap_below.unwrap_or(has_gap);
        }
        match role {
            Role::List(is_ordered) => {
                self.lists.begin(List::of(tag, is_ordered, says.is_without_marker, self.lists.depth()));
            }
            Role::Item => {
                self.item_ends(style)?;
                self.marker = self.lists.marker(tag);
            }
            Role::Table => self.table_begins(tag)?,
            Role::Row => {
                self.paragraph_ends()?;
                self.rows.row_begins();
            }
            Role::Cell => self.cell_begins(tag)?,
            Role::Group => self.paragraph_ends()?,
            Role::Link => {
                if let Some(target) = target::for_readers(tag.get(Attribute::Href).unwrap_or("")) {
                    self.line.link_begins(target);
                }
            }
            Role::Words if look.is_seen() => self.piece("\"", style)?,
            _ => {}
        }
        Ok(kept)
    }

    fn leave(&mut self, role: Role, look: Look, kept: Kept) -> Done {
        match role {
            Role::Item => self.item_ends(&kept.style)?,
            Role::List(_) => {
                self.paragraph_ends()?;
                self.lists.end();
            }
            Role::Table => {
                self.paragraph_ends()?;
                self.rows.table_ends(&mut self.out)?;
            }
            Role::Row => {
                self.paragraph_ends()?;
                self.rows.row_ends(&mut self.out)?;
            }
            Role::Cell => {
                self.paragraph_ends()?;
                self.rows.cell_ends();
                self.owes_gap = false;
            }
            Role::Link => self.line.link_ends(&mut self.out.left)?,
            Role::Words if look.is_seen() => self.line.mark("\"", &kept.style.chars, &mut self.out.left)?,
            _ if role.is_block() => self.paragraph_ends()?,
            _ => {}
        }
        self.owes_gap |= kept.has_gap_below;
        Ok(())
    }

    fn line(&mut self, has_gap: bool) -> Done {
        self.paragraph_ends()?;
        self.owes_gap |= has_gap;
        Ok(())
    }

    fn text(&mut self, text: &str, white: White, style: &Style) -> Done {
        if white == White::Collapse {
            return self.words(text, style);
        }
        for (at, line) in text.split('\n').enumerate() {
            if at > 0 {
                self.line_break(style)?;
            }
            match white {
                White::Collapse | White::Lines => self.words(line, style)?,
                White::Wrap | White::Keep => self.piece(line, style)?,
            }
        }
        Ok(())
    }

    fn line_break(&mut self, style: &Style) -> Done {
        self.paragraph_begins(style)?;
        self.line.line_break();
        Ok(())
    }

    fn rule(&mut self, style: &Style) -> Done {
        self.paragraph_ends()?;
        self.paragraph_begins(style)?;
        if let Some(props) = &mut self.paragraph {
            props.is_rule = true;
        }
        self.paragraph_ends()
    }

    fn image(&mut self, tag: &Tag, style: &Style) -> Done {
        let alt = tag.get(Attribute::Alt).unwrap_or("").trim();
        if self.picture(tag, alt, style)? || alt.is_empty() {
            return Ok(());
        }
        // One or two characters are a sign among letters; words are set apart.
        let is_apart = alt.chars().nth(2).is_some();
        if is_apart {
            self.line.blank(&style.chars);
        }
        self.words(alt, style)?;
        if is_apart {
            self.line.blank(&style.chars);
        }
        Ok(())
    }
}
