//! Which parts of a mail are TNEF.
//!
//! Rule: a part is TNEF if it says so, or if it has one of the names that TNEF gets and begins as TNEF does.

use std::borrow::Cow;

use super::{TnefOptions, KEPT};
use crate::{
    mail::{Entity, SignedMail, Tree},
    tnef::SIGNATURE,
    Allowance, ConvertError, Flaws,
};

/// A part that is TNEF.
pub(super) struct Stream<'m> {
    /// Its place among the entities.
    pub at: usize,
    pub octets: Cow<'m, [u8]>,
    /// The name that it has in the mail.
    pub name: Option<String>,
}

/// Which parts are looked for.
#[derive(Clone, Copy)]
pub(super) enum Wanted {
    /// All that are TNEF.
    All,
    /// Those that are to be unpacked: none that was unpacked before, and none that a signature covers, unless they are to be converted
    /// anyway.
    ToUnpack(TnefOptions),
}

/// All parts that are TNEF and wanted, in their order.
pub(super) fn found<'m>(
    tree: &Tree<'m>,
    wanted: Wanted,
    allowance: &mut Allowance,
    flaws: &mut Flaws,
) -> Result<Vec<Stream<'m>>, ConvertError> {
    let mut streams = Vec::new();
    for (at, entity) in tree.entities().iter().enumerate() {
        let is_left = match wanted {
            Wanted::All => false,
            Wanted::ToUnpack(options) => {
                let is_kept = entity.content_type.parameter(KEPT).is_some();
                is_kept || (options.signed != SignedMail::Convert && tree.is_covered(entity))
            }
        };
        let Some(says_so) = claim(entity).filter(|_| !is_left) else { continue };
        let octets = tree.decoded(entity, allowance, flaws)?;
        if says_so || octets.starts_with(&SIGNATURE.to_le_bytes()) {
            streams.push(Stream { at, octets, name: entity.file_name().map(str::to_owned) });
        }
    }
    Ok(streams)
}

/// It says that it is TNEF, or (`false`) it may be.
fn claim(entity: &Entity) -> Option<bool> {
    if !entity.parts.is_empty() {
        return None;
    }
    let has_name = || {
        let name = entity.file_name().unwrap_or_default().to_ascii_lowercase();
        name == "winmail.dat" || name == "win.dat"
    };
    match entity.content_type.media_type.as_str() {
        "application/ms-tnef" | "application/vnd.ms-tnef" => Some(true),
        "application/octet-stream" if has_name() => Some(false),
        _ => None,
    }
}
