//! A mail of Outlook or Exchange, with what its `winmail.dat` holds in the place of it.
//!
//! Rule: nothing is lost. What the mail says of itself stays octet for octet; what was damaged is kept beside what could be read of
//! it; what is no TNEF at all stays as it is.

mod find;
mod look;
mod place;
#[cfg(test)]
mod tests;

pub use self::look::{tnef_parts, TnefPart};
use self::{
    find::{found, Wanted},
    place::Placing,
};
use super::{SignedMail, Tree};
use crate::{
    mail::insert::Insertion,
    tnef::{self, BesideText},
    Allowance, ConvertError, Converted, Flaws, Limits, Trouble,
};

/// The parameter that marks what was kept, so that nobody unpacks it again.
const KEPT: &str = "x-unpacked";

/// How TNEF is unpacked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TnefOptions {
    /// What happens to mail that is signed or encrypted.
    pub signed: SignedMail,
}

impl TnefOptions {
    /// The same with another choice for mail that is signed or encrypted.
    #[must_use]
    pub fn with_signed(self, signed: SignedMail) -> Self {
        TnefOptions { signed }
    }
}

/// The mail with what its TNEF parts hold in the place of them; `None`: it has none, or is left alone.
///
/// A `multipart/mixed` of a text and TNEF, as Exchange makes it, becomes what the TNEF holds; its text is the plain alternative, if
/// the TNEF has none of its own. Elsewhere the TNEF part gives way to what it holds. Mails that are attached are looked into.
///
/// # Errors
/// [`ConvertError`]: none of the parts is TNEF that can be read, none was found among more parts than are told apart, or a limit
/// is reached. The mail is good as it is.
///
/// ```
/// use postrider_convert::{mail::{unpack_tnef, TnefOptions}, tnef::{tags::tag, Message, Property, Value}, Limits};
/// let properties = vec![Property::new(tag::BODY, Value::text("Hello"))];
/// let mut mail = b"Subject: s\r\nContent-Type: application/ms-tnef\r\nContent-Transfer-Encoding: binary\r\n\r\n".to_vec();
/// mail.extend(Message { properties, ..Message::default() }.to_octets());
/// let unpacked = unpack_tnef(&mail, TnefOptions::default(), Limits::default())?.unwrap_or_default().output;
/// assert!(unpacked.starts_with(b"Subject: s\r\n") && unpacked.ends_with(b"\r\n\r\nHello"));
/// # Ok::<(), postrider_convert::ConvertError>(())
/// ```
pub fn unpack_tnef(
    mail: &[u8],
    options: TnefOptions,
    limits: Limits,
) -> Result<Option<Converted<Vec<u8>>>, ConvertError> {
    let mut flaws = Flaws::default();
    let output = unpack_within(mail, options, &mut Allowance::new(limits), &mut flaws)?;
    Ok(output.map(|output| Converted { output, flaws }))
}

/// The same within what is left of the limits.
pub(super) fn unpack_within(
    mail: &[u8],
    options: TnefOptions,
    allowance: &mut Allowance,
    flaws: &mut Flaws,
) -> Result<Option<Vec<u8>>, ConvertError> {
    let tree = Tree::read_within(mail, allowance, flaws)?;
    let streams = found(&tree, Wanted::ToUnpack(options), allowance, flaws)?;
    // Most mails have none, and whether they are signed takes a look at all of their texts.
    if streams.is_empty() && tree.is_whole() || options.signed.leaves(tree.signed(allowance)?) {
        return Ok(None);
    }
    if streams.is_empty() {
        return Err(ConvertError::NotAllSeen);
    }
    let mut placing = Placing::new(&tree, Insertion::new(&tree, allowance)?, &streams);
    let mut unread = None;
    for stream in &streams {
        let text = match placing.text_beside(stream.at) {
            Some(text) => Some(BesideText {
                text: tree.text(text, allowance, flaws)?,
                part: place::as_part(&tree, text, allowance)?,
            }),
            None => None,
        };
        let (had_text, mut beside, mut found) = (text.is_some(), text, Flaws::default());
        match tnef::beside_text(&stream.octets, &mut beside, allowance, &mut found) {
            Ok(part) => {
                let is_damaged = found.iter().any(|flaw| loses(flaw.trouble)) || found.count() > found.iter().count();
                let takes_text = had_text && beside.is_none();
                let part = if is_damaged { place::with_original(part, stream) } else { part };
                placing.put(stream.at, part, takes_text, allowance)?;
            }
            Err(error @ ConvertError::NotThis { .. }) => {
                found.note(Trouble::Malformed, tree.entities()[stream.at].body.start, "TNEF");
                unread.get_or_insert(error);
            }
            Err(error) => return Err(error),
        }
        flaws.extend(found);
    }
    match unread {
        Some(error) if placing.is_empty() => Err(error),
        _ => placing.finish(allowance).map(Some),
    }
}

/// What has this trouble may have lost something on the way.
fn loses(trouble: Trouble) -> bool {
    // What is too deep stays a `winmail.dat`, and what cannot be said stands in the octets of a page or a file.
    !matches!(trouble, Trouble::TooDeep | Trouble::TooMany | Trouble::NotSayable)
}
