//! Contacts → vCard 3.0 (\[MS-OXOCNTC\], RFC 2426).
//!
//! Rule: a card has a name, or there is none. What Outlook knows and a vCard has no place for stays in the properties.

use super::{
    lines::Lines,
    meaning::{Envelope, Mailbox, Reading},
    tags::{tag, ADDRESS},
};
use crate::ConvertError;

/// A card.
#[derive(Debug)]
pub(super) struct Card {
    pub text: String,
    pub file_name: String,
}

/// Telephones: the property, and what it is for.
const TELEPHONES: [(u16, &str); 13] = [
    (0x3A1A, "VOICE,PREF"),
    (0x3A08, "WORK,VOICE"),
    (0x3A1B, "WORK,VOICE"),
    (0x3A09, "HOME,VOICE"),
    (0x3A2F, "HOME,VOICE"),
    (0x3A1C, "CELL,VOICE"),
    (0x3A24, "WORK,FAX"),
    (0x3A25, "HOME,FAX"),
    (0x3A23, "FAX"),
    (0x3A21, "PAGER"),
    (0x3A1E, "CAR,VOICE"),
    (0x3A1F, "VOICE"),
    (0x3A2D, "ISDN"),
];
/// Addresses of mail: the type and the address of each.
const ADDRESSES: [(u32, u32); 3] = [(0x8082, 0x8083), (0x8092, 0x8093), (0x80A2, 0x80A3)];

/// The card that this message is; `None`: it is none, or nobody's.
pub(super) fn of(reading: &mut Reading<'_, '_>, envelope: &Envelope) -> Result<Option<Card>, ConvertError> {
    let is_contact = |class: &str| {
        let class = class.to_ascii_lowercase();
        class == "ipm.contact" || class.starts_with("ipm.contact.")
    };
    if !envelope.class.as_deref().is_some_and(is_contact) {
        return Ok(None);
    }
    let [surname, given, middle, prefix, suffix] = texts(reading, [0x3A11, 0x3A06, 0x3A44, 0x3A45, 0x3A05])?;
    let [display, company] = texts(reading, [tag::DISPLAY_NAME, 0x3A16])?;
    let parts = [&prefix, &given, &middle, &surname, &suffix];
    let whole = parts.into_iter().flatten().cloned().collect::<Vec<_>>().join(" ");
    let whole = Some(whole).filter(|whole| !whole.is_empty());
    let Some(name) = display.or(whole).or_else(|| envelope.subject.clone()).or_else(|| company.clone()) else {
        return Ok(None);
    };
    let mut lines = Lines::default();
    lines.raw("BEGIN", "VCARD");
    lines.raw("VERSION", "3.0");
    lines.text("FN", &name);
    let name_parts = [surname, given, middle, prefix, suffix];
    if name_parts.iter().all(Option::is_none) {
        // It has to be there (RFC 2426 3.1.2).
        lines.list("N", &[Some(name.clone()), None, None, None, None]);
    }
    lines.list("N", &name_parts);
    work(reading, company, &mut lines)?;
    reach(reading, &mut lines)?;
    places(reading, &mut lines)?;
    dates(reading, &mut lines);
    let note = reading.text_body()?;
    lines.some("NOTE", note.as_deref().map(str::trim).filter(|note| !note.is_empty()));
    lines.raw("END", "VCARD");
    let text = lines.finish();
    reading.allowance.make(text.len())?;
    let kept = |one: &char| one.is_alphanumeric() || " -_.".contains(*one);
    let stem: String = name.chars().filter(kept).take(80).collect();
    let stem = stem.trim_matches([' ', '.']);
    let file_name = format!("{}.vcf", if stem.is_empty() { "contact" } else { stem });
    Ok(Some(Card { text, file_name }))
}

fn texts<const N: usize>(reading: &mut Reading<'_, '_>, ids: [u16; N]) -> Result<[Option<String>; N], ConvertError> {
    let mut all = [const { None }; N];
    for (text, id) in all.iter_mut().zip(ids) {
        *text = reading.text(id)?;
    }
    Ok(all)
}

fn named<const N: usize>(reading: &mut Reading<'_, '_>, ids: [u32; N]) -> Result<[Option<String>; N], ConvertError> {
    let mut all = [const { None }; N];
    for (text, id) in all.iter_mut().zip(ids) {
        *text = reading.named_text(ADDRESS, id)?;
    }
    Ok(all)
}

fn work(reading: &mut Reading<'_, '_>, company: Option<String>, lines: &mut Lines) -> Result<(), ConvertError> {
    let [department, title, profession, nickname] = texts(reading, [0x3A18, 0x3A17, 0x3A46, 0x3A4F])?;
    match department {
        None => lines.some("ORG", company.as_deref()),
        department => lines.list("ORG", &[company, department]),
    }
    lines.some("TITLE", title.as_deref());
    lines.some("ROLE", profession.as_deref());
    lines.some("NICKNAME", nickname.as_deref());
    Ok(())
}

/// How one reaches them from afar.
fn reach(reading: &mut Reading<'_, '_>, lines: &mut Lines) -> Result<(), ConvertError> {
    for (id, kind) in TELEPHONES {
        let number = reading.text(id)?;
        lines.some(&format!("TEL;TYPE={kind}"), number.as_deref());
    }
    for (kind, address) in ADDRESSES {
        let [kind, address] = named(reading, [kind, address])?;
        let mailbox = Mailbox::of(None, kind.as_deref(), address);
        lines.some("EMAIL;TYPE=INTERNET", mailbox.and_then(|mailbox| mailbox.address).as_deref());
    }
    let [page] = named(reading, [0x802B])?;
    let [work_page, home_page] = texts(reading, [0x3A51, 0x3A50])?;
    for page in [work_page.or(page), home_page].into_iter().flatten() {
        lines.raw("URL", &page);
    }
    let [message] = named(reading, [0x8062])?;
    lines.some("X-MS-IMADDRESS", message.as_deref());
    Ok(())
}

fn places(reading: &mut Reading<'_, '_>, lines: &mut Lines) -> Result<(), ConvertError> {
    let [street, city, state, code, country, pobox] = named(reading, [0x8045, 0x8046, 0x8047, 0x8048, 0x8049, 0x804A])?;
    lines.list("ADR;TYPE=WORK", &[pobox, None, street, city, state, code, country]);
    let [street, city, state, code, country, pobox] = texts(reading, [0x3A5D, 0x3A59, 0x3A5C, 0x3A5B, 0x3A5A, 0x3A5E])?;
    lines.list("ADR;TYPE=HOME", &[pobox, None, street, city, state, code, country]);
    let [street, city, state, code, country, pobox] = texts(reading, [0x3A63, 0x3A5F, 0x3A62, 0x3A61, 0x3A60, 0x3A64])?;
    lines.list("ADR;TYPE=POSTAL", &[pobox, None, street, city, state, code, country]);
    Ok(())
}

fn dates(reading: &Reading<'_, '_>, lines: &mut Lines) {
    for (id, name) in [(0x3A42, "BDAY"), (0x3A41, "X-ANNIVERSARY")] {
        if let Some(time) = reading.time(id) {
            let day = time.civil();
            lines.raw(name, &format!("{:04}-{:02}-{:02}", day.year, day.month, day.day));
        }
    }
    if let Some(time) = reading.time(tag::LAST_MODIFICATION_TIME) {
        lines.raw("REV", &time.civil().basic());
    }
}
