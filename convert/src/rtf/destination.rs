//! Destinations: what a group is, and what is gathered from one before it is told.

use super::{
    model::{Picture, PictureKind},
    token::hexadecimal,
};

/// Octets of an instruction or of a marker that are kept.
const LONGEST: usize = 16 * 1024;
/// Fields within each other that are kept apart.
const MOST_FIELDS: usize = 64;

/// What a group is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Destination {
    /// Text of the document.
    Body,
    /// `\fonttbl`
    Fonts,
    /// `\colortbl`
    Colours,
    /// `\pict`
    Picture,
    /// `\fldinst`
    Instruction,
    /// `\listtext`, `\pntext`
    Marker,
    /// `\upr`: the same twice; the second is in Unicode.
    Either,
    /// About the document.
    Skipped,
}

impl Destination {
    /// That of a group that begins with this word; `None`: the word names none.
    pub fn of(name: &[u8], is_ignorable: bool, around: Destination) -> Option<Destination> {
        match (name, around) {
            (b"ud", Destination::Either) => return Some(Destination::Body),
            (_, Destination::Skipped | Destination::Either) => return None,
            _ => {}
        }
        Some(match name {
            b"fonttbl" => Destination::Fonts,
            b"colortbl" => Destination::Colours,
            b"pict" => Destination::Picture,
            b"fldinst" => Destination::Instruction,
            b"listtext" | b"pntext" => Destination::Marker,
            b"upr" => Destination::Either,
            b"field" | b"fldrslt" | b"footnote" | b"shppict" | b"nesttableprops" | b"result" | b"shp" | b"shpinst"
            | b"shptxt" | b"shprslt" | b"do" | b"dptxbxtext" | b"object" | b"annotation_text" => Destination::Body,
            _ if is_ignorable => Destination::Skipped,
            b"stylesheet" | b"info" | b"header" | b"headerl" | b"headerr" | b"headerf" | b"footer" | b"footerl"
            | b"footerr" | b"footerf" | b"ftnsep" | b"ftnsepc" | b"ftncn" | b"aftnsep" | b"aftnsepc" | b"aftncn"
            | b"nonshppict" | b"nonesttables" | b"listtable" | b"listoverridetable" | b"revtbl" | b"rsidtbl"
            | b"generator" | b"filetbl" | b"objdata" | b"objclass" | b"objname" | b"bkmkstart" | b"bkmkend" | b"xe"
            | b"tc" | b"tcn" | b"rxe" | b"private" | b"template" | b"annotation" | b"atnid" | b"atnauthor"
            | b"atndate" | b"sp" | b"sn" | b"sv" | b"pntxta" | b"pntxtb" | b"themedata" | b"datastore"
            | b"latentstyles" | b"xmlnstbl" | b"falt" | b"panose" | b"fontemb" | b"fontfile" | b"blipuid"
            | b"blipsig" | b"picprop" | b"fname" | b"keycode" | b"mmathPr" | b"wgrffmtfilter" => Destination::Skipped,
            _ => return None,
        })
    }
}

/// A field, as far as it was read.
#[derive(Debug, Default)]
pub(super) struct Field {
    /// Where its result leads.
    pub target: Option<String>,
}

/// What is gathered before it is told.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    pub fields: Vec<Field>,
    text: String,
    picture: Picture,
    /// The first digit of an octet of the picture.
    digit: Option<u8>,
}

impl Gathered {
    pub fn push_text(&mut self, text: &str) {
        if self.text.len() + text.len() <= LONGEST {
            self.text.push_str(text);
        }
    }

    pub fn text_ends(&mut self) -> String {
        std::mem::take(&mut self.text)
    }

    pub fn field_begins(&mut self) {
        if self.fields.len() == MOST_FIELDS {
            self.fields.remove(0);
        }
        self.fields.push(Field::default());
    }

    /// `HYPERLINK "https://example.org/" \o "a tip"`, `HYPERLINK \l "place"`
    pub fn instruction_ends(&mut self) {
        let instruction = self.text_ends();
        let Some(field) = self.fields.last_mut() else { return };
        let Some(rest) = instruction.trim_start().strip_prefix("HYPERLINK") else { return };
        let (mut words, mut target, mut place) = (Words(rest), None, None);
        while let Some(word) = words.next() {
            match word {
                "\\l" => place = words.next(),
                "\\o" | "\\t" => drop(words.next()),
                _ if word.starts_with('\\') => {}
                _ if target.is_none() => target = Some(word),
                _ => {}
            }
        }
        field.target = match (target, place) {
            (None, None) => None,
            (target, Some(place)) => Some(format!("{}#{place}", target.unwrap_or_default())),
            (Some(target), None) => Some(target.to_owned()),
        };
        // A backslash stands before one that is meant as it is.
        field.target = field.target.take().map(|target| target.replace("\\\\", "\\"));
    }

    /// A word within a picture. False: it is none of its own.
    pub fn picture_word(&mut self, name: &[u8], parameter: Option<i32>) -> bool {
        let twips = u32::try_from(parameter.unwrap_or(0)).unwrap_or(0);
        match name {
            b"pngblip" => self.picture.kind = PictureKind::Png,
            b"jpegblip" => self.picture.kind = PictureKind::Jpeg,
            b"emfblip" => self.picture.kind = PictureKind::Emf,
            b"wmetafile" => self.picture.kind = PictureKind::Wmf,
            b"dibitmap" | b"wbitmap" => self.picture.kind = PictureKind::Bitmap,
            b"picwgoal" => self.picture.width = twips,
            b"pichgoal" => self.picture.height = twips,
            _ => return name.starts_with(b"pic") && name != b"picprop" && name != b"pict",
        }
        true
    }

    /// Digits of a picture. False: there is no room for so many octets.
    pub fn picture_digits(&mut self, digits: &[u8], room: usize) -> bool {
        if self.picture.octets.len() + digits.len() / 2 + 1 > room {
            return false;
        }
        self.picture.octets.reserve(digits.len() / 2 + 1);
        for digit in digits.iter().filter_map(|digit| hexadecimal(*digit)) {
            match self.digit.take() {
                None => self.digit = Some(digit),
                Some(first) => self.picture.octets.push(first << 4 | digit),
            }
        }
        true
    }

    /// Octets of a picture. False: there is no room for so many.
    pub fn picture_octets(&mut self, octets: &[u8], room: usize) -> bool {
        if self.picture.octets.len() + octets.len() > room {
            return false;
        }
        self.picture.octets.extend_from_slice(octets);
        true
    }

    pub fn picture_ends(&mut self) -> Picture {
        self.digit = None;
        std::mem::take(&mut self.picture)
    }
}

/// Words of an instruction; those in quotes are one.
struct Words<'a>(&'a str);

impl<'a> Iterator for Words<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let text = self.0.trim_start();
        let (word, rest) = match text.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None if text.is_empty() => return None,
            None => text.split_at(text.find(char::is_whitespace).unwrap_or(text.len())),
        };
        self.0 = rest;
        Some(word)
    }
}
