//! The document that is written, and its paragraphs.
//!
//! Rule: a paragraph says all of itself, and each ends what it has begun: groups are balanced at its end.

use std::fmt::Write;

use super::look::Block;
use crate::{rtf::model::Alignment, Allowance, ConvertError};

pub(super) type Done = Result<(), ConvertError>;

/// Twips of the gap before a paragraph, and between what stands before an item and its text.
const GAP: u16 = 240;
const MARKER: i32 = 360;

/// What holds for a paragraph.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Props {
    pub block: Block,
    /// There is a gap before it.
    pub has_gap: bool,
    /// It is an item: which list's, and at which level.
    pub item: Option<(u16, u8)>,
    /// It is a rule.
    pub is_rule: bool,
}

/// How a paragraph ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Paragraph,
    /// A paragraph of a cell that goes on.
    InCell,
    Cell,
}

/// The document.
#[derive(Debug)]
pub(super) struct Out {
    pub rtf: String,
    pub left: Allowance,
}

impl Out {
    /// A paragraph whose content has been counted.
    pub fn paragraph(&mut self, props: &Props, content: &str, end: End) -> Done {
        let before = self.rtf.len();
        self.rtf.push_str("\\pard");
        if end != End::Paragraph {
            self.rtf.push_str("\\intbl");
        }
        words(&mut self.rtf, props);
        if !content.is_empty() {
            self.rtf.push(' ');
        }
        let own = self.rtf.len() - before;
        self.rtf.push_str(content);
        self.rtf.push_str(if end == End::Cell { "\\cell\n" } else { "\\par\n" });
        self.left.make(own + "\\cell\n".len())
    }

    /// Something of its own.
    pub fn push(&mut self, rtf: &str) -> Done {
        self.left.make(rtf.len())?;
        self.rtf.push_str(rtf);
        Ok(())
    }
}

fn words(rtf: &mut String, props: &Props) {
    let block = &props.block;
    if props.has_gap {
        let _ = write!(rtf, "\\sb{GAP}"); // a string can be written
    }
    if block.heading > 0 {
        let _ = write!(rtf, "\\keepn\\outlinelevel{}", block.heading - 1);
    }
    rtf.push_str(match block.alignment {
        Alignment::Left => "",
        Alignment::Right => "\\qr",
        Alignment::Centre => "\\qc",
        Alignment::Justified => "\\qj",
    });
    let (indent, first) = match props.item {
        Some((list, level)) => {
            if list > 0 {
                let _ = write!(rtf, "\\ls{list}\\ilvl{level}");
            }
            (block.indent.max(MARKER), -MARKER)
        }
        None => (block.indent, block.first_indent),
    };
    if first != 0 {
        let _ = write!(rtf, "\\fi{first}");
    }
    if indent != 0 {
        let _ = write!(rtf, "\\li{indent}");
    }
    if props.is_rule {
        rtf.push_str("\\brdrb\\brdrs\\brdrw10\\brsp20");
    }
}
