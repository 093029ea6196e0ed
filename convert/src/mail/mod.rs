//! Whole mails: their parts, and what conversions make of them. Octets in, octets out.
//!
//! Rule: what a conversion is not about stays octet for octet. A mail that is signed or encrypted is left alone, unless somebody
//! says otherwise ([`SignedMail`]).

mod downgrade;
mod encoding;
mod signed;
mod tree;

pub use self::{
    downgrade::{ascii, ascii_eight_bit, eight_bit, seven_bit},
    encoding::Encoding,
    signed::{signed, Protection, Signed, SignedMail, Standard},
    tree::{ContentType, Disposition, Editor, Entity, Field, Tree},
};
