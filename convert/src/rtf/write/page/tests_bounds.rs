//! Pages that are damaged, deep or large, and pictures.

use proptest::prelude::*;

use super::{
    tests::{page, written},
    *,
};
use crate::{
    html::{self, TextOptions},
    rtf::{
        self,
        token::{Token, Tokens},
    },
    Trouble,
};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x14\0\0\0\x0a\x08\x02\0\0\0";
const JPEG: &[u8] = b"\xFF\xD8\xFF\xE0\0\x04ab\xFF\xC0\0\x0b\x08\0\x0a\0\x14\x01\x01\x11\0\xFF\xD9";

fn part(content_id: &str, media_type: &'static str, octets: &[u8]) -> InlinePart {
    InlinePart { content_id: content_id.into(), media_type, octets: octets.to_vec() }
}

fn with_pictures(html: &str) -> Page {
    let parts = vec![
        part("a@x", "image/png", PNG),
        part("b", "image/jpeg", JPEG),
        part("c", "image/gif", b"GIF89a"),
        part("d", "image/png", b"none"),
    ];
    Page { html: html.into(), parts }
}

#[test]
fn pictures_of_the_page_are_in_the_document_and_others_have_their_words() {
    let page = with_pictures(
        "<img src='cid:a%40x' alt='A {b}'><img src=CID:b width=40><img src=cid:c alt=see><img src=cid:d width=5 height=6px><img src=cid:a@x width=9998><img src='https://x/' alt=far><img src=cid:b style='display:none' alt=x>",
    );
    let rtf = written(&page);
    assert!(rtf.contains("{\\sv A \\{b\\}}"), "{rtf}");
    let again = rtf::to_html(rtf.as_bytes(), Limits::default()).unwrap();
    assert!(again.flaws.is_empty());
    let sizes: Vec<_> = again
        .output
        .html
        .split("<img ")
        .skip(1)
        .map(|img| img.split_once("alt=\"\"").unwrap().1.split('>').next().unwrap())
        .collect();
    assert_eq!(
        sizes,
        [
            " width=\"20\" height=\"10\"",
            " width=\"40\" height=\"20\"",
            " width=\"5\" height=\"6\"",
            " width=\"600\" height=\"300\""
        ]
    );
    let found: Vec<_> = again.output.parts.iter().map(|part| (part.media_type, &*part.octets)).collect();
    assert_eq!(found, [("image/png", PNG), ("image/jpeg", JPEG), ("image/png", &b"none"[..]), ("image/png", PNG)]);
    assert_eq!(rtf::to_text(rtf.as_bytes(), Limits::default()).unwrap().output, " see  far\n");
}

#[test]
fn a_picture_that_is_shown_often_costs_no_more_than_the_limit() {
    let page = Page { html: "<img src=cid:a>".repeat(1000), parts: vec![part("a", "image/png", &vec![0; 1 << 16])] };
    let error = from_html(&page, Limits::default().with_output(1 << 20)).unwrap_err();
    assert_eq!(error, ConvertError::TooLarge { most: 1 << 20 });
}

#[test]
fn pictures_that_are_cut_anywhere_are_pictures_nevertheless() {
    for octets in [PNG, JPEG] {
        for end in 0..octets.len() {
            for at in 0..end {
                let mut octets = octets[..end].to_vec();
                octets[at] ^= 0xFF;
                let page = Page {
                    html: "<img src=cid:a>".into(),
                    parts: vec![part("a", "image/png", &octets), part("b", "image/jpeg", &octets)],
                };
                written(&page);
            }
        }
    }
}

#[test]
fn depth_costs_the_innermost_alone() {
    for names in [
        "div",
        "blockquote",
        "table><tr><td>y<td",
        "b",
        "ul><li",
        "font color=red",
        "a href='http://x/'",
        "q",
        "span hidden",
    ] {
        let ends: String =
            names.rsplit("><").map(|name| format!("</{}>", name.split([' ', '>']).next().unwrap())).collect();
        let html = format!("<p>before</p>{}x{}<p>behind", format!("<{names}>").repeat(3000), ends.repeat(3000));
        let converted = from_html(&page(&html), Limits::default()).unwrap();
        let found = rtf::to_text(&converted.output, Limits::default()).unwrap();
        assert!(found.flaws.is_empty(), "{names}: {:?}", found.flaws);
        assert!(found.output.starts_with("before\n") && found.output.contains("behind"), "{names}");
        assert!(found.output.contains('x') != names.contains("hidden"), "{names}");
        assert!(converted.output.len() < 20 * html.len(), "{names}: {}", converted.output.len());
    }
}

#[test]
fn limits_are_kept_and_what_is_damaged_is_told_of() {
    let html = format!("<p>{}", "a ".repeat(500));
    for (limits, is_good) in [
        (Limits::default().with_output(1200), true),
        (Limits::default().with_output(1000), false),
        (Limits::default().with_work(500), false),
    ] {
        assert_eq!(from_html(&page(&html), limits).is_ok(), is_good, "{limits:?}");
    }
    // A long target in each of many paragraphs.
    let long = format!("<a href='http://x/{}'>{}", "y".repeat(2000), "<p>z".repeat(1000));
    assert!(from_html(&page(&long), Limits::default().with_output(1 << 20)).is_err());
    for (html, trouble) in [("a<b", Trouble::Truncated), ("<div>a", Trouble::Unbalanced)] {
        assert!(from_html(&page(html), Limits::default()).unwrap().flaws.has(trouble), "{html}");
    }
}

/// What both texts have: what is read, without white space, and without what one of them draws with other signs.
fn letters(text: &str) -> String {
    text.replace("<http://0/>", "")
        .chars()
        .filter(|one| one.is_alphabetic() || matches!(one, '&' | '\\' | '{' | '}'))
        .collect()
}

/// Groups that are open at the end, and the least that ever were.
fn balance(rtf: &[u8]) -> (i64, i64) {
    let (mut open, mut least) = (0, 0);
    let mut tokens = Tokens::new(rtf);
    for token in &mut tokens {
        match token {
            Token::Begin => open += 1,
            Token::End => open -= 1,
            _ => {}
        }
        least = least.min(open);
    }
    (open, least)
}

proptest! {
    #[test]
    fn any_page_is_a_document_that_says_the_same(
        html in "(</?(p|div|b|i|u|font color=red|a href='http://0/'|ul|ol|li|table|tr|td|th colspan=3|td rowspan=2|blockquote|pre|h1|dl|dd|q|svg|span hidden|span style='font-size:0'|title|br|hr|caption|tbody|center|img alt=xyz|img src='cid:b')>|a|é|日|😀|\\\\|\\{|\\}|\u{1}|&nbsp;|&amp;|<!--|-->| |\t|\n|<|/>|'|<script>|</script>){0,80}",
        depth in 0_usize..300,
    ) {
        let limits = Limits::default().with_depth(depth);
        let found = from_html(&with_pictures(&html), limits).unwrap();
        prop_assert!(found.output.is_ascii());
        prop_assert_eq!(balance(&found.output), (0, 0));
        prop_assert!(found.output.len() < 100_000);
        let text = rtf::to_text(&found.output, Limits::default()).unwrap();
        prop_assert!(text.flaws.is_empty());
        prop_assert!(rtf::to_html(&found.output, Limits::default()).unwrap().flaws.is_empty());
        if depth > 160 {
            let options = TextOptions::default().with_footnotes(false);
            let plain = html::to_text(&html, options, Limits::default()).unwrap();
            prop_assert_eq!(&plain.flaws, &found.flaws);
            let (mut ours, mut theirs) = (letters(&text.output), letters(&plain.output));
            if html.contains("<t") {
                // What stands in a table and in none of its cells stands before it, or where it is.
                let sorted = |text: &str| { let mut all: Vec<_> = text.chars().collect(); all.sort_unstable(); all.into_iter().collect() };
                (ours, theirs) = (sorted(&ours), sorted(&theirs));
            }
            prop_assert_eq!(ours, theirs);
        }
        for end in (0..html.len()).filter(|end| html.is_char_boundary(*end)) {
            prop_assert!(from_html(&page(&html[..end]), Limits::default()).is_ok());
        }
    }

    #[test]
    fn any_style_is_one(
        name in "(span|font|p|td|blockquote|img src=cid:b)",
        attribute in "(color|face|size|width|height|border|align|colspan|start)",
        value in "([a-z#%(), +-]|[0-9]|é|;|:|\"|&#0;|999999999999|1e99){0,20}",
        style in "((font|font-size|color|background|margin|padding-left|text-indent|font-family|font-weight|vertical-align):([a-z#%(),/ +-]|[0-9]|é|inf|nan|1e99|rgb\\(|var\\()*;){0,4}",
    ) {
        let html = format!("<{name} {attribute}=\"{value}\" style='{style}'>x</{name}>");
        let found = from_html(&with_pictures(&html), Limits::default()).unwrap().output;
        prop_assert!(found.is_ascii());
        prop_assert_eq!(balance(&found), (0, 0));
        let text = rtf::to_text(&found, Limits::default()).unwrap();
        prop_assert!(text.flaws.is_empty());
    }
}
