//! The TNEF of a mail, for those who look into it and leave the mail as it is.
//!
//! Rule: all of it is found that is there: what is looked at breaks no signature, and what was unpacked before is still TNEF.

use std::borrow::Cow;

use super::{
    find::{found, Stream, Wanted},
    KEPT,
};
use crate::{mail::Tree, Allowance, ConvertError, Converted, Flaws, Limits};

/// A part of a mail that is TNEF, or says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TnefPart<'m> {
    /// Where its body stands in the mail.
    pub at: usize,
    /// Its octets, decoded.
    pub octets: Cow<'m, [u8]>,
    /// The name that it has in the mail. It may be a path, or hold anything.
    pub name: Option<String>,
    /// It was unpacked before, and is kept beside what it holds.
    pub was_unpacked: bool,
}

/// All TNEF of this mail, in its order, that of attached mails and of what a signature covers as well.
///
/// # Errors
/// [`ConvertError`]: a limit is reached, or none was found among more parts than are told apart.
///
/// ```
/// use postrider_convert::{mail::tnef_parts, tnef::Message, Limits};
/// let mut mail = b"Subject: s\r\nContent-Type: application/ms-tnef\r\nContent-Transfer-Encoding: binary\r\n\r\n".to_vec();
/// mail.extend(Message::default().to_octets());
/// let parts = tnef_parts(&mail, Limits::default())?.output;
/// assert_eq!(parts.len(), 1);
/// assert_eq!(*parts[0].octets, Message::default().to_octets());
/// # Ok::<(), postrider_convert::ConvertError>(())
/// ```
pub fn tnef_parts(mail: &[u8], limits: Limits) -> Result<Converted<Vec<TnefPart<'_>>>, ConvertError> {
    let (mut allowance, mut flaws) = (Allowance::new(limits), Flaws::default());
    let tree = Tree::read_within(mail, &mut allowance, &mut flaws)?;
    let streams = found(&tree, Wanted::All, &mut allowance, &mut flaws)?;
    if streams.is_empty() && !tree.is_whole() {
        return Err(ConvertError::NotAllSeen);
    }
    Ok(Converted { output: streams.into_iter().map(|stream| part(&tree, stream)).collect(), flaws })
}

fn part<'m>(tree: &Tree<'m>, stream: Stream<'m>) -> TnefPart<'m> {
    let entity = &tree.entities()[stream.at];
    let was_unpacked = entity.content_type.parameter(KEPT).is_some();
    TnefPart { at: entity.body.start, octets: stream.octets, name: stream.name, was_unpacked }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        mail::testing::{mail, stream},
        tnef::tags::tag,
    };

    #[test]
    fn all_tnef_of_a_mail_is_found_signed_or_attached_or_unpacked_before() {
        let one = stream(&[(tag::BODY, "one")], &[]);
        let part = |kind: &str| {
            let head = format!("Content-Type: {kind}\nContent-Transfer-Encoding: base64\n\n");
            format!("{head}{}", crate::mail::testing::base64(&one))
        };
        let signed = "Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; boundary=b\n\n";
        let octets = mail(&format!(
            "{signed}--b\n{}\n--b\nContent-Type: message/rfc822\n\n{}\n--b\n{}\n--b\n\nwords\n--b--\n",
            part("application/ms-tnef; name=a.dat"),
            part("application/octet-stream; name=winmail.dat"),
            part("application/ms-tnef; x-unpacked=damaged"),
        ));
        let parts = tnef_parts(&octets, Limits::default()).unwrap().output;
        let told: Vec<_> = parts.iter().map(|part| (part.name.as_deref(), part.was_unpacked)).collect();
        assert_eq!(told, [(Some("a.dat"), false), (Some("winmail.dat"), false), (None, true)]);
        assert!(parts.iter().all(|part| *part.octets == one));
        assert!(parts.windows(2).all(|two| two[0].at < two[1].at));
    }

    #[test]
    fn a_mail_without_tnef_has_none_and_one_that_is_not_wholly_seen_may_have_some() {
        let none = tnef_parts(b"Subject: s\r\n\r\nHello", Limits::default()).unwrap();
        assert!(none.output.is_empty() && none.flaws.is_empty());
        let many = mail("Content-Type: multipart/mixed; boundary=b\n\n--b\n\n1\n--b\n\n2\n--b--\n");
        assert_eq!(tnef_parts(&many, Limits::default().with_parts(2)), Err(ConvertError::NotAllSeen));
    }
}
