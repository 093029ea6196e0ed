//! Lines: how words come together to lines, and lines to text.
//!
//! Rule: white space and gaps are owed, and are paid when something follows: nothing begins or ends with a gap. Before a line is
//! written, its room is taken from the allowance.

use super::{grid::Grid, indent::Indent};
pub(super) use crate::html::reading::draw::Done;
use crate::{
    html::reading::style::{is_blank, White},
    text::{fold, width},
    Allowance, ConvertError,
};

/// Columns that a line has at least, whatever stands before it.
pub(super) const LEAST_ROOM: usize = 20;
const NBSP: char = '\u{A0}';

/// What is owed before the next word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Owed {
    #[default]
    Nothing,
    /// A line of its own.
    Line,
    /// A blank line before it.
    Gap,
}

/// The text that is being written.
#[derive(Debug)]
pub(super) struct Flow {
    pub(super) out: String,
    /// The line that is being written. Blanks in it that do not break are U+00A0 yet.
    pub(super) line: String,
    pub(super) owed: Owed,
    /// A blank is owed.
    blank: bool,
    /// Nothing stands above, or a blank line.
    pub(super) is_gap_above: bool,
    /// The line breaks nowhere.
    is_fixed: bool,
    pub(super) indents: Vec<Indent>,
    /// Columns that they take.
    pub(super) indent: usize,
    /// The widest line since somebody asked.
    pub(super) widest: usize,
    pub(super) column: Option<usize>,
    /// The table whose cells may become columns.
    pub(super) grid: Option<Grid>,
    /// Nothing stands in the cell yet that is written straight on.
    pub(super) is_cell_empty: bool,
    pub(super) left: Allowance,
}

impl Flow {
    pub(super) fn new(column: Option<usize>, left: Allowance) -> Flow {
        Flow {
            out: String::new(),
            line: String::new(),
            owed: Owed::Nothing,
            blank: false,
            is_gap_above: true,
            is_fixed: false,
            indents: Vec::new(),
            indent: 0,
            widest: 0,
            column,
            grid: None,
            is_cell_empty: false,
            left,
        }
    }

    /// Text, with this white space.
    pub(super) fn text(&mut self, text: &str, white: White) -> Done {
        match white {
            White::Collapse => self.words(text),
            White::Lines => self.lines(text, Flow::words),
            White::Wrap => self.lines(text, Flow::push),
            White::Keep => self.lines(text, Flow::keep),
        }
    }

    /// Blanks may stand around this, but only one on each side.
    pub(super) fn apart(&mut self, text: &str) -> Done {
        self.blank = true;
        self.words(text)?;
        self.blank = true;
        Ok(())
    }

    fn words(&mut self, text: &str) -> Done {
        let octets = text.as_bytes();
        let mut at = 0;
        while at < octets.len() {
            if is_blank(octets[at]) {
                self.blank = true;
                at += 1;
                continue;
            }
            let end = octets[at..].iter().position(|octet| is_blank(*octet)).map_or(octets.len(), |length| at + length);
            self.push(&text[at..end])?;
            at = end;
        }
        Ok(())
    }

    fn lines(&mut self, text: &str, each: fn(&mut Flow, &str) -> Done) -> Done {
        let mut lines = text.split('\n');
        each(self, lines.next().unwrap_or(""))?;
        for line in lines {
            self.line_break()?;
            each(self, line)?;
        }
        Ok(())
    }

    /// Part of a line, as it is.
    fn push(&mut self, text: &str) -> Done {
        if text.is_empty() {
            return Ok(());
        }
        self.settle()?;
        if self.blank && !self.line.is_empty() {
            self.line.push(' ');
        }
        self.blank = false;
        if text.bytes().any(|octet| octet < b' ' || octet == 0x7F || octet == 0xC2) {
            self.line.extend(text.chars().filter(|one| !one.is_control() || *one == '\t'));
        } else {
            self.line.push_str(text);
        }
        Ok(())
    }

    /// The same, and the line breaks nowhere.
    fn keep(&mut self, text: &str) -> Done {
        self.push(text)?;
        self.is_fixed |= !text.is_empty();
        Ok(())
    }

    /// Something behind the last word, whatever is owed.
    pub(super) fn mark(&mut self, mark: &str) {
        if !self.line.is_empty() {
            self.line.push_str(mark);
        }
    }

    /// This is owed before what follows.
    pub(super) fn owe(&mut self, owed: Owed) {
        self.owed = self.owed.max(owed);
    }

    /// Pays what is owed.
    pub(super) fn settle(&mut self) -> Done {
        if self.owed == Owed::Nothing {
            return Ok(());
        }
        self.blank &= !self.line.is_empty();
        if self.is_in_cell() {
            if self.line.is_empty() {
                self.owed = Owed::Nothing;
                return Ok(());
            }
            // A cell of several lines: this is no table of columns.
            self.flatten()?;
        }
        self.flush()?;
        if self.owed == Owed::Gap && !self.is_gap_above {
            self.blank_line()?;
        }
        self.owed = Owed::Nothing;
        Ok(())
    }

    /// A line ends here.
    pub(super) fn line_break(&mut self) -> Done {
        if self.is_in_cell() && self.line.is_empty() {
            return Ok(());
        }
        if self.owed == Owed::Nothing && !self.line.is_empty() {
            self.owed = Owed::Line;
            return Ok(());
        }
        self.settle()?;
        if self.is_cell_empty {
            return Ok(());
        }
        self.blank_line()
    }

    /// Writes the line that there is.
    pub(super) fn flush(&mut self) -> Done {
        if self.line.is_empty() {
            return Ok(());
        }
        let mut line = std::mem::take(&mut self.line);
        let done = self.write(&line);
        line.clear();
        self.line = line;
        (self.blank, self.is_fixed) = (false, false);
        done
    }

    fn write(&mut self, line: &str) -> Done {
        let seen = line.trim_end_matches([' ', NBSP]);
        if seen.is_empty() {
            return if self.is_cell_empty { Ok(()) } else { self.blank_line() };
        }
        self.is_cell_empty = false;
        let line = match seen {
            // The blank makes it the separator of a signature (RFC 3676, 4.3).
            "--" if self.blank || line.len() > 2 => "-- ",
            _ => seen,
        };
        match self.column.filter(|_| !self.is_fixed) {
            Some(column) => {
                let room = column.saturating_sub(self.indent).max(LEAST_ROOM);
                fold(line, room, |piece| self.put(piece))
            }
            None => self.put(line),
        }
    }

    /// Writes one line of the result.
    pub(super) fn put(&mut self, line: &str) -> Done {
        self.widest = self.widest.max(width(line));
        self.prefix(true, line.len() + 1)?;
        let mut pieces = line.split(NBSP);
        self.out.push_str(pieces.next().unwrap_or(""));
        for piece in pieces {
            self.out.push(' ');
            self.out.push_str(piece);
        }
        if line.is_empty() {
            self.trim();
        }
        self.out.push('\n');
        self.is_gap_above = false;
        Ok(())
    }

    pub(super) fn blank_line(&mut self) -> Done {
        self.prefix(false, 1)?;
        self.trim();
        self.out.push('\n');
        self.is_gap_above = true;
        Ok(())
    }

    fn trim(&mut self) {
        let end = self.out.trim_end_matches(' ').len();
        self.out.truncate(end);
    }

    /// The line has become part of a column.
    pub(super) fn cell_is_taken(&mut self) {
        (self.blank, self.is_fixed) = (false, false);
    }

    /// All of it.
    pub(super) fn finish(mut self, links: &[(usize, &str)]) -> Result<String, ConvertError> {
        self.flatten()?;
        self.flush()?;
        for (at, (number, target)) in links.iter().enumerate() {
            if at == 0 && !self.is_gap_above {
                self.blank_line()?;
            }
            self.put(&format!("[{number}] {target}"))?;
        }
        Ok(self.out)
    }
}
