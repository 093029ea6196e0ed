//! What is converted, up to which size, and what becomes of what cannot be.

use postrider_convert::mail::{Attachments, Missing, SignedMail};
use postrider_engine::{Domains, CONVERTED_OCTETS};

/// What becomes of a mail that cannot be converted: it is larger than the limit, or what is in it cannot be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unconvertible {
    /// It goes on as it is.
    #[default]
    Pass,
    /// It is refused with 554 5.6.5; after the commit its sender gets a report.
    Reject,
    /// As the binding says of a sink that fails.
    Fail,
}

/// How [`super::UnpackTnef`] works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnpackTnefSettings {
    /// What happens to mail that is signed or encrypted; S/MIME and OpenPGP are left alone by default.
    pub signed: SignedMail,
    /// What becomes of a mail that cannot be converted; it goes on by default.
    pub unconvertible: Unconvertible,
    /// Octets of a mail that is converted; 32 MiB. It is in memory meanwhile, with its result.
    pub octets: usize,
}

impl Default for UnpackTnefSettings {
    fn default() -> Self {
        let (signed, unconvertible) = (SignedMail::default(), Unconvertible::Pass);
        UnpackTnefSettings { signed, unconvertible, octets: CONVERTED_OCTETS }
    }
}

/// How [`super::TextAlternative`] works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TextAlternativeSettings {
    /// Which alternative is made where it is missing; the text by default.
    pub missing: Missing,
    /// As in [`UnpackTnefSettings`].
    pub signed: SignedMail,
    /// As in [`UnpackTnefSettings`].
    pub unconvertible: Unconvertible,
    /// As in [`UnpackTnefSettings`].
    pub octets: usize,
}

impl Default for TextAlternativeSettings {
    fn default() -> Self {
        let UnpackTnefSettings { signed, unconvertible, octets } = UnpackTnefSettings::default();
        TextAlternativeSettings { missing: Missing::default(), signed, unconvertible, octets }
    }
}

/// How [`super::PlainOnly`] works.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlainOnlySettings {
    /// Recipients in these domains take text only; none: all do. Where others have the same mail, those get one of their own.
    pub domains: Vec<Domains>,
    /// What becomes of attachments; a line names each by default.
    pub attachments: Attachments,
    /// As in [`UnpackTnefSettings`].
    pub signed: SignedMail,
    /// As in [`UnpackTnefSettings`], but refused by default: whoever takes text only would not read it.
    pub unconvertible: Unconvertible,
    /// As in [`UnpackTnefSettings`].
    pub octets: usize,
}

impl Default for PlainOnlySettings {
    fn default() -> Self {
        let UnpackTnefSettings { signed, octets, .. } = UnpackTnefSettings::default();
        let (domains, attachments) = (Vec::new(), Attachments::default());
        PlainOnlySettings { domains, attachments, signed, unconvertible: Unconvertible::Reject, octets }
    }
}
