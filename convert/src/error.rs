//! Why there is no result at all.

use thiserror::Error;

/// An input cannot be converted. All are permanent: the same input fails in the same way, with the same limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ConvertError {
    /// It does not begin as this format does.
    #[error("this is no {format}: {why}")]
    NotThis {
        /// The name of the format.
        format: &'static str,
        /// What is missing.
        why: &'static str,
    },
    /// The result would be larger than [`Limits::output`](crate::Limits::output).
    #[error("the result would have more than {most} octets: raise the limit of output, or leave it as it is")]
    TooLarge {
        /// The limit.
        most: usize,
    },
    /// It is made of so many properties, values or files of next to no octets that what stands for them would take more than
    /// eight times its own octets. No program writes such a stream.
    #[error("it has more properties, values or files than fit into {most} octets, eight times what it has: leave it as it is")]
    TooManyItems {
        /// The octets that they may take.
        most: usize,
    },
    /// It took more steps than [`Limits::work`](crate::Limits::work).
    #[error("the conversion took more than {most} steps: raise the limit of work, or leave it as it is")]
    TooMuchWork {
        /// The limit.
        most: u64,
    },
    /// A mail has more parts, or more levels of them, than are told apart ([`Limits::parts`](crate::Limits::parts)): what is looked
    /// for was not found, and may be there.
    #[error("it has more parts, or more levels of them, than are told apart, so what they hold is not known")]
    NotAllSeen,
    /// What would have to be changed is signed, and nobody allowed to break the signature.
    #[error("it is signed ({by}), and a conversion would break the signature")]
    Signed {
        /// By which standard.
        by: &'static str,
    },
    /// A part has octets that would have to be encoded, and parts of its type may not be (RFC 2046, 5).
    #[error("it has {what}, which may not be encoded")]
    NotEncodable {
        /// What it is.
        what: &'static str,
    },
}
