//! Text in HTML.
//!
//! Rule: whatever the text is, it is text in the page, and looks as it did: blanks do not fall together, and nothing in it is a tag.

/// Appends text of a line. `is_first`: nothing stands before it in its line, so a blank at the beginning would not be seen.
pub(crate) fn text(html: &mut String, text: &str, mut is_first: bool) {
    let mut rest = text;
    while let Some(at) = rest.find(is_special) {
        html.push_str(&rest[..at]);
        is_first &= at == 0;
        let one = rest[at..].chars().next().unwrap_or_default();
        rest = &rest[at + one.len_utf8()..];
        match one {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\u{A0}' => html.push_str("&nbsp;"),
            '\t' => html.push_str("&nbsp;&nbsp;&nbsp; "),
            // One of several, or one that nothing stands before; the last of them lets a line end.
            ' ' if is_first || rest.starts_with(' ') => html.push_str("&nbsp;"),
            ' ' => html.push(' '),
            // Controls: nobody sees them, and XML has no room for them.
            _ => continue,
        }
        is_first = false;
    }
    html.push_str(rest);
}

fn is_special(one: char) -> bool {
    matches!(one, '&' | '<' | '>' | '"' | ' ' | '\u{A0}') || (one.is_control() && one != '\n')
}

/// Appends a value of an attribute that stands in double quotes.
pub(crate) fn attribute(html: &mut String, value: &str) {
    for one in value.chars().filter(|one| !one.is_control()) {
        match one {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            one => html.push(one),
        }
    }
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
        ] {
            let mut html = String::new();
            super::text(&mut html, text, true);
            assert_eq!(html, expected, "{text:?}");
        }
        let mut html = String::new();
        attribute(&mut html, "a\"><b\n>&");
        assert_eq!(html, "a&quot;&gt;&lt;b&gt;&amp;");
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
