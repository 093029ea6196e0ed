//! Any octets as a page: decoded, read as text within the limits, and put into RTF from which it comes out as it was.

#![no_main]

use libfuzzer_sys::fuzz_target;
use postrider_convert::{
    html::{self, TextOptions},
    rtf::{self, Original},
    Charset, Converted, Limits,
};

const MOST: usize = 1 << 16;

fn text(page: &str) {
    let limits = Limits::default().with_output(MOST).with_work(1 << 20).with_depth(16);
    for wrap in [None, Some(20)] {
        let options = TextOptions::default().with_wrap(wrap).with_footnotes(wrap.is_none());
        let converted = html::to_text(page, options, limits);
        assert_eq!(converted, html::to_text(page, options, limits));
        let Ok(Converted { output, flaws }) = converted else { continue };
        assert!(output.len() <= MOST && flaws.iter().count() <= flaws.count());
        assert!(output.is_empty() || output.ends_with('\n'), "{output:?}");
    }
}

fn comes_out(page: &str) {
    let rtf = rtf::encapsulate_html(page, Limits::default()).expect("it was small");
    assert!(rtf.is_ascii());
    let Converted { output, flaws } = rtf::original(&rtf, Limits::default()).expect("it is RTF");
    // No text has a NUL.
    let normal = page.replace("\r\n", "\n").replace('\r', "\n").replace('\n', "\r\n").replace('\0', "");
    assert_eq!(output, Some(Original::Html(normal)));
    assert!(flaws.is_empty(), "{flaws:?}");
}

fuzz_target!(|data: &[u8]| {
    let Some((&how, octets)) = data.split_first() else { return };
    let declared = (how & 1 == 1).then_some(Charset::UTF_8);
    let page = html::decode(octets, declared).output.html;
    assert!(page.len() <= octets.len() * 3);
    text(&page);
    comes_out(&page);
});
