//! Documents as programs write them, and what a reader of text gets of each.
//!
//! Rule: each document in the folders of `fixtures` that others made has its text beside it, looked at by a person.
//! `fixtures/NOTICE.md` says where they are from.

#![allow(clippy::unwrap_used)] // helpers of tests fail as tests do

use std::{fs, path::Path};

use postrider_convert::{html, rtf, Limits};

const FOLDERS: [&str; 3] = ["rtf-to-html", "rtfparserkit", "striprtf"];

fn documents() -> Vec<(String, Vec<u8>, String)> {
    let mut documents = Vec::new();
    for folder in FOLDERS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(folder);
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "rtf") {
                let text = fs::read_to_string(path.with_extension("txt")).unwrap();
                documents.push((path.to_string_lossy().into_owned(), fs::read(&path).unwrap(), text));
            }
        }
    }
    assert_eq!(documents.len(), 15);
    documents
}

#[test]
fn a_reader_of_text_gets_what_the_document_says() {
    for (name, rtf, expected) in documents() {
        let found = rtf::to_text(&rtf, Limits::default()).unwrap();
        assert_eq!(found.output, expected, "{name}");
        assert!(found.flaws.is_empty(), "{name}: {:?}", found.flaws);
    }
}

/// The words, without where links lead.
fn words(text: &str) -> Vec<&str> {
    text.split([' ', '\n', '\t', '\u{a0}']).filter(|word| !word.is_empty() && !word.starts_with('<')).collect()
}

#[test]
fn the_page_that_a_document_is_says_the_same_and_so_does_the_document_that_it_is_again() {
    for (name, rtf, expected) in documents() {
        let page = rtf::to_html(&rtf, Limits::default()).unwrap().output;
        let options = html::TextOptions::default().with_footnotes(false).with_wrap(None);
        let shown = html::to_text(&page.html, options, Limits::default()).unwrap().output;
        assert_eq!(words(&shown), words(&expected), "{name}");
        let again = rtf::from_html(&page, Limits::default()).unwrap().output;
        let again = rtf::to_text(&again, Limits::default()).unwrap().output;
        assert_eq!(words(&again), words(&expected), "{name}");
    }
}
