//! The tokens of a structured field (RFC 5322, 3.2): blanks, comments, quoted strings, literals, words and signs.
//!
//! Rule: the texts of all tokens, one behind the other, are the field. What never ends, ends with the field.

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Blank,
    Comment,
    Quoted,
    Literal,
    Word,
    Sign,
}

/// A token, and its text as it stands there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub kind: Kind,
    pub text: &'a str,
}

impl Token<'_> {
    pub fn is(&self, sign: &str) -> bool {
        self.kind == Kind::Sign && self.text == sign
    }

    /// What it says: a quoted string without its quotes and escapes.
    pub fn meaning(&self) -> String {
        match self.kind {
            Kind::Quoted => unquoted(self.text),
            _ => self.text.to_owned(),
        }
    }
}

/// All tokens of a field that stands on one line. `literals`: what stands in brackets is one of them, as in addresses.
pub(super) fn tokens(text: &str, literals: bool) -> Vec<Token<'_>> {
    let is_literal = |one: char| literals && one == '[';
    let (mut tokens, mut rest) = (Vec::new(), text);
    while let Some(first) = rest.chars().next() {
        let (kind, end) = match first {
            ' ' | '\t' => (Kind::Blank, rest.find(|one| one != ' ' && one != '\t').unwrap_or(rest.len())),
            '(' => (Kind::Comment, end_of(rest, Some('('), ')')),
            '"' => (Kind::Quoted, end_of(rest, None, '"')),
            '[' if literals => (Kind::Literal, end_of(rest, None, ']')),
            one if is_sign(one) => (Kind::Sign, 1),
            _ => (
                Kind::Word,
                rest.find(|one| is_sign(one) || is_literal(one) || " \t(\"".contains(one)).unwrap_or(rest.len()),
            ),
        };
        let (text, behind) = rest.split_at(end);
        tokens.push(Token { kind, text });
        rest = behind;
    }
    tokens
}

/// What parts words from each other. Dots and `@` do not: an address is a word, unless a part of it is quoted.
fn is_sign(one: char) -> bool {
    ",:;<>)]".contains(one)
}

/// Behind the sign that ends what begins here. `opens`: what lies within it may begin so again.
fn end_of(text: &str, opens: Option<char>, closes: char) -> usize {
    let (mut depth, mut escaped) = (0_usize, false);
    for (at, one) in text.char_indices() {
        match one {
            _ if std::mem::take(&mut escaped) => {}
            '\\' => escaped = true,
            _ if at == 0 => depth = 1,
            one if one == closes => {
                depth -= 1;
                if depth == 0 {
                    return at + one.len_utf8();
                }
            }
            one if Some(one) == opens => depth += 1,
            _ => {}
        }
    }
    text.len()
}

fn unquoted(text: &str) -> String {
    let (mut plain, mut escaped) = (String::new(), false);
    let inner = text.strip_prefix('"').unwrap_or(text);
    for one in inner.chars() {
        match one {
            one if std::mem::take(&mut escaped) => plain.push(one),
            '\\' => escaped = true,
            '"' => break,
            one => plain.push(one),
        }
    }
    plain
}
