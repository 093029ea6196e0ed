//! Which body a message has (\[MS-OXBBODY\] 2.1.3.1).
//!
//! Rule: the body in which it was written is the best one, and the others are made from it. Who has not said which that is gets
//! the one that the specification's table chooses.

use std::borrow::Cow;

use super::{charset_of, find, is_true, Reading};
use crate::{
    tnef::{
        model::{Property, Value},
        tags::{att, tag},
    },
    Charset, ConvertError,
};

/// The kinds of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyKind {
    /// Plain text.
    Text,
    /// RTF.
    Rtf,
    /// HTML.
    Html,
}

/// HTML, and the character set that it is in, if that is known.
pub struct HtmlBody<'a> {
    pub octets: Cow<'a, [u8]>,
    pub charset: Option<Charset>,
}

/// Which bodies are there.
#[derive(Clone, Copy, Debug, Default)]
pub struct Present {
    pub text: bool,
    pub rtf: bool,
    pub html: bool,
}

/// The best of them. `native` is PidTagNativeBody.
///
/// Where PidTagRtfInSync is missing, RTF counts as in sync unless there is HTML: to take it for outdated, as the specification
/// does, would lose what is bold and what is a list.
pub fn best(native: Option<i32>, is_in_sync: Option<bool>, present: Present) -> Option<BodyKind> {
    let Present { text, rtf, html } = present;
    match native {
        Some(1) if text => return Some(BodyKind::Text),
        Some(2) if rtf => return Some(BodyKind::Rtf),
        Some(3) if html => return Some(BodyKind::Html),
        _ => {}
    }
    if rtf && is_in_sync.unwrap_or(!html) {
        Some(BodyKind::Rtf)
    } else if html {
        Some(BodyKind::Html)
    } else if text {
        Some(BodyKind::Text)
    } else {
        rtf.then_some(BodyKind::Rtf)
    }
}

impl<'a> Reading<'_, 'a> {
    /// Which bodies are there, and the best of them.
    pub fn best_body(&self) -> Option<BodyKind> {
        let properties = &self.message.properties;
        let has = |id| find(properties, id).and_then(Value::octets).is_some_and(|octets| !octets.is_empty());
        let text = has(tag::BODY) || self.attribute(att::BODY).is_some_and(|octets| !octets.is_empty());
        let is_in_sync = find(properties, tag::RTF_IN_SYNC).map(|value| is_true(Some(value)));
        let present = Present { text, rtf: has(tag::RTF_COMPRESSED), html: has(tag::HTML) };
        best(self.number(tag::NATIVE_BODY), is_in_sync, present)
    }

    /// The plain text.
    pub fn text_body(&mut self) -> Result<Option<String>, ConvertError> {
        match self.text(tag::BODY)? {
            None => self.text_at(&self.message.attributes, att::BODY),
            text => Ok(text),
        }
    }

    /// The compressed RTF.
    pub fn rtf_body(&self) -> Option<Cow<'a, [u8]>> {
        binary(&self.message.properties, tag::RTF_COMPRESSED)
    }

    /// The HTML.
    pub fn html_body(&mut self) -> Result<Option<HtmlBody<'a>>, ConvertError> {
        match find(&self.message.properties, tag::HTML) {
            Some(Value::Binary(octets)) => {
                let page = self.number(tag::INTERNET_CODEPAGE).and_then(|page| u32::try_from(page).ok());
                let charset = page.filter(|page| *page != 0).and_then(|page| charset_of(page, &mut self.flaws));
                Ok(Some(HtmlBody { octets: octets.clone(), charset }))
            }
            // PidTagBodyHtml has the same number, and is a string.
            Some(value) => {
                let html = self.text_of(Some(value))?;
                Ok(html.map(|html| HtmlBody { octets: Cow::Owned(html.into_bytes()), charset: Some(Charset::UTF_8) }))
            }
            None => Ok(None),
        }
    }
}

/// The octets of a property of this list.
pub(in crate::tnef) fn binary<'a>(list: &[Property<'a>], id: u16) -> Option<Cow<'a, [u8]>> {
    match find(list, id)? {
        Value::Binary(octets) | Value::ServerId(octets) => Some(octets.clone()),
        _ => None,
    }
}
