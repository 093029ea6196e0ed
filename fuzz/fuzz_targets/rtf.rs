//! Any octets as RTF: text, a page and what was put in, or an error; the same again, within the limits, and nothing in the
//! page but what its own text says.

#![no_main]

use libfuzzer_sys::fuzz_target;
use postrider_convert::{
    rtf::{self, Original},
    Converted, Limits,
};

const MOST: usize = 1 << 16;

fn limits() -> Limits {
    Limits::default().with_output(MOST).with_work(1 << 20).with_depth(16)
}

fn text(octets: &[u8]) {
    let converted = rtf::to_text(octets, limits());
    assert_eq!(converted, rtf::to_text(octets, limits()));
    let Ok(Converted { output, flaws }) = converted else { return };
    assert!(output.len() <= MOST && flaws.iter().count() <= flaws.count());
    #[cfg(feature = "planted-bug")]
    assert!(!output.contains('\u{2013}'), "the planted bug");
}

/// Quotes, brackets and parts are in order, whatever the document says.
fn page(octets: &[u8]) {
    let Ok(Converted { output: page, .. }) = rtf::to_html(octets, limits()) else { return };
    let parts: usize = page.parts.iter().map(|part| part.octets.len()).sum();
    assert!(page.html.len() + parts <= MOST);
    for part in &page.parts {
        assert!(page.html.contains(&format!("\"cid:{}\"", part.content_id)), "{}: {}", part.content_id, page.html);
    }
    for tag in page.html.split('<').skip(1) {
        let (tag, behind) = tag.split_once('>').unwrap_or_else(|| panic!("a tag has no end: {}", page.html));
        assert!(!behind.contains('>') && tag.matches('"').count() % 2 == 0, "{}", page.html);
        assert!(!tag.to_ascii_lowercase().starts_with("script"), "{}", page.html);
    }
}

/// What was put in is put in again, and comes out.
fn put_in(octets: &[u8]) {
    let Ok(Converted { output: Some(original), .. }) = rtf::original(octets, limits()) else { return };
    let (source, again) = match &original {
        Original::Html(html) => (html, rtf::encapsulate_html(html, Limits::default())),
        Original::Text(text) => (text, rtf::from_text(text, Limits::default())),
    };
    assert!(source.len() <= MOST);
    let again = rtf::original(&again.expect("it was small"), Limits::default()).expect("it is RTF").output;
    assert_eq!(again.map(lines), Some(lines(original)));
}

/// All ends of lines as CRLF; no text has a NUL.
fn lines(original: Original) -> Original {
    let normal =
        |source: String| source.replace("\r\n", "\n").replace('\r', "\n").replace('\n', "\r\n").replace('\0', "");
    match original {
        Original::Html(html) => Original::Html(normal(html)),
        Original::Text(text) => Original::Text(normal(text)),
    }
}

fuzz_target!(|data: &[u8]| {
    text(data);
    page(data);
    put_in(data);
});
