//! Any text: a page whose markup is ours alone, and lines that flow and come back.

#![no_main]

use libfuzzer_sys::fuzz_target;
use postrider_convert::{
    text::{flow, to_html, unflow, wrap, Flowed, HtmlOptions},
    Converted, Limits,
};

const MOST: usize = 1 << 18;

/// All tags are ours, in order, and end.
fn page(text: &str, options: HtmlOptions) {
    let Ok(Converted { output: page, .. }) = to_html(text, options, Limits::default().with_output(MOST)) else {
        return;
    };
    assert!(page.len() <= MOST);
    let mut open = Vec::new();
    for tag in page.split('<').skip(1) {
        let (tag, behind) = tag.split_once('>').unwrap_or_else(|| panic!("a tag has no end: {page}"));
        assert!(!behind.contains('>') && tag.matches('"').count() % 2 == 0, "{page}");
        match tag.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name), "{page}"),
            None => {
                let name = tag.split(' ').next().unwrap_or_default();
                let ours = ["!DOCTYPE", "html", "head", "meta", "body", "blockquote", "div", "a", "br"];
                assert!(ours.contains(&name), "{page}");
                if !["!DOCTYPE", "meta", "br"].contains(&name) {
                    open.push(name);
                }
            }
        }
    }
    assert!(open.is_empty(), "{page}");
}

fn words(text: &str) -> Vec<&str> {
    text.split(|one: char| one.is_whitespace() || one == '>').filter(|word| !word.is_empty()).collect()
}

fn flows(text: &str, column: usize, flowed: Flowed) {
    let plain = unflow(text, flowed);
    let flowing = flow(&plain, column, flowed);
    let back = unflow(&flowing, flowed);
    // A line that begins with a quote mark is quoted from now on: no text says otherwise.
    assert_eq!(unflow(&flow(&back, column, flowed), flowed), back, "{flowing:?}");
    assert_eq!(words(&back).concat(), words(&plain).concat());
    assert_eq!(words(&wrap(text, column)).concat(), words(text).concat());
}

fuzz_target!(|data: &[u8]| {
    let Some((&how, octets)) = data.split_first() else { return };
    let text = String::from_utf8_lossy(octets);
    let (flowed, column) = (Flowed { del_sp: how & 1 == 1 }, usize::from(how >> 1));
    // A CR that ends no line is part of it, and one that comes to stand at its end is not any more.
    let lines = text.replace("\r\n", "\n").replace('\r', "");
    page(&text, HtmlOptions::default());
    page(&text, HtmlOptions::default().with_flowed(Some(flowed)));
    flows(&lines, column, flowed);
});
