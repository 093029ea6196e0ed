//! The HTML or text that was put into RTF (\[MS-OXRTFEX\]): what Outlook and Exchange keep of a mail that was no RTF.
//!
//! Rule: what comes out is what was put in, as far as the document has it. What the writer of the RTF drew for readers who know only
//! RTF (`\htmlrtf`) stays behind.

use super::{decode::Decoder, groups::Groups, reader, tables::Tables, token::Token, token::Tokens, words};
use crate::{Allowance, Charset, ConvertError, Converted, Flaws, Limits, Trouble};

/// In so many tokens it has to be said that something was put in (2.2.3.1).
const MOST_LOOKED_AT: usize = 10;

/// What was put into a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Original {
    /// `\fromhtml1`. Its `<meta charset>`, if it has one, is that of before: this is Unicode.
    Html(String),
    /// `\fromtext`. Lines end with CRLF.
    Text(String),
}

/// The HTML or text that was put into this document; `None`: it was RTF from the beginning.
///
/// # Errors
/// [`ConvertError`]: it is no RTF, or a limit is reached.
///
/// ```
/// use postrider_convert::{rtf::{self, Original}, Limits};
/// let rtf = br"{\rtf1\ansi\fromhtml1{\*\htmltag <p>}\htmlrtf{\b \htmlrtf0 Hello\htmlrtf}\htmlrtf0{\*\htmltag </p>}}";
/// let original = rtf::original(rtf, Limits::default())?.output;
/// assert_eq!(original, Some(Original::Html("<p>Hello</p>".into())));
/// # Ok::<(), postrider_convert::ConvertError>(())
/// ```
pub fn original(octets: &[u8], limits: Limits) -> Result<Converted<Option<Original>>, ConvertError> {
    reader::begins(octets)?;
    let Some(is_html) = was(octets) else { return Ok(Converted { output: None, flaws: Flaws::default() }) };
    let mut extractor = Extractor::new(octets, limits, is_html);
    extractor.all()?;
    let Extractor { tokens, mut flaws, out, .. } = extractor;
    flaws.extend(tokens.into_flaws());
    let original = if is_html { Original::Html(out) } else { Original::Text(out) };
    Ok(Converted { output: Some(original), flaws })
}

/// True: HTML was put in, false: text, `None`: nothing.
fn was(octets: &[u8]) -> Option<bool> {
    for token in Tokens::new(octets).take(MOST_LOOKED_AT) {
        match token {
            Token::Word(b"fromhtml", number) if number != Some(0) => return Some(true),
            Token::Word(b"fromtext", _) => return Some(false),
            Token::Begin | Token::Word(..) => {}
            // Outlook has such groups before it.
            Token::Symbol(b'*') => {}
            _ => return None,
        }
    }
    None
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Text that both show.
    Text,
    /// `\htmltag`
    Tag,
    Fonts,
    Skipped,
}

#[derive(Clone, Copy, Debug)]
struct State {
    place: Place,
    /// `\htmlrtf`
    is_drawn: bool,
    font: Option<i32>,
    stand_ins: usize,
}

struct Extractor<'a> {
    tokens: Tokens<'a>,
    flaws: Flaws,
    left: Allowance,
    tables: Tables,
    decoder: Decoder,
    state: State,
    groups: Groups<State>,
    is_ignorable: bool,
    is_html: bool,
    out: String,
}

impl<'a> Extractor<'a> {
    fn new(octets: &'a [u8], limits: Limits, is_html: bool) -> Self {
        Extractor {
            tokens: Tokens::new(octets),
            flaws: Flaws::default(),
            left: Allowance::new(limits),
            tables: Tables::new(),
            decoder: Decoder::new(),
            state: State { place: Place::Text, is_drawn: false, font: None, stand_ins: 1 },
            groups: Groups::new(),
            is_ignorable: false,
            is_html,
            out: String::new(),
        }
    }

    fn all(&mut self) -> Result<(), ConvertError> {
        let mut before = 0;
        while let Some(token) = self.tokens.next() {
            self.left.step(self.tokens.at() - before)?;
            before = self.tokens.at();
            match token {
                Token::Begin => self.group_begins()?,
                Token::End => {
                    self.group_ends()?;
                    if self.groups.is_over() {
                        return Ok(());
                    }
                }
                Token::Word(name, parameter) => self.word(name, parameter)?,
                Token::Symbol(b'*') => self.is_ignorable = true,
                Token::Symbol(symbol) => self.symbol(symbol)?,
                Token::Octet(octet) => self.text(&[octet]),
                Token::Text(text) => self.text(text),
                Token::Binary(_) => self.decoder.pass_over(1),
            }
        }
        self.flaws.note(Trouble::Truncated, before, "{");
        self.give()
    }

    fn give(&mut self) -> Result<(), ConvertError> {
        if self.decoder.is_empty() {
            return Ok(());
        }
        let text = self.decoder.take(self.tokens.at(), &mut self.flaws);
        self.say(&text)
    }

    fn say(&mut self, text: &str) -> Result<(), ConvertError> {
        self.left.make(text.len())?;
        self.out.push_str(text);
        Ok(())
    }

    fn group_begins(&mut self) -> Result<(), ConvertError> {
        self.give()?;
        self.decoder.end_skip();
        self.is_ignorable = false;
        if !self.groups.begin(self.state, self.left.depth()) {
            self.flaws.note(Trouble::TooDeep, self.tokens.at(), "{");
        }
        Ok(())
    }

    fn group_ends(&mut self) -> Result<(), ConvertError> {
        self.give()?;
        self.decoder.end_skip();
        self.is_ignorable = false;
        if let Some(state) = self.groups.end() {
            self.state = state;
        }
        Ok(())
    }

    /// What stands here is part of the original.
    fn is_original(&self) -> bool {
        !self.state.is_drawn && matches!(self.state.place, Place::Text | Place::Tag)
    }

    /// Within a tag all is of the document's character set.
    fn charset(&self) -> Charset {
        match self.state.place {
            Place::Tag => self.tables.charset,
            _ => self.tables.charset_of(self.state.font.unwrap_or(self.tables.default_font)),
        }
    }

    fn text(&mut self, octets: &[u8]) {
        self.is_ignorable = false;
        match self.state.place {
            Place::Fonts => self.tables.font_text(octets),
            _ if self.is_original() => {
                let charset = self.charset();
                self.decoder.octets(octets, charset);
            }
            // It may stand for a `\u` that stays behind as well.
            _ => self.decoder.pass_over(octets.len()),
        }
    }

    fn symbol(&mut self, symbol: u8) -> Result<(), ConvertError> {
        if self.decoder.skips() || !self.is_original() {
            return Ok(());
        }
        match (symbol, words::symbol(symbol)) {
            (_, None) => Ok(()),
            (b'~', _) if self.is_entity() => self.reference("&nbsp;"),
            (b'_', _) if self.is_entity() => self.reference("&shy;"),
            (b'-', _) if self.state.place == Place::Text => Ok(()),
            (_, Some(one)) => {
                self.decoder.push(one, self.tokens.at(), &mut self.flaws);
                Ok(())
            }
        }
    }

    /// A character that RTF names is named in HTML, too.
    fn is_entity(&self) -> bool {
        self.is_html && self.state.place == Place::Text
    }

    fn reference(&mut self, reference: &str) -> Result<(), ConvertError> {
        self.give()?;
        self.say(reference)
    }

    fn word(&mut self, name: &[u8], parameter: Option<i32>) -> Result<(), ConvertError> {
        let is_ignorable = std::mem::take(&mut self.is_ignorable);
        let at = self.tokens.at();
        if name == b"u" {
            if self.is_original() {
                self.decoder.unicode(parameter.unwrap_or(0), self.state.stand_ins, at, &mut self.flaws);
            }
            return Ok(());
        }
        if self.decoder.skips() {
            return Ok(());
        }
        match (name, self.state.place) {
            (b"htmltag", _) => self.enter(Place::Tag)?,
            (b"htmlrtf", _) => {
                self.give()?;
                self.state.is_drawn = parameter != Some(0);
            }
            (b"fonttbl", _) => self.enter(Place::Fonts)?,
            (_, Place::Fonts) if is_ignorable => self.enter(Place::Skipped)?,
            (_, Place::Fonts) => self.tables.font_word(name, parameter, at, &mut self.flaws),
            (b"colortbl" | b"stylesheet" | b"info" | b"listtext" | b"pntext" | b"pict" | b"fldinst", _) => {
                self.enter(Place::Skipped)?;
            }
            _ if is_ignorable => self.enter(Place::Skipped)?,
            _ if self.document_word(name, parameter) => {}
            _ if self.is_original() => self.original_word(name)?,
            _ => {}
        }
        Ok(())
    }

    fn enter(&mut self, place: Place) -> Result<(), ConvertError> {
        self.give()?;
        self.state.place = place;
        Ok(())
    }

    /// Words that say how text is to be read, also where it is not part of the original.
    fn document_word(&mut self, name: &[u8], parameter: Option<i32>) -> bool {
        if self.tables.document_word(name, parameter, self.tokens.at(), &mut self.flaws) {
            return true;
        }
        match name {
            b"f" => self.state.font = parameter,
            b"plain" => self.state.font = None,
            b"uc" => self.state.stand_ins = usize::try_from(parameter.unwrap_or(1)).unwrap_or(0),
            _ => return false,
        }
        true
    }

    fn original_word(&mut self, name: &[u8]) -> Result<(), ConvertError> {
        if matches!(name, b"par" | b"line") {
            return self.reference("\r\n");
        }
        let reference = match name {
            b"lquote" => "&lsquo;",
            b"rquote" => "&rsquo;",
            b"ldblquote" => "&ldquo;",
            b"rdblquote" => "&rdquo;",
            b"bullet" => "&bull;",
            b"endash" => "&ndash;",
            b"emdash" => "&mdash;",
            _ => "",
        };
        match words::character(name) {
            Some(_) if self.is_entity() && !reference.is_empty() => self.reference(reference),
            Some(one) => {
                self.decoder.push(one, self.tokens.at(), &mut self.flaws);
                Ok(())
            }
            None => Ok(()),
        }
    }
}
