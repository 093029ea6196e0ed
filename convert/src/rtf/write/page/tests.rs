//! Pages, and the documents that show them.

use super::*;
use crate::{rtf, Flaws};

pub(super) fn page(html: &str) -> Page {
    Page { html: html.into(), parts: Vec::new() }
}

pub(super) fn written(page: &Page) -> String {
    let converted = from_html(page, Limits::default()).unwrap();
    assert_eq!(converted.flaws, Flaws::default(), "{}", page.html);
    String::from_utf8(converted.output).unwrap()
}

/// The document without what stands at its beginning.
fn body(html: &str) -> String {
    let rtf = written(&page(html));
    let (_, body) = rtf.split_once("\\pard\\plain\n").unwrap();
    body.strip_suffix("}\n").unwrap().replace('\n', "")
}

/// What stands in the body of the page that the document is again.
fn again(html: &str) -> String {
    let rtf = written(&page(html));
    let converted = rtf::to_html(rtf.as_bytes(), Limits::default()).unwrap();
    assert_eq!(converted.flaws, Flaws::default(), "{rtf}");
    let html = converted.output.html;
    let body = html.split_once("<body>\n").unwrap().1.strip_suffix("</body></html>\n").unwrap();
    body.replace('\n', "")
}

fn check(table: &[(&str, &str)]) {
    for (html, expected) in table {
        assert_eq!(again(html), *expected, "{html}");
    }
}

#[test]
fn what_a_page_of_ours_looks_like_it_looks_like_again() {
    // Each is its own round trip.
    for html in [
        "<div>a <b>b</b><b><i>c</i></b> <u>u</u><s>s</s> x<sup>2</sup><sub>i</sub></div>",
        "<div>a<br>b</div><div><br></div><div>c</div><hr><div>d</div>",
        "<div><span style=\"font-family:'Courier New',monospace;font-size:13.5pt;color:#ff0000;\">f</span></div>",
        "<div><span style=\"background-color:#ffff00;\"><b>a b</b></span> c</div>",
        "<div style=\"text-align:center;\">c</div><div style=\"text-align:right;margin-left:36pt;text-indent:-18pt;\">r</div><div style=\"text-align:justify;\">j</div>",
        "<ul><li>a</li><li>b<ol><li>c</li><li>d</li></ol></li><li></li></ul><ol><li value=\"3\">x</li><li value=\"7\">y</li></ol>",
        "<table border=\"1\" style=\"border-collapse:collapse\"><tr><td>a</td><td><b>b</b></td></tr><tr><td>&nbsp;</td><td><div>d</div>e</td></tr></table><div>f</div>",
        "<div>&lt;p&gt; {a}\\b &amp; gr\u{fc}\u{df}e \u{1F600} &nbsp; x</div>",
    ] {
        assert_eq!(again(html), html);
    }
}

#[test]
fn tags_attributes_and_styles_say_how_characters_look() {
    check(&[
        ("a<strong>b</strong><em>c</em><ins>d</ins><del>e</del>", "<div>a<b>b</b><i>c</i><u>d</u><s>e</s></div>"),
        ("<b>a <i>b</b> c</i> d", "<div><b>a </b><b><i>b</i></b><i> c</i> d</div>"),
        ("<b><p>a</b>b</p>c", "<div><b>a</b>b</div><div>c</div>"),
        ("<b>a<span style='font-weight:normal'>b</span></b>", "<div><b>a</b>b</div>"),
        ("<u>a </u>b <s>c</s>", "<div><u>a</u> b <s>c</s></div>"),
        ("<font size=+2>a</font><small>b</small>", "<div><span style=\"font-size:18pt;\">a</span><span style=\"font-size:10pt;\">b</span></div>"),
        ("<span style='font:italic bold 12px/30px Georgia, serif'>x</span>", "<div><span style=\"font-family:'Georgia',serif;font-size:9pt;\"><b><i>x</i></b></span></div>"),
        ("<span style='FONT-SIZE:150%;Color:RGB(1, 2, 3) !important'>x</span>", "<div><span style=\"font-size:18pt;color:#010203;\">x</span></div>"),
        ("<span style='text-decoration:underline line-through;vertical-align:super'>x</span>", "<div><u><s><sup>x</sup></s></u></div>"),
        ("<mark>a</mark><code>b</code>", "<div><span style=\"background-color:#ffff00;\">a</span><span style=\"font-family:'Courier New',monospace;\">b</span></div>"),
        ("<body style='color:#111111'><p>a</body>", "<div><span style=\"color:#111111;\">a</span></div>"),
        ("<span style='font-family:\u{ff2d}\u{ff33},\"Segoe UI\";color:nothing;font-size:wide'>x</span>", "<div><span style=\"font-family:'Segoe UI';\">x</span></div>"),
        ("<h2>t</h2>x", "<div><span style=\"font-size:18pt;\"><b>t</b></span></div><div>x</div>"),
    ]);
}

#[test]
fn blocks_stand_where_the_page_has_them() {
    check(&[
        (
            "<p align=center>a<br></p><center>b</center>",
            "<div style=\"text-align:center;\">a</div><div style=\"text-align:center;\">b</div>",
        ),
        (
            "<blockquote>q<blockquote style='margin:0 0 0 36pt'>r</blockquote></blockquote>",
            "<div style=\"margin-left:36pt;\">q</div><div style=\"margin-left:72pt;\">r</div>",
        ),
        (
            "<pre>\na  b\n\tc</pre>",
            "<div><span style=\"font-family:'Courier New',monospace;\">a&nbsp; b<br>&nbsp;&nbsp;&nbsp; c</span></div>",
        ),
        ("<dl><dt>t<dd>d</dl>", "<div>t</div><div style=\"margin-left:36pt;\">d</div>"),
        ("<li>a", "<ul><li>a</li></ul>"),
        ("<ul style='list-style:none'><li>a</ul>", "<div style=\"margin-left:36pt;\">a</div>"),
        (
            "<ol><li>a<p>b</p><li>c</ol>",
            "<ol><li>a</li></ol><div style=\"margin-left:36pt;\">b</div><ol><li value=\"2\">c</li></ol>",
        ),
        (
            "a<q>b </q>c<span hidden>d</span><script>e</script><p style='display:none'>f</p><input value=g>",
            "<div>a&quot;b&quot; c</div>",
        ),
    ]);
}

#[test]
fn innermost_tables_have_columns_and_those_around_them_are_paragraphs() {
    let table = "<table border=\"1\" style=\"border-collapse:collapse\">";
    let cases = [
        ("<table><tr><td>a</table>b", "<div>a</div><div>b</div>".to_owned()),
        (
            "<table><tr><td>out<table><tr><td>1<td>2</table>x<td>y<tr><td>p<td>q</table>z",
            format!("<div>out</div>{table}<tr><td>1</td><td>2</td></tr></table><div>x</div><div>y</div>{table}<tr><td>p</td><td>q</td></tr></table><div>z</div>"),
        ),
        (
            "<table><caption>t</caption><tr><th>h<td rowspan=2>a<tr><td>c</table>",
            format!("<div>t</div>{table}<tr><td><b>h</b></td><td>a</td></tr><tr><td>c</td><td>&nbsp;</td></tr></table>"),
        ),
    ];
    for (html, expected) in cases {
        assert_eq!(again(html), expected, "{html}");
    }
    assert_eq!(
        body("<table border=1><tr><td colspan=2>a<td>b</table>").replace(rows::BORDERS, "|"),
        "\\trowd\\trgaph108\\trautofit1|\\cellx6000|\\cellx9000\\pard\\intbl a\\cell\\pard\\intbl b\\cell\\row"
    );
    // More than Word has.
    let wide = again(&format!("<table><tr>{}</table>", "<td>a".repeat(100)));
    assert_eq!(wide, "<div>a</div>".repeat(100));
}

#[test]
fn links_lead_out_of_the_mail_and_to_where_nothing_is_run() {
    let styled = |text: &str| format!("<span style=\"color:#0563c1;\">{text}</span>");
    check(&[
        (
            "see <a href=' https://a.example/?x=1&amp;y=\"2\" '>our <b>page</b></a>.",
            &format!(
                "<div>see <a href=\"https://a.example/?x=1&amp;y=%222%22\">{}{}</a>.</div>",
                styled("our "),
                styled("<b>page</b>")
            ),
        ),
        (
            "<a href='file:\\\\h\\a'>x<p>y</p></a>z",
            &format!(
                "<div><a href=\"file:\\\\h\\a\">{}</a></div><div><a href=\"file:\\\\h\\a\">{}</a></div><div>z</div>",
                styled("x"),
                styled("y")
            ),
        ),
        ("<a href='javascript:x'>a</a><a href='#b'>b</a><a href='c.html'>c</a><a name=d>d</a>", "<div>abcd</div>"),
        (
            "<a href='http://a.example/' style='color:windowtext;text-decoration:none'>a</a>",
            "<div><a href=\"http://a.example/\">a</a></div>",
        ),
    ]);
}

#[test]
fn lists_count_by_themselves_from_where_the_page_begins() {
    let rtf = written(&page("<ol type=a start=3><li>c<li value=9>i</ol><ul><li>x</ul><ul><li>y</ul>"));
    let lists: Vec<&str> = rtf.split("{\\list\\").skip(1).collect();
    for (list, (format, start)) in lists.iter().zip([(4, 3), (4, 9), (23, 1)]) {
        let level = format!("{{\\listlevel\\levelnfc{format}\\levelnfcn{format}");
        assert_eq!(list.matches(&level).count(), 9, "{list}");
        assert_eq!(list.matches(&format!("\\levelstartat{start}\\")).count(), 9, "{list}");
    }
    assert!(lists.len() == 3 && rtf.contains("{\\listoverride\\listid3\\listoverridecount0\\ls3}}"), "{rtf}");
    for item in [
        "\\ls1\\ilvl0\\fi-360\\li720 {\\listtext c.\\tab}c",
        "\\ls2\\ilvl0\\fi-360\\li720 {\\listtext i.\\tab}i",
        "\\ls3\\ilvl0\\fi-360\\li720 {\\listtext \\u8226\\'3f\\tab}y",
    ] {
        assert!(rtf.contains(item), "{item}: {rtf}");
    }
}
