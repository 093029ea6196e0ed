//! What the style of an element says about its text: that nobody sees it, that its white space counts, that it has no gap around it.
//!
//! Rule: only the element's own style is read, never a style sheet; what cannot be read says nothing.

use super::tag::{Attribute, Tag};

/// What becomes of white space (CSS Text 3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum White {
    /// It falls together to one blank, and lines break where there is room (`normal`).
    #[default]
    Collapse,
    /// Lines end where they end, blanks fall together (`pre-line`).
    Lines,
    /// All is kept, and lines break besides (`pre-wrap`).
    Wrap,
    /// All is kept (`pre`).
    Keep,
}

/// How the text in an element looks; what is in it inherits it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Look {
    /// Neither it nor what is in it is there.
    pub(crate) is_gone: bool,
    /// Its letters have no size. What is in it may have some again: so do newsletters, to have no gaps between columns.
    pub(crate) is_tiny: bool,
    /// It takes its room, but is not seen. What is in it may be.
    pub(crate) is_unseen: bool,
    pub(crate) white: White,
}

impl Look {
    /// Text is seen.
    pub(crate) fn is_seen(self) -> bool {
        !(self.is_gone || self.is_tiny || self.is_unseen)
    }

    /// What it becomes within an element of this style.
    pub(crate) fn within(self, style: &Style) -> Look {
        Look {
            is_gone: self.is_gone || style.is_gone || (style.is_empty_box && style.is_cut),
            is_tiny: style.is_tiny.unwrap_or(self.is_tiny),
            is_unseen: style.is_unseen.unwrap_or(self.is_unseen),
            white: style.white.unwrap_or(self.white),
        }
    }
}

/// What a style says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Style {
    is_gone: bool,
    is_empty_box: bool,
    is_cut: bool,
    is_tiny: Option<bool>,
    is_unseen: Option<bool>,
    pub(crate) white: Option<White>,
    /// There is a gap before it, and behind it.
    pub(crate) gap_above: Option<bool>,
    pub(crate) gap_below: Option<bool>,
    /// It stands at the right of its cell.
    pub(crate) is_right: bool,
    /// The items of the list have no marker.
    pub(crate) is_without_marker: bool,
}

impl Style {
    /// That of this element.
    pub(crate) fn of(tag: &Tag) -> Style {
        let mut style = Style::default();
        if tag.get(Attribute::Hidden).is_some() {
            style.is_gone = true;
        }
        // Outlook's paragraphs are lines: its style sheet has no gaps for them. Who forwards them puts something before the name.
        if tag.get(Attribute::Class).is_some_and(|class| class.contains("Mso")) {
            (style.gap_above, style.gap_below) = (Some(false), Some(false));
        }
        if tag.get(Attribute::Align).is_some_and(|align| align.eq_ignore_ascii_case("right")) {
            style.is_right = true;
        }
        if tag.name == b"font" && tag.get(Attribute::Size).is_some() {
            style.is_tiny = Some(false);
        }
        declarations(tag).for_each(|(property, value)| style.declare(property, value));
        style
    }

    fn declare(&mut self, property: &str, value: &str) {
        let is = |name: &str| property.eq_ignore_ascii_case(name);
        let has = |word: &str| value.eq_ignore_ascii_case(word);
        match property.as_bytes().first().map(u8::to_ascii_lowercase) {
            Some(b'd') if is("display") => self.is_gone |= has("none"),
            Some(b'f') if is("font-size") => self.is_tiny = tiny(value).or(self.is_tiny),
            Some(b'f') if is("font") => self.is_tiny = value.split(' ').find_map(font_size).or(self.is_tiny),
            Some(b'h') if is("height") => self.is_empty_box |= is_zero(value),
            Some(b'l') if is("list-style") || is("list-style-type") => {
                self.is_without_marker |= value.split(' ').any(|word| word.eq_ignore_ascii_case("none"));
            }
            Some(b'm') if is("max-height") || is("max-width") => self.is_empty_box |= is_zero(value),
            Some(b'm') if is("mso-hide") => self.is_gone |= has("all"),
            Some(b'm') => self.margin(property, value),
            Some(b'o') if is("opacity") => self.is_gone |= is_zero(value),
            Some(b'o') if is("overflow") => self.is_cut |= has("hidden"),
            Some(b't') if is("text-align") => self.is_right = has("right") || has("end"),
            Some(b'v') if is("visibility") => self.is_unseen = Some(has("hidden") || has("collapse")),
            Some(b'w') if is("width") => self.is_empty_box |= is_zero(value),
            Some(b'w') if is("white-space") => self.white = white(value).or(self.white),
            _ => {}
        }
    }

    fn margin(&mut self, property: &str, value: &str) {
        if property.eq_ignore_ascii_case("margin-top") {
            self.gap_above = gap(value).or(self.gap_above);
        } else if property.eq_ignore_ascii_case("margin-bottom") {
            self.gap_below = gap(value).or(self.gap_below);
        } else if property.eq_ignore_ascii_case("margin") {
            let mut sides = value.split_ascii_whitespace();
            let above = sides.next().and_then(gap);
            self.gap_above = above.or(self.gap_above);
            self.gap_below = sides.nth(1).map_or(above, gap).or(self.gap_below);
        }
    }
}

/// What the element's own style declares: properties and their values, as they are written.
pub(crate) fn declarations(tag: &Tag) -> impl Iterator<Item = (&str, &str)> {
    tag.get(Attribute::Style).unwrap_or("").split(';').filter_map(|declaration| {
        let (property, value) = declaration.split_once(':')?;
        let value = value.trim();
        Some((property.trim(), value.strip_suffix("!important").unwrap_or(value).trim_end()))
    })
}

fn white(value: &str) -> Option<White> {
    Some(match value.to_ascii_lowercase().as_str() {
        "normal" | "nowrap" => White::Collapse,
        "pre" => White::Keep,
        "pre-wrap" | "break-spaces" => White::Wrap,
        "pre-line" => White::Lines,
        _ => return None,
    })
}

/// The number at the beginning, and what stands behind it.
pub(crate) fn number(value: &str) -> Option<(f64, &str)> {
    let end = value.find(|one: char| !one.is_ascii_digit() && one != '.').unwrap_or(value.len());
    let (digits, unit) = value.split_at(end);
    Some((digits.parse().ok()?, unit))
}

fn is_zero(value: &str) -> bool {
    number(value).is_some_and(|(number, _)| number == 0.0)
}

/// A size of letters is none. `None`: it is as large as what is around it says.
fn tiny(value: &str) -> Option<bool> {
    match number(value) {
        Some((0.0, _)) => Some(true),
        Some((_, unit)) if unit.starts_with('%') || unit.eq_ignore_ascii_case("em") => None,
        Some(_) => Some(false),
        None if ["inherit", "smaller", "larger"].iter().any(|word| value.eq_ignore_ascii_case(word)) => None,
        None => Some(false),
    }
}

/// The same of a word of `font`, in which a bare number is a weight.
fn font_size(word: &str) -> Option<bool> {
    let (number, unit) = number(word)?;
    if unit.is_empty() && number >= 1.0 {
        return None;
    }
    tiny(word.split('/').next().unwrap_or(word))
}

/// A margin is as wide as a line, or nearly so. `None`: it cannot be read.
fn gap(value: &str) -> Option<bool> {
    if value.eq_ignore_ascii_case("auto") || value.starts_with('-') {
        return Some(false);
    }
    let (number, unit) = number(value)?;
    let least = match unit.to_ascii_lowercase().as_str() {
        "" | "px" => 8.0,
        "pt" => 6.0,
        "em" | "rem" => 0.5,
        "in" => 0.08,
        "cm" => 0.2,
        "mm" => 2.0,
        _ if number == 0.0 => 1.0,
        _ => return None,
    };
    Some(number >= least)
}

/// White space of HTML. Others are characters as any other.
pub(crate) fn is_blank(octet: u8) -> bool {
    matches!(octet, b' ' | b'\n' | b'\t' | b'\r' | 0x0C)
}
