//! Values with parameters: `Content-Type`, `Content-Disposition` (RFC 6857, 3.1: MIME-VALUE; RFC 2231).
//!
//! Rule: a parameter that is ASCII stays as it is written; one that is not is said in the extended form, in pieces where one line
//! would be too long.

use super::{
    address::plain,
    comment::comment,
    lexer::{Kind, Token},
    words::{has_foreign, Charset, Unit},
};

/// Characters of one piece of a value (RFC 2231, 3).
const MAX_PIECE: usize = 50;

/// A value and its parameters. `boundary`: what stands in the place of the boundary.
pub(super) fn parameters(tokens: &[Token<'_>], charset: Charset, boundary: Option<&str>) -> Vec<Unit> {
    let (mut units, mut boundary): (Vec<Unit>, _) = (Vec::new(), boundary.map(Some));
    for (index, part) in tokens.split(|token| token.is(";")).enumerate() {
        let parameter = Parameter::of(part).filter(|_| index > 0);
        let said =
            boundary.as_mut().filter(|_| parameter.as_ref().is_some_and(Parameter::is_boundary)).map(Option::take);
        // The new one is said once, whatever the pieces of the old one were.
        if said == Some(None) {
            continue;
        }
        if index > 0 {
            units.push(Unit::new("", ";"));
        }
        match (said.flatten(), parameter) {
            (Some(boundary), _) => units.push(Unit::new(" ", format!("boundary=\"{boundary}\""))),
            (None, Some(parameter)) if part.iter().any(|token| has_foreign(token.text)) => {
                units.extend(parameter.extended(charset));
            }
            _ => units.extend(plain(part)),
        }
    }
    units
}

/// A parameter, and the comments around it.
struct Parameter<'p, 'a> {
    name: &'a str,
    value: String,
    comments: Vec<&'p Token<'a>>,
}

impl<'p, 'a> Parameter<'p, 'a> {
    /// `None`: nothing of it is a name.
    fn of(tokens: &'p [Token<'a>]) -> Option<Self> {
        let comments = tokens.iter().filter(|token| token.kind == Kind::Comment).collect();
        let said: Vec<_> = tokens.iter().filter(|token| token.kind != Kind::Comment).collect();
        let first = said.iter().position(|token| token.kind == Kind::Word)?;
        let word = said[first].text;
        let (name, begun, mut rest) = match word.split_once('=') {
            Some((name, begun)) => (name, begun, &said[first + 1..]),
            // Some write a blank before the sign.
            None => {
                let sign = said[first + 1..].iter().position(|token| token.kind == Kind::Word)? + first + 1;
                (word, said[sign].text.strip_prefix('=')?, &said[sign + 1..])
            }
        };
        while let (true, Some((token, others))) = (begun.is_empty(), rest.split_first()) {
            match token.kind {
                Kind::Blank => rest = others,
                Kind::Quoted => return Some(Parameter { name, value: token.meaning(), comments }),
                _ => break,
            }
        }
        let value = rest.iter().fold(begun.to_owned(), |value, token| value + &token.meaning());
        Some(Parameter { name, value: value.trim().to_owned(), comments })
    }

    /// It is the boundary, or a piece of it (RFC 2231, 3).
    fn is_boundary(&self) -> bool {
        self.name.split('*').next().is_some_and(|name| name.eq_ignore_ascii_case("boundary"))
    }

    fn extended(&self, charset: Charset) -> Vec<Unit> {
        let comments = self.comments.iter().flat_map(|token| comment(token.text, " ", charset));
        let pieces = if self.name.ends_with('*') {
            // It is in the extended form already, and has octets that this form has not.
            vec![format!("{}={}", self.name, percent(&self.value, charset, true))]
        } else if has_foreign(&self.value) {
            self.pieces(charset)
        } else {
            vec![format!("{}=\"{}\"", self.name, self.value.replace('\\', "\\\\").replace('"', "\\\""))]
        };
        let last = pieces.len() - 1;
        let end = |at: usize| if at < last { ";" } else { "" };
        let pieces = pieces.iter().enumerate().map(|(at, piece)| Unit::new(" ", format!("{piece}{}", end(at))));
        pieces.chain(comments).collect()
    }

    fn pieces(&self, charset: Charset) -> Vec<String> {
        let begin = format!("{}''", charset.name());
        // A piece of a value that others have cut is one already.
        if let Some((_, number)) = self.name.split_once('*') {
            let begin = if number == "0" { begin.as_str() } else { "" };
            return vec![format!("{}*={begin}{}", self.name, percent(&self.value, charset, false))];
        }
        let (mut pieces, mut piece) = (Vec::new(), begin);
        for one in self.value.chars() {
            let signs = percent(one.encode_utf8(&mut [0; 4]), charset, false);
            if piece.len() + signs.len() > MAX_PIECE {
                pieces.push(std::mem::take(&mut piece));
            }
            piece.push_str(&signs);
        }
        pieces.push(piece);
        match &pieces[..] {
            [one] => vec![format!("{}*={one}", self.name)],
            _ => pieces.iter().enumerate().map(|(at, piece)| format!("{}*{at}*={piece}", self.name)).collect(),
        }
    }
}

/// The characters of an extended value (RFC 2231, 7). What is escaped already may stay so.
fn percent(text: &str, charset: Charset, keep_escapes: bool) -> String {
    let is_plain = |one: char| one.is_ascii_alphanumeric() || "!#$&+-.^_`{}~|".contains(one);
    let is_kept = |one: char| keep_escapes && (one == '%' || one == '\'');
    let (mut out, mut buffer) = (String::new(), [0; 4]);
    for one in text.chars() {
        match one {
            one if is_plain(one) || is_kept(one) => out.push(one),
            one => out.extend(charset.octets(one, &mut buffer).iter().map(|octet| format!("%{octet:02X}"))),
        }
    }
    out
}
