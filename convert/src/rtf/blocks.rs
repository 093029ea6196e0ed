//! Paragraphs, lists and tables, as they are put together to a page.
//!
//! Rule: what was opened is closed, whatever the document does: tags of the page are always in order.

use std::fmt::Write;

use super::model::{Alignment, Paragraph};

/// Lists and tables within each other; what is deeper goes into the deepest.
const DEEPEST: usize = 16;

/// A list that is open.
#[derive(Clone, Copy, Debug)]
struct List {
    is_ordered: bool,
    /// The number of its next item.
    next: u32,
}

/// Blocks that follow each other.
#[derive(Debug, Default)]
struct Blocks {
    html: String,
    lists: Vec<List>,
}

impl Blocks {
    fn paragraph(&mut self, line: &str, paragraph: &Paragraph) {
        self.close_lists(0);
        self.html.push_str("<div");
        style(&mut self.html, paragraph);
        self.html.push('>');
        self.html.push_str(if line.is_empty() { "<br>" } else { line });
        self.html.push_str("</div>\n");
    }

    fn item(&mut self, line: &str, marker: &str, level: usize) {
        let (depth, is_ordered) = (level.min(DEEPEST - 1) + 1, marker.chars().any(char::is_alphanumeric));
        self.close_lists(depth);
        if self.lists.len() == depth && self.lists.last().is_some_and(|list| list.is_ordered != is_ordered) {
            self.close_lists(depth - 1);
        }
        if self.lists.len() == depth {
            self.html.push_str("</li>\n");
        }
        while self.lists.len() < depth {
            // A level that is left out is a list of one item without text.
            let is_ordered = is_ordered && self.lists.len() + 1 == depth;
            self.html.push_str(if is_ordered { "<ol>\n" } else { "<ul>\n" });
            self.lists.push(List { is_ordered, next: 1 });
            if self.lists.len() < depth {
                self.html.push_str("<li style=\"list-style:none\">");
            }
        }
        self.begin_item(marker);
        self.html.push_str(line);
    }

    fn begin_item(&mut self, marker: &str) {
        let digits: String = marker.chars().filter(char::is_ascii_digit).take(6).collect();
        let Some(list) = self.lists.last_mut() else { return };
        let number = digits.parse().unwrap_or(list.next);
        if list.is_ordered && number != list.next {
            let _ = write!(self.html, "<li value=\"{number}\">"); // a string can be written
        } else {
            self.html.push_str("<li>");
        }
        list.next = number.saturating_add(1);
    }

    fn close_lists(&mut self, depth: usize) {
        while self.lists.len() > depth {
            let is_ordered = self.lists.pop().is_some_and(|list| list.is_ordered);
            self.html.push_str(if is_ordered { "</li>\n</ol>\n" } else { "</li>\n</ul>\n" });
        }
    }
}

fn style(html: &mut String, paragraph: &Paragraph) {
    let before = html.len();
    html.push_str(" style=\"");
    let begun = html.len();
    match paragraph.alignment {
        Alignment::Left => {}
        Alignment::Right => html.push_str("text-align:right;"),
        Alignment::Centre => html.push_str("text-align:center;"),
        Alignment::Justified => html.push_str("text-align:justify;"),
    }
    // Twips are twentieths of a point; what is wider than any page is no indent.
    for (name, twips) in [("margin-left", paragraph.indent), ("text-indent", paragraph.first_indent)] {
        if twips != 0 && twips.unsigned_abs() < 31_680 {
            let _ = write!(html, "{name}:{}pt;", f64::from(twips) / 20.0); // a string can be written
        }
    }
    match html.len() == begun {
        true => html.truncate(before),
        false => html.push('"'),
    }
}

/// A table that is open. Its rows stand where the table does; what of a row is not ended yet stands here.
#[derive(Debug, Default)]
struct Table {
    cells: String,
    cell: Blocks,
}

impl Table {
    fn end_cell(&mut self, line: &str) {
        self.cell.close_lists(0);
        self.cells.push_str("<td>");
        match self.cell.html.is_empty() && line.is_empty() {
            true => self.cells.push_str("&nbsp;"),
            false => self.cells.push_str(&self.cell.html),
        }
        self.cells.push_str(line);
        self.cells.push_str("</td>");
        self.cell.html.clear();
    }

    /// Appends the row, with what is left of a cell that was cut short.
    fn end_row(&mut self, html: &mut String) {
        self.cell.close_lists(0);
        if !self.cell.html.is_empty() {
            self.end_cell("");
        }
        if !self.cells.is_empty() {
            html.push_str("<tr>");
            html.push_str(&self.cells);
            html.push_str("</tr>\n");
            self.cells.clear();
        }
    }
}

/// A page in the making.
#[derive(Debug, Default)]
pub(super) struct Body {
    blocks: Blocks,
    tables: Vec<Table>,
}

impl Body {
    /// One that goes on from here.
    pub fn new(head: &str) -> Self {
        Body { blocks: Blocks { html: head.to_owned(), ..Blocks::default() }, tables: Vec::new() }
    }

    /// A paragraph, or an item of a list if it has a marker.
    pub fn paragraph(&mut self, line: &str, paragraph: &Paragraph, marker: Option<&str>) {
        self.enter(usize::from(paragraph.tables));
        let blocks = self.innermost();
        match marker {
            Some(marker) => blocks.item(line, marker, usize::from(paragraph.level)),
            None => blocks.paragraph(line, paragraph),
        }
    }

    pub fn cell(&mut self, line: &str, depth: u8) {
        self.enter(usize::from(depth));
        if let Some(table) = self.tables.last_mut() {
            table.end_cell(line);
        }
    }

    pub fn row(&mut self, depth: u8) {
        self.enter(usize::from(depth));
        if let Some(mut table) = self.tables.pop() {
            table.end_row(&mut self.innermost().html);
            self.tables.push(table);
        }
    }

    /// Octets that it has so far.
    pub fn weight(&self) -> usize {
        let of_table = |table: &Table| table.cells.len() + table.cell.html.len();
        self.blocks.html.len() + self.tables.iter().map(of_table).sum::<usize>()
    }

    /// A rule across the page.
    pub fn rule(&mut self) {
        self.enter(0);
        self.blocks.close_lists(0);
        self.blocks.html.push_str("<hr>\n");
    }

    /// Opens or closes tables until there are so many.
    fn enter(&mut self, depth: usize) {
        let depth = depth.min(DEEPEST);
        while self.tables.len() > depth {
            let Some(mut table) = self.tables.pop() else { return };
            let html = &mut self.innermost().html;
            table.end_row(html);
            html.push_str("</table>\n");
        }
        while self.tables.len() < depth {
            let around = self.innermost();
            around.close_lists(0);
            around.html.push_str("<table border=\"1\" style=\"border-collapse:collapse\">\n");
            self.tables.push(Table::default());
        }
    }

    fn innermost(&mut self) -> &mut Blocks {
        self.tables.last_mut().map_or(&mut self.blocks, |table| &mut table.cell)
    }

    pub fn finish(mut self) -> String {
        self.enter(0);
        self.blocks.close_lists(0);
        self.blocks.html
    }
}
