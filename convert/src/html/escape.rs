//! Text in HTML.
//!
//! Rule: whatever the text is, it is text in the page, and looks as it did: blanks do not fall together, and nothing in it is a tag.

/// Appends text of a line. `is_first`: nothing stands before it in its line, so a blank at the beginning would not be seen.
pub(crate) fn text(html: &mut String, text: &str, mut is_first: bool) {
    let octets = text.as_bytes();
    // Where what is not written yet begins: runs of what stands as it is are written at once.
    let mut from = 0;
    for (at, octet) in octets.iter().enumerate() {
        let (length, said) = match octet {
            b'\t' => (1, "&nbsp;&nbsp;&nbsp; "),
            // One of several, or one that nothing stands before; the last of them lets a line end.
            b' ' if (is_first && at == from) || octets.get(at + 1) == Some(&b' ') => (1, "&nbsp;"),
            b'\n' => continue,
            0xC2 if octets.get(at + 1) == Some(&0xA0) => (2, "&nbsp;"),
            _ => match special(octets, at) {
                Some(special) => special,
                None => continue,
            },
        };
        html.push_str(&text[from..at]);
        html.push_str(said);
        is_first &= at == from && said.is_empty();
        from = at + length;
    }
    html.push_str(&text[from..]);
}

/// Appends a value of an attribute that stands in double quotes.
pub(crate) fn attribute(html: &mut String, value: &str) {
    let octets = value.as_bytes();
    let mut from = 0;
    for at in 0..octets.len() {
        let Some((length, said)) = special(octets, at) else { continue };
        html.push_str(&value[from..at]);
        html.push_str(said);
        from = at + length;
    }
    html.push_str(&value[from..]);
}

/// What is said for the character here, and its octets; `None`: it stands as it is. Controls are left out: nobody sees them, and XML
/// has no room for them.
fn special(octets: &[u8], at: usize) -> Option<(usize, &'static str)> {
    Some(match octets[at] {
        b'&' => (1, "&amp;"),
        b'<' => (1, "&lt;"),
        b'>' => (1, "&gt;"),
        b'"' => (1, "&quot;"),
        0..=0x1F | 0x7F => (1, ""),
        0xC2 if matches!(octets.get(at + 1), Some(0x80..=0x9F)) => (2, ""),
        _ => return None,
    })
}

/// Schemes to which a link may lead: none of them runs anything in the page.
const SCHEMES: [&str; 8] = ["http", "https", "mailto", "ftp", "tel", "news", "file", "cid"];

/// A link may lead there.
pub(crate) fn is_safe_target(target: &str) -> bool {
    let target = target.trim_start();
    match target.split_once(':') {
        _ if target.starts_with('#') => true,
        Some((scheme, _)) => SCHEMES.iter().any(|known| scheme.eq_ignore_ascii_case(known)),
        // Relative to nothing, as mail is.
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_text_and_looks_as_it_did() {
        for (text, expected) in [
            ("a<b>&\"c\"", "a&lt;b&gt;&amp;&quot;c&quot;"),
            ("a b  c   d ", "a b&nbsp; c&nbsp;&nbsp; d "),
            (" a\tb\u{a0}c", "&nbsp;a&nbsp;&nbsp;&nbsp; b&nbsp;c"),
            ("a\u{0}\u{1b}\u{85}b", "ab"),
            ("<script>&lt;", "&lt;script&gt;&amp;lt;"),
            ("\u{1} a", "&nbsp;a"),
            ("\n a\u{e9}\u{a0}\u{a9} ", "\n a\u{e9}&nbsp;\u{a9} "),
        ] {
            let mut html = String::new();
            super::text(&mut html, text, true);
            assert_eq!(html, expected, "{text:?}");
        }
        let mut html = String::new();
        attribute(&mut html, "a\"><b\n>&");
        assert_eq!(html, "a&quot;&gt;&lt;b&gt;&amp;");
        html.clear();
        attribute(&mut html, "\u{9f}\u{e9}\u{a0}  b\u{a9}");
        assert_eq!(html, "\u{e9}\u{a0}  b\u{a9}");
    }

    #[test]
    fn a_link_leads_to_where_nothing_is_run() {
        for target in ["https://a.example/", "MAILTO:a@b", "#top", " http://x"] {
            assert!(is_safe_target(target), "{target}");
        }
        for target in
            ["javascript:alert(1)", " JavaScript:x", "data:text/html,x", "vbscript:x", "a.html", "java\nscript:x", ""]
        {
            assert!(!is_safe_target(target), "{target}");
        }
    }
}
