//! The text of a part, in Unicode.
//!
//! Rule: who declares a character set is believed; who does not has written UTF-8, if it is that, or windows-1252.

use mail_parser::decoders::charsets::map::charset_decoder;

use super::{Entity, Tree};
use crate::{html, text::Flowed, Allowance, Charset, ConvertError, Flaws, Trouble};

impl Tree<'_> {
    /// The text of this part, decoded.
    ///
    /// # Errors
    /// [`ConvertError`]: a limit is reached.
    pub fn text(&self, part: &Entity, allowance: &mut Allowance, flaws: &mut Flaws) -> Result<String, ConvertError> {
        let octets = self.decoded(part, allowance, flaws)?;
        let (declared, at) = (part.content_type.parameter("charset"), part.body.start);
        allowance.step(octets.len())?;
        let text = match declared.filter(|name| !says_nothing(name)) {
            None => match std::str::from_utf8(&octets) {
                Ok(text) => text.to_owned(),
                Err(_) => decode(&octets, Charset::WINDOWS_1252, at, flaws),
            },
            Some(name) => match (Charset::of_name(name), charset_decoder(name.as_bytes())) {
                (Some(charset), _) => decode(&octets, charset, at, flaws),
                // UTF-7, and others that are not of the web.
                (None, Some(decoder)) => decoder(&octets),
                (None, None) => {
                    flaws.note(Trouble::UnknownCharset, at, name.to_owned());
                    decode(&octets, Charset::WINDOWS_1252, at, flaws)
                }
            },
        };
        allowance.make(text.len())?;
        Ok(text)
    }

    /// The page that this part is, decoded.
    ///
    /// # Errors
    /// [`ConvertError`]: a limit is reached.
    pub fn page(&self, part: &Entity, allowance: &mut Allowance, flaws: &mut Flaws) -> Result<String, ConvertError> {
        let octets = self.decoded(part, allowance, flaws)?;
        allowance.step(octets.len())?;
        let named = part.content_type.parameter("charset").filter(|name| !says_nothing(name));
        let declared = match named {
            None => std::str::from_utf8(&octets).is_ok().then_some(Charset::UTF_8),
            Some(name) => Charset::of_name(name),
        };
        if let Some(name) = named.filter(|_| declared.is_none()) {
            flaws.note(Trouble::UnknownCharset, part.body.start, name.to_owned());
        }
        let decoded = html::decode(&octets, declared);
        flaws.extend(decoded.flaws);
        allowance.make(decoded.output.html.len())?;
        Ok(decoded.output.html)
    }
}

impl Entity {
    /// Its text flows (`format=flowed`, RFC 3676).
    pub fn flowed(&self) -> Option<Flowed> {
        let is = |name, value: &str| {
            self.content_type.parameter(name).is_some_and(|said| said.trim().eq_ignore_ascii_case(value))
        };
        is("format", "flowed").then(|| Flowed { del_sp: is("delsp", "yes") })
    }
}

/// Programs declare this whatever they write.
fn says_nothing(charset: &str) -> bool {
    let charset = charset.trim();
    charset.is_empty() || charset.eq_ignore_ascii_case("us-ascii") || charset.eq_ignore_ascii_case("ascii")
}

fn decode(octets: &[u8], charset: Charset, at: usize, flaws: &mut Flaws) -> String {
    let octets = match charset.name().as_ref() {
        "UTF-8" => octets.strip_prefix(b"\xef\xbb\xbf").unwrap_or(octets),
        _ => octets,
    };
    let mut text = String::new();
    if !charset.decode(octets, &mut text) {
        flaws.note(Trouble::NotInCharset, at, charset.name());
    }
    text
}
