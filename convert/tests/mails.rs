//! Mails as programs write them, and what a reader of text gets of each.
//!
//! Rule: each page in `fixtures/html` has its text beside it, looked at by a person. They were written for this test after what
//! Outlook, Gmail, Apple Mail, Thunderbird and makers of newsletters send.

#![allow(clippy::unwrap_used)] // helpers of tests fail as tests do

use std::{fs, path::Path};

use postrider_convert::{html, text, Limits};

fn pages() -> Vec<(String, String, String)> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/html");
    let mut pages = Vec::new();
    for entry in fs::read_dir(fixtures).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "html") {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            pages.push((
                name,
                fs::read_to_string(&path).unwrap(),
                fs::read_to_string(path.with_extension("txt")).unwrap(),
            ));
        }
    }
    assert!(pages.len() >= 6);
    pages
}

#[test]
fn a_reader_of_text_gets_what_the_page_says() {
    for (name, page, expected) in pages() {
        let found = html::to_text(&page, html::TextOptions::default(), Limits::default()).unwrap();
        assert_eq!(found.output, expected, "{name}");
        assert!(found.flaws.is_empty(), "{name}: {:?}", found.flaws);
    }
}

#[test]
fn a_page_that_ends_anywhere_gives_the_text_up_to_there() {
    for (name, page, _) in pages() {
        let mut longest = 0;
        for end in (0..page.len()).filter(|end| page.is_char_boundary(*end)) {
            let found = html::to_text(&page[..end], html::TextOptions::default(), Limits::default()).unwrap().output;
            // What has been said stays said, but for footnotes, and columns that were lines yet.
            assert!(found.len() + 200 > longest, "{name} at {end}");
            longest = longest.max(found.len());
        }
        assert!(longest > 50, "{name}");
    }
}

#[test]
fn the_text_of_a_page_is_a_page_with_the_same_text() {
    for (name, page, _) in pages() {
        let options = html::TextOptions::default().with_wrap(None);
        let plain = html::to_text(&page, options, Limits::default()).unwrap().output;
        let again = text::to_html(&plain, text::HtmlOptions::default(), Limits::default()).unwrap().output;
        assert_eq!(html::to_text(&again, options, Limits::default()).unwrap().output, plain, "{name}");
    }
}
