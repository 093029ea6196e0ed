//! Tables: rows of cells, where a row has several of them.
//!
//! Rule: only the innermost table is gathered, and of it one row. A row in which there is another table, one of a single cell, or
//! one with more cells than Word has columns is no row: its paragraphs follow each other. So the tables that hold data have their
//! columns, and those that hold the layout of a page cost nothing.

use std::fmt::Write;

use super::out::{Done, End, Out, Props};

/// Columns that a table has at most, as in Word.
const MOST_COLUMNS: u16 = 63;
/// Paragraphs of a row that are gathered.
const MOST_PARAGRAPHS: usize = 4096;
/// Twips of a table's width.
const WIDTH: u32 = 9000;
pub(super) const BORDERS: &str =
    "\\clbrdrt\\brdrs\\brdrw10\\clbrdrl\\brdrs\\brdrw10\\clbrdrb\\brdrs\\brdrw10\\clbrdrr\\brdrs\\brdrw10";

/// The tables of a page.
#[derive(Debug, Default)]
pub(super) struct Rows {
    /// Tables that are open.
    depth: usize,
    /// The innermost; `None`: what is written belongs to no row.
    table: Option<Table>,
}

#[derive(Debug, Default)]
struct Table {
    has_border: bool,
    /// For each column, the rows below that a cell above takes.
    taken: Vec<u16>,
    row: Option<Row>,
}

#[derive(Debug, Default)]
struct Row {
    rtf: String,
    /// What holds for each paragraph, and where it ends.
    paragraphs: Vec<(Props, usize)>,
    cells: Vec<Cell>,
    /// The column of the next cell.
    column: u16,
    /// The cell that is open.
    open: Option<Cell>,
}

#[derive(Clone, Copy, Debug)]
struct Cell {
    column: u16,
    columns: u16,
    rows: u16,
    /// Where its paragraphs end.
    end: usize,
}

impl Rows {
    fn row(&mut self) -> Option<&mut Row> {
        self.table.as_mut().and_then(|table| table.row.as_mut())
    }

    /// A cell is open.
    fn is_in_cell(&self) -> bool {
        self.table.as_ref().and_then(|table| table.row.as_ref()).is_some_and(|row| row.open.is_some())
    }

    /// A paragraph.
    pub fn paragraph(&mut self, props: &Props, content: &str, out: &mut Out) -> Done {
        let Some(row) = self.row().filter(|row| row.open.is_some()) else {
            return out.paragraph(props, content, End::Paragraph);
        };
        row.rtf.push_str(content);
        row.paragraphs.push((*props, row.rtf.len()));
        if row.paragraphs.len() == MOST_PARAGRAPHS {
            self.dissolve(out)?;
        }
        Ok(())
    }

    pub fn table_begins(&mut self, has_border: bool, out: &mut Out) -> Done {
        self.dissolve(out)?;
        self.depth += 1;
        self.table = Some(Table { has_border, ..Table::default() });
        Ok(())
    }

    pub fn table_ends(&mut self, out: &mut Out) -> Done {
        self.row_is_complete(out)?;
        self.depth = self.depth.saturating_sub(1);
        self.table = None;
        Ok(())
    }

    pub fn row_begins(&mut self) {
        if self.table.is_none() && self.depth > 0 {
            self.table = Some(Table::default());
        }
    }

    pub fn row_ends(&mut self, out: &mut Out) -> Done {
        // A row in a cell, without a table of its own, is none.
        match self.is_in_cell() {
            true => Ok(()),
            false => self.row_is_complete(out),
        }
    }

    pub fn cell_begins(&mut self, columns: u16, rows: u16, out: &mut Out) -> Done {
        if self.is_in_cell() {
            return self.dissolve(out);
        }
        let Some(table) = &mut self.table else { return Ok(()) };
        let row = table.row.get_or_insert_with(Row::default);
        while table.taken.get(usize::from(row.column)).is_some_and(|rows| *rows > 0) {
            row.column += 1;
        }
        if row.column >= MOST_COLUMNS {
            return self.dissolve(out);
        }
        let columns = columns.min(MOST_COLUMNS - row.column);
        row.open = Some(Cell { column: row.column, columns, rows, end: 0 });
        row.column += columns;
        Ok(())
    }

    pub fn cell_ends(&mut self) {
        let Some(row) = self.row() else { return };
        if let Some(cell) = row.open.take() {
            row.cells.push(Cell { end: row.paragraphs.len(), ..cell });
        }
    }

    /// The row is none: its paragraphs follow each other, and so does what comes in it.
    fn dissolve(&mut self, out: &mut Out) -> Done {
        match self.table.take().and_then(|table| table.row) {
            Some(row) => row.write_flat(out),
            None => Ok(()),
        }
    }

    fn row_is_complete(&mut self, out: &mut Out) -> Done {
        self.cell_ends();
        let Some(table) = &mut self.table else { return Ok(()) };
        let Some(row) = table.row.take() else { return Ok(()) };
        let above = std::mem::take(&mut table.taken);
        table.taken = above.iter().map(|rows| rows.saturating_sub(1)).collect();
        for cell in row.cells.iter().filter(|cell| cell.rows > 1) {
            let end = usize::from(cell.column + cell.columns);
            if table.taken.len() < end {
                table.taken.resize(end, 0);
            }
            table.taken[usize::from(cell.column)..end].fill(cell.rows - 1);
        }
        let has_columns = row.cells.len() > 1
            || above.iter().any(|rows| *rows > 0)
            || row.cells.iter().any(|cell| cell.column > 0 || cell.columns > 1);
        match has_columns {
            true => row.write(&above, table.has_border, out),
            false => row.write_flat(out),
        }
    }
}

impl Row {
    fn write_flat(&self, out: &mut Out) -> Done {
        let mut start = 0;
        for (props, end) in &self.paragraphs {
            out.paragraph(props, &self.rtf[start..*end], End::Paragraph)?;
            start = *end;
        }
        Ok(())
    }

    /// The row, below which cells of rows above take these columns.
    fn write(&self, above: &[u16], has_border: bool, out: &mut Out) -> Done {
        let places = self.places(above);
        let columns = places.last().map_or(1, |place| place.end).max(1);
        let mut head = String::from("\\trowd\\trgaph108\\trautofit1");
        for place in &places {
            head.push_str(match place.cell.map(|cell| cell.rows) {
                None => "\\clvmrg",
                Some(1) => "",
                Some(_) => "\\clvmgf",
            });
            head.push_str(if has_border { BORDERS } else { "" });
            let _ = write!(head, "\\cellx{}", WIDTH * u32::from(place.end) / u32::from(columns));
            // a string can be written
        }
        head.push('\n');
        out.push(&head)?;
        let mut first = 0;
        for place in &places {
            let Some(cell) = place.cell else {
                out.paragraph(&Props::default(), "", End::Cell)?;
                continue;
            };
            if first == cell.end {
                out.paragraph(&Props::default(), "", End::Cell)?;
            }
            for at in first..cell.end {
                let start = at.checked_sub(1).map_or(0, |before| self.paragraphs[before].1);
                let (props, end) = &self.paragraphs[at];
                let how = if at + 1 == cell.end { End::Cell } else { End::InCell };
                out.paragraph(props, &self.rtf[start..*end], how)?;
            }
            first = cell.end;
        }
        out.push("\\row\n")
    }

    /// The cells of this row and, as none, those of rows above that reach into it.
    fn places(&self, above: &[u16]) -> Vec<Place<'_>> {
        let mut places = Vec::new();
        let mut column = 0;
        let mut cells = self.cells.iter().peekable();
        loop {
            match cells.next_if(|cell| cell.column <= column) {
                Some(cell) => {
                    column = cell.column + cell.columns;
                    places.push(Place { cell: Some(cell), end: column });
                }
                None if cells.peek().is_some() || above.get(usize::from(column)).is_some_and(|rows| *rows > 0) => {
                    column += 1;
                    places.push(Place { cell: None, end: column });
                }
                None => return places,
            }
        }
    }
}

/// A cell as it stands in its row.
struct Place<'r> {
    cell: Option<&'r Cell>,
    /// The column behind it.
    end: u16,
}
