//! Mails for hosts that take less than others: lines of ASCII (RFC 6152, 3), lines without NUL (RFC 3030), headers of ASCII
//! (RFC 6532, RFC 6857).
//!
//! Rule: whoever decodes the result has the octets of each part as they were. What a host can take stays octet for octet, and so
//! does what somebody has signed: there is no result then.

mod between;
mod body;
mod header;
mod octets;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_any;
#[cfg(test)]
mod tests_hostile;
#[cfg(test)]
mod tests_refused;
mod write;

use self::write::Writing;
use super::{SignedMail, Tree};
use crate::{Allowance, ConvertError, Converted, Flaws, Limits};

/// What bodies may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bodies {
    /// Short lines of ASCII.
    SevenBit,
    /// Short lines.
    EightBit,
    /// What they have.
    Any,
}

/// The mail in lines of ASCII, header and all, for a host without 8BITMIME: text in quoted-printable or base64, other octets in
/// base64, and every `Content-Transfer-Encoding` as it then is (RFC 2045, 6; RFC 2046, 5; RFC 6152, 3). `None`: it is that already.
///
/// ```
/// use postrider_convert::{mail::{seven_bit, SignedMail}, Limits};
/// let mail = "Subject: Grüße\r\n\r\nfür Dich\r\n".as_bytes();
/// let ascii = seven_bit(mail, SignedMail::Leave, Limits::default())?.expect("it was not ASCII").output;
/// let lines = "Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\
///     Content-Transfer-Encoding: quoted-printable\r\n\r\nf=C3=BCr Dich\r\n";
/// assert_eq!(String::from_utf8_lossy(&ascii), lines);
/// # Ok::<(), postrider_convert::ConvertError>(())
/// ```
///
/// # Errors
/// [`ConvertError`]: a limit is reached, `signed` forbids it, or a part may not be encoded.
pub fn seven_bit(mail: &[u8], signed: SignedMail, limits: Limits) -> Result<Option<Converted<Vec<u8>>>, ConvertError> {
    downgrade(mail, Bodies::SevenBit, true, signed, limits)
}

/// The mail in lines that any host with 8BITMIME takes: a part with long lines, NUL, or a CR or LF by itself is encoded, all others
/// stay, and what said `binary` says what it is (RFC 3030, 4). `None`: it is that already.
///
/// # Errors
/// As [`seven_bit`].
pub fn eight_bit(mail: &[u8], signed: SignedMail, limits: Limits) -> Result<Option<Converted<Vec<u8>>>, ConvertError> {
    downgrade(mail, Bodies::EightBit, false, signed, limits)
}

/// The mail with all of its headers in ASCII, for a host without SMTPUTF8 (RFC 6857, 3): encoded words (RFC 2047), parameters in the
/// extended form (RFC 2231), domains in A-labels, `message/global` as `message/rfc822`; an address that ASCII cannot say is the name
/// of a group without members. Bodies stay. `None`: it is that already.
///
/// # Errors
/// As [`seven_bit`].
pub fn ascii(mail: &[u8], signed: SignedMail, limits: Limits) -> Result<Option<Converted<Vec<u8>>>, ConvertError> {
    downgrade(mail, Bodies::Any, true, signed, limits)
}

/// As [`eight_bit`] and [`ascii`] together.
///
/// # Errors
/// As [`seven_bit`].
pub fn ascii_eight_bit(
    mail: &[u8],
    signed: SignedMail,
    limits: Limits,
) -> Result<Option<Converted<Vec<u8>>>, ConvertError> {
    downgrade(mail, Bodies::EightBit, true, signed, limits)
}

fn downgrade(
    mail: &[u8],
    bodies: Bodies,
    ascii: bool,
    signed: SignedMail,
    limits: Limits,
) -> Result<Option<Converted<Vec<u8>>>, ConvertError> {
    let (mut allowance, mut flaws) = (Allowance::new(limits), Flaws::default());
    // What the tree cannot read well stays as it is, and is no flaw of the result.
    let tree = Tree::read_within(mail, &mut allowance, &mut Flaws::default())?;
    let mut writing = Writing::new(&tree, mail, bodies, ascii, signed, &mut allowance, &mut flaws);
    for entity in tree.entities() {
        writing.entity(entity)?;
    }
    let output = writing.finish()?;
    Ok(output.map(|output| Converted { output, flaws }))
}
