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
        ("a\nb\r\nc<br>d<pre>e\nf</pre>", "a b c\nde\nf\n"),
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
        html in "(<p>|</p>|<b|>|<!--|-->|<a href=\"x\">|</a>|<style>|</style|<head>|</head>|<pre>|&amp;|&|;|\\\\|\\{|\\}|\"|'|\n|\r|\t|  |a|é|😀|\u{a0}|<){0,40}",
    ) {
        round(&html);
    }

    #[test]
    fn any_text_comes_out_as_it_was(text in "[a-z\\\\{}\r\n\t é😀\u{1}]{0,60}") {
        let rtf = from_text(&text, Limits::default()).unwrap();
        let back = original(&rtf, Limits::default()).unwrap();
        prop_assert_eq!((back.output, back.flaws), (Some(Original::Text(normal(&text))), Flaws::default()));
        prop_assert_eq!(normal(&to_text(&rtf, Limits::default()).unwrap().output), normal(&text));
    }
}
