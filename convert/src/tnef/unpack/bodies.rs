//! The bodies of a message.
//!
//! Rule: the best body is there as it was written, and each other one is there for those who cannot read that.

use super::{
    file,
    tree::{named, Shown},
    Unpacking,
};
use crate::{
    html,
    rtf::compressed::decompress,
    tnef::{
        meaning::{BodyKind, HtmlBody, Reading},
        mime::{Content, Disposition, Part},
        rtf_body::{self, Bodies},
    },
    Charset, ConvertError, Limits, Trouble,
};

/// A text that came beside a stream.
#[derive(Clone, Debug)]
pub(crate) struct BesideText<'a> {
    /// It, as a part.
    pub part: Part<'a>,
    /// It, decoded.
    pub text: String,
}

impl BesideText<'_> {
    /// It has the same words.
    fn says(&self, own: &str) -> bool {
        self.text.split_whitespace().eq(own.split_whitespace())
    }
}

impl<'a> Unpacking<'_, 'a> {
    /// The bodies, the best one last.
    pub(super) fn bodies(&mut self) -> Result<Shown<'a>, ConvertError> {
        let mut shown = Shown::default();
        let text = self.reading.text_body()?;
        match self.reading.best_body() {
            Some(BodyKind::Html) => {
                let html = self.reading.html_body()?;
                let page = html.as_ref().map(|html| (html.octets.as_ref(), html.charset));
                self.plain(text, page, &mut shown)?;
                if let Some(html) = html {
                    shown.named = named(&html.octets, &mut self.reading.allowance)?;
                    shown.alternatives.push(self.html(html)?);
                }
            }
            Some(BodyKind::Rtf) => self.rtf(text, &mut shown)?,
            Some(BodyKind::Text) | None => self.plain(text, None, &mut shown)?,
        }
        Ok(shown)
    }

    /// The body for those who read only text: its own, that beside it, or what its page says.
    fn plain(
        &mut self,
        own: Option<String>,
        page: Option<(&[u8], Option<Charset>)>,
        shown: &mut Shown<'a>,
    ) -> Result<(), ConvertError> {
        let says_the_same = |beside: &mut BesideText<'_>| own.as_ref().is_none_or(|own| beside.says(own));
        let beside = self.beside.take_if(says_the_same).map(|beside| beside.part);
        let text = match (own, page) {
            (None, Some((page, charset))) if beside.is_none() => self.text_of(page, charset)?,
            (own, _) => own,
        };
        shown.alternatives.extend(beside.or_else(|| text.map(|text| Part::text("text/plain", text))));
        Ok(())
    }

    fn html(&mut self, html: HtmlBody<'a>) -> Result<Part<'a>, ConvertError> {
        let mut part = Part { media_type: "text/html".into(), ..Part::default() };
        match html.charset {
            // Such octets would be taken for controls on the way.
            Some(charset) if !charset.is_ascii_kept() => {
                let html = self.reading.decode(&html.octets, charset)?;
                return Ok(Part::text("text/html", html));
            }
            Some(charset) => part.parameters.push(("charset", charset.name().into_owned())),
            None => {}
        }
        part.content = Content::Octets(html.octets);
        Ok(part)
    }

    /// What a page says, for those who read only text; `None`: nothing.
    fn text_of(&mut self, page: &[u8], charset: Option<Charset>) -> Result<Option<String>, ConvertError> {
        let Reading { allowance, flaws, .. } = &mut self.reading;
        allowance.step(page.len())?;
        let text = html::decode(page, charset).output.html;
        let text = html::to_text(&text, html::TextOptions::default(), allowance.rest())?;
        allowance.step(page.len())?;
        allowance.make(text.output.len())?;
        flaws.extend(text.flaws);
        Ok(Some(text.output).filter(|text| !text.trim().is_empty()))
    }

    fn rtf(&mut self, text: Option<String>, shown: &mut Shown<'a>) -> Result<(), ConvertError> {
        let Some(octets) = self.reading.rtf_body() else { return Ok(()) };
        let reading = &mut self.reading;
        let room = Limits::default().with_output(reading.allowance.room());
        let rtf = match decompress(&octets, room) {
            Ok(rtf) => rtf,
            Err(ConvertError::NotThis { .. }) => {
                reading.flaws.note(Trouble::Malformed, 0, "PidTagRtfCompressed");
                self.plain(text, None, shown)?;
                shown.files.push(file("application/octet-stream", "body.rtf", octets));
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        reading.allowance.step(octets.len())?;
        reading.allowance.make(rtf.output.len())?;
        reading.flaws.extend(rtf.flaws);
        let made = match rtf_body::bodies(&rtf.output, &mut reading.allowance, &mut reading.flaws) {
            // What is no RTF is kept, and that is all that can be done.
            Err(ConvertError::NotThis { .. }) => {
                reading.flaws.note(Trouble::Malformed, 0, "RTF");
                Bodies { is_converted: true, ..Bodies::default() }
            }
            made => made?,
        };
        // What was made of the RTF counts less than a text beside it.
        let text = text.or_else(|| made.text.filter(|_| !made.is_converted || self.beside.is_none()));
        let page = made.page.as_ref().map(|page| (page.html.as_bytes(), Some(Charset::UTF_8)));
        self.plain(text, page, shown)?;
        let reading = &mut self.reading;
        if let Some(page) = made.page {
            shown.named = named(page.html.as_bytes(), &mut reading.allowance)?;
            shown.alternatives.push(Part::text("text/html", page.html));
            reading.allowance.make(page.parts.len().saturating_mul(size_of::<Part>()))?;
            shown.related.extend(page.parts.into_iter().map(|part| Part {
                media_type: part.media_type.into(),
                disposition: Some(Disposition::Inline),
                content_id: Some(part.content_id),
                content: Content::Octets(part.octets.into()),
                ..Part::default()
            }));
        }
        if made.is_converted {
            shown.files.push(file("text/rtf", "body.rtf", rtf.output.into()));
        }
        Ok(())
    }
}
