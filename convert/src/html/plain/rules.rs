//! What each element does to the text where it begins and where it ends.

use super::{
    flow::{Done, Flow, Owed},
    links::Links,
    TextOptions,
};
use crate::{
    html::reading::{
        draw::{Draw, Element},
        element::Role,
        lists::List,
        style::{Look, White},
        tag::{Attribute, Tag},
    },
    Allowance, ConvertError, Limits,
};

/// Blanks before what explains a term.
const DETAIL: &str = "    ";

/// The text of a page in the making.
pub(super) struct Writer {
    flow: Flow,
    links: Links,
    lists: Vec<List>,
    has_footnotes: bool,
}

/// What is kept of an element.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Kept {
    /// What is owed behind it.
    below: Owed,
    /// It is a heading with a line below it.
    is_underlined: bool,
}

impl Writer {
    pub(super) fn new(options: &TextOptions, limits: Limits) -> Writer {
        Writer {
            flow: Flow::new(options.wrap, Allowance::new(limits)),
            links: Links::default(),
            lists: Vec::new(),
            has_footnotes: options.has_footnotes,
        }
    }

    pub(super) fn finish(self) -> Result<String, ConvertError> {
        self.flow.finish(&self.links.list())
    }
}

impl Draw for Writer {
    // All that looks is what is seen.
    type Own = ();
    type Style = ();
    type Kept = Kept;

    fn left(&mut self) -> &mut Allowance {
        &mut self.flow.left
    }

    fn own(&mut self, _: Role, _: &Tag) {}

    fn within((): &(), (): &()) {}

    fn enter(&mut self, element: &Element<'_>, (): &()) -> Result<Kept, ConvertError> {
        let Element { role, tag, style, look } = *element;
        let mut kept = Kept::default();
        // A list in a list is part of its item.
        let is_inner_list = matches!(role, Role::List(_)) && !self.lists.is_empty();
        let has_gap = role.has_gap() && !is_inner_list;
        let gap = |own: Option<bool>| if own.unwrap_or(has_gap) { Owed::Gap } else { Owed::Line };
        if role.is_own_block() {
            self.flow.owe(gap(style.gap_above));
            kept.below = gap(style.gap_below);
        }
        match role {
            Role::Heading(level) if level <= 2 => kept.is_underlined = self.flow.heading_begins()?,
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
            Role::Table => self.flow.table_begins()?,
            Role::Cell => {
                let (columns, rows) = tag.spans();
                self.flow.cell_begins(columns, rows, style.is_right)?;
            }
            Role::Link if self.has_footnotes => self.links.begins(tag.get(Attribute::Href).unwrap_or("")),
            Role::Words if look.is_seen() => self.flow.text("\"", White::Wrap)?,
            _ => {}
        }
        Ok(kept)
    }

    fn leave(&mut self, role: Role, look: Look, kept: Kept) -> Done {
        match role {
            Role::Item | Role::Quote | Role::Detail => self.flow.outdent()?,
            Role::List(_) => {
                self.lists.pop();
            }
            Role::Heading(level) if kept.is_underlined => {
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
            Role::Words if look.is_seen() => self.flow.mark("\""),
            _ => {}
        }
        self.flow.owe(kept.below);
        Ok(())
    }

    fn line(&mut self, has_gap: bool) -> Done {
        self.flow.owe(if has_gap { Owed::Gap } else { Owed::Line });
        Ok(())
    }

    fn text(&mut self, text: &str, white: White, (): &()) -> Done {
        self.links.text(text);
        self.flow.text(text, white)
    }

    fn line_break(&mut self, (): &()) -> Done {
        self.flow.line_break()
    }

    fn rule(&mut self, (): &()) -> Done {
        self.flow.rule()
    }

    fn image(&mut self, tag: &Tag, (): &()) -> Done {
        let alt = tag.get(Attribute::Alt).unwrap_or("").trim();
        if alt.is_empty() {
            return Ok(());
        }
        self.links.text(alt);
        // One or two characters are a sign among letters; words are set apart.
        match alt.chars().nth(2) {
            Some(_) => self.flow.apart(alt),
            None => self.flow.text(alt, White::Collapse),
        }
    }
}
