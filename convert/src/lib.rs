//! Conversions of what mail carries: RTF, compressed RTF, HTML, plain text and TNEF.
//!
//! Rule: a conversion is a function of its input and nothing else. There is nothing to be started before it and nothing to be
//! ended after it, so no thread can end what another one is using. It is total: any octets give a result or an error, within
//! [`Limits`], and what is damaged gives its best readable part with the [`Flaws`] that were found on the way.
//!
//! | module | what it converts | source |
//! | --- | --- | --- |
//! | [`rtf`] | RTF, and the compressed form in which Exchange and Outlook carry it | RTF 1.9.1, \[MS-OXRTFCP\], \[MS-OXRTFEX\] |
//! | [`tnef`] | what Outlook and Exchange put into a `winmail.dat` | \[MS-OXTNEF\], \[MS-OXCMSG\], \[MS-OXOCAL\], \[MS-OXOCNTC\] |
//! | [`html`] | pages and what they show: octets to a page, a page to text | the HTML standard |
//! | [`text`] | plain text: to a page, lines that flow, lines of a bounded width | RFC 3676 |
//! | [`mail`] | whole mails: their parts, and what is made of a mail by the conversions above | RFC 2045, 2046, 2183, 2387 |
//! | [`charset`] | character sets by the numbers that these formats have for them | \[MS-UCODEREF\] |
//!
//! Nothing here knows an envelope, a clock, a file or a thread.

mod boundary;
pub mod charset;
mod error;
mod flaws;
pub mod html;
mod limits;
pub mod mail;
pub mod rtf;
pub mod text;
pub mod tnef;

pub use charset::Charset;
pub use error::ConvertError;
pub use flaws::{Flaw, Flaws, Trouble};
pub use limits::{Allowance, Limits};

/// What a conversion has come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Converted<T> {
    /// The result; of damaged input, the part that could be read.
    pub output: T,
    /// What was wrong with the input. None: nothing was, and the result is all of it.
    pub flaws: Flaws,
}

impl<T> Converted<T> {
    /// The same flaws with another result.
    pub fn map<U>(self, with: impl FnOnce(T) -> U) -> Converted<U> {
        Converted { output: with(self.output), flaws: self.flaws }
    }
}
