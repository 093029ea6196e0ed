//! A page as it is read: which elements are open, and what of them is seen.
//!
//! Rule: elements are a stack of bounded height, never a tree, and nothing here calls itself: a page of any depth costs its length.
//! Tags that belong to nothing end nothing, and what ends by itself (a paragraph, an item, a cell) does so as the HTML standard
//! has it. What is not shown is told to nobody, at either end.

use super::{
    draw::{Done, Draw, Element},
    element::{id, is_formatting, Role},
    style::{Look, Style, White},
    tag::Tag,
    token::{self, Visit},
};
use crate::{ConvertError, Flaws, Trouble};

/// An element that is open.
#[derive(Clone, Copy, Debug)]
pub(super) struct Open<D: Draw> {
    pub(super) role: Role,
    id: u64,
    look: Look,
    own: D::Own,
    style: D::Style,
    kept: D::Kept,
    /// Elements that were too deep when it began.
    beyond: usize,
}

/// A page that is being read.
pub(super) struct Page<D: Draw> {
    open: Vec<Open<D>>,
    /// Elements that are open and too deep to be told apart.
    beyond: usize,
    /// Open elements that are part of a line.
    inlines: usize,
    draw: D,
    flaws: Flaws,
    /// How the page itself looks.
    base: D::Style,
    /// Nothing has been read since `<pre>`.
    is_pre_fresh: bool,
    at: usize,
}

/// Reads a page: each of its octets is a step.
pub(crate) fn read<D: Draw>(html: &str, mut draw: D) -> Result<(D, Flaws), ConvertError> {
    draw.left().step(html.len())?;
    let mut page = Page {
        open: Vec::new(),
        beyond: 0,
        inlines: 0,
        draw,
        flaws: Flaws::default(),
        base: D::Style::default(),
        is_pre_fresh: false,
        at: 0,
    };
    token::read(html, &mut page)?;
    let is_unclosed =
        |open: &Open<D>| matches!(open.role, Role::Block | Role::List(_) | Role::Quote | Role::Table | Role::Gone);
    if page.open.iter().any(is_unclosed) {
        page.flaws.note(Trouble::Unbalanced, page.at, "element");
    }
    page.end_down_to(0)?;
    Ok((page.draw, page.flaws))
}

impl<D: Draw> Page<D> {
    fn look(&self) -> Look {
        self.open.last().map(|open| open.look).unwrap_or_default()
    }

    fn style(&self) -> D::Style {
        self.open.last().map_or(self.base, |open| open.style)
    }

    /// The innermost element is one that is too deep.
    pub(super) fn is_beyond(&self) -> bool {
        self.beyond > self.open.last().map_or(0, |open| open.beyond)
    }

    /// The innermost of these, as far as its end tag can reach.
    pub(super) fn find(&self, is_it: impl Fn(&Open<D>) -> bool, is_end: impl Fn(Role) -> bool) -> Option<usize> {
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

    pub(super) fn end_down_to(&mut self, height: usize) -> Done {
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
        let own = self.draw.own(role, tag);
        let drawn_around = self.style();
        let drawn = D::within(&drawn_around, &own);
        if role == Role::Inline {
            // An element that makes no difference is not kept, unless its end could be taken for that of one that does.
            let is_same = |open: &Open<D>| open.role == Role::Inline && open.id == id;
            let makes_none = look == around && drawn == drawn_around;
            if makes_none && (self.inlines == 0 || !self.open.iter().any(is_same)) {
                return Ok(());
            }
        }
        if self.open.len() >= self.draw.left().depth() && !hides {
            return self.begin_too_deep(role, look);
        }
        self.inlines += usize::from(role == Role::Inline);
        let kept = if look.is_gone {
            D::Kept::default()
        } else {
            self.is_pre_fresh = role == Role::Pre;
            self.draw.enter(&Element { role, tag, style: &style, look }, &drawn)?
        };
        self.open.push(Open { role, id, look, own, style: drawn, kept, beyond: self.beyond });
        Ok(())
    }

    fn leave(&mut self, open: Open<D>) -> Done {
        self.beyond = open.beyond;
        self.inlines -= usize::from(open.role == Role::Inline);
        match open.look.is_gone {
            true => Ok(()),
            false => self.draw.leave(open.role, open.look, open.kept),
        }
    }

    /// How what began in an element looks when that has ended.
    fn draw_again(&mut self, from: usize) {
        let mut around = match from.checked_sub(1) {
            Some(below) => self.open[below].style,
            None => self.base,
        };
        for open in &mut self.open[from..] {
            open.style = D::within(&around, &open.own);
            around = open.style;
        }
    }

    /// What is too deep is flat: its text stays.
    fn begin_too_deep(&mut self, role: Role, look: Look) -> Done {
        self.flaws.note(Trouble::TooDeep, self.at, "element");
        if role != Role::Inline {
            self.beyond += 1;
        }
        if role.is_block() && !look.is_gone {
            self.draw.line(false)?;
        }
        Ok(())
    }

    /// The end of what stands in a line. What it reaches across other elements is theirs.
    fn inline_ends(&mut self, role: Role, name: &[u8]) -> Done {
        if role == Role::Inline && self.inlines == 0 {
            return Ok(());
        }
        let id = id(name);
        let is_barred = role == Role::Inline && !is_formatting(name);
        let is_barrier = |other: Role| other.is_scope() || (is_barred && other.is_block());
        if let Some(at) = self.find(|open| open.id == id, is_barrier) {
            let open = self.open.remove(at);
            self.draw_again(at);
            let beyond = self.beyond;
            self.leave(open)?;
            self.beyond = beyond;
        }
        Ok(())
    }

    /// An element without content.
    fn single(&mut self, role: Role, tag: &Tag) -> Done {
        if role != Role::Image {
            self.end_implied(role)?;
        }
        let look = self.look().within(&Style::of(tag));
        if look.is_gone {
            return Ok(());
        }
        let own = self.draw.own(role, tag);
        let style = D::within(&self.style(), &own);
        match role {
            // A picture has its own size, whatever that of the letters around it is.
            Role::Image if look.is_unseen => Ok(()),
            Role::Image => self.draw.image(tag, &style),
            Role::Break => self.draw.line_break(&style),
            _ => self.draw.rule(&style),
        }
    }

    fn block_ends(&mut self, role: Role, name: &[u8]) -> Done {
        if self.is_beyond() {
            self.beyond -= 1;
            return match self.look().is_gone {
                true => Ok(()),
                false => self.draw.line(false),
            };
        }
        let id = id(name);
        let is_table = matches!(role, Role::Table | Role::Group | Role::Row | Role::Cell | Role::Caption);
        let is_it = |open: &Open<D>| open.id == id || matches!((role, open.role), (Role::Heading(_), Role::Heading(_)));
        let is_barrier = |other: Role| match role {
            _ if is_table => other == Role::Table,
            Role::Item => matches!(other, Role::List(_)) || other.is_scope(),
            _ => other.is_scope(),
        };
        match self.find(is_it, is_barrier) {
            Some(at) => self.end_down_to(at),
            // As if it were empty.
            None if role == Role::Paragraph && !self.look().is_gone => self.draw.line(true),
            None => {
                self.flaws.note(Trouble::Unbalanced, self.at, "end tag");
                Ok(())
            }
        }
    }
}

impl<D: Draw> Visit for Page<D> {
    fn text(&mut self, text: &str) -> Done {
        let look = self.look();
        if !look.is_seen() {
            return Ok(());
        }
        let text = match std::mem::take(&mut self.is_pre_fresh) {
            true => text.strip_prefix('\n').unwrap_or(text),
            false => text,
        };
        let style = self.style();
        self.draw.text(text, look.white, &style)
    }

    fn begins(&mut self, tag: &Tag, at: usize) -> Done {
        self.at = at;
        self.is_pre_fresh = false;
        self.draw.left().step(1 + self.open.len())?;
        match Role::of(&tag.name) {
            Role::Page => {
                let own = self.draw.own(Role::Page, tag);
                self.base = D::within(&self.base, &own);
                Ok(())
            }
            Role::Void => Ok(()),
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
        self.draw.left().step(1 + self.open.len())?;
        match Role::of(name) {
            Role::Break if !self.look().is_gone => {
                let style = self.style();
                self.draw.line_break(&style)
            }
            Role::Page | Role::Void | Role::Rule | Role::Image | Role::Break => Ok(()),
            role @ (Role::Inline | Role::Link | Role::Words) => self.inline_ends(role, name),
            role => self.block_ends(role, name),
        }
    }

    fn is_cut(&mut self, at: usize) {
        self.flaws.note(Trouble::Truncated, at, "tag");
    }
}
