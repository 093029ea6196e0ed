//! Pictures of a page, which its parts are.
//!
//! Rule: a picture is written as it is, in digits; how large it is to be the page says, or the picture itself.

use std::fmt::Write;

use crate::{
    html::{
        reading::tag::{Attribute, Tag},
        InlinePart,
    },
    rtf::write::escape,
};

/// Twips of a pixel of the web.
const PIXEL: u32 = 15;
/// Twips that a picture is wide at most: as much as a page has room for.
const WIDTH: u32 = 9000;
/// Pixels that a picture has at most.
const MOST_PIXELS: u32 = 32_767;
/// Octets in a line of digits.
const LINE: usize = 64;
const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// How a picture begins. `None`: RTF has none of its kind.
pub(super) fn head(part: &InlinePart, tag: &Tag, alt: &str) -> Option<String> {
    let (word, pixels) = match part.media_type {
        "image/png" => ("pngblip", png(&part.octets)),
        "image/jpeg" => ("jpegblip", jpeg(&part.octets)),
        _ => return None,
    };
    let mut rtf = String::from("{\\pict");
    if !alt.is_empty() {
        rtf.push_str("{\\*\\picprop{\\sp{\\sn wzDescription}{\\sv ");
        alt.split(char::is_control).for_each(|piece| escape::text(&mut rtf, piece));
        rtf.push_str("}}}");
    }
    let _ = write!(rtf, "\\{word}"); // a string can be written
    if let Some((width, height)) = pixels {
        let _ = write!(rtf, "\\picw{width}\\pich{height}");
    }
    if let Some((width, height)) = goal(tag, pixels) {
        let _ = write!(rtf, "\\picwgoal{width}\\pichgoal{height}");
    }
    rtf.push('\n');
    Some(rtf)
}

/// The octets that a picture of so many has.
pub(super) fn length(octets: usize) -> usize {
    octets.saturating_mul(2).saturating_add(octets / LINE + 1)
}

/// Its octets, and its end.
pub(super) fn body(rtf: &mut String, octets: &[u8]) {
    rtf.reserve(length(octets.len()));
    for line in octets.chunks(LINE) {
        for octet in line {
            rtf.push(char::from(DIGITS[usize::from(octet >> 4)]));
            rtf.push(char::from(DIGITS[usize::from(octet & 15)]));
        }
        rtf.push('\n');
    }
    rtf.push('}');
}

/// Twips that it is to be wide and high.
fn goal(tag: &Tag, pixels: Option<(u32, u32)>) -> Option<(u32, u32)> {
    let said = |attribute| {
        let value = tag.get(attribute)?.trim();
        let number: u32 = value.strip_suffix("px").unwrap_or(value).parse().ok()?;
        (1..=MOST_PIXELS).contains(&number).then_some(number)
    };
    let scaled = |one: u32, of: u32, other: u32| (one.saturating_mul(other) / of).clamp(1, MOST_PIXELS);
    let (width, height) = match (said(Attribute::Width), said(Attribute::Height), pixels) {
        (Some(width), Some(height), _) => (width, height),
        (Some(width), None, Some((wide, high))) => (width, scaled(width, wide, high)),
        (None, Some(height), Some((wide, high))) => (scaled(height, high, wide), height),
        (None, None, Some(pixels)) => pixels,
        _ => return None,
    };
    let (width, height) = (width * PIXEL, height * PIXEL);
    Some(if width > WIDTH {
        (WIDTH, (u64::from(height) * u64::from(WIDTH) / u64::from(width)).max(1) as u32)
    } else {
        (width, height)
    })
}

fn sensible(width: u32, height: u32) -> Option<(u32, u32)> {
    ((1..=MOST_PIXELS).contains(&width) && (1..=MOST_PIXELS).contains(&height)).then_some((width, height))
}

/// The size of a PNG: its first chunk says it.
fn png(octets: &[u8]) -> Option<(u32, u32)> {
    if !octets.starts_with(b"\x89PNG\r\n\x1a\n") || octets.get(12..16)? != b"IHDR" {
        return None;
    }
    let number = |at: usize| Some(u32::from_be_bytes(octets.get(at..at + 4)?.try_into().ok()?));
    sensible(number(16)?, number(20)?)
}

/// The size of a JPEG: its frame says it.
fn jpeg(octets: &[u8]) -> Option<(u32, u32)> {
    let mut rest = octets.strip_prefix(b"\xFF\xD8")?;
    loop {
        let [0xFF, marker, behind @ ..] = rest else { return None };
        match marker {
            0xFF => rest = &rest[1..],
            0x01 | 0xD0..=0xD7 => rest = behind,
            _ => {
                let length = usize::from(u16::from_be_bytes(behind.get(..2)?.try_into().ok()?));
                let segment = behind.get(..length)?;
                if matches!(marker, 0xC0..=0xCF) && !matches!(marker, 0xC4 | 0xC8 | 0xCC) {
                    let number =
                        |at: usize| Some(u32::from(u16::from_be_bytes(segment.get(at..at + 2)?.try_into().ok()?)));
                    return sensible(number(5)?, number(3)?);
                }
                rest = behind.get(length.max(2)..)?;
            }
        }
    }
}
