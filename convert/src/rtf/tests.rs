//! Documents and what they say.

use proptest::prelude::*;

use super::*;
use crate::{ConvertError, Flaws, Limits, Trouble};

fn text(rtf: &[u8]) -> (String, Flaws) {
    let converted = to_text(rtf, Limits::default()).unwrap();
    (converted.output, converted.flaws)
}

fn body(rtf: &str) -> String {
    let (text, flaws) = text(format!("{{\\rtf1\\ansi\\deff0{rtf}}}").as_bytes());
    assert!(flaws.is_empty(), "{rtf}: {flaws:?}");
    text
}

#[test]
fn text_is_what_a_reader_sees() {
    let table = [
        (" a\\par b\\line c", "a\nb\nc"),
        ("{\\fonttbl{\\f0\\froman Times;}{\\f1 Arial;}}{\\colortbl;\\red255;}\\f0\\fs24 {\\b b}old\\b0 .", "bold."),
        ("{\\info{\\author me}{\\title t}}{\\stylesheet{\\s0 Normal;}}{\\*\\generator x;}a", "a"),
        ("{\\header h}{\\footer f}a{\\footnote note}b", "a [note]b"),
        ("a{\\v hidden}\\~b\\_c\\-d\\emdash e\\ldblquote f\\rdblquote\\bullet", "a\u{a0}b\u{2011}cd—e“f”•"),
        ("{\\*\\unknown a{\\b b}}c{\\unknown d}", "cd"),
        (
            "\\trowd\\cellx1\\cellx2\\intbl a\\cell b\\par c\\cell\\row\\trowd\\intbl d\\cell e\\cell\\row\\pard f",
            "a\tb c\nd\te\nf",
        ),
        (
            "{\\field{\\*\\fldinst{HYPERLINK \"https://x.example/\"}}{\\fldrslt{\\ul here}}}.",
            "here <https://x.example/>.",
        ),
        ("{\\field{\\*\\fldinst HYPERLINK \"mailto:a@b\"}{\\fldrslt a@b}}", "a@b"),
        (
            "{\\field{\\*\\fldinst HYPERLINK \\\\l \"top\"}{\\fldrslt up}}{\\field{\\*\\fldinst PAGE}{\\fldrslt 3}}",
            "up3",
        ),
        ("{\\listtext\\tab 1.\\tab}one\\par{\\pntext\\'b7\\tab}two", "1. one\n· two"),
        ("{\\upr{a\\'e4}{\\*\\ud{b\\u228 ?}}}", "bä"),
        ("{\\shppict{\\pict\\pngblip 8950}}{\\nonshppict{\\pict 00}}a{\\object{\\*\\objdata 00}{\\result b}}", "ab"),
        ("{\\pict\\jpegblip\\bin3 }{\\}a", "a"),
    ];
    for (rtf, expected) in table {
        assert_eq!(body(rtf), expected, "{rtf}");
    }
}

#[test]
fn characters_are_those_of_their_fonts_and_of_unicode() {
    let fonts = "{\\fonttbl{\\f0\\fcharset0 A;}{\\f1\\fcharset204 B;}{\\f2\\fcharset128 C;}{\\f3\\fcharset1 D;}{\\f4\\cpg437 E;}{\\f5\\fcharset2 Symbol;}}";
    let table = [
        ("\\'e4\\f1\\'cf\\'f0{\\f2\\'83\\'65\\'83X\\'b1}\\f0\\'80", "äПрテスｱ€"),
        ("\\f2\\'83\\\\", "ソ"),
        ("\\f3\\'e4\\f4\\'81", "äü"),
        ("\\uc1\\u8364 ?\\u228\\'e4\\u-10179 ?\\u-8704 ?x", "€ä😀x"),
        ("{\\uc2\\u8364 ab}\\u8364 a{\\uc0\\u8364}b", "€€€b"),
        ("\\u9731{}a\\u9731\\'3fb\\u9731\\tab c", "☃a☃b☃c"),
        ("{\\uc0\\u55357}{\\u56832 ?}", "\u{fffd}\u{fffd}"),
        ("\\f5\\'b7", "\u{f0b7}"),
    ];
    for (rtf, expected) in table {
        let (found, _) = text(format!("{{\\rtf1\\ansi\\deff0{fonts}{rtf}}}").as_bytes());
        assert_eq!(found, expected, "{rtf}");
    }
    for (rtf, expected) in [
        ("{\\rtf1\\mac \\'8a}", "ä"),
        ("{\\rtf1\\pc \\'84}", "ä"),
        ("{\\rtf1\\pca \\'9b}", "ø"),
        ("{\\rtf1\\ansi\\ansicpg1251 \\'cf}", "П"),
        ("{\\rtf1\\ansi\\ansicpg65001 \u{e4}}", "ä"),
    ] {
        assert_eq!(text(rtf.as_bytes()), (expected.into(), Flaws::default()), "{rtf}");
    }
}

#[test]
fn what_is_damaged_is_read_as_far_as_it_goes_and_told_of() {
    let table: [(&str, &str, Trouble); 6] = [
        ("{\\rtf1 a{\\b b", "ab", Trouble::Truncated),
        ("{\\rtf1\\ansi\\ansicpg12345 \\'e4}", "ä", Trouble::UnknownCharset),
        ("{\\rtf1{\\fonttbl{\\f0\\fcharset99 A;}}\\f0 a}", "a", Trouble::UnknownCharset),
        ("{\\rtf1\\ansi\\ansicpg932 \\'83}", "\u{fffd}", Trouble::NotInCharset),
        ("{\\rtf1 \\'zza}", "zza", Trouble::Malformed),
        ("{\\rtf1 a\\u0 ?b}", "a\u{fffd}b", Trouble::NotInCharset),
    ];
    for (rtf, expected, trouble) in table {
        let (found, flaws) = text(rtf.as_bytes());
        assert!(found == expected && flaws.has(trouble), "{rtf}: {found:?} {flaws:?}");
    }
    let named = text(b"{\\rtf1\\ansi\\ansicpg12345 a}").1;
    assert_eq!(named.iter().next().unwrap().what, "code page 12345");
    for rtf in [&b""[..], b"{", b"{\\rt", b"rtf", b"{\\ansi a}"] {
        assert!(matches!(to_text(rtf, Limits::default()), Err(ConvertError::NotThis { format: "RTF", .. })));
    }
}

#[test]
fn limits_are_kept_and_depth_costs_the_innermost_alone() {
    let deep = format!("{{\\rtf1{}a\\b b{}c}}", "{".repeat(5000), "}".repeat(5000));
    let (found, flaws) = text(deep.as_bytes());
    assert!(found == "abc" && flaws.has(Trouble::TooDeep));
    let long = format!("{{\\rtf1 {}}}", "a".repeat(1000));
    for (limits, is_good) in [
        (Limits::default().with_output(1000), true),
        (Limits::default().with_output(999), false),
        (Limits::default().with_work(100), false),
    ] {
        assert_eq!(to_text(long.as_bytes(), limits).is_ok(), is_good, "{limits:?}");
    }
    let picture = format!("{{\\rtf1{{\\pict\\pngblip {}}}}}", "00".repeat(1000));
    assert!(to_text(picture.as_bytes(), Limits::default().with_output(500)).is_err());
}

proptest! {
    #[test]
    fn any_octets_have_an_end(
        rtf in "(\\{|\\}|\\\\\\*|\\\\par |\\\\u[0-9]{1,6}|\\\\uc[0-3]|\\\\'8|\\\\'83|\\\\bin[0-9] |\\\\pict|\\\\f[0-3]|\\\\fonttbl|\\\\fcharset128|\\\\field|\\\\fldinst|\\\\fldrslt|\\\\cell|\\\\row|;|a|HYPERLINK|\"| ){0,60}",
    ) {
        let rtf = format!("{{\\rtf1{rtf}");
        let (found, _) = text(rtf.as_bytes());
        prop_assert!(found.len() <= rtf.len() * 4);
        for end in (6..rtf.len()).filter(|end| rtf.is_char_boundary(*end)) {
            prop_assert!(to_text(&rtf.as_bytes()[..end], Limits::default()).is_ok());
        }
    }
}

/// What stands in the body of the page.
fn page(rtf: &str) -> (String, Vec<crate::html::InlinePart>) {
    let converted = to_html(format!("{{\\rtf1\\ansi\\deff0{rtf}}}").as_bytes(), Limits::default()).unwrap();
    assert!(converted.flaws.is_empty(), "{rtf}: {:?}", converted.flaws);
    let html = converted.output.html;
    let body = html.split_once("<body>\n").unwrap().1.strip_suffix("</body></html>\n").unwrap();
    (body.replace('\n', ""), converted.output.parts)
}

#[test]
fn a_page_looks_as_the_document_does() {
    let tables =
        "{\\fonttbl{\\f0\\fswiss Arial;}{\\f1\\fmodern Courier \"New\";}}{\\colortbl;\\red255\\green0\\blue16;}";
    let table = [
        ("a\\par\\par b", "<div>a</div><div><br></div><div>b</div>"),
        ("{\\b a{\\i b}}\\strike c\\strike0{\\super d}{\\sub e}", "<div><b>a</b><b><i>b</i></b><s>c</s><sup>d</sup><sub>e</sub></div>"),
        ("\\f1\\fs20\\cf1 a", "<div><span style=\"font-family:'Courier New',monospace;font-size:10pt;color:#ff0010;\">a</span></div>"),
        ("\\highlight1 <a>", "<div><span style=\"background-color:#ff0010;\">&lt;a&gt;</span></div>"),
        ("\\qc\\li720\\fi-360 a\\par\\pard b", "<div style=\"text-align:center;margin-left:36pt;text-indent:-18pt;\">a</div><div>b</div>"),
        ("a\\line b\\page c", "<div>a<br>b</div><hr><div>c</div>"),
        ("a\\par\\pard\\brdrb\\brdrs\\par\\pard b", "<div>a</div><hr><div>b</div>"),
        (
            "{\\field{\\*\\fldinst HYPERLINK \"file:\\\\\\\\\\\\\\\\h\\\\\\\\a\"}{\\fldrslt x}}",
            "<div><a href=\"file:\\\\h\\a\">x</a></div>",
        ),
        (
            "\\trowd\\intbl a\\cell{\\b b}\\cell\\row\\trowd\\intbl\\cell d\\par e\\cell\\row\\pard f",
            "<table border=\"1\" style=\"border-collapse:collapse\"><tr><td>a</td><td><b>b</b></td></tr><tr><td>&nbsp;</td><td><div>d</div>e</td></tr></table><div>f</div>",
        ),
        (
            "\\intbl\\itap2 n\\nestcell{\\*\\nesttableprops\\nestrow}{\\nonesttables\\par}\\itap1 a\\cell\\row",
            "<table border=\"1\" style=\"border-collapse:collapse\"><tr><td><table border=\"1\" style=\"border-collapse:collapse\"><tr><td>n</td></tr></table>a</td></tr></table>",
        ),
        (
            "\\ls1{\\listtext 1.\\tab}a\\par{\\listtext 2.\\tab}b\\par\\ilvl1{\\listtext\\'b7\\tab}c\\par\\pard d",
            "<ol><li>a</li><li>b<ul><li>c</li></ul></li></ol><div>d</div>",
        ),
        ("{\\listtext 3)}a\\par{\\listtext 4)}b\\par", "<ol><li value=\"3\">a</li><li>b</li></ol>"),
        (
            "{\\field{\\*\\fldinst HYPERLINK \"https://x.example/?a=1&b=\"}{\\fldrslt{\\ul x}}}",
            "<div><a href=\"https://x.example/?a=1&amp;b=\">x</a></div>",
        ),
        ("{\\field{\\*\\fldinst HYPERLINK \"javascript:alert(1)\"}{\\fldrslt x}}", "<div>x</div>"),
    ];
    for (rtf, expected) in table {
        assert_eq!(page(&format!("{tables}{rtf}")).0, expected, "{rtf}");
    }
}

#[test]
fn tables_and_lists_that_are_opened_again_and_again_count_as_output() {
    for opened in ["\\itap16 a\\par\\itap0 b\\par ", "\\ilvl8{\\listtext 1.}a\\par\\pard b\\par "] {
        let rtf = format!("{{\\rtf1 {}}}", opened.repeat(1000));
        let size = to_html(rtf.as_bytes(), Limits::default()).unwrap().output.html.len();
        assert!(size > 10 * rtf.len(), "{size}");
        assert!(to_html(rtf.as_bytes(), Limits::default().with_output(size / 2)).is_err(), "{opened}");
    }
}

#[test]
fn a_picture_is_an_inline_part_of_the_page() {
    let (body, parts) =
        page("a{\\*\\shppict{\\pict\\pngblip\\picw9\\picwgoal300\\pichgoal150 89504e47}}{\\pict\\jpegblip\\bin2 }{}");
    assert_eq!(body, "<div>a<img src=\"cid:picture1@rtf\" alt=\"\" width=\"20\" height=\"10\"><img src=\"cid:picture2@rtf\" alt=\"\"></div>");
    let found: Vec<_> = parts.iter().map(|part| (part.media_type, &*part.octets)).collect();
    assert_eq!(found, [("image/png", &b"\x89PNG"[..]), ("image/jpeg", &b"}{"[..])]);
}

fn html_in(rtf: &[u8]) -> (Option<Original>, Flaws) {
    let converted = original(rtf, Limits::default()).unwrap();
    (converted.output, converted.flaws)
}

#[test]
fn the_example_of_the_specification_gives_the_html_that_was_put_in() {
    let rtf = include_bytes!("../../tests/fixtures/rtf-stream-parser/encapsulated.rtf");
    let html = include_str!("../../tests/fixtures/rtf-stream-parser/encapsulated.html");
    let (found, flaws) = html_in(rtf);
    assert_eq!((found, flaws), (Some(Original::Html(html.replace('\n', "\r\n"))), Flaws::default()));
}

#[test]
fn html_and_text_that_were_put_in_come_out_and_what_was_drawn_stays_behind() {
    let table = [
        ("{\\*\\htmltag64}{\\*\\htmltag <p>}a\\htmlrtf b\\par\\htmlrtf0 c{\\*\\mhtmltag x}", "<p>ac"),
        ("{\\*\\htmltag148 <FONT face=\"x\">}{\\htmlrtf\\f1\\htmlrtf0 \\'cf}", "<FONT face=\"x\">П"),
        ("{\\*\\htmltag \\'e4\\lquote\\par}\\lquote\\~\\'e4\\par\\tab", "ä‘\r\n&lsquo;&nbsp;ä\r\n\t"),
        ("{\\*\\htmltag <!--\\htmlrtf .\\u32  \\htmlrtf0-->}\\u8364?", "<!---->€"),
        ("\\htmlrtf{\\field{\\*\\fldinst{HYPERLINK \"x\"}}{\\fldrslt\\htmlrtf0 here\\htmlrtf}\\htmlrtf0\\htmlrtf}\\htmlrtf0 .", "here."),
        ("\\u-10179?\\u-8704?{\\*\\htmltag \\{\\}\\\\}", "😀{}\\"),
    ];
    for (rtf, expected) in table {
        let rtf = format!(
            "{{\\rtf1\\ansi\\ansicpg1252\\fromhtml1\\deff0{{\\fonttbl{{\\f0 A;}}{{\\f1\\fcharset204 B;}}}}{rtf}}}"
        );
        assert_eq!(html_in(rtf.as_bytes()), (Some(Original::Html(expected.into())), Flaws::default()), "{rtf}");
    }
    let text = html_in(b"{\\rtf1\\ansi\\fromtext a <b>\\par\\tab c\\~\\lquote}").0;
    assert_eq!(text, Some(Original::Text("a <b>\r\n\tc\u{a0}‘".into())));
    for rtf in [
        "{\\rtf1\\ansi a}",
        "{\\rtf1 a\\fromhtml1 b}",
        "{\\rtf1\\fromhtml0 a}",
        "{\\rtf1\\a\\a\\a\\a\\a\\a\\a\\a\\a\\fromhtml1 a}",
    ] {
        assert_eq!(html_in(rtf.as_bytes()), (None, Flaws::default()), "{rtf}");
    }
    let (cut, flaws) = html_in(b"{\\rtf1\\fromhtml1{\\*\\htmltag <p>}a");
    assert!(cut == Some(Original::Html("<p>a".into())) && flaws.has(Trouble::Truncated));
}
