//! Where a link leads a reader who has the page as something else.
//!
//! Rule: it leads to where nothing is run, and out of the mail.

use crate::html::escape;

/// The target as it can stand in a line; `None`: it leads such a reader nowhere.
pub(crate) fn for_readers(target: &str) -> Option<String> {
    let target = clean(target);
    (escape::is_safe_target(&target) && !target.starts_with('#') && part(&target).is_none()).then_some(target)
}

/// No line ends in it (URL standard, 4.4), blanks are as who follows it needs them.
fn clean(target: &str) -> String {
    let mut clean = String::with_capacity(target.len());
    for one in target.trim().chars() {
        match one {
            ' ' => clean.push_str("%20"),
            _ if one.is_control() => {}
            _ => clean.push(one),
        }
    }
    clean
}

/// The content id of the part of the mail to which it leads, as it is written there.
pub(crate) fn part(target: &str) -> Option<&str> {
    let scheme = target.get(..4)?;
    scheme.eq_ignore_ascii_case("cid:").then(|| &target[4..])
}
