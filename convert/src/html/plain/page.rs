//! A page as it is read: which elements are open, and what they do to the text.
//!
//! Rule: elements are a stack of bounded height, never a tree, and nothing here calls itself: a page of any depth costs its length.
//! Tags that belong to nothing end nothing, and what ends by itself (a paragraph, an item, a cell) does so as the HTML standard
//! has it.

use super::{
    element::{id, Role},
    flow::{Done, Flow, Owed},
    links::Links,
    lists::List,
    style::{Look, Style, White},
    tag::Tag,
    token::Visit,
    TextOptions,
};
use crate::{Allowance, ConvertError, Converted, Flaws, Limits, Trouble};

/// An element that is open.
#[derive(Clone, Copy, Debug)]
pub(super) struct Open {
    pub(super) role: Role,
    id: u64,
    /// How text in it looks.
    pub(super) look: Look,
    /// What is owed behind it.
    pub(super) below: Owed,
    /// It is a heading with a line below it.
    pub(super) is_underlined: bool,
    /// Elements that were too deep when it began.
    pub(super) beyond: usize,
}

/// A page that is being read.
pub(super) struct Page {
    open: Vec<Open>,
    /// Elements that are open and too deep to be told apart.
    pub(super) beyond: usize,
    /// Open elements that are part of a line.
    pub(super) inlines: usize,
    pub(super) flow: Flow,
    pub(super) links: Links,
    pub(super) lists: Vec<List>,
    flaws: Flaws,
    pub(super) has_footnotes: bool,
    /// Nothing has been read since `<pre>`.
    pub(super) is_pre_fresh: bool,
    at: usize,
}

impl Page {
    pub(super) fn new(options: &TextOptions, limits: Limits) -> Page {
        Page {
            open: Vec::new(),
            beyond: 0,
            inlines: 0,
            flow: Flow::new(options.wrap, Allowance::new(limits)),
            links: Links::default(),
            lists: Vec::new(),
            flaws: Flaws::default(),
            has_footnotes: options.has_footnotes,
            is_pre_fresh: false,
            at: 0,
        }
    }

    /// The page is to be read: each of its octets is a step.
    pub(super) fn begin(&mut self, html: &str) -> Done {
        self.flow.left.step(html.len())
    }

    pub(super) fn finish(mut self) -> Result<Converted<String>, ConvertError> {
        let unclosed =
            |open: &Open| matches!(open.role, Role::Block | Role::List(_) | Role::Quote | Role::Table | Role::Gone);
        if self.open.iter().any(unclosed) {
            self.flaws.note(Trouble::Unbalanced, self.at, "element");
        }
        self.end_down_to(0)?;
        let output = self.flow.finish(&self.links.list())?;
        Ok(Converted { output, flaws: self.flaws })
    }

    pub(super) fn look(&self) -> Look {
        self.open.last().map(|open| open.look).unwrap_or_default()
    }

    /// The innermost element is one that is too deep.
    fn is_beyond(&self) -> bool {
        self.beyond > self.open.last().map_or(0, |open| open.beyond)
    }

    /// The innermost of these, as far as its end tag can reach.
    fn find(&self, is_it: impl Fn(&Open) -> bool, is_end: impl Fn(Role) -> bool) -> Option<usize> {
        for (at, open) in self.open.iter().enumerate().rev() {
            if is_it(open) {
                return Some(at);
            }
            if is_end(open.role) {
                return None;
            }
        }
        None
    }

    /// Ends what ends by itself where this begins.
    pub(super) fn end_implied(&mut self, role: Role) -> Done {
        // What stands in something that is too deep ends nothing outside of that.
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

    fn end_down_to(&mut self, height: usize) -> Done {
        while self.open.len() > height {
            let Some(open) = self.open.pop() else { break };
            self.leave(open)?;
        }
        Ok(())
    }

    fn element_begins(&mut self, role: Role, tag: &Tag) -> Done {
        self.end_implied(role)?;
        let around = self.look();
        let mut style = Style::of(tag);
        if role == Role::Pre && style.white.is_none() {
            style.white = Some(White::Keep);
        }
        let mut look = around.within(&style);
        look.is_gone |= role == Role::Gone;
        let id = id(&tag.name);
        let hides = look.is_gone && !around.is_gone;
        if role == Role::Inline {
            // An element that makes no difference is not kept, unless its end could be taken for that of one that does.
            let is_same = |open: &Open| open.role == Role::Inline && open.id == id;
            if look == around && (self.inlines == 0 || !self.open.iter().any(is_same)) {
                return Ok(());
            }
        }
        if self.open.len() >= self.flow.left.depth() && !hides {
            return self.begin_too_deep(role, look);
        }
        self.inlines += usize::from(role == Role::Inline);
        let mut open = Open { role, id, look, below: Owed::Nothing, is_underlined: false, beyond: self.beyond };
        if !look.is_gone {
            self.enter(&mut open, tag, &style)?;
        }
        self.open.push(open);
        Ok(())
    }

    /// What is too deep is flat: its text stays.
    fn begin_too_deep(&mut self, role: Role, look: Look) -> Done {
        self.flaws.note(Trouble::TooDeep, self.at, "element");
        if role != Role::Inline {
            self.beyond += 1;
        }
        if role.is_block() && !look.is_gone {
            self.flow.owe(Owed::Line);
        }
        Ok(())
    }

    /// The end of what stands in a line. What it reaches across other elements is theirs.
    fn inline_ends(&mut self, role: Role, name: &[u8]) -> Done {
        if role == Role::Inline && self.inlines == 0 {
            return Ok(());
        }
        let id = id(name);
        let is_barrier = |other: Role| other.is_scope() || (role == Role::Inline && other.is_block());
        if let Some(at) = self.find(|open| open.id == id, is_barrier) {
            let open = self.open.remove(at);
            let beyond = self.beyond;
            self.leave(open)?;
            self.beyond = beyond;
        }
        Ok(())
    }

    fn block_ends(&mut self, role: Role, name: &[u8]) -> Done {
        if self.is_beyond() {
            self.beyond -= 1;
            if !self.look().is_gone {
                self.flow.owe(Owed::Line);
            }
            return Ok(());
        }
        let id = id(name);
        let is_table = matches!(role, Role::Table | Role::Group | Role::Row | Role::Cell | Role::Caption);
        let is_it = |open: &Open| open.id == id || matches!((role, open.role), (Role::Heading(_), Role::Heading(_)));
        let is_barrier = |other: Role| match role {
            _ if is_table => other == Role::Table,
            Role::Item => matches!(other, Role::List(_)) || other.is_scope(),
            _ => other.is_scope(),
        };
        match self.find(is_it, is_barrier) {
            Some(at) => self.end_down_to(at),
            // As if it were empty.
            None if role == Role::Paragraph && !self.look().is_gone => {
                self.flow.owe(Owed::Gap);
                Ok(())
            }
            None => {
                self.flaws.note(Trouble::Unbalanced, self.at, "end tag");
                Ok(())
            }
        }
    }
}

impl Visit for Page {
    fn text(&mut self, text: &str) -> Done {
        let look = self.look();
        if !look.is_seen() {
            return Ok(());
        }
        let text = match std::mem::take(&mut self.is_pre_fresh) {
            true => text.strip_prefix('\n').unwrap_or(text),
            false => text,
        };
        self.links.text(text);
        self.flow.text(text, look.white)
    }

    fn begins(&mut self, tag: &Tag, at: usize) -> Done {
        self.at = at;
        self.is_pre_fresh = false;
        self.flow.left.step(1 + self.open.len())?;
        match Role::of(&tag.name) {
            Role::Page | Role::Void => Ok(()),
            role @ (Role::Break | Role::Rule | Role::Image) => self.single(role, tag),
            role => {
                if role == Role::Link {
                    self.inline_ends(role, &tag.name)?;
                }
                self.element_begins(role, tag)
            }
        }
    }

    fn ends(&mut self, name: &[u8], at: usize) -> Done {
        self.at = at;
        self.is_pre_fresh = false;
        self.flow.left.step(1 + self.open.len())?;
        match Role::of(name) {
            Role::Break if !self.look().is_gone => self.flow.line_break(),
            Role::Page | Role::Void | Role::Rule | Role::Image | Role::Break => Ok(()),
            role @ (Role::Inline | Role::Link | Role::Words) => self.inline_ends(role, name),
            role => self.block_ends(role, name),
        }
    }

    fn is_cut(&mut self, at: usize) {
        self.flaws.note(Trouble::Truncated, at, "tag");
    }
}
