//! What a reader without HTML sees of a page.

use proptest::prelude::*;

use super::plain::text_of;

#[test]
fn a_page_becomes_the_text_that_a_reader_sees() {
    let table = [
        ("", ""),
        ("plain", "plain\n"),
        ("<p>One</p><p>Two</p>", "One\n\nTwo\n"),
        ("a<br>b<br/>c<BR />d", "a\nb\nc\nd\n"),
        ("a<br><br>b", "a\n\nb\n"),
        ("<div>a</div><div>b</div>", "a\nb\n"),
        ("<b>bold</b> and\n  <i>more</i>!", "bold and more!\n"),
        ("a&amp;b &lt;c&gt; &uuml;&#228;&#x20AC; &nosuch; &", "a&b <c> üä€ &nosuch; &\n"),
        ("<ul><li>one<li><p>two</p></ul>end", "- one\n- two\n\nend\n"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc\n"),
        ("<a href=\"https://x.example/?a=1&amp;b=2\">here</a>.", "here <https://x.example/?a=1&b=2>.\n"),
        ("<a href='https://x.example'>https://x.example</a>", "https://x.example\n"),
        ("<a href=mailto:a@x>write</a> <a href='#top'>up</a> <a name=n>n</a>", "write <a@x> up n\n"),
        ("<a href=\"javascript:alert(1)\">x</a>", "x\n"),
        ("<img src=x alt='A cat'><img src=y>", "[A cat]\n"),
        ("<title>T</title><style>p{}</style>a<script>if (1 < 2) b</script>c<!-- <p>d -->e", "ace\n"),
        ("<SCRIPT>x</SCRIPT>y", "y\n"),
        ("a<script>never closed", "a\n"),
        ("a<!-- never closed", "a\n"),
        ("1 < 2 <3", "1 < 2 <3\n"),
        ("<a title=\"a > b\" href=\"u\">t</a>", "t <u>\n"),
        ("<pre>a  b\r\n  c</pre>d", "a  b\n  c\n\nd\n"),
        ("a<hr>b", "a\n---\nb\n"),
        ("a\u{1b}[31m&#27;&#0;b", "a[31mb\n"),
        ("<p>a</p", "a\n"),
        ("<", "<\n"),
    ];
    for (page, text) in table {
        assert_eq!(text_of(page), text, "{page:?}");
    }
}

#[test]
fn a_page_of_marks_only_takes_no_longer_than_its_length() {
    for mark in ["<", "<a ", "<a href=u>", "<script>", "&", "<!--", "<p><li>", "<a href=\"", "href="] {
        let page = mark.repeat(200_000 / mark.len());
        let begin = std::time::Instant::now();
        text_of(&page);
        assert!(begin.elapsed().as_secs() < 10, "{mark}");
    }
}

#[test]
fn a_word_looks_at_no_more_line_ends_than_it_needs() {
    // 1 MiB: if each word counted the whole run before it, this would take some 10^11 steps.
    let page = format!("<pre>{}", "\n<b>".repeat(1 << 18));
    assert_eq!(text_of(&page), "");
    let kept = format!("<pre>a{}<b>b", "\n<b>".repeat(1 << 10));
    assert_eq!(text_of(&kept), format!("a{}b\n", "\n".repeat(1 << 10)));
}

proptest! {
    #[test]
    fn any_page_has_a_text_without_controls(page in "(<|>|a|br|p|/|&|;|#|x2|\"|'|=| |href|script|!--|ü|\r|\n|\u{0}){0,30}") {
        prop_assert!(!text_of(&page).chars().any(|c| c.is_control() && c != '\n' && c != '\t'));
    }
}
