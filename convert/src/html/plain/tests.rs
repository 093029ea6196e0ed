//! Pages and what a reader sees of them.

use super::*;
use crate::Flaws;

pub(super) fn converted(html: &str, options: TextOptions) -> (String, Flaws) {
    let converted = to_text(html, options, Limits::default()).unwrap();
    (converted.output, converted.flaws)
}

/// The text, without the end of its last line.
pub(super) fn text(html: &str) -> String {
    let (text, _) = converted(html, TextOptions::default());
    text.strip_suffix('\n').map(str::to_owned).unwrap_or(text)
}

fn check(table: &[(&str, &str)]) {
    for (html, expected) in table {
        assert_eq!(text(html), *expected, "{html}");
    }
}

#[test]
fn white_space_falls_together_across_elements_and_blanks_that_do_not_break_stay() {
    check(&[
        ("", ""),
        ("  \n ", ""),
        ("a", "a"),
        (" a \n\t b ", "a b"),
        ("a <b> b</b> <i>c </i> d", "a b c d"),
        ("a<b>b</b>c", "abc"),
        ("a &nbsp; b&nbsp;&nbsp;c", "a   b  c"),
        ("&nbsp;&nbsp;a&nbsp;", "  a"),
        ("a<span> </span>b<!-- c --> d", "a b d"),
        ("a\u{3000} \u{2003}b", "a\u{3000} \u{2003}b"),
        ("a&#0;&#x1b;[2J\u{85}b", "a\u{fffd}[2J…b".replace('…', "").as_str()),
    ]);
}

#[test]
fn blocks_stand_in_lines_and_paragraphs_have_gaps() {
    check(&[
        ("a<div>b</div>c", "a\nb\nc"),
        ("<div><div>a</div></div><div>b</div>", "a\nb"),
        ("<p>a</p><p>b</p>c", "a\n\nb\n\nc"),
        ("<p>a<p>b<div>c</div>", "a\n\nb\n\nc"),
        ("<p></p><p> </p>a<p></p>", "a"),
        ("a<br>b<br/>c</br>d", "a\nb\nc\nd"),
        ("a<br><br>b<br>", "a\n\nb"),
        ("<div>a<br></div><div><br></div><div>b</div>", "a\n\nb"),
        ("<p>a<br></p>b", "a\n\nb"),
        ("<div>a</div>\n<div style='margin-bottom:12px'>b</div>c", "a\nb\n\nc"),
        (
            "<p style='margin:0'>a</p><p style='margin:0 auto'>b<p style='margin-top:0;margin-bottom:0in'>c</p>d",
            "a\nb\nc\nd",
        ),
        ("<p class=MsoNormal>a<o:p></o:p></p><p class='x_MsoNormal'>b</p><p class='m_-1MsoNormal'><o:p>&nbsp;</o:p></p><p class=MsoNormal>c</p>", "a\nb\n\nc"),
        ("<P>a<BR>b</P><DIV STYLE='DISPLAY:NONE'>c</DIV>d", "a\nb\n\nd"),
        ("a</p>b", "a\n\nb"),
        ("<h3>a</h3>b<h4>c</h4>d", "a\n\nb\n\nc\n\nd"),
        ("a<h1>One</h1>b<h2>Two words</h2>c", "a\n\nOne\n===\n\nb\n\nTwo words\n---------\n\nc"),
        ("<h1>a</h2>b", "a\n=\n\nb"),
        ("a<hr>b", &format!("a\n{}\nb", "-".repeat(72))),
        ("<center>a</center><section>b</section>", "a\nb"),
        ("<dl><dt>a<dd>b<dd>c<dt>d</dl>", "a\n    b\n    c\nd"),
        ("x<q>a <q>b</q></q>", "x\"a \"b\"\""),
        ("-- <br>me", "-- \nme"),
    ]);
}

#[test]
fn white_space_is_kept_where_it_counts() {
    check(&[
        ("<pre>\n a\n\n  b </pre>c", " a\n\n  b\n\nc"),
        ("<pre>a\tb\nc\n</pre>", "a\tb\nc"),
        ("<div style='white-space: pre-wrap'>a  b\n c</div>", "a  b\n c"),
        ("<div style='white-space:pre-line'>a  b\n c</div>", "a b\nc"),
        ("<pre style='white-space:normal'>a  b\n c</pre>", "a b c"),
        ("<xmp>a<b>&amp;</xmp>", "a<b>&amp;"),
    ]);
    let long = "word ".repeat(40);
    let found = text(&format!("<pre>{long}\n{long}\n</pre>{long}"));
    let widths: Vec<_> = found.lines().map(str::len).collect();
    assert_eq!(widths, [199, 199, 0, 74, 74, 49], "what is kept is not wrapped, what follows is");
}

#[test]
fn what_a_browser_does_not_show_is_not_there() {
    check(&[
        (
            "<html><head><title>t</title><style>p{}</style><script>if(a<b)'</p>'</script><meta name=a></head><body>a",
            "a",
        ),
        ("a<style>b</style><script>c</script><template>d</template><textarea>e</textarea>f", "af"),
        ("<!-- a --><!doctype html><?xml a?>b<!--[if mso]>c<![endif]--><![if !mso]>d<![endif]>", "bd"),
        ("a<div style='display:none'>b<div>c</div>d</div>e", "a\ne".replace('\n', "").as_str()),
        ("a<span style='DISPLAY : None !important'>b<span>c</span>d</span>e", "ae"),
        ("a<p hidden>b<p>c", "a\n\nc"),
        ("a<span style='visibility:hidden'>b<i style='visibility:visible'>c</i></span>", "ac"),
        ("<div style='font-size:0'>a<span style='font-size:12px'>b</span><b style='font-size:2em'>c</b></div>", "b"),
        ("<div style='font:0/0 a'>b</div>c<i style='font:bold 12px/1 d'>e</i>", "ce"),
        ("<div style='max-height:0;overflow:hidden'>a</div>b<div style='max-height:0'>c</div>", "b\nc"),
        ("<div style='mso-hide:all'>a</div><div style='opacity:0'>b</div>c", "c"),
        ("<div style='width:0;height:0;overflow:hidden'>a</div>b<div style='opacity:0.5;height:10px'>c</div>", "b\nc"),
        ("<td style='font-size:0px'><img alt='Logo' style='display:block'>x</td>", "Logo"),
        ("a<select><option>b</select><svg><title>c</title><style/><text>d</text></svg>e", "ae"),
        ("<svg><title/></svg>a", "a"),
        ("<xml><o:a>96</o:a></xml>a<noscript>b</noscript>", "ab"),
        ("<table><tr style='display:none'><td>a</td></tr><tr><td>b</td></tr></table>", "b"),
    ]);
}

#[test]
fn characters_are_those_that_are_referred_to() {
    check(&[
        ("&lt;b&gt; &amp;amp; &quot;&apos;", "<b> &amp; \"'"),
        ("&euro;&auml;&NotEqualTilde;&nbsp;&hellip;&copy", "€ä≂̸ …©"),
        ("&#8364;&#x20AC;&#128;&#x1F600;&#xD800;&#x110000;", "€€€😀\u{fffd}\u{fffd}"),
        ("&nobody; & &; &#; a&b", "&nobody; & &; &#; a&b"),
        ("<1 a < b é<é", "<1 a < b é<é"),
        ("<a href='http://x/?a=1&amp;b=2&copy=3'>l</a>", "l [1]\n\n[1] http://x/?a=1&b=2&copy=3"),
    ]);
}

#[test]
fn lists_have_their_markers_and_stand_within_each_other() {
    check(&[
        ("a<ul><li>b<li>c</ul>d", "a\n\n* b\n* c\n\nd"),
        ("<ol><li>a</li><li value=7>b<li>c</ol>", "1. a\n7. b\n8. c"),
        ("<ol start=9><li>a<li>b</ol>", "9. a\n10. b"),
        ("<ol start=3 reversed><li>a<li>b</ol>", "3. a\n2. b"),
        (
            "<ol type=a start=26><li>a<li>b</ol><ol type=I start=4><li>c</ol><ol type=A><li>d",
            "z. a\naa. b\n\nIV. c\n\nA. d",
        ),
        ("<ol type=i start=0><li>a<li>b</ol>", "0. a\ni. b"),
        ("<ul><li>a<ul><li>b<ol><li>c</ol></ul><li>d</ul>", "* a\n  - b\n    1. c\n* d"),
        ("<ul><li><p>a</p><p>b</p></li><li><p>c</p></li></ul>", "* a\n\n  b\n\n* c"),
        ("<ul><li></li><li>a<br>b</li></ul>", "*\n* a\n  b"),
        ("<ul style='list-style:none'><li>a<li>b</ul>", "a\nb"),
        ("<li>a<li>b", "* a\n* b"),
        ("<ul><li><div>a</div></li><li><b>b</b> c</li></ul>", "* a\n* b c"),
    ]);
}

#[test]
fn quotes_have_marks_and_gaps_outside_of_them() {
    check(&[
        ("a<blockquote>b</blockquote>c", "a\n\n> b\n\nc"),
        ("<blockquote>a<blockquote>b</blockquote>c</blockquote>", "> a\n>\n>> b\n>\n> c"),
        ("<blockquote><p>a<p>b</blockquote>", "> a\n>\n> b"),
        ("a<blockquote style='margin:0 0 0 .8ex'>b<br><br>c</blockquote>d", "a\n> b\n>\n> c\nd"),
        ("<blockquote><ul><li>a<li>b</ul></blockquote>", "> * a\n> * b"),
        ("<ul><li>a<blockquote>b</blockquote></ul>", "* a\n\n  > b"),
    ]);
}

#[test]
fn links_are_footnotes_and_each_target_stands_once() {
    check(&[
        ("<a href='http://x/1'>a</a> <a href='http://x/2'>b</a> <a href='http://x/1'>c</a>", "a [1] b [2] c [1]\n\n[1] http://x/1\n[2] http://x/2"),
        ("<a href='http://x.de/'>http://x.de</a> <a href='https://x.de'>x.de</a> <a href='mailto:a@b'>a@b</a>", "http://x.de x.de a@b"),
        ("<a href='mailto:a@b?subject=c'>&lt;A@b></a> <a href='tel:+49891'>+49 (89) 1</a> <a href='mailto:a@b?c'>mailto:a@b?c</a>", "<A@b> +49 (89) 1 mailto:a@b?c"),
        ("<a href='tel:+49891'>+49 89 2</a> <a href='http://x/a'>http://x/b</a>", "+49 89 2 [1] http://x/b [2]\n\n[1] tel:+49891\n[2] http://x/a"),
        ("<a href='mailto:a@b'>mail</a>", "mail [1]\n\n[1] mailto:a@b"),
        ("<a href='javascript:a()'>a</a><a href='#b'>b</a><a name=c>c</a><a href='cid:d'>d</a><a href='e.html'>e</a>", "abcde"),
        ("<a href='http://x/'><img src=a alt='Shop now'></a><a href='http://y/'><img src=b></a>", "Shop now [1]\n\n[1] http://x/"),
        ("<a href='http://x/'><div>a</div></a><div>b</div>", "a [1]\nb\n\n[1] http://x/"),
        ("<a href='http://x/'>a<a href='http://y/'>b</a>", "a [1]b [2]\n\n[1] http://x/\n[2] http://y/"),
        ("<a href=' http://x/a\n b '>a</a>", "a [1]\n\n[1] http://x/a%20b"),
        ("<blockquote><a href=http://x/>a</a></blockquote>", "> a [1]\n\n[1] http://x/"),
    ]);
    let (none, _) = converted("<a href='http://x/'>a</a>", TextOptions::default().with_footnotes(false));
    assert_eq!(none, "a\n");
}

#[test]
fn tables_with_short_cells_are_columns_and_others_are_lines() {
    check(&[
        ("<table><tr><td>a<td>b<tr><td>ccc<td>d</table>", "a    b\nccc  d"),
        ("x<table><thead><tr><th>Item<th align=right>Price</thead><tbody><tr><td>Tea<td align=right>1.50<tr><td>Coffee<td style='text-align:right'>12.00</table>y",
         "x\nItem    Price\nTea      1.50\nCoffee  12.00\ny"),
        ("<table><tr><td>日本<td>b<tr><td>ccc<td>d</table>", "日本  b\nccc   d"),
        ("<table><tr><td>a<td><td>b<tr><td>c<td>&nbsp;<td>d</table>", "a  b\nc  d"),
        ("<table><tr><td colspan=2>all of it<td>x<tr><td>a<td>b<td>c</table>", "all of it  x\na       b  c"),
        ("<table><tr><td>a<td>bb<td>1<tr><td colspan=2 align=right>c<td>2</table>", "a  bb  1\n    c  2"),
        ("<table><tr><td rowspan=2>a<td>b<tr><td>c<tr><td>d<td>e</table>", "a  b\n   c\nd  e"),
        ("<table><tr><td>a<tr><td>b</table>", "a\nb"),
        ("<table><tr><td>a<td>b<br>c<tr><td>d<td>e</table>", "a\nb\nc\nd\ne"),
        ("<table><tr><td><p>a</p><td><p class=MsoNormal>b<o:p></o:p></p><tr><td><br><td>c</table>", "a  b\n   c"),
        ("<table><caption>t</caption><tr><td>a<td>b</table>", "t\na  b"),
        ("<table>lost<tr><td>a<td>b</table>", "lost\na  b"),
        ("<p>a</p><table><tr><td>b<td>c</table>", "a\n\nb  c"),
        ("<table><tr><td>a<td><table><tr><td>b<td>c</table><td>d</table>", "a\nb  c\nd"),
        ("<table><tr><td>a<ul><li>b</ul></table>", "a\n\n* b"),
        ("<table><tr><td>&nbsp;</td></tr><tr><td><br></td></tr><tr><td>a<br><br>b</td></tr></table>", "a\n\nb"),
        ("<table><tr><td>a</td></tr></table></td></tr>b", "a\nb"),
    ]);
    let long = "long ".repeat(12);
    let expected = format!("a\n{}\nb\nc", long.trim_end());
    assert_eq!(text(&format!("<table><tr><td>a<td>{long}<tr><td>b<td>c</table>")), expected);
}

#[test]
fn lines_have_their_width_and_no_address_is_cut() {
    let address = format!("https://example.com/{}", "path-".repeat(30));
    let words = "word ".repeat(30);
    let found = text(&format!("<p>{words}{address} {words}</p><blockquote>{words}</blockquote>"));
    assert!(found.lines().any(|line| line == address), "{found}");
    let others: Vec<_> = found.lines().filter(|line| *line != address).collect();
    assert!(others.iter().all(|line| line.len() <= 78) && others.iter().any(|line| line.len() > 70), "{found}");
    assert!(others.iter().filter(|line| line.starts_with("> word")).count() == 2, "{found}");
    let quoted = text(&format!("<p><q>a</q> {words}</p>"));
    assert_eq!(quoted.lines().count(), 2, "{quoted}");
    let (whole, _) = converted(&format!("<p>{words}"), TextOptions::default().with_wrap(None));
    assert_eq!(whole.lines().count(), 1);
    let (narrow, _) = converted(
        "a b <a href='https://a.example/b c'>d</a> 日本語日本語日本語日本語。",
        TextOptions::default().with_wrap(Some(20)),
    );
    assert_eq!(narrow, "a b d [1] 日本語日本\n語日本語日本語。\n\n[1] https://a.example/b%20c\n");
}
