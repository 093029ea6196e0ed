//! The mails that go through, and how they are compared with what came out.

/// What makes a way through mail programs hard: dots, blanks at the end of lines, octets above 127, long lines.
pub struct Mail {
    /// A word that no other mail has.
    pub mark: String,
    /// Every line with its CRLF.
    pub content: Vec<u8>,
}

/// Longer than any line that RFC 5321 asks anybody to take.
pub const LONG: usize = 1500;
/// What RFC 5321 asks everybody to take, with room for CRLF.
pub const PLAIN: usize = 990;

impl Mail {
    /// A mail with all fields that a program might otherwise add, and one line of this length.
    pub fn new(mark: &str, line: usize) -> Self {
        let header = format!(
            "X-Test-Mark: {mark}\r\nFrom: <sender@from.example>\r\nTo: <joe@hop.example>\r\nSubject: a test\r\n\
             Date: Fri, 20 Nov 2026 10:00:00 +0000\r\nMessage-ID: <{mark}@from.example>\r\nMIME-Version: 1.0\r\n\
             Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        );
        let mut content = header.into_bytes();
        content.extend_from_slice("first\r\n.\r\n..\r\n.dot\r\n...\r\nblank \t\r\n\r\nГрüße\r\n".as_bytes());
        content.extend(std::iter::repeat_n(b'y', line));
        content.extend_from_slice(b"\r\nFrom here to the end\r\n\r\nlast\r\n");
        Mail { mark: mark.to_owned(), content }
    }

    /// Whether this is the mail, with nothing changed but fields in front of it.
    pub fn came_through_in(&self, other: &[u8]) -> bool {
        other.ends_with(&self.content)
    }

    /// Whether this is the mail with the same body, whatever fields were added.
    pub fn has_its_body_in(&self, other: &[u8]) -> bool {
        body(other) == body(&self.content) && self.is_in(other)
    }

    /// Whether this is the mail, whatever became of it.
    pub fn is_in(&self, other: &[u8]) -> bool {
        let mark = format!("X-Test-Mark: {}\r\n", self.mark);
        other.windows(mark.len()).any(|here| here == mark.as_bytes())
    }
}

/// What stands behind the header.
pub fn body(mail: &[u8]) -> &[u8] {
    let end = mail.windows(4).position(|here| here == b"\r\n\r\n");
    end.map_or(&[], |end| &mail[end + 4..])
}

/// Lines as they are on disk, LF or CRLF, as they are on the wire.
pub fn on_the_wire(file: &[u8]) -> Vec<u8> {
    let mut wire = Vec::with_capacity(file.len() + file.len() / 16);
    for line in file.split_inclusive(|octet| *octet == b'\n') {
        let text = line.strip_suffix(b"\n").map(|text| text.strip_suffix(b"\r").unwrap_or(text));
        wire.extend_from_slice(text.unwrap_or(line));
        wire.extend_from_slice(text.map_or(b"", |_| b"\r\n"));
    }
    wire
}

/// A mail as text, for the message of a failed test.
pub fn shown(mails: &[Vec<u8>]) -> String {
    let show = |mail: &Vec<u8>| String::from_utf8_lossy(&mail[..mail.len().min(3000)]).into_owned();
    mails.iter().take(2).map(show).collect::<Vec<_>>().join("\n----\n")
}
