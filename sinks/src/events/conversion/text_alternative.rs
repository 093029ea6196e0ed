//! `text_alternative`: a mail that has only a page gets a text beside it, or the other way round.
//!
//! Rule: see [`postrider_convert::mail::text_alternative`]; nothing is decided here.

use std::{fmt, sync::Arc};

use postrider_convert::{
    mail::{text_alternative, AlternativeOptions},
    Limits,
};
use postrider_engine::{
    events::{MailEvent, Message, Sink, Verdict},
    Convert,
};

use super::{Shell, TextAlternativeSettings};

/// Adds the alternative that the body of a mail lacks, at any event that has a mail.
///
/// Any number of guests; the work is done by the engine's converters.
#[derive(Clone)]
pub struct TextAlternative(Shell);

impl TextAlternative {
    /// A sink with these settings, whose work these do.
    pub fn new(settings: TextAlternativeSettings, converters: Arc<dyn Convert>) -> Self {
        let options = AlternativeOptions::default().with_missing(settings.missing).with_signed(settings.signed);
        let convert = move |mail: &[u8]| text_alternative(mail, options, Limits::default());
        TextAlternative(Shell::new("text_alternative", convert, converters, (settings.octets, settings.unconvertible)))
    }
}

impl fmt::Debug for TextAlternative {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TextAlternative").field("octets", &self.0.octets).finish_non_exhaustive()
    }
}

impl<E: MailEvent> Sink<E> for TextAlternative {
    async fn on(&mut self, mail: Message<E>) -> Verdict<E> {
        self.0.on(mail).await
    }
}
