//! Converts whole mails: TNEF to MIME, pages to texts, everything to a text. The conversions are those of `postrider-convert`;
//! whoever computes is a host of the engine's pool, on a thread of its own.
//!
//! Rule: a mail is converted whole or stays as it is. What a conversion does to a converter costs the mail in hand what the binding
//! says of a sink that fails; that a mail cannot be converted is no fault of the sink, and its own setting.

mod plain_only;
mod settings;
#[cfg(test)]
mod tests;
mod text_alternative;
mod unpack_tnef;

use std::sync::Arc;

use postrider_convert::{ConvertError, Converted};
use postrider_engine::{
    events::{Fault, Given, MailEvent, Message, Verdict},
    Content, Conversion, ConversionFault, Convert, Converter, ConverterKind, NotConverted, Reply,
};
use tracing::{info, warn};

pub use plain_only::PlainOnly;
pub use settings::{PlainOnlySettings, TextAlternativeSettings, Unconvertible, UnpackTnefSettings};
pub use text_alternative::TextAlternative;
pub use unpack_tnef::UnpackTnef;

/// RFC 3463, 3.7: conversion failed.
const FAILED: Reply = Reply::new(554, 6, 5, "");

/// What the three have in common.
#[derive(Clone)]
struct Shell {
    kind: ConverterKind,
    converters: Arc<dyn Convert>,
    /// Of a mail that is converted.
    octets: usize,
    unconvertible: Unconvertible,
}

impl Shell {
    /// What this function makes of mails, made by these.
    fn new<F>(
        name: &str,
        function: F,
        converters: Arc<dyn Convert>,
        (octets, unconvertible): (usize, Unconvertible),
    ) -> Self
    where
        F: Fn(&[u8]) -> Result<Option<Converted<Vec<u8>>>, ConvertError> + Copy + Send + Sync + 'static,
    {
        Shell { kind: ConverterKind::new(name, move || Function(function)), converters, octets, unconvertible }
    }

    async fn on<E: MailEvent>(&self, mut mail: Message<E>) -> Verdict<E> {
        match self.convert(&mail).await {
            Ok(Conversion { mail: None, .. }) => mail.next(),
            Ok(Conversion { mail: Some(converted), .. }) => {
                *mail.content_mut() = Content::new(converted);
                mail.next()
            }
            Err(why) => self.not_converted(mail, &why),
        }
    }

    async fn convert<E: MailEvent>(&self, mail: &Message<E>) -> Result<Conversion, ConversionFault> {
        let (content, mail) = (mail.content(), mail.name());
        let converted = self.converters.convert(&self.kind, content, self.octets).await;
        if let Ok(Conversion { mail: Some(now), flaws }) = &converted {
            info!(mail, converter = self.kind.name(), octets = content.len(), now = now.len(), flaws, "converted");
        }
        converted
    }

    fn not_converted<E: MailEvent>(&self, mail: Message<E>, why: &ConversionFault) -> Verdict<E> {
        warn!(mail = mail.name(), converter = self.kind.name(), why = why.to_string(), then = ?self.unconvertible, "not converted");
        if let Some(fault) = fault(why) {
            return mail.failed(fault);
        }
        match self.unconvertible {
            Unconvertible::Pass => mail.next(),
            Unconvertible::Reject => mail.reject(FAILED.with_text(format!("The mail cannot be converted: {why}"))),
            Unconvertible::Fail => mail.failed(Fault::NotThisMail),
        }
    }
}

/// Where it is no matter of what the mail is: how the sink has failed.
fn fault(why: &ConversionFault) -> Option<Fault> {
    match why {
        ConversionFault::NotConverted(NotConverted::Impossible(_)) | ConversionFault::TooLarge { .. } => None,
        ConversionFault::Panicked => Some(Fault::Panicked),
        ConversionFault::Overran => Some(Fault::Overran),
        ConversionFault::NotConverted(NotConverted::TooMuch(_)) => Some(Fault::NotThisMail),
        ConversionFault::Busy => Some(Fault::NoGuest),
        ConversionFault::Gone => Some(Fault::Gone),
        _ => Some(Fault::Unable),
    }
}

/// A function as a converter.
struct Function<F>(F);

impl<F: FnMut(&[u8]) -> Result<Option<Converted<Vec<u8>>>, ConvertError>> Converter for Function<F> {
    fn convert(&mut self, mail: &[u8]) -> Result<Conversion, NotConverted> {
        match (self.0)(mail) {
            Ok(None) => Ok(Conversion::default()),
            Ok(Some(Converted { output, flaws })) => {
                Ok(Conversion { mail: Some(output.into()), flaws: flaws.to_string() })
            }
            Err(
                error @ (ConvertError::TooLarge { .. }
                | ConvertError::TooMuchWork { .. }
                | ConvertError::TooManyItems { .. }),
            ) => Err(NotConverted::TooMuch(error.to_string().into())),
            Err(error) => Err(NotConverted::Impossible(error.to_string().into())),
        }
    }
}
