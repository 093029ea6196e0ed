//! Whole mails: with what their `winmail.dat` holds in the place of it, or as the text that somebody would read.
//!
//! Rule: a mail of which nothing is to be made is written as it is, and a line says so.

use postrider::convert::{
    html::TextOptions,
    mail::{plain_only, signed, tnef_parts, unpack_tnef, PlainOptions, SignedMail, TnefOptions, Tree},
    Allowance, ConvertError, Limits, Trouble,
};

use super::{input, made::Made};

/// Fields of which a mail has one at least, besides `From`.
const OF_MAILS: [&str; 4] = ["Date", "Message-ID", "MIME-Version", "Received"];

/// What an editor, or a program that keeps many mails in one file, has put before the header, and what is said of it.
const BEFORE: [(&[u8], &str); 2] = [
    (input::MARK, "the byte order mark before its header is left out"),
    (b"From ", "the line \"From \" before its header is left out: an mbox is read as one mail"),
];

/// These octets begin with the header of a mail: it says who wrote it, and one thing more that only mails say.
pub fn is_mail(octets: &[u8]) -> bool {
    let octets = bare(octets, &mut Made::default());
    let name = octets.iter().position(|octet| !octet.is_ascii_graphic() || *octet == b':');
    if name.and_then(|end| octets.get(end)) != Some(&b':') {
        return false;
    }
    let Ok(read) = Tree::read(octets, Limits::default().with_parts(1)) else { return false };
    let tree = read.output;
    let has = |name| tree.field(tree.root(), name).is_some();
    has("From") && OF_MAILS.into_iter().any(has)
}

/// The mail that these octets are, without what stands before its header.
///
/// # Errors
/// It has not one field that can be read: nothing of it would be found, and a text or a mail in UTF-16 be taken for a mail.
pub fn read<'m>(octets: &'m [u8], limits: Limits, made: &mut Made) -> Result<&'m [u8], ConvertError> {
    let mail = bare(octets, made);
    let tree = Tree::read(mail, limits.with_parts(1))?.output;
    let is_read = tree.fields(tree.root()).any(|field| {
        let is_name = !field.name.is_empty() && field.name.iter().all(u8::is_ascii_graphic);
        let value = field.value.strip_suffix(b"\n").unwrap_or(field.value);
        let value = value.strip_suffix(b"\r").unwrap_or(value);
        // Of lines that end with CR only, all would be one field.
        is_name && !value.contains(&0) && memchr::memchr_iter(b'\r', value).all(|at| value.get(at + 1) == Some(&b'\n'))
    });
    let why = "it does not begin with fields such as From: in lines of ASCII";
    is_read.then_some(mail).ok_or(ConvertError::NotThis { format: "mail", why })
}

fn bare<'m>(octets: &'m [u8], made: &mut Made) -> &'m [u8] {
    let mut rest = octets;
    for (before, note) in BEFORE {
        let Some(behind) = rest.strip_prefix(before) else { continue };
        let end =
            if before == b"From " { memchr::memchr(b'\n', behind).map_or(behind.len(), |end| end + 1) } else { 0 };
        rest = &behind[end..];
        made.notes.push(note.into());
    }
    rest
}

/// The mail with its TNEF unpacked.
pub fn unpacked(mail: &[u8], limits: Limits, mut made: Made) -> Result<Made, ConvertError> {
    match unpack_tnef(mail, TnefOptions::default(), limits) {
        Ok(Some(converted)) => {
            let octets = made.take(converted);
            return Ok(made.with(octets));
        }
        Ok(None) => made.notes.push(why_left(mail, limits)?),
        // The mail itself is good.
        Err(error @ ConvertError::NotThis { .. }) => {
            let parts = tnef_parts(mail, limits)?.output;
            made.flaws.note(Trouble::Malformed, parts.first().map_or(0, |part| part.at), "TNEF");
            made.notes.push(format!("of what it has as TNEF, {error}, so the mail stays as it is"));
        }
        Err(error) => return Err(error),
    }
    Ok(made.with(mail.to_vec()))
}

/// Why nothing was unpacked, and whether there is something that could be.
fn why_left(mail: &[u8], limits: Limits) -> Result<String, ConvertError> {
    let parts = match tnef_parts(mail, limits) {
        Ok(parts) => parts.output,
        Err(ConvertError::NotAllSeen) => Vec::new(),
        Err(error) => return Err(error),
    };
    let has_more = parts.iter().any(|part| !part.was_unpacked);
    Ok(match signed(mail, limits)?.protection {
        Some(by) => {
            let by = if by.is_encrypted { "encrypted" } else { "signed" };
            let holds = if has_more { "a winmail.dat is still in it" } else { "no winmail.dat is seen in it" };
            format!("it is {by}, so it stays as it is; {holds}")
        }
        None if has_more => {
            "its winmail.dat is in a part that is signed or encrypted, so it stays as it is, and the winmail.dat is still in it".into()
        }
        None if parts.is_empty() => "it has no TNEF, so it stays as it is".into(),
        None => "its winmail.dat was unpacked before and is kept since it is damaged, so it stays as it is".into(),
    })
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
        let table: [(&[u8], bool); 10] = [
            (b"From: a@b.example\r\nDate: x\r\n\r\nHello", true),
            (b"Received: x\n\tby y\nfrom: a@b.example\n\nHello", true),
            (b"From: a@b.example\nMIME-Version: 1.0\n", true),
            (b"From: Ann\nTo: Bob\n\nHello", false),
            (b"Note: Date\n\nFrom: a\nDate: b\n", false),
            (b"Hello\nFrom: a\nDate: b\n", false),
            (b"\xEF\xBB\xBFFrom: a@b.example\nDate: x\n\nHello", true),
            (b"From a@b.example Tue Jan  2 10:00:00 2024\nFrom: a@b.example\nDate: x\n\nHello", true),
            (b"From here on\nHello", false),
            (b"", false),
        ];
        for (octets, expected) in table {
            assert_eq!(is_mail(octets), expected, "{octets:?}");
        }
    }
}
