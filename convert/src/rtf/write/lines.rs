//! Where a line ends in what is shown of a page that is held: where a block begins and where it ends, as in a browser.
//!
//! Rule: what ends a line is owed until something is seen in the next one. So end tags may be left out or not, blocks without
//! content leave nothing, and a line is empty only where the page says so.

/// What stands in the line so far, or what is owed behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    Empty,
    /// Only what stands before an item: a block that begins in the item begins here.
    Marked,
    Written,
    Broken,
    /// Its paragraph has ended.
    Ended,
}

/// The cell that is open in the row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cell {
    None,
    Empty,
    Written,
}

/// What is to be drawn before what follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Owed {
    /// What ends the line before; empty: nothing.
    pub end: &'static str,
    pub tabs: usize,
}

impl Owed {
    pub fn is_none(self) -> bool {
        self.end.is_empty() && self.tabs == 0
    }
}

/// The lines, as far as they are shown.
#[derive(Debug)]
pub(super) struct Lines {
    line: Line,
    cell: Cell,
    /// Cells that have ended in this row, and are not drawn.
    tabs: usize,
}

impl Lines {
    pub fn new() -> Self {
        Lines { line: Line::Empty, cell: Cell::None, tabs: 0 }
    }

    /// White space here would stand at the beginning of a line or a cell, where nobody sees it.
    pub fn is_blank_gone(&self) -> bool {
        self.line != Line::Written || self.tabs > 0
    }

    /// What is owed, which is drawn now.
    pub fn take(&mut self) -> Owed {
        let end = match self.line {
            Line::Broken => "\\line",
            Line::Ended => "\\par",
            Line::Empty | Line::Marked | Line::Written => "",
        };
        if !end.is_empty() {
            self.line = Line::Empty;
        }
        let tabs = std::mem::take(&mut self.tabs);
        if tabs > 0 {
            self.line = Line::Written;
        }
        Owed { end, tabs }
    }

    /// Something is seen here, and nothing is owed.
    pub fn write(&mut self) {
        self.line = Line::Written;
        if self.cell == Cell::Empty {
            self.cell = Cell::Written;
        }
    }

    /// What stands before an item is here.
    pub fn mark(&mut self) {
        self.write();
        self.line = Line::Marked;
    }

    /// The line ends, and its paragraph goes on. What was owed was taken.
    pub fn end_line(&mut self) {
        self.write();
        self.line = Line::Broken;
    }

    /// A block begins or ends.
    pub fn end_block(&mut self) {
        let begins_in_cell = self.cell == Cell::Empty && self.tabs > 0;
        if matches!(self.line, Line::Written | Line::Broken) && !begins_in_cell {
            self.line = Line::Ended;
            self.tabs = 0;
        }
    }

    /// An item or a list begins or ends: an item without content is seen, too.
    pub fn end_item(&mut self) {
        self.end_block();
        if self.line == Line::Marked {
            self.line = Line::Ended;
        }
    }

    pub fn begin_cell(&mut self) {
        self.end_cell();
        if self.tabs == 0 {
            // It is the first of its row, or stands behind a table in a cell.
            self.end_block();
        }
        self.cell = Cell::Empty;
    }

    /// It may have ended before. The last of its paragraphs ends with it.
    pub fn end_cell(&mut self) {
        let cell = std::mem::replace(&mut self.cell, Cell::None);
        if cell == Cell::Written && matches!(self.line, Line::Broken | Line::Ended) {
            self.line = Line::Written;
        }
        self.tabs += usize::from(cell != Cell::None);
    }

    /// A table begins. The cell in which it stands is no part of a line.
    pub fn begin_table(&mut self) {
        (self.cell, self.tabs) = (Cell::None, 0);
        self.end_block();
    }

    /// A row begins or ends, or a table ends. So many tabs are to be drawn: a row of which nothing is seen leaves nothing.
    pub fn end_row(&mut self) -> usize {
        self.end_cell();
        let tabs = std::mem::take(&mut self.tabs);
        let is_seen = self.line == Line::Written;
        self.end_block();
        if is_seen {
            tabs
        } else {
            0
        }
    }
}
