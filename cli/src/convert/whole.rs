//! Whole mails: with what their `winmail.dat` holds in the place of it, or as the text that somebody would read.
//!
//! Rule: a mail of which nothing is to be made is written as it is, and a line says so.

use postrider::convert::{
    html::TextOptions,
    mail::{plain_only, unpack_tnef, PlainOptions, SignedMail, TnefOptions, Tree},
    Allowance, ConvertError, Limits,
};

use super::made::Made;

/// Fields of which a mail has one at least, besides `From`.
const OF_MAILS: [&str; 4] = ["Date", "Message-ID", "MIME-Version", "Received"];

/// These octets begin with the header of a mail: it says who wrote it, and one thing more that only mails say.
pub fn is_mail(octets: &[u8]) -> bool {
    let name = octets.iter().position(|octet| !octet.is_ascii_graphic() || *octet == b':');
    if name.and_then(|end| octets.get(end)) != Some(&b':') {
        return false;
    }
    let Ok(read) = Tree::read(octets, Limits::default().with_parts(1)) else { return false };
    let tree = read.output;
    let has = |name| tree.field(tree.root(), name).is_some();
    has("From") && OF_MAILS.into_iter().any(has)
}

/// The mail with its TNEF unpacked.
pub fn unpacked(mail: &[u8], limits: Limits, mut made: Made) -> Result<Made, ConvertError> {
    match unpack_tnef(mail, TnefOptions::default(), limits)? {
        Some(converted) => {
            let octets = made.take(converted);
            Ok(made.with(octets))
        }
        None => {
            made.notes.push("it has no TNEF, or is signed or encrypted, so it stays as it is".into());
            Ok(made.with(mail.to_vec()))
        }
    }
}

/// What somebody reads of the mail: its text, or that of its page, and a line for each attachment.
pub fn text(mail: &[u8], options: TextOptions, limits: Limits, made: &mut Made) -> Result<String, ConvertError> {
    // Nothing goes out under a signature that does not hold any more: it is read here.
    let options = PlainOptions::default().with_signed(SignedMail::Convert).with_text(options);
    let plain = plain_only(mail, options, limits)?.map(|converted| made.take(converted));
    let (mut allowance, mail) = (Allowance::new(limits), plain.as_deref().unwrap_or(mail));
    let tree = made.take(Tree::read(mail, limits)?);
    let text = tree.text(tree.root(), &mut allowance, &mut made.flaws)?;
    let text = match tree.root().flowed() {
        Some(flowed) => postrider::convert::text::unflow(&text, flowed),
        None => text,
    };
    Ok(text.replace("\r\n", "\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_of_a_mail_is_told_from_a_text_that_looks_like_one() {
        let table: [(&[u8], bool); 7] = [
            (b"From: a@b.example\r\nDate: x\r\n\r\nHello", true),
            (b"Received: x\n\tby y\nfrom: a@b.example\n\nHello", true),
            (b"From: a@b.example\nMIME-Version: 1.0\n", true),
            (b"From: Ann\nTo: Bob\n\nHello", false),
            (b"Note: Date\n\nFrom: a\nDate: b\n", false),
            (b"Hello\nFrom: a\nDate: b\n", false),
            (b"", false),
        ];
        for (octets, expected) in table {
            assert_eq!(is_mail(octets), expected, "{octets:?}");
        }
    }
}
