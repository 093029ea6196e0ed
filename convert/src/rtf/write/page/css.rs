//! What a tag says about how it looks: by its name, by its attributes, by its own style.
//!
//! Rule: the style goes before the attributes, and those before the name; what cannot be read says nothing. Style sheets are not
//! read.

use super::{
    look::{Own, Size},
    resources::Resources,
};
use crate::{
    html::reading::{
        element::Role,
        style::{declarations, number},
        tag::{Attribute, Tag},
        target,
    },
    rtf::model::{Alignment, Position},
};

/// Twips that a quote, a list or an explanation is moved in.
pub(super) const STEP: i32 = 720;
/// Half points of the sizes of `<font size>`, from 1, and of the words for sizes.
const SIZES: [f32; 7] = [15.0, 20.0, 24.0, 27.0, 36.0, 48.0, 72.0];
const MONOSPACE: &str = "monospace";

/// What this element says.
pub(super) fn own(role: Role, tag: &Tag, resources: &mut Resources) -> Own {
    let mut own = Own::default();
    of_name(&mut own, role, tag, resources);
    of_attributes(&mut own, role, tag, resources);
    for (property, value) in declarations(tag) {
        declare(&mut own, role, property, value, resources);
    }
    own
}

fn of_name(own: &mut Own, role: Role, tag: &Tag, resources: &mut Resources) {
    match &*tag.name {
        b"b" | b"strong" => own.is_bold = Some(true),
        b"i" | b"em" | b"cite" | b"var" | b"dfn" | b"address" => own.is_italic = Some(true),
        b"u" | b"ins" => own.is_underlined = Some(true),
        b"s" | b"strike" | b"del" => own.is_struck = Some(true),
        b"sup" => own.position = Some(Position::Super),
        b"sub" => own.position = Some(Position::Sub),
        b"small" => own.size = Some(Size::Times(5.0 / 6.0)),
        b"big" => own.size = Some(Size::Times(1.2)),
        b"code" | b"tt" | b"kbd" | b"samp" => own.font = resources.font(MONOSPACE),
        b"mark" => own.background = resources.colour("yellow"),
        b"center" => own.alignment = Some(Alignment::Centre),
        b"th" => (own.is_bold, own.alignment) = (Some(true), Some(Alignment::Centre)),
        [b'h', level @ b'1'..=b'6'] => {
            let level = level - b'0';
            let size = [48.0, 36.0, 28.0, 24.0, 20.0, 16.0][usize::from(level - 1)];
            (own.is_bold, own.size, own.heading) = (Some(true), Some(Size::Fixed(size)), Some(level));
        }
        _ => {}
    }
    match role {
        Role::Pre => own.font = resources.font(MONOSPACE),
        Role::Quote | Role::Detail | Role::List(_) => own.indent = STEP,
        // Where a table stands says nothing about where the text in it stands.
        Role::Table => (own.alignment, own.first_indent) = (Some(Alignment::Left), Some(0)),
        Role::Link if tag.get(Attribute::Href).and_then(target::for_readers).is_some() => {
            (own.is_underlined, own.colour) = (Some(true), Some(resources.link_colour()));
        }
        _ => {}
    }
}

fn of_attributes(own: &mut Own, role: Role, tag: &Tag, resources: &mut Resources) {
    if role.is_block() && role != Role::Table {
        own.alignment = tag.get(Attribute::Align).and_then(alignment).or(own.alignment);
    }
    if tag.name == b"font" {
        own.font = tag.get(Attribute::Face).and_then(|face| resources.font(face));
        own.colour = tag.get(Attribute::Color).and_then(|value| resources.colour(value.trim()));
        own.size = tag.get(Attribute::Size).and_then(|size| font_size(size.trim()));
    }
}

/// A size of `<font>` (HTML standard: rules for parsing a legacy font size).
fn font_size(value: &str) -> Option<Size> {
    let number: i32 = value.strip_prefix('+').unwrap_or(value).parse().ok()?;
    let step = if value.starts_with(['+', '-']) { number.saturating_add(3) } else { number };
    let step = usize::try_from(step.clamp(1, 7) - 1).unwrap_or(0);
    Some(Size::Fixed(SIZES[step]))
}

fn alignment(value: &str) -> Option<Alignment> {
    Some(match value.trim().to_ascii_lowercase().as_str() {
        "left" | "start" => Alignment::Left,
        "right" | "end" => Alignment::Right,
        "center" | "middle" => Alignment::Centre,
        "justify" => Alignment::Justified,
        _ => return None,
    })
}

fn declare(own: &mut Own, role: Role, property: &str, value: &str, resources: &mut Resources) {
    let is_line = !role.is_block() && role != Role::Page;
    match property.to_ascii_lowercase().as_str() {
        "font-family" => own.font = resources.font(value).or(own.font),
        "font-size" => own.size = size(value).or(own.size),
        "font-weight" => own.is_bold = weight(value).or(own.is_bold),
        "font-style" => own.is_italic = slant(value).or(own.is_italic),
        "font" => font(own, value, resources),
        "color" => own.colour = resources.colour(value).or(own.colour),
        // What is behind a block is behind more than its text.
        "background-color" if is_line => own.background = resources.colour(value).or(own.background),
        "background" if is_line => {
            let first = value.split(' ').next().unwrap_or(value);
            let colour = resources.colour(value).or_else(|| resources.colour(first));
            own.background = colour.or(own.background);
        }
        "text-decoration" | "text-decoration-line" => decoration(own, value),
        "vertical-align" if is_line => own.position = position(value).or(own.position),
        "text-align" if role.is_block() || role == Role::Page => own.alignment = alignment(value).or(own.alignment),
        "text-indent" => own.first_indent = length(value).or(own.first_indent),
        // Lists have their own steps, and what is around tables and cells is not text.
        "margin-left" | "padding-left" if has_indent(role) => {
            let is_first = role == Role::Quote && own.indent == STEP;
            own.indent = length(value).unwrap_or(0).max(0) + if is_first { 0 } else { own.indent };
        }
        "margin" | "padding" if has_indent(role) => {
            let sides: Vec<&str> = value.split_ascii_whitespace().take(4).collect();
            let left = match sides[..] {
                [all] => all,
                [_, sides] | [_, sides, _] => sides,
                [_, _, _, left] => left,
                _ => return,
            };
            declare(own, role, "margin-left", left, resources);
        }
        _ => {}
    }
}

fn has_indent(role: Role) -> bool {
    role.is_own_block() && !matches!(role, Role::List(_) | Role::Item | Role::Caption)
}

fn weight(value: &str) -> Option<bool> {
    match value.to_ascii_lowercase().as_str() {
        "bold" | "bolder" => Some(true),
        "normal" | "lighter" => Some(false),
        _ => value.parse::<u16>().ok().map(|weight| weight >= 600),
    }
}

fn slant(value: &str) -> Option<bool> {
    match value.to_ascii_lowercase().as_str() {
        "italic" | "oblique" => Some(true),
        "normal" => Some(false),
        _ => None,
    }
}

fn decoration(own: &mut Own, value: &str) {
    for word in value.split_ascii_whitespace() {
        match word.to_ascii_lowercase().as_str() {
            "underline" => own.is_underlined = Some(true),
            "line-through" => own.is_struck = Some(true),
            "none" => (own.is_underlined, own.is_struck) = (Some(false), Some(false)),
            _ => {}
        }
    }
}

fn position(value: &str) -> Option<Position> {
    match value.to_ascii_lowercase().as_str() {
        "super" => Some(Position::Super),
        "sub" => Some(Position::Sub),
        "baseline" => Some(Position::Line),
        _ => None,
    }
}

/// `italic bold 12px/30px Georgia, serif`
fn font(own: &mut Own, value: &str, resources: &mut Resources) {
    let mut rest = value;
    while let Some((word, behind)) = rest.split_once(' ') {
        rest = behind.trim_start();
        own.is_italic = slant(word).filter(|is_on| *is_on).or(own.is_italic);
        if let Some(size) = word.split('/').next().and_then(size).filter(|_| word.parse::<f32>().is_err()) {
            own.size = Some(size);
            own.font = resources.font(rest).or(own.font);
            return;
        }
        own.is_bold = weight(word).filter(|is_on| *is_on).or(own.is_bold);
    }
}

/// Twips of a length; `None`: it cannot be read, or depends on what is not known here.
fn length(value: &str) -> Option<i32> {
    let (sign, value) = match value.strip_prefix('-') {
        Some(value) => (-1.0, value),
        None => (1.0, value),
    };
    let (number, unit) = number(value)?;
    let twips = match unit.to_ascii_lowercase().as_str() {
        "px" | "" => 15.0,
        "pt" => 20.0,
        "pc" | "em" | "rem" => 240.0,
        "ex" | "ch" => 120.0,
        "in" => 1440.0,
        "cm" => 567.0,
        "mm" => 56.7,
        _ => return None,
    };
    // What is wider than any page is no indent.
    let length = (sign * number * twips).round();
    (length.abs() < 31_680.0).then_some(length as i32)
}

fn size(value: &str) -> Option<Size> {
    let word = ["xx-small", "x-small", "small", "medium", "large", "x-large", "xx-large", "xxx-large"]
        .iter()
        .position(|word| value.eq_ignore_ascii_case(word));
    if let Some(word) = word {
        return Some(Size::Fixed(SIZES[word.saturating_sub(1)]));
    }
    match value.to_ascii_lowercase().as_str() {
        "smaller" => return Some(Size::Times(5.0 / 6.0)),
        "larger" => return Some(Size::Times(1.2)),
        _ => {}
    }
    let (number, unit) = number(value)?;
    let number = number as f32;
    Some(match unit.to_ascii_lowercase().as_str() {
        "em" => Size::Times(number),
        "%" => Size::Times(number / 100.0),
        "rem" => Size::Fixed(number * 24.0),
        "px" | "" => Size::Fixed(number * 1.5),
        "pt" => Size::Fixed(number * 2.0),
        "pc" => Size::Fixed(number * 24.0),
        "ex" => Size::Times(number / 2.0),
        "in" => Size::Fixed(number * 144.0),
        "cm" => Size::Fixed(number * 56.7),
        "mm" => Size::Fixed(number * 5.67),
        _ => return None,
    })
}
