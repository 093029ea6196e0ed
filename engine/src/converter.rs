//! Conversions of whole mails: work that computes, on threads of its own, by converters that nobody shares.
//!
//! Rule: a converter is made on the thread of its host before its first mail, and ends there after its last. It need not be
//! [`Send`], so it cannot leave that thread, and nobody can end what another is using. What a conversion fails at costs the
//! mail it was about that conversion, and nothing else.

use std::{fmt, sync::Arc};

use bytes::Bytes;
use thiserror::Error;

use crate::{BoxFuture, Content};

/// Octets of a mail that is converted, where nothing else is said.
pub const CONVERTED_OCTETS: usize = 32 * 1024 * 1024;

/// Makes another mail of a mail. One host owns it and calls it for one mail after the other.
pub trait Converter {
    /// Converts the octets of one mail. It may take its time: it has a thread to itself, and a limit for the whole.
    ///
    /// # Errors
    /// [`NotConverted`]: the mail stays as it is.
    fn convert(&mut self, mail: &[u8]) -> Result<Conversion, NotConverted>;
}

/// What a conversion has come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conversion {
    /// The mail as it is now; `None`: there was nothing to convert.
    pub mail: Option<Bytes>,
    /// What was wrong with it, in a line; empty: nothing.
    pub flaws: String,
}

/// Why a converter has not converted a mail.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NotConverted {
    /// It would have taken more work, memory or output than a mail may.
    #[error("it takes more than a conversion may: {0}")]
    TooMuch(Arc<str>),
    /// It is not in the form that it says, or in none that can be converted.
    #[error("it cannot be converted: {0}")]
    Impossible(Arc<str>),
}

/// How a conversion has failed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ConversionFault {
    /// The converter says why.
    #[error(transparent)]
    NotConverted(#[from] NotConverted),
    /// The mail has more octets than its limit says: nothing was done.
    #[error("the mail has {octets} octets, and {most} are the most that are converted")]
    TooLarge {
        /// Those of the mail.
        octets: u64,
        /// The limit.
        most: usize,
    },
    /// The octets of the mail cannot be read back.
    #[error("the mail cannot be read back: {0}")]
    Unreadable(Arc<str>),
    /// The converter panicked: another is made for the next mail.
    #[error("the converter panicked")]
    Panicked,
    /// It took longer than the limit: it was left to itself, and another has taken its place.
    #[error("the conversion took longer than its time limit")]
    Overran,
    /// As many mails wait as may: later it may go.
    #[error("as many mails wait for a conversion as may")]
    Busy,
    /// The engine has not begun, or has ended.
    #[error("there is nobody who converts: the engine does not run")]
    Gone,
}

impl ConversionFault {
    /// The mail has nothing to do with it: another time it may be converted.
    pub fn is_temporary(&self) -> bool {
        matches!(self, ConversionFault::Busy | ConversionFault::Gone | ConversionFault::Unreadable(_))
    }
}

/// A kind of converter: by which each host makes its own.
#[derive(Clone)]
pub struct ConverterKind(Arc<Kind>);

struct Kind {
    name: Box<str>,
    start: Box<dyn Fn() -> Box<dyn Converter> + Send + Sync>,
}

impl ConverterKind {
    /// A kind of this name, which logs say; a converter of it is started like this.
    pub fn new<C: Converter + 'static>(name: &str, start: impl Fn() -> C + Send + Sync + 'static) -> Self {
        ConverterKind(Arc::new(Kind { name: name.into(), start: Box::new(move || Box::new(start())) }))
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// A new converter, for the thread that calls this. It may panic, as a converter may.
    pub fn start(&self) -> Box<dyn Converter> {
        (self.0.start)()
    }

    /// It is the same kind, and not only one of the same name.
    pub fn is(&self, other: &ConverterKind) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for ConverterKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ConverterKind").field(&self.0.name).finish()
    }
}

/// Whoever has mails converted: what a pool of hosts is to those who have mails.
pub trait Convert: Send + Sync {
    /// Has the content of a mail converted, unless it has more octets than `most`. Letting the future go lets the conversion
    /// go: one that waits is not begun, and what another comes to is thrown away.
    fn convert(
        &self,
        kind: &ConverterKind,
        content: &Content,
        most: usize,
    ) -> BoxFuture<'static, Result<Conversion, ConversionFault>>;
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;

    /// Cannot be sent to another thread.
    struct Stays(Rc<str>);

    impl Converter for Stays {
        fn convert(&mut self, _: &[u8]) -> Result<Conversion, NotConverted> {
            Ok(Conversion { mail: None, flaws: self.0.to_string() })
        }
    }

    #[test]
    fn a_kind_starts_converters_that_need_not_leave_their_thread() {
        let kind = ConverterKind::new("stays", || Stays("here".into()));
        let conversion = std::thread::scope(|scope| scope.spawn(|| kind.start().convert(b"")).join().unwrap());
        assert_eq!(conversion.unwrap().flaws, "here");
        assert!(kind.is(&kind.clone()) && !kind.is(&ConverterKind::new("stays", || Stays("".into()))));
    }
}
