//! The bodies that RTF is good for.
//!
//! Rule: RTF that was made of HTML or of plain text gives back what it was made of, and only other RTF is converted and kept.

use crate::{
    html::Page,
    rtf::{self, Original},
    Allowance, ConvertError, Flaws, Limits,
};

/// What was made of RTF.
#[derive(Debug, Default)]
pub(super) struct Bodies {
    pub text: Option<String>,
    pub page: Option<Page>,
    /// These are conversions: the RTF says more than they do.
    pub is_converted: bool,
}

/// The bodies of this RTF.
pub(super) fn bodies(rtf: &[u8], allowance: &mut Allowance, flaws: &mut Flaws) -> Result<Bodies, ConvertError> {
    let limits = Limits::default().with_depth(allowance.depth());
    allowance.step(rtf.len())?;
    let original = rtf::original(rtf, limits.with_output(allowance.room()))?;
    if let Some(original_body) = original.output {
        flaws.extend(original.flaws);
        let mut bodies = Bodies::default();
        match original_body {
            Original::Html(html) => {
                allowance.make(html.len())?;
                bodies.page = Some(Page { html, parts: Vec::new() });
            }
            Original::Text(text) => {
                allowance.make(text.len())?;
                bodies.text = Some(text);
            }
        }
        return Ok(bodies);
    }
    converted(rtf, limits, allowance, flaws)
}

fn converted(rtf: &[u8], limits: Limits, allowance: &mut Allowance, flaws: &mut Flaws) -> Result<Bodies, ConvertError> {
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
