//! Patterns as people write them for names of files and types: `*` is anything, `?` one character.
//!
//! Rule: case does not matter, and neither do dots and blanks at the end of a name, which some systems drop.

use regex::{escape, Regex, RegexBuilder};

/// Patterns of one list.
pub(super) const MOST_GLOBS: usize = 500;
/// Octets that all patterns of a list may take together when they are compiled.
const SIZE: usize = 10 << 20;

/// Some patterns, looked for at once.
#[derive(Clone, Debug)]
pub(super) struct Globs(Option<Regex>);

impl Globs {
    /// `None`: there are too many, or they are too long.
    pub(super) fn new(globs: &[String]) -> Option<Self> {
        if globs.is_empty() {
            return Some(Globs(None));
        }
        let all: Vec<String> = globs.iter().map(|glob| pattern(glob)).collect();
        let whole = format!("^(?s:{})$", all.join("|"));
        let built = RegexBuilder::new(&whole).case_insensitive(true).size_limit(SIZE).build();
        built.ok().filter(|_| globs.len() <= MOST_GLOBS).map(|regex| Globs(Some(regex)))
    }

    pub(super) fn has(&self, text: &str) -> bool {
        self.0.as_ref().is_some_and(|regex| regex.is_match(text))
    }
}

fn pattern(glob: &str) -> String {
    let part = |c: char| match c {
        '*' => ".*".to_owned(),
        '?' => ".".to_owned(),
        c => escape(c.encode_utf8(&mut [0; 4])),
    };
    glob.chars().map(part).collect()
}

/// A name as the system will see it to which it is saved.
pub(super) fn as_saved(name: &str) -> &str {
    let last = name.rsplit(['/', '\\']).next().unwrap_or(name);
    last.trim_end_matches(|c: char| c == '.' || c.is_whitespace() || c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_for_the_whole_name_without_regard_to_case() {
        let globs = Globs::new(&["*.exe".into(), "a?c+.txt".into()]).unwrap();
        assert!(globs.has("X.EXE") && globs.has("\n.exe") && globs.has("abc+.txt"));
        assert!(!globs.has("x.exe.txt") && !globs.has("abcc.txt") && !Globs::new(&[]).unwrap().has(""));
        assert!(Globs::new(&vec![String::from("a"); MOST_GLOBS + 1]).is_none());
    }

    #[test]
    fn what_a_system_drops_from_a_name_is_not_looked_at() {
        assert_eq!(as_saved("C:\\tmp\\x.exe. . \u{a0}\0"), "x.exe");
        assert_eq!(as_saved("../x.exe"), "x.exe");
    }
}
