//! Character sets, by the numbers that RTF, TNEF and MAPI have for them.
//!
//! Rule: a number that is not known has no character set. Who asks says what is to be done then; nothing is guessed here.

use std::borrow::Cow;

use encoding_rs::Encoding;
use oem_cp::code_table_type::TableType;

/// A character set.
#[derive(Clone, Copy, Debug)]
pub struct Charset(Kind);

#[derive(Clone, Copy, Debug)]
enum Kind {
    /// One of the WHATWG's.
    Web(&'static Encoding),
    /// One of the character sets of DOS: what the octets above 0x7F are.
    Dos(u16, &'static TableType),
    /// The octets of the font "Symbol" are pictures and stand in the private use area, as Windows has them.
    Symbol,
}

impl Charset {
    /// What a document is in that says nothing.
    pub const WINDOWS_1252: Charset = Charset(Kind::Web(encoding_rs::WINDOWS_1252));
    /// UTF-8.
    pub const UTF_8: Charset = Charset(Kind::Web(encoding_rs::UTF_8));
    /// That of fonts whose characters are pictures.
    pub const SYMBOL: Charset = Charset(Kind::Symbol);

    /// That of a code page of Windows (\[MS-UCODEREF\]); `None`: it is not known. Those of DOS and the Mac are among them.
    pub fn of_code_page(number: u32) -> Option<Charset> {
        let number = u16::try_from(number).ok()?;
        match number {
            0 => return Some(Charset::WINDOWS_1252),
            42 => return Some(Charset::SYMBOL),
            // All 256 octets are characters, those from 0x80 to 0x9F are controls.
            20127 => return Some(Charset::WINDOWS_1252),
            // Those of the Mac for East Asia are these with some signs more, which are no text here.
            10001 => return Some(Charset(Kind::Web(encoding_rs::SHIFT_JIS))),
            10002 => return Some(Charset(Kind::Web(encoding_rs::BIG5))),
            10003 => return Some(Charset(Kind::Web(encoding_rs::EUC_KR))),
            10008 => return Some(Charset(Kind::Web(encoding_rs::GBK))),
            _ => {}
        }
        let web = || codepage::to_encoding(number).map(|encoding| Charset(Kind::Web(encoding)));
        let dos = || {
            let table = oem_cp::code_table::DECODING_TABLE_CP_MAP.get(&number)?;
            Some(Charset(Kind::Dos(number, table)))
        };
        web().or_else(dos)
    }

    /// That of a font with this `\fcharset` (RTF 1.9.1; LOGFONT); `None`: it is not known, or says nothing.
    pub fn of_font(number: u32) -> Option<Charset> {
        let page = match number {
            0 => 1252,
            2 => 42,
            77 => 10000,
            78 => 10001,
            79 => 10003,
            80 => 10008,
            81 => 10002,
            83 => 10005,
            84 => 10004,
            85 => 10006,
            86 => 10081,
            87 => 10021,
            88 => 10029,
            89 => 10007,
            128 => 932,
            129 => 949,
            130 => 1361,
            134 => 936,
            136 => 950,
            161 => 1253,
            162 => 1254,
            163 => 1258,
            177 => 1255,
            178..=180 => 1256,
            181 => 1255,
            186 => 1257,
            204 => 1251,
            222 => 874,
            238 => 1250,
            254 => 437,
            255 => 850,
            _ => return None,
        };
        Charset::of_code_page(page)
    }

    /// That of a name, as in `Content-Type` (the names of the WHATWG); `None`: it is not known.
    pub fn of_name(name: &str) -> Option<Charset> {
        Encoding::for_label_no_replacement(name.trim().as_bytes()).map(|encoding| Charset(Kind::Web(encoding)))
    }

    /// Its name, as it stands in a `Content-Type`.
    pub fn name(self) -> Cow<'static, str> {
        match self.0 {
            Kind::Web(encoding) => encoding.name().into(),
            Kind::Dos(number, _) => format!("IBM{number}").into(),
            Kind::Symbol => "x-symbol".into(),
        }
    }

    /// ASCII is ASCII in it.
    pub fn is_ascii_kept(self) -> bool {
        match self.0 {
            Kind::Web(encoding) => encoding.is_ascii_compatible(),
            Kind::Dos(..) => true,
            Kind::Symbol => false,
        }
    }

    /// This octet is the first of two.
    pub fn is_lead(self, octet: u8) -> bool {
        match self.0 {
            Kind::Web(encoding) if encoding == encoding_rs::SHIFT_JIS => matches!(octet, 0x81..=0x9F | 0xE0..=0xFC),
            Kind::Web(encoding) if !encoding.is_single_byte() && encoding != encoding_rs::UTF_8 => {
                matches!(octet, 0x81..=0xFE)
            }
            _ => false,
        }
    }

    /// The text of these octets, behind `text`. False: some of them are none, and stand as U+FFFD.
    pub fn decode(self, octets: &[u8], text: &mut String) -> bool {
        match self.0 {
            Kind::Web(encoding) => {
                let (decoded, had_errors) = encoding.decode_without_bom_handling(octets);
                text.push_str(&decoded);
                !had_errors
            }
            Kind::Dos(_, table) => {
                let mut is_all = true;
                text.extend(octets.iter().map(|octet| {
                    of_table(table, *octet).unwrap_or_else(|| {
                        is_all = false;
                        char::REPLACEMENT_CHARACTER
                    })
                }));
                is_all
            }
            Kind::Symbol => {
                text.extend(octets.iter().map(|octet| match octet {
                    0..=0x1F => char::from(*octet),
                    _ => char::from_u32(0xF000 + u32::from(*octet)).unwrap_or(char::REPLACEMENT_CHARACTER),
                }));
                true
            }
        }
    }
}

fn of_table(table: &TableType, octet: u8) -> Option<char> {
    if octet.is_ascii() {
        return Some(char::from(octet));
    }
    let at = usize::from(octet - 0x80);
    match table {
        TableType::Complete(table) => table.get(at).copied(),
        TableType::Incomplete(table) => table.get(at).copied().flatten(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(charset: Charset, octets: &[u8]) -> (String, bool) {
        let mut text = String::new();
        let is_all = charset.decode(octets, &mut text);
        (text, is_all)
    }

    #[test]
    fn numbers_and_names_have_the_character_sets_that_they_have_elsewhere() {
        let table: [(Option<Charset>, &[u8], &str); 14] = [
            (Charset::of_code_page(1252), b"\x80\xe4", "€ä"),
            (Charset::of_code_page(1251), b"\xcf\xf0\xe8", "При"),
            (Charset::of_code_page(932), b"\x83\x65\x83\x58", "テス"),
            (Charset::of_code_page(936), b"\xb2\xe2", "测"),
            (Charset::of_code_page(437), b"a\x81\xe1", "aüß"),
            (Charset::of_code_page(850), b"\x9b\xd5", "øı"),
            (Charset::of_code_page(10000), b"\x8a\xd2", "ä“"),
            (Charset::of_code_page(65001), "ü€".as_bytes(), "ü€"),
            (Charset::of_code_page(28605), b"\xa4", "€"),
            (Charset::of_font(204), b"\xcf", "П"),
            (Charset::of_font(222), b"\xa1", "ก"),
            (Charset::of_font(2), b"\xb7\x0d", "\u{f0b7}\r"),
            (Charset::of_name(" ISO-8859-15 "), b"\xa4", "€"),
            (Charset::of_name("utf8"), b"\xc3\xa4", "ä"),
        ];
        for (charset, octets, expected) in table {
            assert_eq!(text(charset.unwrap(), octets), (expected.to_owned(), true), "{charset:?}");
        }
    }

    #[test]
    fn what_is_not_known_is_no_character_set() {
        for number in [1, 3, 12345, 65000, 70_000, u32::MAX] {
            assert!(Charset::of_code_page(number).is_none(), "{number}");
        }
        assert!(Charset::of_font(1).is_none() && Charset::of_font(7).is_none());
        assert!(Charset::of_name("x-nobody").is_none() && Charset::of_name("").is_none());
    }

    #[test]
    fn octets_that_are_no_text_are_told_of() {
        assert_eq!(text(Charset::UTF_8, b"a\xff"), ("a\u{fffd}".into(), false));
        assert_eq!(text(Charset::of_code_page(932).unwrap(), b"\x81"), ("\u{fffd}".into(), false));
        assert_eq!(text(Charset::of_code_page(857).unwrap(), b"\xd5"), ("\u{fffd}".into(), false));
    }

    #[test]
    fn the_first_of_two_octets_is_known() {
        let japanese = Charset::of_code_page(932).unwrap();
        assert!(japanese.is_lead(0x83) && !japanese.is_lead(0xB1) && !japanese.is_lead(b'a'));
        assert!(Charset::of_code_page(950).unwrap().is_lead(0xA4) && !Charset::WINDOWS_1252.is_lead(0xA4));
        assert!(!Charset::UTF_8.is_lead(0xC3));
    }
}
