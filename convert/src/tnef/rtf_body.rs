//! The bodies that RTF is good for.
//!
//! Rule: RTF that was made of HTML or of plain text gives back what it was made of, and only other RTF is converted and kept.

use crate::{html::Page, rtf, Allowance, ConvertError, Flaws, Limits};

/// What was made of RTF.
#[derive(Debug, Default)]
pub(super) struct Bodies {
    pub text: Option<String>,
    pub page: Option<Page>,
    /// These are conversions: the RTF says more than they do.
    pub is_converted: bool,
}

/// The bodies of this RTF.
///
/// This is the place for `rtf::original` (\[MS-OXRTFEX\]): where it finds HTML or text that was put into RTF, that is the one
/// body, and `is_converted` stays false.
pub(super) fn bodies(rtf: &[u8], allowance: &mut Allowance, flaws: &mut Flaws) -> Result<Bodies, ConvertError> {
    let limits = Limits::default().with_depth(allowance.depth());
    let text = rtf::to_text(rtf, limits.with_output(allowance.room()))?;
    allowance.step(rtf.len())?;
    allowance.make(text.output.len())?;
    let page = rtf::to_html(rtf, limits.with_output(allowance.room()))?;
    allowance.step(rtf.len())?;
    let pictures = page.output.parts.iter().map(|part| part.octets.len()).sum::<usize>();
    allowance.make(page.output.html.len() + pictures)?;
    // Both have read the same RTF, and tell of the same flaws.
    flaws.extend(page.flaws);
    Ok(Bodies { text: Some(text.output), page: Some(page.output), is_converted: true })
}
