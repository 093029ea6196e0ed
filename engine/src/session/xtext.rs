//! The encodings of DSN parameters (RFC 3461, 4; RFC 6533, 3): only checked here, and passed on as they came.
//!
//! Rule: what they decode to holds no control, so a report can write it into a field.

/// Not empty, xtext, and printable ASCII when decoded.
pub(super) fn is_printable(text: &str) -> bool {
    let mut rest = text.as_bytes();
    while let Some((&octet, behind)) = rest.split_first() {
        rest = match octet {
            b'+' => match hex(behind.get(..2)) {
                Some(32..=126) => &behind[2..],
                _ => return false,
            },
            b'=' => return false,
            33..=126 => behind,
            _ => return false,
        };
    }
    !text.is_empty()
}

/// Not empty, and `utf-8-addr-xtext` or, in an SMTPUTF8 mail, `utf-8-addr-unitext`: `\x{HEX}` for what is not itself.
pub(super) fn is_utf8_address(text: &str, smtputf8: bool) -> bool {
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = match c {
            '\\' => match embedded(rest) {
                Some(behind) => behind,
                None => return false,
            },
            '+' | '=' => return false,
            '!'..='~' => &rest[1..],
            _ if smtputf8 && !c.is_ascii() && !c.is_control() => &rest[c.len_utf8()..],
            _ => return false,
        };
    }
    !text.is_empty()
}

/// What stands behind a good `\x{HEX}`.
fn embedded(text: &str) -> Option<&str> {
    let (digits, behind) = text.strip_prefix("\\x{")?.split_once('}')?;
    let is_hex = (2..=6).contains(&digits.len()) && digits.bytes().all(is_upper_hex);
    let c = u32::from_str_radix(digits, 16).ok().filter(|_| is_hex).and_then(char::from_u32)?;
    (!c.is_control()).then_some(behind)
}

/// Two upper-case digits.
fn hex(digits: Option<&[u8]>) -> Option<u8> {
    let digits = digits.filter(|digits| digits.iter().copied().all(is_upper_hex))?;
    u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

fn is_upper_hex(digit: u8) -> bool {
    matches!(digit, b'0'..=b'9' | b'A'..=b'F')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xtext_is_checked_with_what_it_means() {
        for good in ["abc", "QQ314159", "a+2Bb", "a+20b", "+3D"] {
            assert!(is_printable(good), "{good}");
        }
        for bad in ["", "a b", "a=b", "a+", "a+2", "a+2b", "a+0D+0A", "a+7F", "a+C3+A4", "ä", "a+é1"] {
            assert!(!is_printable(bad), "{bad}");
        }
    }

    #[test]
    fn utf8_addresses_have_an_encoding_of_their_own() {
        for good in ["a@b", "\\x{5C}", "\\x{7528}@x", "a\\x{2B}b"] {
            assert!(is_utf8_address(good, false), "{good}");
        }
        assert!(is_utf8_address("用@x", true) && !is_utf8_address("用@x", false));
        for bad in ["", "a+b", "a=b", "\\x{}", "\\x{D800}", "\\x{0A}", "\\x{5c}", "\\n", "\\x{5C", "a b"] {
            assert!(!is_utf8_address(bad, true), "{bad}");
        }
    }
}
