//! A tag, and what of it is kept.
//!
//! Rule: only the attributes are kept that say something about text; of one that stands there twice, the first.

/// The attributes that are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attribute {
    Align,
    Alt,
    Class,
    Colspan,
    Hidden,
    Href,
    Reversed,
    Rowspan,
    Size,
    Start,
    Style,
    Type,
    Value,
}

/// How many there are.
const ATTRIBUTES: usize = 13;

impl Attribute {
    pub(super) fn of(name: &[u8]) -> Option<Attribute> {
        Some(match name {
            b"align" => Attribute::Align,
            b"alt" => Attribute::Alt,
            b"class" => Attribute::Class,
            b"colspan" => Attribute::Colspan,
            b"hidden" => Attribute::Hidden,
            b"href" => Attribute::Href,
            b"reversed" => Attribute::Reversed,
            b"rowspan" => Attribute::Rowspan,
            b"size" => Attribute::Size,
            b"start" => Attribute::Start,
            b"style" => Attribute::Style,
            b"type" => Attribute::Type,
            b"value" => Attribute::Value,
            _ => return None,
        })
    }
}

/// A tag.
#[derive(Debug, Default)]
pub(super) struct Tag {
    /// Its name, in lower case.
    pub(super) name: Vec<u8>,
    pub(super) is_end: bool,
    /// It ends with a slash.
    pub(super) is_closed: bool,
    /// The values of its attributes, one behind the other, and where each stands.
    pub(super) values: Vec<u8>,
    pub(super) places: [Option<(usize, usize)>; ATTRIBUTES],
}

impl Tag {
    /// The value of this attribute; of one without a value, nothing in quotes.
    pub(super) fn get(&self, attribute: Attribute) -> Option<&str> {
        let (start, end) = self.places[attribute as usize]?;
        std::str::from_utf8(self.values.get(start..end)?).ok()
    }

    /// Another tag begins.
    pub(super) fn begin(&mut self, is_end: bool) {
        self.name.clear();
        self.values.clear();
        self.places = [None; ATTRIBUTES];
        (self.is_end, self.is_closed) = (is_end, false);
    }
}
