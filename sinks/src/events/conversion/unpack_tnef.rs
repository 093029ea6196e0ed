//! `unpack_tnef`: a mail of Outlook or Exchange with what its `winmail.dat` holds in the place of it.
//!
//! Rule: see [`postrider_convert::mail::unpack_tnef`]; nothing is decided here.

use std::{fmt, sync::Arc};

use postrider_convert::{
    mail::{unpack_tnef, TnefOptions},
    Limits,
};
use postrider_engine::{
    events::{MailEvent, Message, Sink, Verdict},
    Convert,
};

use super::{Shell, UnpackTnefSettings};

/// Unpacks TNEF, at any event that has a mail.
///
/// Any number of guests; the work is done by the engine's converters.
#[derive(Clone)]
pub struct UnpackTnef(Shell);

impl UnpackTnef {
    /// A sink with these settings, whose work these do.
    pub fn new(settings: UnpackTnefSettings, converters: Arc<dyn Convert>) -> Self {
        let options = TnefOptions::default().with_signed(settings.signed);
        let convert = move |mail: &[u8]| unpack_tnef(mail, options, Limits::default());
        UnpackTnef(Shell::new("unpack_tnef", convert, converters, (settings.octets, settings.unconvertible)))
    }
}

impl fmt::Debug for UnpackTnef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnpackTnef").field("octets", &self.0.octets).finish_non_exhaustive()
    }
}

impl<E: MailEvent> Sink<E> for UnpackTnef {
    async fn on(&mut self, mail: Message<E>) -> Verdict<E> {
        self.0.on(mail).await
    }
}
