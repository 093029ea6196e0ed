//! RTF as the body of a mail: what its readers get is text and a page.
//!
//! Rule: what was HTML or text before it was RTF is that again; other RTF is drawn. Content ids are those of no other mail.

use postrider_convert::{
    html::{self, TextOptions},
    rtf::{self, Original},
    text, ConvertError, Converted, Flaws, Limits,
};
use postrider_engine::{Attachment, BodySource, ComposeError, MadeBody, Making, NewMail};

/// Columns of the lines of a text (RFC 5322, 2.1.1).
const COLUMNS: usize = 78;

/// Mails whose body is given as RTF.
pub trait RtfBody: Sized {
    /// The body, as RTF. A page and a text are made of it when the mail is composed: the HTML or text that was put into it, if
    /// there is any (Outlook and Exchange do that); else what it shows, with its pictures as inline parts. A text or a page that
    /// is set as well takes the place of the one that would be made.
    ///
    /// RTF that is damaged is sent as far as it can be read, and a line of the log says so. What is no RTF is
    /// [`ComposeError::NotThis`] when the mail is sent, and nothing is sent.
    ///
    /// ```
    /// use postrider::{rules::{Making, Moment}, NewMail, Outgoing, RtfBody};
    ///
    /// let mail = NewMail::new().from("ann@example.org").to("bob@example.net").rtf(*br"{\rtf1\ansi Hello {\b Bob}}");
    /// let draft = mail.into_draft(&Making { now: Moment(0), host: "example.org", unique: 7 })?;
    /// let octets = draft.content.all(10_000)?;
    /// assert!(String::from_utf8_lossy(&octets).contains("Hello <b>Bob</b>"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use = "a mail is sent only when it is given to send"]
    fn rtf(self, octets: impl Into<Vec<u8>>) -> Self;
}

impl RtfBody for NewMail {
    fn rtf(self, octets: impl Into<Vec<u8>>) -> Self {
        self.body(Rtf(octets.into()))
    }
}

struct Rtf(Vec<u8>);

impl BodySource for Rtf {
    fn into_body(self: Box<Self>, making: &Making<'_>) -> Result<MadeBody, ComposeError> {
        let made = made(&self.0, making).map_err(not_sent)?;
        if let Some(first) = made.flaws.iter().next() {
            tracing::warn!(count = made.flaws.count(), %first, "the RTF of a mail is damaged; what can be read of it is sent");
        }
        Ok(made.output)
    }
}

fn made(rtf: &[u8], making: &Making<'_>) -> Result<Converted<MadeBody>, ConvertError> {
    let limits = Limits::default();
    let original = rtf::original(rtf, limits)?;
    match original.output {
        Some(Original::Text(text)) => {
            let output = MadeBody { text: Some(text), ..MadeBody::default() };
            Ok(Converted { output, flaws: original.flaws })
        }
        Some(Original::Html(page)) => {
            let text = html::to_text(&page, TextOptions::default().with_wrap(Some(COLUMNS)), limits)?.output;
            let output = MadeBody { text: said(text), html: Some(page), inline: Vec::new() };
            Ok(Converted { output, flaws: original.flaws })
        }
        None => drawn(rtf, making, limits, original.flaws),
    }
}

fn drawn(
    rtf: &[u8],
    making: &Making<'_>,
    limits: Limits,
    mut flaws: Flaws,
) -> Result<Converted<MadeBody>, ConvertError> {
    let page = rtf::to_html(rtf, limits)?;
    // Both read the same RTF, and tell of the same flaws.
    flaws.extend(page.flaws);
    let text = text::wrap(&rtf::to_text(rtf, limits)?.output, COLUMNS);
    let (mut page, mut inline) = (page.output, Vec::new());
    let unique = format!("{:032x}.", making.unique);
    // A text has no quotes in a page, so this stands at pictures only, and at links to them.
    page.html = page.html.replace("\"cid:", &format!("\"cid:{unique}"));
    for part in page.parts {
        let id = format!("{unique}{}", part.content_id);
        let picture = Attachment::new(file_name(&part.content_id, part.media_type), part.octets);
        inline.push((id, picture.with_type(part.media_type)));
    }
    Ok(Converted { output: MadeBody { text: said(text), html: Some(page.html), inline }, flaws })
}

/// A text that says nothing is left out.
fn said(text: String) -> Option<String> {
    (!text.trim().is_empty()).then_some(text)
}

/// As `picture1.png`.
fn file_name(content_id: &str, media_type: &str) -> String {
    let stem = content_id.split('@').next().unwrap_or(content_id);
    let kind = media_type.rsplit(['/', '-']).next().unwrap_or(media_type);
    format!("{stem}.{}", if kind == "jpeg" { "jpg" } else { kind })
}

fn not_sent(error: ConvertError) -> ComposeError {
    let too_much =
        |limit, unit| ComposeError::TooMuch { field: "rtf".into(), limit, unit, instead: "send it as an attachment" };
    match error {
        ConvertError::TooLarge { most } => too_much(most, "octets of text and pictures"),
        ConvertError::TooMuchWork { most } => too_much(usize::try_from(most).unwrap_or(usize::MAX), "steps"),
        error => ComposeError::NotThis {
            field: "rtf",
            problem: error.to_string(),
            instead: "give a text with text, a page with html, and other files as attachments",
        },
    }
}

#[cfg(test)]
mod tests;
