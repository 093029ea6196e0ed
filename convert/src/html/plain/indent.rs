//! What stands before lines: quote marks, markers of lists, and the blanks below them.
//!
//! Rule: it takes a bounded number of columns, however deep it is.

use super::flow::{Done, Flow, Owed};
use crate::text::width;

/// Columns that quote marks and indents take at most; what is deeper stands where the last of them does.
const MOST_INDENT: usize = 32;
/// What stands before each line.
#[derive(Debug)]
pub(super) enum Indent {
    Quote,
    /// The marker, until a line has it, and its width.
    Marker(Option<String>, usize),
}

impl Flow {
    /// What stands before a line of so many octets. A line of text takes the markers that wait for one.
    pub(super) fn prefix(&mut self, is_text: bool, octets: usize) -> Done {
        self.left.step(self.indents.len() + 1)?;
        let before = self.out.len();
        let mut indents = self.indents.iter_mut().peekable();
        while let Some(indent) = indents.next() {
            match indent {
                Indent::Quote if matches!(indents.peek(), Some(Indent::Quote)) => self.out.push('>'),
                Indent::Quote => self.out.push_str("> "),
                Indent::Marker(marker, width) => match marker.take_if(|_| is_text) {
                    Some(marker) => self.out.push_str(&marker),
                    None => self.out.extend(std::iter::repeat_n(' ', *width)),
                },
            }
        }
        self.left.make(self.out.len() - before + octets)
    }

    /// Lines that follow are quoted.
    pub(super) fn quote(&mut self) -> Done {
        let wide = if matches!(self.indents.last(), Some(Indent::Quote)) { 1 } else { 2 };
        if self.indent + wide > MOST_INDENT {
            return self.indent(String::new());
        }
        self.before_indent()?;
        self.indent += wide;
        self.indents.push(Indent::Quote);
        Ok(())
    }

    /// Lines that follow stand behind this marker, and below what is behind it.
    pub(super) fn indent(&mut self, marker: String) -> Done {
        self.before_indent()?;
        let wide = width(&marker);
        let wide = if self.indent + wide > MOST_INDENT { 0 } else { wide };
        self.indent += wide;
        self.indents.push(Indent::Marker(Some(marker).filter(|marker| !marker.is_empty()), wide));
        Ok(())
    }

    /// What is owed is paid outside of what is indented.
    fn before_indent(&mut self) -> Done {
        self.flatten()?;
        self.owe(Owed::Line);
        self.settle()?;
        self.owed = Owed::Line;
        Ok(())
    }

    /// The last of them ends.
    pub(super) fn outdent(&mut self) -> Done {
        self.flatten()?;
        self.flush()?;
        if matches!(self.indents.last(), Some(Indent::Marker(Some(marker), _)) if !marker.trim().is_empty()) {
            // An item without text is an item nevertheless.
            self.settle()?;
            self.put("")?;
        }
        match self.indents.pop() {
            Some(Indent::Marker(_, wide)) => self.indent -= wide,
            Some(Indent::Quote) => {
                self.indent -= if matches!(self.indents.last(), Some(Indent::Quote)) { 1 } else { 2 };
                self.is_gap_above = self.out.is_empty();
            }
            None => {}
        }
        Ok(())
    }
}
