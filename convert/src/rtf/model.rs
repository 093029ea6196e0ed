//! What a reader of RTF tells: text with its style, breaks with their paragraph, links, pictures.
//!
//! Rule: a visitor hears everything in the order of the document, and owns nothing of it.

use super::tables::Tables;
use crate::{Allowance, ConvertError};

/// How text looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// `\f`: the number of its font; `None`: that of the document.
    pub font: Option<i32>,
    /// `\fs`: its size in half points; `None`: 24.
    pub size: Option<u16>,
    /// `\b`
    pub is_bold: bool,
    /// `\i`
    pub is_italic: bool,
    /// `\ul` and its kin.
    pub is_underlined: bool,
    /// `\strike`, `\striked`
    pub is_struck: bool,
    /// `\v`
    pub is_hidden: bool,
    /// `\super`, `\sub`
    pub position: Position,
    /// `\cf`: the number of its colour; 0: that of the reader.
    pub colour: u16,
    /// `\highlight`, `\cb`, `\chcbpat`: that of what is behind it; 0: none.
    pub background: u16,
}

/// Where text stands in its line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Position {
    /// On it.
    #[default]
    Line,
    /// Above it.
    Super,
    /// Below it.
    Sub,
}

/// How the lines of a paragraph stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Alignment {
    /// `\ql`
    #[default]
    Left,
    /// `\qr`
    Right,
    /// `\qc`
    Centre,
    /// `\qj`
    Justified,
}

/// What holds for a paragraph.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Paragraph {
    /// How its lines stand.
    pub alignment: Alignment,
    /// `\li`: how far it is moved in, in twips.
    pub indent: i32,
    /// `\fi`: how far its first line is, in addition.
    pub first_indent: i32,
    /// `\ls`: its list; 0: none.
    pub list: u16,
    /// `\ilvl`: which level of it, from 0.
    pub level: u8,
    /// `\intbl`, `\itap`: so many tables are around it.
    pub tables: u8,
    /// `\brdrb`: a line is drawn below it. One without text is a rule.
    pub is_ruled: bool,
}

/// What ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Break {
    /// A line, and not its paragraph.
    Line,
    /// A paragraph.
    Paragraph,
    /// A page or a section, and its paragraph.
    Page,
    /// A cell of the table with so many around it, itself counted.
    Cell(u8),
    /// A row of it.
    Row(u8),
}

/// The octets of a picture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Picture {
    /// Of which kind they are.
    pub kind: PictureKind,
    /// How wide it is to be, in twips; 0: not said.
    pub width: u32,
    /// How high.
    pub height: u32,
    /// The picture.
    pub octets: Vec<u8>,
}

/// The kind of a picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PictureKind {
    /// None that is known.
    #[default]
    Unknown,
    /// `\pngblip`
    Png,
    /// `\jpegblip`
    Jpeg,
    /// `\emfblip`
    Emf,
    /// `\wmetafile`
    Wmf,
    /// `\dibitmap`, `\wbitmap`: a bitmap without the header of a file.
    Bitmap,
}

/// Hears what a document says.
pub trait Visit {
    /// Text in this style. Tabs are in it; ends of lines are not.
    ///
    /// # Errors
    /// A limit is reached.
    fn text(&mut self, text: &str, style: &Style, tables: &Tables, left: &mut Allowance) -> Result<(), ConvertError>;

    /// Something ends.
    ///
    /// # Errors
    /// A limit is reached.
    fn ends(&mut self, what: Break, paragraph: &Paragraph, left: &mut Allowance) -> Result<(), ConvertError>;

    /// What stands in front of an item of a list: a number or a bullet, as the writer drew it.
    ///
    /// # Errors
    /// A limit is reached.
    fn marker(&mut self, marker: &str, left: &mut Allowance) -> Result<(), ConvertError>;

    /// What follows leads there.
    ///
    /// # Errors
    /// A limit is reached.
    fn link_begins(&mut self, target: &str, left: &mut Allowance) -> Result<(), ConvertError>;

    /// It does not any more.
    ///
    /// # Errors
    /// A limit is reached.
    fn link_ends(&mut self, left: &mut Allowance) -> Result<(), ConvertError>;

    /// A picture stands here. Its octets are counted already.
    ///
    /// # Errors
    /// A limit is reached.
    fn picture(&mut self, picture: Picture, left: &mut Allowance) -> Result<(), ConvertError>;
}
