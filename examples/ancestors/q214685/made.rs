//! Documents, pages and texts that are made here: what the files of the tests have not, and what is large or deep.
//!
//! Rule: each has much of what its format knows, so that a thread is always in the middle of something.

use postrider_convert::{
    rtf::{encapsulate_html, from_text},
    ConvertError, Limits,
};

use super::conversion::Format;

/// Its name, what it is, and its octets.
pub type Made = (&'static str, Format, Vec<u8>);

/// All of them.
pub fn all() -> Result<Vec<Made>, ConvertError> {
    let limits = Limits::default();
    Ok(vec![
        ("a letter", Format::Rtf, letter().into_bytes()),
        ("code pages", Format::Rtf, code_pages().into_bytes()),
        ("tables and a picture", Format::Rtf, tables().into_bytes()),
        ("groups within each other", Format::Rtf, deep().into_bytes()),
        ("a long letter", Format::Rtf, letter().replace("LOREM", &LOREM.repeat(40)).into_bytes()),
        ("a page in RTF", Format::Rtf, encapsulate_html(&newsletter(3), limits)?),
        ("text in RTF", Format::Rtf, from_text(&answer(), limits)?),
        ("a newsletter", Format::Html, newsletter(6).into_bytes()),
        ("a long newsletter", Format::Html, newsletter(60).into_bytes()),
        (
            "a page in KOI8-R",
            Format::Html,
            b"<meta charset=koi8-r><p>\xf0\xd2\xc9\xd7\xc5\xd4, <b>\xed\xc9\xd2</b>".to_vec(),
        ),
        ("elements within each other", Format::Html, format!("{}x", "<blockquote><ul><li><b>".repeat(60)).into_bytes()),
        ("an answer", Format::Text, answer().into_bytes()),
        ("a long text", Format::Text, LOREM.repeat(30).into_bytes()),
    ])
}

/// Words of many widths.
pub const LOREM: &str = "The quarter was good \u{2013} see www.example.org/figures?a=1&b=2 \u{2013} and \u{8a9e}\u{8a00}\u{5b66}\u{7fd2} goes on; 1 < 2. ";

/// What has a picture in hexadecimal: a PNG of one pixel.
const PNG: &str = "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc000000301010018dd8db00000000049454e44ae426082";

fn document(body: &str) -> String {
    format!(
        "{{\\rtf1\\ansi\\ansicpg1252\\deff0{{\\fonttbl{{\\f0\\fswiss\\fcharset0 Arial;}}{{\\f1\\fcharset204 Times;}}\
         {{\\f2\\fcharset128 Gothic;}}{{\\f3\\cpg437 Terminal;}}{{\\f4\\fcharset2 Symbol;}}}}{{\\colortbl;\\red0\\green0\\blue255;\\red255\\green0\\blue0;}}\
         {{\\stylesheet{{\\s0 Normal;}}}}{{\\info{{\\author Ann}}{{\\title Figures}}}}\\fs22 {body}}}"
    )
}

fn letter() -> String {
    document(
        "\\pard\\plain\\f0\\fs22 Dear Ann,\\par it was {\\b a pleasure} in {\\i Gr\\'fcnwald}\\u8230? LOREM\\par\
         \\pard\\qc\\li720\\fi-360{\\listtext 1.\\tab}one\\par{\\pntext\\'b7\\tab}two {\\super 2}{\\sub 3}{\\strike x}\\par\r\n\
         {\\field{\\*\\fldinst HYPERLINK \"https://example.org/figures\"}{\\fldrslt\\ul\\cf1 the figures}}\\line\
         {\\v hidden}a\\~b\\_c\\-d\\emdash e\\ldblquote f\\rdblquote\\bullet {\\footnote a note}{\\*\\unknown no}\\page\
         {\\highlight2 yellow}\\pard\\qr right\\par",
    )
}

fn code_pages() -> String {
    document(
        "\\'e4\\f1\\'cf\\'f0\\'e8\\'e2\\'e5\\'f2{\\f2\\'83\\'65\\'83X\\'b1}\\f3\\'81\\f4\\'b7\\f0\\'80\\uc2\\u8364 ab\
         {\\uc0\\u55357}{\\u56832 ?}\\uc1\\u-10179 ?\\u-8704 ?\\par{\\upr{a\\'e4}{\\*\\ud{b\\u228 ?}}}\\mac\\'8a\\par\\pc\\'84",
    )
}

fn tables() -> String {
    let row = "\\trowd\\cellx2000\\cellx4000\\intbl Fr\\'fchling\\cell 1,234\\par and more\\cell\\row ";
    let nested = "\\trowd\\cellx4000\\intbl\\itap2 in\\nestcell{\\*\\nesttableprops\\trowd\\cellx1000\\nestrow}\\itap1 out\\cell\\row";
    document(&format!(
        "{}{nested}\\pard {{\\shppict{{\\pict\\pngblip\\picw1\\pich1\\picwgoal15\\pichgoal15 {PNG}}}}}{{\\nonshppict{{\\pict\\wmetafile8 00}}}}\
         {{\\pict\\jpegblip\\bin4 }}{{\\}}{{\\object{{\\*\\objdata 0105}}{{\\result shown}}}}\\par",
        row.repeat(6)
    ))
}

fn deep() -> String {
    document(&format!("{}in the middle{}", "{\\b\\i ".repeat(60), "}".repeat(55)))
}

/// As shops send them: tables for the looks, what is not shown, and links that are longer than the text.
pub fn newsletter(articles: usize) -> String {
    let article = "<table width=\"100%\" cellpadding=0><tr><td style=\"padding:8px\"><h2>Gr\u{fc}n &amp; gut</h2>\
        <p class=MsoNormal>Only 3&nbsp;&euro; <b>today</b>, <i>until</i> <span style='display:none'>not seen</span>noon. \u{8a9e}\u{8a00}</p>\
        <ul><li>one<li>two<ol><li>a<li>b</ol></ul><a href=\"https://shop.example/item?id=1&amp;track=0123456789abcdef\">Buy</a>\
        <img src=\"cid:1@x\" alt=\"a picture\"><table><tr><th>Item<th>Price<tr><td>Tea<td>1.00<tr><td>Coffee<td>12.00</table>\
        <blockquote type=cite>You wrote<pre>  as\n  it was</pre></blockquote><hr></td></tr></table>\r\n";
    format!(
        "<!DOCTYPE html><html><head><meta charset=utf-8><title>News</title><style>p {{margin:0}}</style><script>if (a < b) x()</script>\
         </head><body bgcolor=\"#fff\"><!-- preheader -->{}<p>Bye</body></html>",
        article.repeat(articles)
    )
}

/// A text with quotes, lines that flow and a signature.
pub fn answer() -> String {
    let quoted = format!(
        "On Monday Ann wrote:\r\n>> {LOREM}\r\n>> is it so? \r\n> It is, \r\n> says Bob.\r\n> \r\n  two blanks, and a\ttab\r\n{LOREM}\r\n"
    );
    format!("{}From me to <ann@example.org>, http://a.example/(b)\r\n-- \r\nCarol\r\n", quoted.repeat(3))
}
