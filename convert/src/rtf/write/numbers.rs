//! What stands before the items of lists in what is shown of a page that is held.
//!
//! Rule: the number of an item is that of a browser, as far as the lists are told apart; what is deeper has bullets.

use super::markup::attributes;
use crate::html::reading::{
    lists::{Kind, List},
    style::Style,
    tag::{Attribute, Tag},
};

/// Octets of a value that says how a list counts.
const LONGEST_VALUE: usize = 1024;

/// The lists that are open.
#[derive(Debug)]
pub(super) struct Lists {
    /// Each, and whether it has numbers.
    open: Vec<(List, bool)>,
    /// Those that are too deep to be told apart.
    deeper: usize,
    most: usize,
}

impl Lists {
    /// So many are told apart.
    pub fn new(most: usize) -> Self {
        Lists { open: Vec::new(), deeper: 0, most }
    }

    /// A list begins with this tag.
    pub fn begin(&mut self, source: &str, is_ordered: bool) {
        if self.open.len() >= self.most {
            self.deeper += 1;
            return;
        }
        let tag = tag(source);
        let list = List::of(&tag, is_ordered, Style::of(&tag).is_without_marker, self.open.len());
        self.open.push((list, is_ordered));
    }

    /// A list ends, and with it those that began in it.
    pub fn end(&mut self, is_ordered: bool) {
        if self.deeper > 0 {
            self.deeper -= 1;
        } else if let Some(at) = self.open.iter().rposition(|(_, ordered)| *ordered == is_ordered) {
            self.open.truncate(at);
        }
    }

    /// What stands before the item that begins with this tag, as RTF; empty: nothing.
    pub fn marker(&mut self, source: &str) -> String {
        const BULLET: &str = "\\bullet\\~";
        let list = self.open.last_mut().filter(|_| self.deeper == 0);
        match list {
            None => BULLET.to_owned(),
            Some((list, _)) => match list.kind {
                Kind::None => String::new(),
                Kind::Bullet(_) => BULLET.to_owned(),
                _ => list.marker(&tag(source)).replace(' ', "\\~"),
            },
        }
    }
}

/// A tag with what says how a list counts.
fn tag(source: &str) -> Tag {
    let mut tag = Tag::default();
    for (name, value) in attributes(source) {
        // The longest of their names has eight letters.
        if name.len() > 8 || value.len() > LONGEST_VALUE {
            continue;
        }
        let attribute = Attribute::of(name.to_ascii_lowercase().as_bytes());
        let counts = [Attribute::Reversed, Attribute::Start, Attribute::Style, Attribute::Type, Attribute::Value];
        let Some(attribute) = attribute.filter(|attribute| counts.contains(attribute)) else { continue };
        let place = &mut tag.places[attribute as usize];
        if place.is_none() {
            *place = Some((tag.values.len(), tag.values.len() + value.len()));
            tag.values.extend_from_slice(value.as_bytes());
        }
    }
    tag
}
