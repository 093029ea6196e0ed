//! Whole mails: their parts, and what conversions make of them. Octets in, octets out.
//!
//! Rule: what a conversion is not about stays octet for octet. A mail that is signed or encrypted is left alone, unless somebody
//! says otherwise ([`SignedMail`]).

mod alternative;
mod downgrade;
pub(crate) mod encoding;
mod insert;
mod plain;
mod signed;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod text;
mod tree;
mod unpack;

pub use self::{
    alternative::{text_alternative, AlternativeOptions, Missing},
    downgrade::{ascii, ascii_eight_bit, eight_bit, seven_bit},
    encoding::Encoding,
    plain::{plain_only, Attachments, PlainOptions},
    signed::{signed, Protection, Signed, SignedMail, Standard},
    tree::{ContentType, Disposition, Editor, Entity, Field, Tree},
    unpack::{tnef_parts, unpack_tnef, TnefOptions, TnefPart},
};
