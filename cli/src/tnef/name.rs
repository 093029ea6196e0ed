//! Names of files, made of what a stranger has called them.
//!
//! Rule: whatever it was, it is one name in one folder: it leads nowhere, hides nothing, is no option of a program, and is no
//! other file's of the same mail, also where capitals do not count.

use std::collections::HashMap;

/// Octets of a name: file systems take 255, and something may have to be added.
const LONGEST: usize = 200;
/// Octets of an extension that is kept where a name is cut.
const EXTENSION: usize = 20;

/// The names that are taken, and the number that the next of each gets.
#[derive(Default)]
pub struct Names(HashMap<String, u32>);

impl Names {
    /// The name of the next file: what it is called, or else `otherwise`.
    pub fn take(&mut self, called: Option<&str>, otherwise: &str) -> String {
        let name = called.and_then(safe).unwrap_or_else(|| otherwise.to_owned());
        let (stem, extension) = parted(&name);
        let mut free = name.clone();
        // Each number is tried once: a thousand files of one name are a thousand steps.
        while self.0.contains_key(&free.to_lowercase()) {
            let next = self.0.entry(name.to_lowercase()).or_insert(1);
            *next += 1;
            free = format!("{stem}-{next}{extension}");
        }
        self.0.insert(free.to_lowercase(), 1);
        free
    }
}

/// The name, if anything is left of it.
fn safe(called: &str) -> Option<String> {
    let is_bad = |c: char| {
        c.is_control()
            || matches!(c, '/' | '\\' | ':' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
    };
    let name: String = called.trim().chars().map(|c| if is_bad(c) { '_' } else { c }).collect();
    if name.trim_matches(['.', '_', ' ']).is_empty() {
        return None;
    }
    // Hidden files, `..`, and what programs take for an option.
    let begins_badly = name.starts_with(['.', '-', '~']);
    let name = if begins_badly { format!("_{name}") } else { name };
    let (stem, extension) = parted(&name);
    let room = LONGEST - extension.len();
    Some(format!("{}{extension}", &stem[..stem.floor_char_boundary(room.min(stem.len()))]))
}

/// The name and its extension, with the dot.
fn parted(name: &str) -> (&str, &str) {
    match name.rfind('.').filter(|at| *at > 0 && name.len() - at <= EXTENSION) {
        Some(at) => name.split_at(at),
        None => (name, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_file_is_called_its_name_is_one_name() {
        let long = format!("{}.pdf", "ü".repeat(300));
        let table = [
            ("Grüße 2024.pdf", "Grüße 2024.pdf"),
            ("../../etc/passwd", "_.._.._etc_passwd"),
            ("C:\\Windows\\a.exe", "C__Windows_a.exe"),
            (".bashrc", "_.bashrc"),
            ("-rf", "_-rf"),
            ("a\r\n\0b\u{1b}[2J.txt", "a___b_[2J.txt"),
            ("gpj.\u{202e}exe", "gpj._exe"),
            ("..", "otherwise.bin"),
            ("...", "otherwise.bin"),
            ("/", "otherwise.bin"),
            (" ", "otherwise.bin"),
            ("", "otherwise.bin"),
        ];
        for (called, expected) in table {
            let name = Names::default().take(Some(called), "otherwise.bin");
            assert_eq!(name, expected, "{called:?}");
            assert_eq!(std::path::Path::new(&name).file_name(), Some(name.as_ref()));
        }
        let name = Names::default().take(Some(&long), "");
        assert!(name.len() <= LONGEST && name.ends_with("ü.pdf"), "{name}");
    }

    #[test]
    fn no_two_files_have_the_same_name_also_where_capitals_do_not_count() {
        let mut names = Names::default();
        let taken = ["a.txt", "A.TXT", "a-2.txt", "a.txt", "b", "b"].map(|called| names.take(Some(called), ""));
        assert_eq!(taken, ["a.txt", "A-2.TXT", "a-2-2.txt", "a-3.txt", "b", "b-2"]);
    }
}
