//! Pages that are damaged, deep or large.

use proptest::prelude::*;

use super::{
    tests::{converted, text},
    *,
};
use crate::Trouble;

#[test]
fn what_is_damaged_is_read_as_far_as_it_goes_and_told_of() {
    let table = [
        ("a<b", "a", Some(Trouble::Truncated)),
        ("a<!-- b", "a", Some(Trouble::Truncated)),
        ("a<p title='b", "a", Some(Trouble::Truncated)),
        ("<div>a", "a", Some(Trouble::Unbalanced)),
        ("a</div>b", "ab", Some(Trouble::Unbalanced)),
        ("a<!-- <p>b</p>", "a", Some(Trouble::Truncated)),
        ("a</", "a</", None),
        ("a<!-- b --><![endif]>", "a", None),
        ("a<!-- b -->", "a", None),
        ("a<title>b", "a", Some(Trouble::Unbalanced)),
        ("<ul><li>a</ul><p>b<table><tr><td>c</table>", "* a\n\nb\n\nc", None),
        ("<b><p>a</b>b</p></i></span>", "ab", None),
        ("<font style='display:none'><p>a</font></p>b", "b", None),
        ("<span style='display:none'><p>a</span></p>b", "", None),
        ("<div><span style='display:none'>a</div>b", "b", None),
        ("<table><tr><td><span style='display:none'>a</td><td>b</td></table>", "b", None),
    ];
    for (html, expected, trouble) in table {
        let (found, flaws) = converted(html, TextOptions::default());
        assert_eq!(found.trim_end(), expected, "{html}");
        match trouble {
            Some(trouble) => assert!(flaws.has(trouble), "{html}: {flaws:?}"),
            None => assert!(flaws.is_empty(), "{html}: {flaws:?}"),
        }
    }
}

#[test]
fn depth_costs_the_innermost_alone() {
    let names = [
        "div",
        "blockquote",
        "table><tr><td",
        "b",
        "ul><li",
        "span style='color:red'",
        "span hidden",
        "div hidden><p",
        "p><font",
        "q",
        "a href=x",
    ];
    for (place, names) in names.into_iter().enumerate() {
        let count = if place < 4 { 100_000 } else { 10_000 };
        let ends: String = names.rsplit("><").map(|name| format!("</{}>", name.split(' ').next().unwrap())).collect();
        let html = format!("<p>before</p>{}x{}<p>behind", format!("<{names}>").repeat(count), ends.repeat(count));
        let (found, flaws) = converted(&html, TextOptions::default());
        assert!(found.starts_with("before\n") && found.contains("behind"), "{names}");
        assert!(found.len() < 1_000_000 && found.contains('x') != names.contains("hidden"), "{names}");
        let is_flat = ["b", "span style='color:red'", "p><font", "a href=x"].contains(&names);
        assert_eq!(flaws.has(Trouble::TooDeep), !is_flat, "{names}");
    }
}

#[test]
fn what_is_too_deep_and_hidden_is_hidden_still() {
    let html = format!(
        "{}<script>a</script><div style='display:none'><p>b</p></div>c{}d",
        "<div>".repeat(300),
        "</div>".repeat(300)
    );
    assert_eq!(text(&html), "c\nd");
}

#[test]
fn rows_and_cells_that_are_where_none_can_be_are_text() {
    // What is too deep does not end what it stands in, so that a row can be in a cell.
    for depth in 0..8 {
        for html in [
            "<table><td>a<b style='white-space:pre'><q></b><tr>b</tr></td></td>c",
            "<table><td colspan=3>a<b style='white-space:pre'><q><q></b><tr hidden></tr><tr>b</tr></td>c",
            "<table><td colspan=2>a<i style='white-space:pre'><q></i><tr></tr><td>b</td><td>c</table>",
        ] {
            let found = to_text(html, TextOptions::default(), Limits::default().with_depth(depth)).unwrap().output;
            assert!(["a", "b", "c"].iter().all(|word| found.contains(word)), "{html}: {found}");
        }
    }
}

#[test]
fn limits_are_kept() {
    let html = format!("<p>{}", "a ".repeat(500));
    for (limits, is_good) in [
        (Limits::default().with_output(1100), true),
        (Limits::default().with_output(900), false),
        (Limits::default().with_work(500), false),
    ] {
        assert_eq!(to_text(&html, TextOptions::default(), limits).is_ok(), is_good, "{limits:?}");
    }
    // Each short line of a deep quote has all of its marks.
    let quotes = format!("{}{}", "<blockquote>".repeat(200), "a<br>".repeat(1000));
    let error = to_text(&quotes, TextOptions::default(), Limits::default().with_output(10_000)).unwrap_err();
    assert_eq!(error, ConvertError::TooLarge { most: 10_000 });
}

proptest! {
    #[test]
    fn any_page_has_an_end(
        html in "(</?(p|div|b|a href='http://x/'|ul|ol|li|table|tr|td|th colspan=3|td rowspan=2|blockquote|pre|h1|dl|dd|q|svg|span hidden|title|br|hr|caption|tbody|img alt=xyz)>|a|é|日|&nbsp;|&amp|<!--|-->| |\n|<|/>|'|<script>|</script>){0,80}",
        depth in 0_usize..6,
        wrap in proptest::option::of(0_usize..30),
    ) {
        let options = TextOptions::default().with_wrap(wrap);
        let limits = Limits::default().with_depth(depth);
        let found = to_text(&html, options, limits).unwrap().output;
        prop_assert!(found.is_empty() || found.ends_with('\n'));
        let has_nbsp = found.contains('\u{a0}');
        prop_assert!(!has_nbsp);
        for end in (0..html.len()).filter(|end| html.is_char_boundary(*end)) {
            prop_assert!(to_text(&html[..end], options, Limits::default()).is_ok());
        }
    }

    #[test]
    fn any_octets_are_a_page(octets in proptest::collection::vec(any::<u8>(), 0..300)) {
        let decoded = crate::html::decode(&octets, None).output;
        prop_assert!(decoded.html.len() <= 3 * octets.len());
        prop_assert!(to_text(&decoded.html, TextOptions::default(), Limits::default()).is_ok());
    }
}
