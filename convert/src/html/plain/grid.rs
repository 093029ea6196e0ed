//! Tables: columns where the cells are short, lines where they are not.
//!
//! Rule: only the innermost table is gathered, and only as long as it may become columns. With the first cell of several lines,
//! with a table in it, or too wide, it is lines: what was gathered is written, and the rest is written straight on. So a page
//! whose layout is tables within tables costs no more than its text.

use super::flow::{Done, Flow, Owed};
use crate::text::width;

/// Columns of a cell that is short.
const SHORT: usize = 40;
/// Columns that all of them have together if no line has a bound.
const ROOM: usize = 78;
/// What stands between columns.
const BETWEEN: usize = 2;
/// Columns and cells that are gathered.
const MOST_COLUMNS: usize = 32;
const MOST_CELLS: usize = 1 << 14;

/// A table that may become columns.
#[derive(Debug, Default)]
pub(super) struct Grid {
    /// The text of all cells.
    text: String,
    cells: Vec<Cell>,
    /// Where each row ends.
    rows: Vec<usize>,
    /// For each column, the rows below that a cell above takes.
    taken: Vec<u16>,
    /// The column of the next cell.
    column: usize,
    /// The cell that is open, without its text.
    open: Option<Cell>,
    /// What is owed before the table.
    before: Owed,
}

#[derive(Debug)]
struct Cell {
    column: u16,
    span: u16,
    end: u32,
    wide: u16,
    is_right: bool,
}

impl Grid {
    fn cell_begins(&mut self, columns: u16, rows: u16, is_right: bool) -> bool {
        while self.taken.get(self.column).is_some_and(|rows| *rows > 0) {
            self.column += 1;
        }
        let end = self.column + usize::from(columns);
        let Ok(column) = u16::try_from(self.column) else { return false };
        if end > MOST_COLUMNS || self.cells.len() == MOST_CELLS {
            return false;
        }
        if self.taken.len() < end {
            self.taken.resize(end, 0);
        }
        // The row itself is one of them.
        self.taken[self.column..end].fill(rows);
        self.column = end;
        self.open = Some(Cell { column, span: columns, end: 0, wide: 0, is_right });
        true
    }

    /// False: the cell is too wide.
    fn cell_ends(&mut self, text: &str) -> bool {
        let Some(cell) = self.open.take() else { return true };
        let text = text.trim_matches([' ', '\u{A0}']);
        let wide = width(text);
        if wide == 0 {
            return true;
        }
        self.text.push_str(text);
        let Ok(end) = u32::try_from(self.text.len()) else { return false };
        self.cells.push(Cell { end, wide: u16::try_from(wide).unwrap_or(u16::MAX), ..cell });
        wide <= SHORT
    }

    fn row_ends(&mut self) {
        // A row in a cell, without a table of its own, is none.
        if self.open.is_some() {
            return;
        }
        self.column = 0;
        self.taken.iter_mut().for_each(|rows| *rows = rows.saturating_sub(1));
        if self.rows.last().copied().unwrap_or(0) < self.cells.len() {
            self.rows.push(self.cells.len());
        }
    }

    /// How wide each column is. `None`: they do not fit, or there is but one.
    fn columns(&self, room: usize) -> Option<Vec<usize>> {
        let mut columns = vec![0; self.taken.len()];
        for cell in self.cells.iter().filter(|cell| cell.span == 1) {
            let wide = &mut columns[usize::from(cell.column)];
            *wide = usize::from(cell.wide).max(*wide);
        }
        for cell in self.cells.iter().filter(|cell| cell.span > 1) {
            let of_cell = usize::from(cell.column)..usize::from(cell.column + cell.span);
            let lacks = usize::from(cell.wide).saturating_sub(total(&columns[of_cell.clone()]));
            columns[of_cell.start] += lacks;
        }
        (columns.iter().filter(|wide| **wide > 0).count() > 1 && total(&columns) <= room).then_some(columns)
    }
}

/// How wide these columns are together.
fn total(columns: &[usize]) -> usize {
    let seen = columns.iter().filter(|wide| **wide > 0);
    (seen.clone().sum::<usize>() + seen.count() * BETWEEN).saturating_sub(BETWEEN)
}

impl Flow {
    /// A cell is open whose text may become part of a column.
    pub(super) fn is_in_cell(&self) -> bool {
        self.grid.as_ref().is_some_and(|grid| grid.open.is_some())
    }

    pub(super) fn table_begins(&mut self) -> Done {
        self.flatten()?;
        self.owe(Owed::Line);
        self.flush()?;
        let before = std::mem::take(&mut self.owed);
        self.grid = Some(Grid { before, ..Grid::default() });
        Ok(())
    }

    pub(super) fn table_ends(&mut self) -> Done {
        self.is_cell_empty = false;
        let room = self.column.unwrap_or(ROOM).saturating_sub(self.indent);
        let columns = self.grid.as_ref().and_then(|grid| grid.columns(room));
        match columns {
            Some(columns) => self.write_grid(&columns)?,
            None => self.flatten()?,
        }
        self.owe(Owed::Line);
        Ok(())
    }

    pub(super) fn row_ends(&mut self) {
        match &mut self.grid {
            Some(grid) => grid.row_ends(),
            None => self.owe(Owed::Line),
        }
    }

    pub(super) fn cell_begins(&mut self, columns: u16, rows: u16, is_right: bool) -> Done {
        if self.is_in_cell() {
            self.flatten()?;
        }
        if self.grid.is_some() {
            // What stands in a table and in no cell stands before the table.
            self.flush()?;
            self.owed = Owed::Nothing;
        }
        let is_column = self.grid.as_mut().is_some_and(|grid| grid.cell_begins(columns, rows, is_right));
        if !is_column {
            self.flatten()?;
            self.owe(Owed::Line);
            self.is_cell_empty = true;
        }
        Ok(())
    }

    pub(super) fn cell_ends(&mut self) -> Done {
        let Some(grid) = &mut self.grid else {
            if self.is_cell_empty && self.line.trim_matches([' ', '\u{A0}']).is_empty() {
                self.line.clear();
            }
            self.is_cell_empty = false;
            self.owe(Owed::Line);
            return Ok(());
        };
        let is_short = grid.cell_ends(&self.line);
        self.line.clear();
        self.owed = Owed::Nothing;
        self.cell_is_taken();
        if is_short {
            Ok(())
        } else {
            self.flatten()
        }
    }

    /// The table is no columns: what was gathered of it is lines.
    pub(super) fn flatten(&mut self) -> Done {
        let Some(grid) = self.grid.take() else { return Ok(()) };
        let line = std::mem::take(&mut self.line);
        let owed = std::mem::replace(&mut self.owed, grid.before);
        let mut start = 0;
        for cell in &grid.cells {
            self.settle()?;
            let end = usize::try_from(cell.end).unwrap_or(start);
            self.line.push_str(&grid.text[start..end]);
            self.owed = Owed::Line;
            start = end;
        }
        if line.is_empty() {
            self.owe(owed);
        } else {
            self.settle()?;
            self.owed = owed;
            self.line = line;
        }
        self.is_cell_empty = grid.open.is_some();
        Ok(())
    }

    fn write_grid(&mut self, columns: &[usize]) -> Done {
        let Some(grid) = self.grid.take() else { return Ok(()) };
        self.owed = grid.before;
        let (mut start, mut first) = (0, 0);
        for end in grid.rows.iter().copied().chain([grid.cells.len()]) {
            // Where the line would go on if a column were to begin now.
            let (mut at, mut column) = (0, 0);
            self.settle()?;
            for cell in &grid.cells[first..end] {
                let text = &grid.text[start..usize::try_from(cell.end).unwrap_or(start)];
                let of_cell = usize::from(cell.column);
                let before = total(&columns[..of_cell]);
                let begins = if before > 0 && columns[of_cell] > 0 { before + BETWEEN } else { before };
                let wide = usize::from(cell.wide);
                let spare = if cell.is_right {
                    total(&columns[of_cell..of_cell + usize::from(cell.span)]).saturating_sub(wide)
                } else {
                    0
                };
                let blanks = (begins + spare).saturating_sub(at).max(if column > 0 { BETWEEN } else { 0 });
                self.line.extend(std::iter::repeat_n('\u{A0}', blanks));
                self.line.push_str(text);
                (at, column, start) = (at + blanks + wide, column + 1, start + text.len());
            }
            first = end;
            self.owe(Owed::Line);
        }
        Ok(())
    }
}
