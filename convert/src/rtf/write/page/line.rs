//! The text of a paragraph: pieces with their looks, ends of lines, links and pictures.
//!
//! Rule: white space and ends of lines are owed, and are written when something follows: a paragraph neither begins nor ends with
//! them. What is open is one group at most, and a link around it.

use std::fmt::Write;

use super::{
    look::{Chars, SIZE},
    out::Done,
};
use crate::{rtf::model::Position, rtf::write::escape, Allowance};

/// Octets of the target of a link.
const LONGEST_TARGET: usize = 2048;

/// A paragraph in the making.
#[derive(Debug, Default)]
pub(super) struct Line {
    rtf: String,
    /// How the text looks whose group is open.
    open: Option<Chars>,
    /// Where the text leads.
    link: Option<String>,
    /// The link is open.
    is_linked: bool,
    /// The look of a blank that is owed.
    blank: Option<Chars>,
    /// Ends of lines that are owed.
    breaks: usize,
    /// Nothing stands in the line.
    is_fresh: bool,
    /// Octets that have been counted.
    counted: usize,
}

impl Line {
    pub fn new() -> Self {
        Line { is_fresh: true, ..Line::default() }
    }

    /// White space.
    pub fn blank(&mut self, chars: &Chars) {
        self.blank.get_or_insert(*chars);
    }

    /// The line ends.
    pub fn line_break(&mut self) {
        self.breaks += 1;
        self.blank = None;
    }

    /// What stands before the text of an item.
    pub fn marker(&mut self, marker: &str, left: &mut Allowance) -> Done {
        self.rtf.push_str("{\\listtext ");
        escape::text(&mut self.rtf, marker);
        self.rtf.push_str("\\tab}");
        self.count(left)
    }

    /// Text that is seen, with its blanks.
    pub fn text(&mut self, text: &str, chars: &Chars, left: &mut Allowance) -> Done {
        left.make(text.len())?;
        self.counted += text.len();
        self.begin(chars);
        text.split(|one: char| one.is_control() && one != '\t').for_each(|piece| escape::text(&mut self.rtf, piece));
        self.is_fresh = false;
        self.count(left)
    }

    /// The end of words in quotation marks: what is owed comes behind it.
    pub fn mark(&mut self, mark: &str, chars: &Chars, left: &mut Allowance) -> Done {
        if self.is_fresh {
            return Ok(());
        }
        let blank = self.blank.take();
        self.text(mark, chars, left)?;
        self.blank = blank;
        Ok(())
    }

    /// Something that is no text and ends what it begins.
    pub fn object(&mut self, rtf: &str, chars: &Chars, left: &mut Allowance) -> Done {
        left.make(rtf.len())?;
        self.counted += rtf.len();
        self.begin(chars);
        self.rtf.push_str(rtf);
        self.is_fresh = false;
        self.count(left)
    }

    /// Text follows that looks so: what is owed before it is written.
    fn begin(&mut self, chars: &Chars) {
        if self.breaks > 0 {
            self.end_group();
            (0..std::mem::take(&mut self.breaks)).for_each(|_| self.rtf.push_str("\\line "));
            self.is_fresh = true;
        }
        if let Some(blank) = self.blank.take().filter(|_| !self.is_fresh) {
            self.write_blank(&blank, chars);
        }
        self.open_link();
        self.group(chars);
    }

    /// A blank shows no more of a look than both sides of it have.
    fn write_blank(&mut self, blank: &Chars, next: &Chars) {
        let (is_underlined, is_struck) = (next.is_underlined && blank.is_underlined, next.is_struck && blank.is_struck);
        let chars = Chars {
            is_underlined,
            is_struck,
            background: if next.background == blank.background { next.background } else { 0 },
            // What is drawn through it has a colour, and nothing else of it.
            colour: if is_underlined || is_struck || blank == next { blank.colour } else { 0 },
            ..*blank
        };
        if self.open != Some(Chars { colour: blank.colour, ..chars }) {
            self.group(&chars);
        }
        self.rtf.push(' ');
    }

    /// Opens the group of such a text.
    fn group(&mut self, chars: &Chars) {
        if self.open == Some(*chars) {
            return;
        }
        self.end_group();
        if *chars != Chars::default() {
            self.rtf.push('{');
            words(&mut self.rtf, chars);
            self.rtf.push(' ');
            self.open = Some(*chars);
        }
    }

    fn end_group(&mut self) {
        if self.open.take().is_some() {
            self.rtf.push('}');
        }
    }

    /// What follows leads there.
    pub fn link_begins(&mut self, target: String) {
        self.link = (target.len() <= LONGEST_TARGET).then_some(target);
    }

    pub fn link_ends(&mut self, left: &mut Allowance) -> Done {
        self.close_link();
        self.link = None;
        self.count(left)
    }

    /// Opens the link that there may be.
    fn open_link(&mut self) {
        if self.is_linked || self.link.is_none() {
            return;
        }
        self.end_group();
        let target = self.link.as_deref().unwrap_or_default();
        self.rtf.push_str("{\\field{\\*\\fldinst{HYPERLINK \"");
        // In an instruction, a backslash stands before what is meant as it is.
        escape::text(&mut self.rtf, &target.replace('"', "%22").replace('\\', "\\\\"));
        self.rtf.push_str("\"}}{\\fldrslt ");
        self.is_linked = true;
    }

    fn close_link(&mut self) {
        self.end_group();
        if std::mem::take(&mut self.is_linked) {
            self.rtf.push_str("}}");
        }
    }

    /// All of it: the next paragraph begins, in the same link.
    pub fn end(&mut self, left: &mut Allowance) -> Result<String, crate::ConvertError> {
        self.close_link();
        // The last one ends the paragraph itself.
        (1..std::mem::take(&mut self.breaks)).for_each(|_| self.rtf.push_str("\\line "));
        self.count(left)?;
        (self.blank, self.is_fresh, self.counted) = (None, true, 0);
        Ok(std::mem::take(&mut self.rtf))
    }

    /// Takes what has been written, and not counted, from the allowance.
    fn count(&mut self, left: &mut Allowance) -> Done {
        let more = self.rtf.len().saturating_sub(self.counted);
        self.counted = self.counted.max(self.rtf.len());
        left.make(more)
    }
}

fn words(rtf: &mut String, chars: &Chars) {
    for (is_on, word) in [
        (chars.is_bold, "\\b"),
        (chars.is_italic, "\\i"),
        (chars.is_underlined, "\\ul"),
        (chars.is_struck, "\\strike"),
        (chars.position == Position::Super, "\\super"),
        (chars.position == Position::Sub, "\\sub"),
    ] {
        if is_on {
            rtf.push_str(word);
        }
    }
    // A string can be written.
    if chars.font > 0 {
        let _ = write!(rtf, "\\f{}", chars.font);
    }
    if chars.size != SIZE {
        let _ = write!(rtf, "\\fs{}", chars.size);
    }
    if chars.colour > 0 {
        let _ = write!(rtf, "\\cf{}", chars.colour);
    }
    if chars.background > 0 {
        // Word has but 16 colours for `\highlight`.
        let _ = write!(rtf, "\\chshdng0\\chcbpat{0}\\cb{0}", chars.background);
    }
}
