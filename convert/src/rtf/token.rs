//! The syntax of RTF: groups, control words, control symbols, octets and text (RTF 1.9.1, "RTF Syntax").
//!
//! Rule: any octets are tokens, and every octet belongs to one of them. What is no syntax is text, or is noted and passed over;
//! what a token means is not known here.

use crate::{Flaws, Trouble};

/// Letters of a control word; what is longer is cut there, as Word does.
const LONGEST_WORD: usize = 32;
/// Digits of a parameter that are looked at.
const LONGEST_NUMBER: usize = 11;

/// One token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token<'a> {
    /// `{`
    Begin,
    /// `}`
    End,
    /// `\word`, `\word12`, `\word-3`; a blank behind it belongs to it.
    Word(&'a [u8], Option<i32>),
    /// `\` with something that is no letter: `\~`, `\-`, `\*`. A backslash before the end of a line is `\par`, and is given as
    /// that word; `\{`, `\}` and `\\` are text.
    Symbol(u8),
    /// `\'xx`: an octet of text.
    Octet(u8),
    /// Text, without ends of lines, which mean nothing.
    Text(&'a [u8]),
    /// The octets behind `\binN`.
    Binary(&'a [u8]),
}

/// Reads one token after the other.
#[derive(Clone, Debug)]
pub struct Tokens<'a> {
    octets: &'a [u8],
    at: usize,
    /// Octets that follow a `\bin`.
    binary: usize,
    flaws: Flaws,
}

impl<'a> Tokens<'a> {
    /// The tokens of these octets.
    pub fn new(octets: &'a [u8]) -> Self {
        Tokens { octets, at: 0, binary: 0, flaws: Flaws::default() }
    }

    /// Where the next token begins.
    pub fn at(&self) -> usize {
        self.at
    }

    /// What was wrong so far.
    pub fn into_flaws(self) -> Flaws {
        self.flaws
    }

    /// Notes something that is wrong with the token that was read last.
    pub fn note(&mut self, trouble: Trouble, what: impl Into<std::borrow::Cow<'static, str>>) {
        self.flaws.note(trouble, self.at, what);
    }

    fn take(&mut self, length: usize) -> &'a [u8] {
        let taken = &self.octets[self.at..][..length];
        self.at += length;
        taken
    }

    /// Behind a backslash.
    fn control(&mut self) -> Option<Token<'a>> {
        let Some(first) = self.octets.get(self.at).copied() else {
            self.flaws.note(Trouble::Truncated, self.at, "control");
            return None;
        };
        if first.is_ascii_alphabetic() {
            return Some(self.word());
        }
        let symbol = &self.octets[self.at..=self.at];
        self.at += 1;
        Some(match first {
            b'\'' => self.octet(),
            b'{' | b'}' | b'\\' => Token::Text(symbol),
            b'\r' => {
                self.at += usize::from(self.octets.get(self.at) == Some(&b'\n'));
                Token::Word(b"par", None)
            }
            b'\n' => Token::Word(b"par", None),
            b'\t' => Token::Word(b"tab", None),
            other => Token::Symbol(other),
        })
    }

    fn word(&mut self) -> Token<'a> {
        let letters = self.octets[self.at..].iter().take(LONGEST_WORD).take_while(|octet| octet.is_ascii_alphabetic());
        let length = letters.count();
        let name = self.take(length);
        let parameter = self.number();
        // The blank that ends a word is no text.
        self.at += usize::from(self.octets.get(self.at) == Some(&b' '));
        if let (b"bin", Some(length)) = (name, parameter) {
            self.binary = usize::try_from(length).unwrap_or(0);
        }
        Token::Word(name, parameter)
    }

    fn number(&mut self) -> Option<i32> {
        let rest = &self.octets[self.at..];
        let sign = usize::from(rest.first() == Some(&b'-'));
        let digits = rest[sign..].iter().take_while(|octet| octet.is_ascii_digit()).count();
        if digits == 0 {
            return None;
        }
        self.at += sign + digits;
        let read = &rest[sign..][..digits.min(LONGEST_NUMBER)];
        let number = read.iter().fold(0_i64, |sum, digit| sum * 10 + i64::from(digit - b'0'));
        let number = if sign == 1 { -number } else { number };
        Some(i32::try_from(number).unwrap_or_else(|_| {
            self.flaws.note(Trouble::Malformed, self.at, "parameter");
            if sign == 1 {
                i32::MIN
            } else {
                i32::MAX
            }
        }))
    }

    fn octet(&mut self) -> Token<'a> {
        let digits = self.octets[self.at..].iter().take(2).take_while(|octet| octet.is_ascii_hexdigit()).count();
        if digits < 2 {
            let trouble = if self.at + 2 > self.octets.len() { Trouble::Truncated } else { Trouble::Malformed };
            self.flaws.note(trouble, self.at, "\\'");
        }
        let digits = self.take(digits);
        let number = digits.iter().fold(0, |sum, digit| sum << 4 | hexadecimal(*digit).unwrap_or(0));
        if digits.is_empty() {
            Token::Symbol(b'\'')
        } else {
            Token::Octet(number)
        }
    }

    fn binary(&mut self) -> Token<'a> {
        let there = self.octets.len() - self.at;
        if self.binary > there {
            self.flaws.note(Trouble::Truncated, self.at, "\\bin");
        }
        let length = std::mem::take(&mut self.binary).min(there);
        Token::Binary(self.take(length))
    }
}

/// The value of a digit.
pub(super) fn hexadecimal(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        if self.binary > 0 && self.at < self.octets.len() {
            return Some(self.binary());
        }
        loop {
            let rest = &self.octets[self.at..];
            match rest.first()? {
                b'\\' => {
                    self.at += 1;
                    return self.control();
                }
                b'{' => {
                    self.at += 1;
                    return Some(Token::Begin);
                }
                b'}' => {
                    self.at += 1;
                    return Some(Token::End);
                }
                // NUL stands behind the end of what some programs write.
                b'\r' | b'\n' | 0 => self.at += 1,
                _ => {
                    let end = rest.iter().position(|octet| ends_text(*octet)).unwrap_or(rest.len());
                    return Some(Token::Text(self.take(end)));
                }
            }
        }
    }
}

fn ends_text(octet: u8) -> bool {
    matches!(octet, b'\\' | b'{' | b'}' | b'\r' | b'\n' | 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(octets: &[u8]) -> (Vec<Token<'_>>, Flaws) {
        let mut tokens = Tokens::new(octets);
        let all = tokens.by_ref().collect();
        (all, tokens.into_flaws())
    }

    #[test]
    fn each_piece_of_the_syntax_is_a_token() {
        use Token::{Begin, Binary, End, Octet, Symbol, Text, Word};
        let table: [(&[u8], Vec<Token<'_>>); 9] = [
            (b"{\\rtf1 a b}", vec![Begin, Word(b"rtf", Some(1)), Text(b"a b"), End]),
            (b"\\b\\b0 x", vec![Word(b"b", None), Word(b"b", Some(0)), Text(b"x")]),
            (b"\\li-360  x", vec![Word(b"li", Some(-360)), Text(b" x")]),
            (b"\\'e4\\'F6x", vec![Octet(0xE4), Octet(0xF6), Text(b"x")]),
            (b"\\{\\}\\\\\\~\\*", vec![Text(b"{"), Text(b"}"), Text(b"\\"), Symbol(b'~'), Symbol(b'*')]),
            (
                b"a\r\nb\\\nc\\\r\nd",
                vec![Text(b"a"), Text(b"b"), Word(b"par", None), Text(b"c"), Word(b"par", None), Text(b"d")],
            ),
            (b"\\bin3 }{\\x", vec![Word(b"bin", Some(3)), Binary(b"}{\\"), Text(b"x")]),
            (b"\\bin0 x", vec![Word(b"bin", Some(0)), Text(b"x")]),
            (b"\\u-3 -x-", vec![Word(b"u", Some(-3)), Text(b"-x-")]),
        ];
        for (octets, expected) in table {
            let (found, flaws) = tokens(octets);
            assert_eq!((found, flaws.is_empty()), (expected, true), "{}", octets.escape_ascii());
        }
    }

    #[test]
    fn what_is_no_syntax_is_noted_and_what_can_be_read_is() {
        let table: [(&[u8], usize, Trouble); 6] = [
            (b"a\\", 1, Trouble::Truncated),
            (b"\\'zz", 2, Trouble::Malformed),
            (b"\\'4", 1, Trouble::Truncated),
            (b"\\bin9 abc", 2, Trouble::Truncated),
            (b"\\fs99999999999999999999", 1, Trouble::Malformed),
            (b"\\li-99999999999999999999", 1, Trouble::Malformed),
        ];
        for (octets, count, trouble) in table {
            let (found, flaws) = tokens(octets);
            assert_eq!((found.len(), flaws.has(trouble)), (count, true), "{}: {found:?}", octets.escape_ascii());
        }
        let long = [b"\\", &[b'a'; 40][..]].concat();
        assert_eq!(tokens(&long).0, [Token::Word(&[b'a'; 32], None), Token::Text(&[b'a'; 8])]);
    }
}
