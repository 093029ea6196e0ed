//! A tag, and what of it is kept.
//!
//! Rule: only the attributes are kept that say something about text or its look; of one that stands there twice, the first.

/// The attributes that are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attribute {
    Align,
    Alt,
    Border,
    Class,
    Color,
    Colspan,
    Face,
    Height,
    Hidden,
    Href,
    Reversed,
    Rowspan,
    Size,
    Src,
    Start,
    Style,
    Type,
    Value,
    Width,
}

/// How many there are.
const ATTRIBUTES: usize = 19;

impl Attribute {
    pub(crate) fn of(name: &[u8]) -> Option<Attribute> {
        Some(match name {
            b"align" => Attribute::Align,
            b"alt" => Attribute::Alt,
            b"border" => Attribute::Border,
            b"class" => Attribute::Class,
            b"color" => Attribute::Color,
            b"colspan" => Attribute::Colspan,
            b"face" => Attribute::Face,
            b"height" => Attribute::Height,
            b"hidden" => Attribute::Hidden,
            b"href" => Attribute::Href,
            b"reversed" => Attribute::Reversed,
            b"rowspan" => Attribute::Rowspan,
            b"size" => Attribute::Size,
            b"src" => Attribute::Src,
            b"start" => Attribute::Start,
            b"style" => Attribute::Style,
            b"type" => Attribute::Type,
            b"value" => Attribute::Value,
            b"width" => Attribute::Width,
            _ => return None,
        })
    }
}

/// A tag.
#[derive(Debug, Default)]
pub(crate) struct Tag {
    /// Its name, in lower case.
    pub(crate) name: Vec<u8>,
    pub(crate) is_end: bool,
    /// It ends with a slash.
    pub(crate) is_closed: bool,
    /// The values of its attributes, one behind the other, and where each stands.
    pub(crate) values: Vec<u8>,
    pub(crate) places: [Option<(usize, usize)>; ATTRIBUTES],
}

impl Tag {
    /// The value of this attribute; of one without a value, nothing in quotes.
    pub(crate) fn get(&self, attribute: Attribute) -> Option<&str> {
        let (start, end) = self.places[attribute as usize]?;
        std::str::from_utf8(self.values.get(start..end)?).ok()
    }

    /// How many columns and rows a cell takes.
    pub(crate) fn spans(&self) -> (u16, u16) {
        let number = |attribute| self.get(attribute).and_then(|value| value.trim().parse().ok()).unwrap_or(1).max(1);
        (number(Attribute::Colspan), number(Attribute::Rowspan))
    }

    /// Another tag begins.
    pub(crate) fn begin(&mut self, is_end: bool) {
        self.name.clear();
        self.values.clear();
        self.places = [None; ATTRIBUTES];
        (self.is_end, self.is_closed) = (is_end, false);
    }
}
