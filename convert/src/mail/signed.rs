//! What a mail is signed or encrypted with.
//!
//! Rule: whoever changes a mail asks first. A change makes a signature say that somebody has tampered with the mail, and what is
//! encrypted cannot be read here; which of these matter is a setting.

use super::{Entity, Tree};
use crate::{Allowance, ConvertError, Flaws, Limits};

/// A standard by which mail is signed or encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Standard {
    /// S/MIME (RFC 8551).
    Smime,
    /// OpenPGP (RFC 3156), or its older form within a text (RFC 9580, 7).
    OpenPgp,
    /// Another one within `multipart/signed` or `multipart/encrypted` (RFC 1847).
    Other,
}

/// A signature, or encryption, that covers a mail or a part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Protection {
    /// By which standard.
    pub standard: Standard,
    /// It is encrypted. `false`: it is signed and can be read; of S/MIME that does not say which it is, perhaps not.
    pub is_encrypted: bool,
}

/// What a mail is signed or encrypted with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Signed {
    /// The first signature or encryption of its sender. Mails that are attached to it do not count.
    pub protection: Option<Protection>,
    /// It has a field `DKIM-Signature` (RFC 6376): its content is signed by a host that it came through.
    pub has_dkim: bool,
}

/// What happens to mail that is signed or encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignedMail {
    /// S/MIME and OpenPGP mail is left alone.
    #[default]
    Leave,
    /// So is mail with a DKIM signature: its readers would take it for forged.
    LeaveDkim,
    /// It is converted as any other; signatures do not hold afterwards.
    Convert,
}

impl SignedMail {
    /// A mail like this is left alone.
    pub fn leaves(self, signed: Signed) -> bool {
        match self {
            SignedMail::Leave => signed.protection.is_some(),
            SignedMail::LeaveDkim => signed.protection.is_some() || signed.has_dkim,
            SignedMail::Convert => false,
        }
    }
}

/// What this mail is signed or encrypted with.
///
/// # Errors
/// [`ConvertError`]: a limit is reached.
///
/// ```
/// use postrider_convert::{mail::{signed, SignedMail, Standard}, Limits};
/// let mail = b"Content-Type: application/pkcs7-mime; smime-type=signed-data\r\n\r\n";
/// let found = signed(mail, Limits::default())?;
/// assert_eq!(found.protection.map(|one| one.standard), Some(Standard::Smime));
/// assert!(SignedMail::default().leaves(found));
/// # Ok::<(), postrider_convert::ConvertError>(())
/// ```
pub fn signed(mail: &[u8], limits: Limits) -> Result<Signed, ConvertError> {
    let (mut allowance, mut flaws) = (Allowance::new(limits), Flaws::default());
    let tree = Tree::read_within(mail, &mut allowance, &mut flaws)?;
    tree.signed(&mut allowance)
}

impl Tree<'_> {
    /// What this mail is signed or encrypted with.
    ///
    /// # Errors
    /// [`ConvertError`]: a limit is reached.
    pub fn signed(&self, allowance: &mut Allowance) -> Result<Signed, ConvertError> {
        let has_dkim = self.field(self.root(), "DKIM-Signature").is_some();
        let mut protection = None;
        for entity in self.entities() {
            let is_attached = self.around(entity).any(|outer| outer.content_type.is_message());
            if !is_attached && protection.is_none() {
                protection = self.protection(entity, allowance)?;
            }
        }
        Ok(Signed { protection, has_dkim })
    }

    /// The signature or the encryption that this entity itself is.
    pub(crate) fn protection(
        &self,
        entity: &Entity,
        allowance: &mut Allowance,
    ) -> Result<Option<Protection>, ConvertError> {
        let by = |standard, is_encrypted| Some(Protection { standard, is_encrypted });
        let parameter = |name| entity.content_type.parameter(name).unwrap_or_default().to_ascii_lowercase();
        Ok(match entity.content_type.media_type.as_str() {
            kind @ ("multipart/signed" | "multipart/encrypted") => {
                let standard = match parameter("protocol").trim() {
                    protocol if protocol.contains("pkcs7") => Standard::Smime,
                    protocol if protocol.contains("pgp") => Standard::OpenPgp,
                    _ => Standard::Other,
                };
                by(standard, kind == "multipart/encrypted")
            }
            "application/pkcs7-mime" | "application/x-pkcs7-mime" => match parameter("smime-type").trim() {
                // These hide nothing, and nothing vouches for what they hold (RFC 8551, 3.2.2).
                "compressed-data" | "certs-only" => None,
                kind => by(Standard::Smime, kind.contains("enveloped")),
            },
            // So do gateways and old programs call it (RFC 8551, 3.8).
            "application/octet-stream" if has_smime_name(entity) => by(Standard::Smime, false),
            "text/plain" if !entity.is_attachment() => return self.inline(entity, allowance),
            _ => None,
        })
    }

    /// OpenPGP within a text.
    fn inline(&self, entity: &Entity, allowance: &mut Allowance) -> Result<Option<Protection>, ConvertError> {
        const SIGNED: &[u8] = b"-----BEGIN PGP SIGNED MESSAGE-----";
        const ENCRYPTED: &[u8] = b"-----BEGIN PGP MESSAGE-----";
        let text = self.decoded(entity, allowance, &mut Flaws::default())?;
        allowance.step(text.len())?;
        let found = memchr::memmem::find_iter(&text, b"-----BEGIN PGP ").find_map(|at| {
            let begins_line = at == 0 || text.get(at - 1) == Some(&b'\n');
            let rest = &text[at..];
            let is_encrypted = rest.starts_with(ENCRYPTED);
            (begins_line && (is_encrypted || rest.starts_with(SIGNED))).then_some(is_encrypted)
        });
        Ok(found.map(|is_encrypted| Protection { standard: Standard::OpenPgp, is_encrypted }))
    }

    /// It is within something that is signed or encrypted: a change would be seen as tampering.
    pub(crate) fn is_covered(&self, entity: &Entity) -> bool {
        let covers = |outer: &Entity| outer.is("multipart/signed") || outer.is("multipart/encrypted");
        covers(entity) || self.around(entity).any(covers)
    }
}

/// The ending of files in which S/MIME mail is that is signed with its content, or encrypted (RFC 8551, 3.2.1).
fn has_smime_name(entity: &Entity) -> bool {
    let name = entity.file_name().unwrap_or_default().trim_end().as_bytes();
    name.len().checked_sub(4).and_then(|at| name.get(at..)).is_some_and(|end| end.eq_ignore_ascii_case(b".p7m"))
}
