//! Whole mails: their parts, and what conversions make of them. Octets in, octets out.
//!
//! Rule: what a conversion is not about stays octet for octet. A mail that is signed or encrypted is left alone, unless somebody
//! says otherwise ([`SignedMail`]).

pub(crate) mod encoding;
mod insert;
mod signed;
#[cfg(test)]
mod testing;
mod text;
mod tree;
mod unpack;

pub use self::{
    encoding::Encoding,
    signed::{signed, Protection, Signed, SignedMail, Standard},
    tree::{ContentType, Disposition, Editor, Entity, Field, Tree},
    unpack::{unpack_tnef, TnefOptions},
};
