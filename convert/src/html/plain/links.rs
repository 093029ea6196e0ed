//! Where links lead: a number behind their text, and the list of targets at the end.
//!
//! Rule: each target is listed once, and a link that says itself where it leads has no number.

use std::collections::HashMap;

use crate::html::reading::target;

/// The targets of a page.
#[derive(Debug, Default)]
pub(super) struct Links {
    numbers: HashMap<Box<str>, usize>,
    open: Option<Open>,
}

/// A link that is open.
#[derive(Debug)]
struct Open {
    target: String,
    /// The beginning of its text: enough to see whether it is the target.
    text: String,
}

impl Links {
    /// A link begins.
    pub(super) fn begins(&mut self, target: &str) {
        self.open = target::for_readers(target).map(|target| Open { target, text: String::new() });
    }

    /// Text of the page, which is that of the link if there is one.
    pub(super) fn text(&mut self, text: &str) {
        if let Some(open) = &mut self.open {
            // Longer than the target, it is not the target.
            if open.text.len() <= open.target.len() + 16 {
                let most = open.target.len() + 32;
                let end = (0..=most.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
                open.text.push_str(&text[..end]);
            }
        }
    }

    /// It ends: the number to be shown behind its text.
    pub(super) fn ends(&mut self) -> Option<usize> {
        let open = self.open.take()?;
        let text = open.text.trim();
        if text.is_empty() || says(text, &open.target) {
            return None;
        }
        let next = self.numbers.len() + 1;
        Some(*self.numbers.entry(open.target.into()).or_insert(next))
    }

    /// All of them, in the order of their numbers.
    pub(super) fn list(&self) -> Vec<(usize, &str)> {
        let mut list: Vec<_> = self.numbers.iter().map(|(target, number)| (*number, &**target)).collect();
        list.sort_unstable();
        list
    }
}

/// Who reads the text knows where the link leads.
fn says(text: &str, target: &str) -> bool {
    let bare = text.strip_prefix('<').and_then(|text| text.strip_suffix('>')).unwrap_or(text);
    if let Some(address) = without(target, "mailto:") {
        // What the mail is to be about is not where it goes.
        let address = address.split('?').next().unwrap_or(address);
        return without(bare, "mailto:").unwrap_or(bare).eq_ignore_ascii_case(address) || bare == target;
    }
    if let Some(number) = without(target, "tel:") {
        let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
        let is_number = bare.chars().all(|one| one.is_ascii_digit() || " \u{a0}+-./()".contains(one));
        return is_number && digits(bare) == digits(number);
    }
    essence(bare) == essence(target)
}

fn without<'t>(text: &'t str, scheme: &str) -> Option<&'t str> {
    let found = text.get(..scheme.len())?;
    found.eq_ignore_ascii_case(scheme).then(|| &text[scheme.len()..])
}

/// What a reader takes for an address, without what a browser would add.
fn essence(address: &str) -> &str {
    let rest = without(address, "https://").or_else(|| without(address, "http://")).unwrap_or(address);
    rest.strip_suffix('/').unwrap_or(rest)
}
