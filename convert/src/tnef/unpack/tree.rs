//! The levels of a tree, and which parts a page names.
//!
//! Rule: a level with one part is that part.

use std::collections::HashSet;

use crate::{tnef::mime::Part, Allowance, ConvertError};

/// What is shown: in the order from the plainest to the richest.
#[derive(Default)]
pub(super) struct Shown<'a> {
    pub alternatives: Vec<Part<'a>>,
    /// What a page shows by a content id.
    pub related: Vec<Part<'a>>,
    /// What stands beside it as a file.
    pub files: Vec<Part<'a>>,
    /// The content ids that the page names.
    pub named: HashSet<String>,
}

/// The content ids that a page names.
pub(super) fn named(html: &[u8], allowance: &mut Allowance) -> Result<HashSet<String>, ConvertError> {
    const BEFORE: &[u8] = b"cid:";
    allowance.step(html.len())?;
    let mut all = HashSet::new();
    for at in memchr::memmem::find_iter(html, BEFORE) {
        let id = html.get(at + BEFORE.len()..).unwrap_or_default();
        let ends = |one: &u8| !one.is_ascii_graphic() || b"\"'<>)".contains(one);
        let id = &id[..id.iter().take(900).position(ends).unwrap_or_default()];
        if let Ok(id) = std::str::from_utf8(id) {
            allowance.make(id.len() + size_of::<String>())?;
            all.insert(id.to_owned());
        }
    }
    all.remove("");
    Ok(all)
}

/// The tree of what is shown and what stands beside it.
pub(super) fn composed(shown: Shown<'_>) -> Part<'_> {
    let Shown { alternatives, related, mut files, .. } = shown;
    let body = level("multipart/alternative", alternatives);
    let body = match (body, related) {
        (body, related) if related.is_empty() => body,
        (body, related) => {
            let mut root = level("multipart/related", body.into_iter().chain(related).collect());
            if let Some(root) = &mut root {
                let first = root.parts().first().map(|first| first.media_type.clone().into_owned());
                root.parameters.extend(first.map(|first| ("type", first)));
            }
            root
        }
    };
    match body {
        // A file alone is no text.
        None if !files.is_empty() => Part::multipart("multipart/mixed", files),
        None => Part::text("text/plain", String::new()),
        Some(body) => {
            files.insert(0, body);
            level("multipart/mixed", files).unwrap_or_default()
        }
    }
}

fn level<'a>(media_type: &'static str, mut parts: Vec<Part<'a>>) -> Option<Part<'a>> {
    match parts.len() {
        0 => None,
        1 => parts.pop(),
        _ => Some(Part::multipart(media_type, parts)),
    }
}
