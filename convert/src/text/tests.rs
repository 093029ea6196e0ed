//! Text, the page that it becomes, and the lines that flow.

use proptest::prelude::*;

use super::*;
use crate::{html, Limits, Trouble};

/// What stands in the body of the page, in one line.
fn body(text: &str, options: HtmlOptions) -> String {
    let page = to_html(text, options, Limits::default()).unwrap();
    assert!(page.flaws.is_empty(), "{text}: {:?}", page.flaws);
    let body = page.output.split_once("<body>\n").unwrap().1.strip_suffix("</body></html>\n").unwrap().to_owned();
    body.replace('\n', "").replace(" style=\"margin:0 0 0 .8ex;border-left:2px solid #ccc;padding-left:1ex\"", "")
}

/// The text of the page of this text.
fn there_and_back(text: &str, options: HtmlOptions) -> String {
    let page = to_html(text, options, Limits::default()).unwrap().output;
    let back = html::to_text(&page, html::TextOptions::default().with_wrap(None), Limits::default()).unwrap();
    assert!(back.flaws.is_empty(), "{page}: {:?}", back.flaws);
    back.output
}

#[test]
fn a_page_looks_as_the_text_did() {
    let table = [
        ("", ""),
        ("a\nb\r\n\nc", "a<br>b<br><br>c<br>"),
        ("  a  b\tc ", "&nbsp; a&nbsp; b&nbsp;&nbsp;&nbsp; c <br>"),
        ("<b>&\"'</b>", "&lt;b&gt;&amp;&quot;'&lt;/b&gt;<br>"),
        ("a\u{0}\u{1b}[2J\rb", "a[2Jb<br>"),
        (
            "a\n> b\n>> c\n> d\ne",
            "a<br><blockquote type=\"cite\">b<br><blockquote type=\"cite\">c<br></blockquote>d<br></blockquote>e<br>",
        ),
        (">> > a", "<blockquote type=\"cite\"><blockquote type=\"cite\"><blockquote type=\"cite\">a<br></blockquote></blockquote></blockquote>"),
        (">", "<blockquote type=\"cite\"><br></blockquote>"),
        (" > a", "&nbsp;&gt; a<br>"),
        ("a\n-- \nme\n-- \n", "a<br><div class=\"signature\" style=\"color:#666\">-- <br>me<br>-- <br></div>"),
        ("> -- \n> me\nb", "<blockquote type=\"cite\"><div class=\"signature\" style=\"color:#666\">-- <br>me<br></div></blockquote>b<br>"),
        ("--\na", "--<br>a<br>"),
    ];
    for (text, expected) in table {
        assert_eq!(body(text, HtmlOptions::default()), expected, "{text:?}");
    }
    assert_eq!(body("see http://a.example/", HtmlOptions::default().with_links(false)), "see http://a.example/<br>");
}

#[test]
fn addresses_become_links_as_a_reader_would_have_copied_them() {
    // What stands in angle brackets of this kind is the link.
    let table = [
        ("see ‹http://a.example/b?c=d&e=f#g›.", "http://a.example/b?c=d&amp;e=f#g"),
        ("(‹https://a.example/b_(c)›), ‹https://x.example›!", "https://a.example/b_(c)"),
        ("<‹https://a.example/b›>", "https://a.example/b"),
        ("\"‹https://a.example/b›\", 'x'", "https://a.example/b"),
        ("‹HTTP://A.example›, ‹ftp://f.example/›;", "HTTP://A.example"),
        ("‹www.a.example/b›: or ‹WWW.a.example›", "http://www.a.example/b"),
        ("a.example b.txt e.g. this", ""),
        ("mail ‹a.b+c@d.example›, (‹x@y.example›)", "mailto:a.b+c@d.example"),
        ("‹mailto:a@b.example?subject=hello%20you›.", "mailto:a@b.example?subject=hello%20you"),
        ("‹x@y.examplemailto›:‹a@b.example›?c", "mailto:x@y.examplemailto"),
        ("‹MAILTO:a@b.example›", "MAILTO:a@b.example"),
        ("‹http://bücher.example/ä?ö=ü› ‹jürgen@bücher.example›", "http://bücher.example/ä?ö=ü"),
        ("请访问‹http://a.example/查看›。好", "http://a.example/查看"),
        ("‹https://user:pw@a.example:8080/›", "https://user:pw@a.example:8080/"),
        ("‹http://a.example/›|‹http://b.example/›", "http://a.example/"),
        ("javascript://a.example/%0aalert(1) javascript:alert(1) data:text/html,a file:///etc/passwd", ""),
        ("http:// www. @ a@ @b mailto: http://", ""),
        ("user@localhost", ""),
    ];
    // An address reaches over all that it asks for, and is looked at once.
    let long = body(&"mailto:a@b.example?".repeat(20_000), HtmlOptions::default());
    assert_eq!(long.matches("<a href").count(), 1);
    for (marked, first) in table {
        let text = marked.replace(['‹', '›'], "");
        let html = body(&text, HtmlOptions::default());
        let mut found = String::new();
        let mut rest = &*html;
        let mut targets = Vec::new();
        while let Some((before, link)) = rest.split_once("<a href=\"") {
            let (target, behind) = link.split_once("\">").unwrap();
            let (shown, behind) = behind.split_once("</a>").unwrap();
            found.push_str(&format!("{before}‹{shown}›"));
            targets.push(target);
            rest = behind;
        }
        found.push_str(rest.trim_end_matches("<br>"));
        let found = found.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
        assert_eq!(found, marked);
        assert_eq!(targets.first().copied().unwrap_or(""), first, "{marked}");
    }
}

#[test]
fn lines_that_flow_come_together() {
    let table = [
        ("a \nb\nc\n", "a b\nc\n", "ab\nc\n"),
        ("a  \n  b\n", "a   b\n", "a  b\n"),
        ("> a \n> b\n>> c \n> d\n", "> a b\n>> c\n> d\n", "> ab\n>> c\n> d\n"),
        (">a\n>  b\n> > c\n", "> a\n>  b\n> > c\n", "> a\n>  b\n> > c\n"),
        (" >a\n From b\n  c\n", ">a\nFrom b\n c\n", ">a\nFrom b\n c\n"),
        ("a \n-- \nb \nc\n", "a\n-- \nb c\n", "a\n-- \nbc\n"),
        ("> -- \n> b \n> c", "> -- \n> b c\n", "> -- \n> bc\n"),
        ("a \n\nb \n", "a\nb\n", "a\nb\n"),
        ("", "", ""),
        (">\n> \n", ">\n>\n", ">\n>\n"),
        ("a \r\nb\r\n", "a b\n", "ab\n"),
    ];
    for (flowing, plain, plain_del_sp) in table {
        assert_eq!(unflow(flowing, Flowed::default()), plain, "{flowing:?}");
        assert_eq!(unflow(flowing, Flowed { del_sp: true }), plain_del_sp, "{flowing:?}");
    }
    let page = body("> a \n> b <\n-- \nc \nd", HtmlOptions::default().with_flowed(Some(Flowed::default())));
    assert_eq!(
        page,
        "<blockquote type=\"cite\">a b &lt;<br></blockquote><div class=\"signature\" style=\"color:#666\">-- <br>c d<br></div>"
    );
}

#[test]
fn text_flows_in_lines_of_a_bounded_width() {
    let table = [
        ("aa bb cc\n", "aa bb \ncc\n", "aa bb  \ncc\n"),
        ("> aa bb\n", "> aa \n> bb\n", "> aa  \n> bb\n"),
        (" a\n>b\nFrom me\n", "  a\n> b\n From \nme\n", "  a\n> b\n From  \nme\n"),
        ("a  \n-- \nb", "a\n-- \nb\n", "a\n-- \nb\n"),
        ("aaaaaa -- bbb\n", "aaaaaa \n-- bbb\n", "aaaaaa  \n--  \nbbb\n"),
        ("日本語日\n", "日本語日\n", "日本 \n語日\n"),
        (">>>>>>>> aa bb cc\n", ">>>>>>>> aa bb cc\n", ">>>>>>>> aa bb cc\n"),
        ("aaaa > bb\n", "aaaa \n > bb\n", "aaaa  \n > bb\n"),
    ];
    for (plain, flowing, flowing_del_sp) in table {
        assert_eq!(flow(plain, 7, Flowed::default()), flowing, "{plain:?}");
        assert_eq!(flow(plain, 8, Flowed { del_sp: true }), flowing_del_sp, "{plain:?}");
    }
}

#[test]
fn lines_are_wrapped_behind_their_marks_and_addresses_are_whole() {
    let table = [
        ("one two three\n", "one two\nthree\n"),
        ("> one two three", "> one two\n> three"),
        ("> > one two\r\n>x\r\n", "> > one\r\n> > two\r\n>x\r\n"),
        ("a https://a.example/b-c-d e\n", "a\nhttps://a.example/b-c-d\ne\n"),
        ("  one two three\n", "  one two\nthree\n"),
        ("日本語日本語、日本\n", "日本語日本\n語、日本\n"),
        ("日本語日本、日本\n", "日本語日\n本、日本\n"),
        ("看http://a.example/看 好\n", "看\nhttp://a.example/看\n好\n"),
        (">>>>>>>>> one two three\n", ">>>>>>>>> one two three\n"),
        ("\n\n", "\n\n"),
        ("aéé bbbb cc", "aéé bbbb\ncc"),
    ];
    for (text, expected) in table {
        assert_eq!(wrap(text, 10), expected, "{text:?}");
    }
}

#[test]
fn limits_are_kept_and_depth_costs_the_innermost_alone() {
    let page = to_html(&format!("{} a", ">".repeat(100_000)), HtmlOptions::default(), Limits::default()).unwrap();
    assert!(page.flaws.has(Trouble::TooDeep) && page.output.matches("<blockquote").count() == 256);
    assert_eq!(page.output.matches("</blockquote>").count(), 256);
    let second = to_html(&format!("a\n{}b", ">".repeat(300)), HtmlOptions::default(), Limits::default()).unwrap();
    assert_eq!(second.flaws.iter().next().unwrap().to_string(), "octet 2: quote: too_deep");
    let marks = format!("{}\n\n", ">".repeat(200)).repeat(100);
    for (text, limits, is_good) in [
        ("a", Limits::default().with_output(100), true),
        ("a", Limits::default().with_output(50), false),
        (&*marks, Limits::default().with_output(100_000), false),
        ("aaaaa", Limits::default().with_work(4), false),
    ] {
        assert_eq!(to_html(text, HtmlOptions::default(), limits).is_ok(), is_good, "{limits:?}");
    }
}

/// A text as it comes back: blanks at the ends of its lines are gone, and quote marks stand together.
fn canonical(text: &str) -> String {
    let mut canonical = String::new();
    for line in text.lines() {
        let (mut marks, mut rest) = (0, line);
        while let Some(behind) = rest.strip_prefix('>') {
            marks += 1;
            rest = behind.strip_prefix(' ').filter(|behind| behind.starts_with('>')).unwrap_or(behind);
        }
        let rest = if marks > 0 { rest.strip_prefix(' ').unwrap_or(rest) } else { rest };
        let rest = rest.replace('\u{a0}', " ");
        let line = format!("{} {rest}", ">".repeat(marks));
        let line = if marks == 0 { &line[1..] } else { &line };
        canonical.push_str(line.trim_end_matches(' '));
        canonical.push('\n');
    }
    canonical
}

fn some_text() -> impl Strategy<Value = String> {
    "((>|> |>> |> > ){0,3}( {0,3}(a|é|日|<|>|&|&amp;|\"|'|-|--|-- |\u{a0}|\u{3000}|😀|https?://a\\.example/b\\?c=d&e|www\\.b\\.example|<x@y\\.example>|mailto:x@y\\.example\\?a=b|<b>|</blockquote>|<!--|&nbsp;)){0,6} {0,2}\r?\n){0,8}"
}

/// All but white space and quote marks.
fn words(text: &str) -> String {
    text.split([' ', '\n', '\r', '>']).collect()
}

proptest! {
    #[test]
    fn text_comes_back_from_its_page(text in some_text()) {
        let back = there_and_back(&text, HtmlOptions::default());
        prop_assert_eq!(canonical(&back), canonical(&text));
    }

    #[test]
    fn any_text_comes_back_from_its_page(text in "[^\\p{Cc}\n]{0,30}(\n[^\\p{Cc}\n]{0,30}){0,3}") {
        let back = there_and_back(&text, HtmlOptions::default().with_links(false));
        prop_assert_eq!(canonical(&back), canonical(&text));
    }

    #[test]
    fn nothing_in_the_text_is_markup(text in some_text(), is_flowed in any::<bool>()) {
        let options = HtmlOptions::default().with_flowed(is_flowed.then_some(Flowed::default()));
        let page = to_html(&text, options, Limits::default()).unwrap().output;
        let mut open = Vec::new();
        for tag in page.split('<').skip(1) {
            let (tag, behind) = tag.split_once('>').unwrap();
            prop_assert!(!behind.contains('>'), "{page}");
            match tag.strip_prefix('/') {
                Some(name) => prop_assert_eq!(open.pop(), Some(name), "{}", page),
                None => {
                    let name = tag.split(' ').next().unwrap();
                    let is_ours = ["!DOCTYPE", "html", "head", "meta", "body", "blockquote", "div", "a", "br"].contains(&name);
                    prop_assert!(is_ours && tag.matches('"').count() % 2 == 0, "{page}");
                    if !["!DOCTYPE", "meta", "br"].contains(&name) {
                        open.push(name);
                    }
                }
            }
        }
        prop_assert!(open.is_empty(), "{page}");
    }

    #[test]
    fn what_flows_comes_back(text in some_text(), column in 4_usize..40, del_sp in any::<bool>()) {
        let flowed = Flowed { del_sp };
        let plain = unflow(&text.replace(" \n", "\n").replace(" \r\n", "\r\n"), flowed);
        let flowing = flow(&plain, column, flowed);
        let back = unflow(&flowing, flowed);
        prop_assert_eq!(words(&back), words(&plain));
        // A line that begins with a quote mark is quoted from now on: no text says otherwise.
        prop_assert_eq!(unflow(&flow(&back, column, flowed), flowed), &*back);
        prop_assert_eq!(&back, &unflow(&flow(&plain, 10_000, flowed), flowed), "{}", flowing);
    }

    #[test]
    fn any_text_has_an_end(text in any::<String>(), column in 0_usize..100, del_sp in any::<bool>()) {
        let flowed = Flowed { del_sp };
        let _ = (flow(&text, column, flowed), unflow(&text, flowed));
        prop_assert_eq!(words(&wrap(&text, column)), words(&text));
        for options in [HtmlOptions::default(), HtmlOptions::default().with_flowed(Some(flowed))] {
            prop_assert!(to_html(&text, options, Limits::default()).is_ok());
        }
    }
}
