//! Names without a domain (`To: root`) in a list of mailboxes: they get one, and all else stays as it is.
//!
//! Rule: octets are put in, never taken out or changed. What is not understood stays as it came: whoever reads it next says what is
//! wrong with it.

/// The list with `@domain` behind each address that has none.
pub fn qualified(list: &[u8], domain: &str) -> Vec<u8> {
    let mut reader = Reader { list, at: 0, item: Item::default(), places: Vec::new() };
    while let Some(octet) = reader.next() {
        reader.take(octet);
    }
    reader.end_item();
    let (mut whole, mut from) = (Vec::with_capacity(list.len()), 0);
    for place in reader.places {
        whole.extend_from_slice(&list[from..place]);
        whole.push(b'@');
        whole.extend_from_slice(domain.as_bytes());
        from = place;
    }
    whole.extend_from_slice(&list[from..]);
    whole
}

/// The address that is being read: what stands in angle brackets, or all of an item.
#[derive(Default)]
struct Item {
    /// Words that were parted by blanks or comments.
    words: usize,
    /// It goes on with the word before it.
    is_open: bool,
    /// An `@` was seen, or what can be part of no address that lacks one.
    is_whole: bool,
    /// Where the last word ends.
    end: usize,
    /// There were angle brackets: the item is done.
    had_angle: bool,
}

struct Reader<'a> {
    list: &'a [u8],
    at: usize,
    item: Item,
    places: Vec<usize>,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<u8> {
        let octet = self.list.get(self.at).copied()?;
        self.at += 1;
        Some(octet)
    }

    fn take(&mut self, octet: u8) {
        match octet {
            b',' | b';' => self.end_item(),
            // The name of a group, with its colon.
            b':' => self.item = Item::default(),
            b'(' => self.comment(),
            b' ' | b'\t' | b'\r' | b'\n' => self.item.is_open = false,
            b'<' => self.angle(),
            b'"' => {
                self.quoted();
                self.word();
            }
            b'@' | b'[' => {
                self.item.is_whole = true;
                self.word();
            }
            _ => self.word(),
        }
    }

    fn word(&mut self) {
        self.item.words += usize::from(!self.item.is_open);
        (self.item.is_open, self.item.end) = (true, self.at);
    }

    fn end_item(&mut self) {
        let item = std::mem::take(&mut self.item);
        if item.words == 1 && !item.is_whole && !item.had_angle {
            self.places.push(item.end);
        }
    }

    /// To behind the quote that ends it.
    fn quoted(&mut self) {
        while let Some(octet) = self.next() {
            match octet {
                b'"' => return,
                b'\\' => drop(self.next()),
                _ => {}
            }
        }
        self.item.is_whole = true; // it is not closed
    }

    /// To behind the bracket that ends it. Comments nest (RFC 5322, 3.2.2).
    fn comment(&mut self) {
        let mut depth = 1_usize;
        self.item.is_open = false;
        while let Some(octet) = self.next() {
            match octet {
                b'\\' => drop(self.next()),
                b'(' => depth += 1,
                b')' if depth == 1 => return,
                b')' => depth -= 1,
                _ => {}
            }
        }
    }

    /// What stands in angle brackets is the address; empty ones are none.
    fn angle(&mut self) {
        self.item = Item::default();
        while let Some(octet) = self.next() {
            match octet {
                b'>' => {
                    self.end_item();
                    self.item.had_angle = true;
                    return;
                }
                b'<' | b',' | b';' => self.item.is_whole = true,
                octet => self.take(octet),
            }
        }
        self.item.is_whole = true; // it is not closed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_has_no_domain_gets_one() {
        let table = [
            ("root", "root@h.example"),
            (" root\r\n", " root@h.example\r\n"),
            ("root, ann@x, bob", "root@h.example, ann@x, bob@h.example"),
            ("root;bob", "root@h.example;bob@h.example"),
            ("Cron Daemon <root>", "Cron Daemon <root@h.example>"),
            ("\"Root, the\" < root >", "\"Root, the\" < root@h.example >"),
            ("root (Cron Daemon)", "root@h.example (Cron Daemon)"),
            ("(a, (b) c) root", "(a, (b) c) root@h.example"),
            ("\"a b\"", "\"a b\"@h.example"),
            ("\"a@b\"", "\"a@b\"@h.example"),
            ("<\"a>b\">", "<\"a>b\"@h.example>"),
            ("root,\r\n\tbob", "root@h.example,\r\n\tbob@h.example"),
            ("Team: root, ann@x;", "Team: root@h.example, ann@x;"),
            ("jörg", "jörg@h.example"),
        ];
        for (list, whole) in table {
            assert_eq!(String::from_utf8(qualified(list.as_bytes(), "h.example")).unwrap(), whole, "{list}");
        }
    }

    #[test]
    fn everything_else_stays_as_it_is() {
        for list in [
            "",
            " ",
            ",",
            "<>",
            "ann@x",
            "Ann <ann@x>",
            "ann @ x",
            "undisclosed-recipients:;",
            "Ann Example",
            "<root",
            "<a,b>",
            "\"open",
            "(open",
            "ann@[192.0.2.1]",
            "<@relay,@other:ann@x>",
            "Ann <ann@x> (root)",
            "<root> ann <",
        ] {
            let whole = String::from_utf8(qualified(list.as_bytes(), "h")).unwrap();
            let expected = if list == "<root> ann <" { "<root@h> ann <" } else { list };
            assert_eq!(whole, expected, "{list}");
        }
    }
}
