//! Text in RTF: ASCII, with everything else as `\uN`.
//!
//! Rule: whatever the text is, it is text in the document. Documents say `\uc1`: a question mark stands for each `\uN`. It is an
//! octet in digits, because some readers take the word behind a `\uN` for what stands for it.

use std::fmt::Write;

/// Appends text. Ends of lines are the caller's.
pub(crate) fn text(rtf: &mut String, text: &str) {
    let mut rest = text;
    while let Some(at) = rest.find(|one: char| matches!(one, '\\' | '{' | '}') || !(' '..='~').contains(&one)) {
        rtf.push_str(&rest[..at]);
        let one = rest[at..].chars().next().unwrap_or_default();
        rest = &rest[at + one.len_utf8()..];
        character(rtf, one);
    }
    rtf.push_str(rest);
}

fn character(rtf: &mut String, one: char) {
    match one {
        '\\' | '{' | '}' => {
            rtf.push('\\');
            rtf.push(one);
        }
        '\t' => rtf.push_str("\\tab "),
        ' '..='~' => rtf.push(one),
        // No text has it.
        '\0' => {}
        '\u{1}'..='\u{7f}' => {
            let _ = write!(rtf, "\\'{:02x}", u32::from(one)); // a string can be written
        }
        _ => {
            for unit in one.encode_utf16(&mut [0; 2]) {
                // The parameter of a control word is a signed number of 16 bits.
                let _ = write!(rtf, "\\u{}\\'3f", i16::from_ne_bytes(unit.to_ne_bytes()));
            }
        }
    }
}
