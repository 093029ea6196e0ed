//! HTML as its source: what of it is markup, and what is seen.
//!
//! Rule: the pieces, one after the other, are the source to the octet. Whether a piece is taken for markup or for text changes how a
//! reader of RTF sees it, and nothing else.

/// A piece of the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// What is seen, with its character references.
    Text(&'a str),
    /// A tag: its source, its name, and whether it ends an element.
    Tag { source: &'a str, name: &'a str, is_end: bool },
    /// A comment, a declaration, or what stands in an element that shows no text.
    Hidden(&'a str),
}

/// Elements whose content is no markup and is not seen.
const RAW: [&str; 8] = ["script", "style", "title", "xmp", "noembed", "noframes", "iframe", "template"];

/// Takes the source apart.
pub(super) struct Pieces<'a> {
    rest: &'a str,
    /// The element of [`RAW`] that has begun.
    raw: Option<&'static str>,
}

impl<'a> Pieces<'a> {
    pub fn new(source: &'a str) -> Self {
        Pieces { rest: source, raw: None }
    }

    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        taken
    }

    /// Up to the tag that ends the element.
    fn raw(&mut self, name: &str) -> Piece<'a> {
        let mut from = 0;
        let end = loop {
            let Some(at) = self.rest[from..].find("</").map(|at| from + at) else { break self.rest.len() };
            let begin = self.rest.get(at + 2..at + 2 + name.len());
            if begin.is_some_and(|begin| begin.eq_ignore_ascii_case(name)) {
                break at;
            }
            from = at + 2;
        };
        Piece::Hidden(self.take(end))
    }

    /// What begins with `<`, if it is markup.
    fn markup(&mut self) -> Option<Piece<'a>> {
        let rest = self.rest;
        if let Some(comment) = rest.strip_prefix("<!--") {
            let end = comment.find("-->").map_or(rest.len(), |at| at + "<!---->".len());
            return Some(Piece::Hidden(self.take(end)));
        }
        if rest.starts_with("<!") || rest.starts_with("<?") {
            let end = rest.find('>').map_or(rest.len(), |at| at + 1);
            return Some(Piece::Hidden(self.take(end)));
        }
        let is_end = rest.starts_with("</");
        let name = &rest[1 + usize::from(is_end)..];
        if !name.starts_with(|one: char| one.is_ascii_alphabetic()) {
            return None;
        }
        let length = name.find(|one: char| one.is_ascii_whitespace() || matches!(one, '>' | '/')).unwrap_or(name.len());
        let name = &name[..length];
        let source = self.take(tag_end(rest));
        if !is_end {
            self.raw = RAW.into_iter().find(|raw| name.eq_ignore_ascii_case(raw));
        }
        Some(Piece::Tag { source, name, is_end })
    }
}

/// Where the tag ends with which this begins: `>` that is in no quotes.
fn tag_end(source: &str) -> usize {
    let mut quote = None;
    for (at, octet) in source.bytes().enumerate() {
        match (octet, quote) {
            (b'"' | b'\'', None) => quote = Some(octet),
            (_, Some(quoted)) if octet == quoted => quote = None,
            (b'>', None) => return at + 1,
            _ => {}
        }
    }
    source.len()
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        if self.rest.is_empty() {
            return None;
        }
        if let Some(name) = self.raw.take() {
            if !self.rest.starts_with("</") {
                return Some(self.raw(name));
            }
        }
        if self.rest.starts_with('<') {
            if let Some(markup) = self.markup() {
                return Some(markup);
            }
        }
        // A `<` that begins nothing is text.
        let end = self.rest.char_indices().skip(1).find(|(_, one)| *one == '<').map_or(self.rest.len(), |(at, _)| at);
        Some(Piece::Text(self.take(end)))
    }
}

/// The attributes in the source of a tag: name and value, with its character references; of one without a value, nothing.
pub(super) fn attributes(source: &str) -> impl Iterator<Item = (&str, &str)> {
    let is_between = |one: char| one.is_ascii_whitespace() || one == '/';
    // Behind the name of the tag.
    let mut rest = source.find(|one: char| is_between(one) || one == '>').map_or("", |at| &source[at..]);
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(is_between);
        if rest.is_empty() || rest.starts_with('>') {
            return None;
        }
        // An equals sign that nothing stands before is a name.
        let is_end = |(at, one): &(usize, char)| is_between(*one) || *one == '>' || (*one == '=' && *at > 0);
        let end = rest.char_indices().find(is_end).map_or(rest.len(), |(at, _)| at);
        let (name, behind) = rest.split_at(end);
        let Some(value) = behind.trim_start().strip_prefix('=').map(str::trim_start) else {
            rest = behind;
            return Some((name, ""));
        };
        let (value, behind) = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => value[1..].split_once(quote).unwrap_or((&value[1..], "")),
            _ => {
                let is_end = |one: char| one.is_ascii_whitespace() || one == '>';
                value.split_at(value.find(is_end).unwrap_or(value.len()))
            }
        };
        rest = behind;
        Some((name, value))
    })
}

/// The value of an attribute in the source of a tag, with its character references.
pub(super) fn attribute<'a>(source: &'a str, name: &str) -> Option<&'a str> {
    attributes(source).find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// The character that a reference is; `None`: it is one of those that are drawn as they stand.
pub(super) fn referred(reference: &str) -> Option<char> {
    let name = reference.strip_prefix('&')?.strip_suffix(';')?;
    if let Some(number) = name.strip_prefix('#') {
        let number = match number.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16),
            None => number.parse(),
        };
        return number.ok().and_then(char::from_u32).filter(|one| !one.is_control());
    }
    Some(match name {
        "nbsp" => '\u{A0}',
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        "copy" => '©',
        "reg" => '®',
        "trade" => '™',
        "euro" => '€',
        "hellip" => '…',
        "ndash" => '–',
        "mdash" => '—',
        "lsquo" => '‘',
        "rsquo" => '’',
        "ldquo" => '“',
        "rdquo" => '”',
        "bull" => '•',
        "middot" => '·',
        "auml" => 'ä',
        "ouml" => 'ö',
        "uuml" => 'ü',
        "Auml" => 'Ä',
        "Ouml" => 'Ö',
        "Uuml" => 'Ü',
        "szlig" => 'ß',
        "eacute" => 'é',
        "egrave" => 'è',
        "agrave" => 'à',
        "ccedil" => 'ç',
        _ => return None,
    })
}

/// The length of the character reference with which this begins; 0: it is none.
pub(super) fn reference(text: &str) -> usize {
    let is_part = |octet: &u8| octet.is_ascii_alphanumeric() || *octet == b'#';
    let length = text.bytes().skip(1).take(32).take_while(is_part).count();
    match text.as_bytes().get(length + 1) {
        Some(b';') if length > 0 => length + 2,
        _ => 0,
    }
}
