//! Mails as programs send them, and what each conversion of whole mails makes of them.
//!
//! Rule: beside each mail in `fixtures/mail` stand its results, looked at by a person: `NAME.unpacked`, `NAME.both`, `NAME.plain`
//! and `NAME.kept`. A result that is missing means that the mail is left alone.

#![allow(clippy::unwrap_used)] // helpers of tests fail as tests do

use std::{fs, path::PathBuf};

use mail_builder::encoders::Base64Encoder;
use mail_parser::MessageParser;
use postrider_convert::{
    mail::{
        plain_only, text_alternative, unpack_tnef, AlternativeOptions, Attachments, Missing, PlainOptions, TnefOptions,
    },
    tnef::{tags::tag, Attachment, Message, Property, Value},
    ConvertError, Converted, Limits,
};

type Made = Result<Option<Converted<Vec<u8>>>, ConvertError>;

fn mails() -> Vec<(PathBuf, Vec<u8>)> {
    let fixtures = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/mail");
    let paths = fs::read_dir(fixtures).unwrap().map(|entry| entry.unwrap().path());
    let mails = paths.filter(|path| path.extension().is_some_and(|extension| extension == "eml"));
    let mails: Vec<_> = mails.map(|path| (path.clone(), fs::read(path).unwrap())).collect();
    assert!(mails.len() >= 3);
    mails
}

fn results(mail: &[u8]) -> [(&'static str, Made); 4] {
    let (both, plain) = (AlternativeOptions::default().with_missing(Missing::Both), PlainOptions::default());
    [
        ("unpacked", unpack_tnef(mail, TnefOptions::default(), Limits::default())),
        ("both", text_alternative(mail, both, Limits::default())),
        ("plain", plain_only(mail, plain, Limits::default())),
        ("kept", plain_only(mail, plain.with_attachments(Attachments::Keep), Limits::default())),
    ]
}

#[test]
fn a_mail_becomes_what_a_person_has_looked_at() {
    for (path, mail) in mails() {
        for (extension, made) in results(&mail) {
            let expected = fs::read(path.with_extension(extension)).ok();
            let found = made.unwrap();
            let told = format!("{}, {extension}", path.display());
            assert!(found.as_ref().is_none_or(|found| found.flaws.is_empty()), "{told}: {found:?}");
            let found = found.map(|found| found.output);
            let text = found.as_deref().map(String::from_utf8_lossy);
            assert!(found == expected, "{told}:\n{}", text.unwrap_or_default());
        }
    }
}

#[test]
fn what_a_mail_becomes_others_read() {
    for (path, mail) in mails() {
        let before = MessageParser::new().parse(&mail).unwrap();
        for (extension, made) in results(&mail) {
            let Some(made) = made.unwrap() else { continue };
            let after = MessageParser::new().parse(&made.output).unwrap();
            let told = format!("{}, {extension}", path.display());
            assert_eq!((after.subject(), after.from()), (before.subject(), before.from()), "{told}");
            assert_eq!(after.header_raw("Received"), before.header_raw("Received"), "{told}");
            assert!(
                after
                    .body_text(0)
                    .is_some_and(|text| ["Caf", "Coffee", "figures"].iter().any(|word| text.contains(word))),
                "{told}"
            );
            let files = |mail: &mail_parser::Message<'_>| mail.attachments().count();
            assert!(extension == "plain" || files(&after) + 1 >= files(&before), "{told}");
        }
    }
}

#[test]
fn a_mail_takes_no_more_output_than_twice_its_size() {
    let file = vec![0xE4; 2 << 20];
    let properties = vec![Property::new(tag::ATTACH_DATA, Value::Binary(file.as_slice().into()))];
    let attachments = vec![Attachment { properties, ..Attachment::default() }];
    let tnef = Message { attachments, ..Message::default() }.to_octets();
    let mut mail = b"Content-Type: application/ms-tnef\r\nContent-Transfer-Encoding: base64\r\n\r\n".to_vec();
    Base64Encoder::new().wrap_lines().encode_into(&tnef, &mut mail);
    let limits = Limits::default().with_output(mail.len() * 2);
    let found = unpack_tnef(&mail, TnefOptions::default(), limits).unwrap().unwrap();
    assert!(found.flaws.is_empty() && found.output.len() > file.len());
    let named = plain_only(&mail, PlainOptions::default(), limits).unwrap().unwrap().output;
    assert!(String::from_utf8_lossy(&named).contains(&format!("{} octets]", file.len())));
}
