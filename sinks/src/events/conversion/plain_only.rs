//! `plain_only`: a mail as a text, for those who take nothing else.
//!
//! Rule: see [`postrider_convert::mail::plain_only`]; nothing is decided here.

use std::{fmt, sync::Arc};

use postrider_convert::{
    mail::{plain_only, PlainOptions},
    Limits,
};
use postrider_engine::{
    events::{MailEvent, Message, Sink, Verdict},
    Convert, ConverterKind,
};

use super::{Function, PlainOnlySettings, Shell};

/// Makes a text of each mail, at any event that has a mail. For which mail is said by the rule of its binding.
///
/// Any number of guests; the work is done by the engine's converters.
#[derive(Clone)]
pub struct PlainOnly(Shell);

impl PlainOnly {
    /// A sink with these settings, whose work these do.
    pub fn new(settings: PlainOnlySettings, converters: Arc<dyn Convert>) -> Self {
        let options = PlainOptions::default().with_attachments(settings.attachments).with_signed(settings.signed);
        let kind = ConverterKind::new("plain_only", move || {
            Function(move |mail: &[u8]| plain_only(mail, options, Limits::default()))
        });
        let PlainOnlySettings { octets, unconvertible, .. } = settings;
        PlainOnly(Shell { kind, converters, octets, unconvertible })
    }
}

impl fmt::Debug for PlainOnly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PlainOnly").field("octets", &self.0.octets).finish_non_exhaustive()
    }
}

impl<E: MailEvent> Sink<E> for PlainOnly {
    async fn on(&mut self, mail: Message<E>) -> Verdict<E> {
        self.0.on(mail).await
    }
}
