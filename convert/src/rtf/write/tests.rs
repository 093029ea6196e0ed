//! What is put in comes out.

use proptest::prelude::*;

use super::*;
use crate::{
    rtf::{original, to_text, Original},
    Flaws, Limits,
};

/// With each end of a line as CRLF.
fn normal(source: &str) -> String {
    source.replace("\r\n", "\n").replace('\r', "\n").replace('\n', "\r\n")
}

fn round(html: &str) -> String {
    let rtf = encapsulate_html(html, Limits::default()).unwrap();
    assert!(rtf.is_ascii());
    let back = original(&rtf, Limits::default()).unwrap();
    assert_eq!((back.output, back.flaws), (Some(Original::Html(normal(html))), Flaws::default()), "{html}");
    let shown = to_text(&rtf, Limits::default()).unwrap();
    assert_eq!(shown.flaws, Flaws::default(), "{html}");
    shown.output
}

#[test]
fn html_comes_out_as_it_was_and_who_knows_only_rtf_reads_its_text() {
    let table = [
        ("<html><head><title>t</title><style>p {a:b}</style></head><body><p>a <b>b</b></p></body></html>", "a b\n"),
        ("a\nb\r\nc<br>d<pre>e\nf</pre>", "a b c\nd\ne\nf\n"),
        ("&lt;b&gt; &amp; &unknown; &#8364; &", "<b> & &unknown; € &"),
        ("<!-- c --><!DOCTYPE html><p a='>'>x{y}\\z", "x{y}\\z"),
        (
            "<a href=\"https://x.example/?a&amp;b\">here</a>, <a href='javascript:x'>there</a>",
            "here <https://x.example/?a&b>, there",
        ),
        ("1 < 2 <3 </ x <", "1 < 2 <3 </ x <"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a\tb\t\n"),
        ("<ul><li>é</li><li>😀</li></ul>", "•\u{a0}é\n•\u{a0}😀\n"),
        ("<script>if (a < b) { x(\"</p>\") }</script>y<a>z</a></a>", "yz"),
        ("<a href=x:y>1<a href=http://a.b>2", "12 <http://a.b>"),
    ];
    for (html, expected) in table {
        assert_eq!(round(html), expected, "{html}");
    }
}

#[test]
fn blocks_are_paragraphs_whether_their_end_tags_are_there_or_not() {
    let table = [
        ("<html><body><dl><dt>T<dd>D<dt>U<dd>E</dl><p>one<p>two<h2>h</h2>x<div>d</div>y<hr>z<pre>a\nb</pre></body></html>", "T\nD\nU\nE\none\ntwo\nh\nx\nd\ny\nz\na\nb\n"),
        ("x<div>d</div>y", "x\nd\ny"),
        ("<form>a<fieldset><legend>b</legend>c<section>d<address>e", "a\nb\nc\nd\ne"),
        ("<table><caption>c<tr><td>a<td>b<tr><td><p>d</p></td>\n<td><p>e<p>f</table>g", "c\na\tb\t\nd\te\nf\t\ng"),
        ("<table><td>a<td><table><td>b<td>c</table>d<td>e</table>", "a\nb\tc\t\nd\ne\t\n"),
        ("<p>a<p><a href=http://b.c>d</a>", "a\nd <http://b.c>"),
    ];
    for (html, expected) in table {
        assert_eq!(round(html), expected, "{html}");
    }
}

#[test]
fn a_head_without_its_end_tag_ends_where_the_body_begins() {
    let table = [
        ("<html><head><title>t</title><meta name=a>\n<p>seen", "seen"),
        ("<head><title>t</title>\nseen", "seen"),
        ("<head><style>a{}</style><b>seen", "seen"),
        ("<head><xml><o:a>gone</o:a>gone</xml>\n</head><o:b>seen", "seen"),
        ("<head><script>gone</script><span>seen", "seen"),
    ];
    for (html, expected) in table {
        assert_eq!(round(html), expected, "{html}");
    }
}

#[test]
fn a_paragraph_is_empty_only_where_the_page_says_so() {
    let table = [
        ("<div>\n  <div><p></p>\n</div>\n<p>\n  a\n</p></div>\n\n<div><div>b</div></div>", "a \nb\n"),
        ("<p>a<br></p><p>b<br><br>c</p>", "a\nb\n\nc\n"),
        ("<div>a</div><div><br></div><p>&nbsp;</p><div>b</div>", "a\n\n\u{a0}\nb\n"),
        ("<pre>\n\n a\n\n\tb\n</pre>c", "\n a\n\n\tb\nc"),
        ("<table><tr><td></td><td> </td></tr><tr>\n<td></td><td>a</td></tr><tr><td></td></table>b", "\ta\t\nb"),
        ("<hr><hr><p>a<hr><hr>", "a\n"),
    ];
    for (html, expected) in table {
        assert_eq!(round(html), expected, "{html}");
    }
}

#[test]
fn items_have_bullets_or_the_numbers_of_a_browser() {
    let table = [
        (
            "<ul><li>one<li>two<ul><li>deep</ul></ul><ol><li>first<li>second</ol><table><tr><td>a<td>b</table>",
            "•\u{a0}one\n•\u{a0}two\n•\u{a0}deep\n1.\u{a0}first\n2.\u{a0}second\na\tb\t\n",
        ),
        ("<ol><li>a</li>\n<li>b</li></ol>", "1.\u{a0}a\n2.\u{a0}b\n"),
        (
            "<ol><li>a<ol type=a start='3'><li>b</ol><li value=7><p>c<p>d<li>",
            "1.\u{a0}a\nc.\u{a0}b\n7.\u{a0}c\nd\n8.\u{a0}",
        ),
        ("<ol reversed START=2><li>a<li>b<ul><li>c</ol><li>d", "2.\u{a0}a\n1.\u{a0}b\n•\u{a0}c\n•\u{a0}d"),
        ("<ul style=\"list-style: none\"><li> a<li><li>b</ul>c", "a\nb\nc"),
    ];
    for (html, expected) in table {
        assert_eq!(round(html), expected, "{html}");
    }
    let deep = round(&"<ol><li>".repeat(1000));
    assert_eq!((deep.matches("1.").count(), deep.matches('•').count()), (256, 744));
}

#[test]
fn an_attribute_is_none_where_it_only_looks_like_one() {
    let table = [
        ("<a title=\" href='x'\" href=y>", Some("y")),
        ("<a href>", Some("")),
        ("<a =x/href='1 2'>", Some("1 2")),
        ("<a\nHREF = http://a/b?c=d>", Some("http://a/b?c=d")),
        ("<a href=\"open", Some("open")),
        ("<ahref=x>", None),
        ("<a", None),
    ];
    for (source, expected) in table {
        assert_eq!(markup::attribute(source, "href"), expected, "{source}");
    }
}

#[test]
fn the_html_of_the_specification_comes_out_of_our_rtf_as_well() {
    round(include_str!("../../../tests/fixtures/rtf-stream-parser/encapsulated.html"));
}

#[test]
fn a_limit_ends_it() {
    assert!(encapsulate_html(&"a".repeat(1000), Limits::default().with_output(900)).is_err());
    assert!(from_text(&"a".repeat(1000), Limits::default().with_output(900)).is_err());
}

proptest! {
    #[test]
    fn any_html_comes_out_as_it_was(
        html in "(<p>|</p>|<b|>|<!--|-->|<ol start=3>|</ol>|<ul>|<li>|<li |</li>|<td>|</td>|<tr>|</table>|<br>|<hr>|</pre>|<a href=\"x\">|</a>|<style>|</style|<head>|</head>|<pre>|&amp;|&|;|\\\\|\\{|\\}|\"|'|\n|\r|\t|  |a|é|😀|\u{a0}|<){0,40}",
    ) {
        round(&html);
    }

    #[test]
    fn any_blocks_are_as_many_paragraphs(
        blocks in prop::collection::vec(("p|div|h2|blockquote|dt|dd|section|li|td", any::<bool>(), "|\n|<br>| <i>|<!-- -->|<p>|<div></div>"), 1..20),
    ) {
        let mut html = String::new();
        for (at, (name, has_end, between)) in blocks.iter().enumerate() {
            let (row, end) = (if name == "td" { "<tr>" } else { "" }, if *has_end { format!("</{name}>") } else { String::new() });
            html += &format!("{row}<{name}>w{at}{end}{row}{between}");
        }
        // A break by itself between blocks is a line of its own.
        let shown = round(&html);
        let lines = shown.lines().map(|line| line.trim_matches(['•', '\u{a0}', '\t', ' '])).filter(|line| !line.is_empty());
        let expected: Vec<String> = (0..blocks.len()).map(|at| format!("w{at}")).collect();
        prop_assert_eq!(lines.collect::<Vec<_>>(), expected, "{}", html);
        prop_assert!(!shown.contains("\n\n\n"), "{:?} of {}", shown, html);
    }

    #[test]
    fn any_text_comes_out_as_it_was(text in "[a-z\\\\{}\r\n\t é😀\u{1}]{0,60}") {
        let rtf = from_text(&text, Limits::default()).unwrap();
        let back = original(&rtf, Limits::default()).unwrap();
        prop_assert_eq!((back.output, back.flaws), (Some(Original::Text(normal(&text))), Flaws::default()));
        prop_assert_eq!(normal(&to_text(&rtf, Limits::default()).unwrap().output), normal(&text));
    }
}
