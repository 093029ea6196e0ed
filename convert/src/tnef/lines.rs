//! Lines of content, as iCalendar and vCard have them (RFC 5545 3.1, RFC 2426).
//!
//! Rule: a value can end no line and begin no other; lines are folded at 75 octets, and never within a character.

const MOST: usize = 75;

/// A text of lines.
#[derive(Debug, Default)]
pub(super) struct Lines {
    text: String,
}

impl Lines {
    /// A line: a name with its parameters, and a value that is written as it is.
    pub fn raw(&mut self, name: &str, value: &str) {
        let from = self.text.len();
        let line = format!("{name}:{value}");
        let mut room = MOST;
        for one in line.chars().filter(|one| !one.is_control() || *one == '\t') {
            if one.len_utf8() > room {
                self.text.push_str("\r\n ");
                room = MOST - 1;
            }
            self.text.push(one);
            room -= one.len_utf8();
        }
        debug_assert!(self.text.len() > from);
        self.text.push_str("\r\n");
    }

    /// A line with a text.
    pub fn text(&mut self, name: &str, value: &str) {
        self.raw(name, &escaped(value));
    }

    /// A line with a text, if there is one.
    pub fn some(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(name, value);
        }
    }

    /// A line with a list of texts; none, if all of them are missing.
    pub fn list(&mut self, name: &str, values: &[Option<String>]) {
        if values.iter().any(Option::is_some) {
            let values: Vec<String> =
                values.iter().map(|value| escaped(value.as_deref().unwrap_or_default())).collect();
            self.raw(name, &values.join(";"));
        }
    }

    pub fn finish(self) -> String {
        self.text
    }
}

/// A text within a value.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut all = text.chars().peekable();
    while let Some(one) = all.next() {
        match one {
            '\\' | ';' | ',' => out.extend(['\\', one]),
            '\r' => {
                all.next_if_eq(&'\n');
                out.push_str("\\n");
            }
            '\n' => out.push_str("\\n"),
            one => out.push(one),
        }
    }
    out
}

/// A text as the value of a parameter: quotation marks cannot be said.
pub(super) fn quoted(text: &str) -> String {
    let text: String =
        text.chars().filter(|one| !one.is_control()).map(|one| if one == '"' { '\'' } else { one }).collect();
    format!("\"{text}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_folded_and_values_end_none() {
        let mut lines = Lines::default();
        lines.text("NOTE", &"ä".repeat(80));
        lines.text("LONG", &"x".repeat(400));
        lines.text("X", "a;b,c\\d\r\ne\nf\rg\u{7}");
        lines.list("N", &[Some("a;b".into()), None]);
        lines.list("ADR", &[None, None]);
        lines.some("NO", None);
        let text = lines.finish();
        assert!(text.split("\r\n").all(|line| line.len() <= 75), "{text}");
        assert_eq!(text.replace("\r\n ", "").lines().next().unwrap().len(), 5 + 160);
        assert!(text.ends_with("X:a\\;b\\,c\\\\d\\ne\\nf\\ng\r\nN:a\\;b;\r\n"), "{text}");
        assert_eq!(quoted("a\"b\r\n"), "\"a'b\"");
    }
}
