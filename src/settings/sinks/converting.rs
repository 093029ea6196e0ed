//! The sinks of the stock that convert mails: their keys, and how they are made.
//!
//! Rule: what is not written has the default of the sink itself.

use std::sync::Arc;

use postrider_actors::chain::AnyBinding;
use postrider_convert::mail::{Attachments, Missing, SignedMail};
use postrider_engine::{events::Kind, BindingSettings, Convert};
use postrider_sinks::events::{
    PlainOnly, PlainOnlySettings, TextAlternative, TextAlternativeSettings, Unconvertible, UnpackTnef,
    UnpackTnefSettings,
};

use super::{
    super::reader::Section,
    stock::{made, mails, rewritten, MAILS},
};

/// All kinds, as they are written.
pub(super) const KINDS: [&str; 3] = ["unpack_tnef", "text_alternative", "plain_only"];

const SIGNED: [(&str, SignedMail); 3] =
    [("leave", SignedMail::Leave), ("leave_dkim", SignedMail::LeaveDkim), ("convert", SignedMail::Convert)];
const UNCONVERTIBLE: [(&str, Unconvertible); 3] =
    [("pass", Unconvertible::Pass), ("reject", Unconvertible::Reject), ("fail", Unconvertible::Fail)];
const MISSING: [(&str, Missing); 3] = [("text", Missing::Text), ("html", Missing::Html), ("both", Missing::Both)];
const ATTACHMENTS: [(&str, Attachments); 3] =
    [("name", Attachments::Name), ("drop", Attachments::Drop), ("keep", Attachments::Keep)];

/// Kinds that this build has not: none.
pub(super) const LEFT_OUT: &[&str] = &[];

/// One of them, as it is asked for.
#[derive(Clone, Debug)]
pub(super) enum Converting {
    UnpackTnef(UnpackTnefSettings),
    TextAlternative(TextAlternativeSettings),
    PlainOnly(PlainOnlySettings),
}

impl Converting {
    /// `None`: it is none of these.
    pub fn read(kind: &str, from: &mut Section<'_>) -> Option<Self> {
        match kind {
            "unpack_tnef" => {
                let mut is = UnpackTnefSettings::default();
                common(from, (&mut is.signed, &mut is.unconvertible, &mut is.octets));
                Some(Converting::UnpackTnef(is))
            }
            "text_alternative" => {
                let mut is = TextAlternativeSettings::default();
                is.missing = from.choice("missing", is.missing, &MISSING);
                common(from, (&mut is.signed, &mut is.unconvertible, &mut is.octets));
                Some(Converting::TextAlternative(is))
            }
            "plain_only" => {
                let mut is = PlainOnlySettings::default();
                is.domains = from.list("domains", is.domains);
                is.attachments = from.choice("attachments", is.attachments, &ATTACHMENTS);
                common(from, (&mut is.signed, &mut is.unconvertible, &mut is.octets));
                Some(Converting::PlainOnly(is))
            }
            _ => None,
        }
    }

    /// The events that it may be bound to; the first is the default.
    pub fn events(&self) -> &'static [Kind] {
        const SPLIT: &[Kind] = &[Kind::PostCategorize, Kind::Categorize, Kind::Submission, Kind::EndOfData];
        match self {
            Converting::UnpackTnef(_) | Converting::TextAlternative(_) => MAILS,
            Converting::PlainOnly(_) => SPLIT,
        }
    }

    /// To be bound to these events.
    pub fn bind(self, settings: BindingSettings, events: &[Kind], converters: &Arc<dyn Convert>) -> AnyBinding {
        let converters = Arc::clone(converters);
        match self {
            Converting::UnpackTnef(is) => made(Ok::<_, ()>(UnpackTnef::new(is, converters)), settings, events, mails),
            Converting::TextAlternative(is) => {
                made(Ok::<_, ()>(TextAlternative::new(is, converters)), settings, events, mails)
            }
            Converting::PlainOnly(is) => made(Ok::<_, ()>(PlainOnly::new(is, converters)), settings, events, rewritten),
        }
    }
}

fn common(from: &mut Section<'_>, (signed, unconvertible, octets): (&mut SignedMail, &mut Unconvertible, &mut usize)) {
    *signed = from.choice("signed", *signed, &SIGNED);
    *unconvertible = from.choice("unconvertible", *unconvertible, &UNCONVERTIBLE);
    let most = from.size("octets", *octets as u64, 1..=1 << 30);
    *octets = usize::try_from(most).unwrap_or(*octets);
}
