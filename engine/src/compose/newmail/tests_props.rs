//! Whatever is put in: nothing breaks out of its field, and what was put in comes out.

use mail_parser::{Address as Parsed, HeaderValue, MessageParser, MimeHeaders};
use proptest::prelude::*;

use super::tests::MAKING;
use super::*;

/// All fields that a mail of these tests may have, in small letters.
const KNOWN: [&str; 15] = [
    "date",
    "from",
    "sender",
    "reply-to",
    "to",
    "cc",
    "subject",
    "message-id",
    "in-reply-to",
    "references",
    "x-own",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
    "content-disposition",
];

fn hostile() -> impl Strategy<Value = String> {
    "(\r\n|\r|\n|\u{0}|Evil: x|:|,|;|<|>|@|\"|\\\\|=\\?utf-8\\?Q\\?|\\?=|a|b@x\\.org| |\t|ü|山|\u{85}|\u{2028}|--|/){0,12}|\\PC{0,30}"
}

/// A text without controls, without blanks around it, and with single blanks.
fn words() -> impl Strategy<Value = String> {
    "[!-~äß山🎉]{1,12}( [!-~äß山🎉]{1,12}){0,8}|[äß山a]{70,120}|=\\?utf-8\\?[QB]\\?[a-z]{1,4}\\?="
}

fn file_name() -> impl Strategy<Value = String> {
    "[!-~äß山]{1,40}( [!-~äß山]{1,30}){0,2}"
}

/// The header ends where we say, each of its lines is short, and two readers see the fields that were written.
fn check(octets: &[u8]) -> Result<(), TestCaseError> {
    let end = crate::header::header_len(octets);
    prop_assert!(octets[end..].starts_with(b"\r\n"), "the header ends at an empty line");
    prop_assert!(!octets[..end].contains(&0));
    let lines = octets.split(|octet| *octet == b'\n');
    for line in lines.clone().take(lines.clone().count() - 1) {
        prop_assert!(line.ends_with(b"\r") && line.len() <= 999);
        prop_assert!(!line[..line.len() - 1].contains(&b'\r'));
    }
    let message = MessageParser::new().parse(octets).unwrap();
    let names: Vec<String> = message.headers().iter().map(|header| header.name().to_lowercase()).collect();
    let ours: Vec<String> =
        crate::header::fields(octets).map(|field| String::from_utf8_lossy(field.name()).to_lowercase()).collect();
    prop_assert_eq!(&names, &ours);
    prop_assert!(names.iter().all(|name| KNOWN.contains(&name.as_str())), "{:?}", names);
    Ok(())
}

fn built(mail: NewMail) -> Option<Vec<u8>> {
    Some(mail.into_draft(&MAKING).ok()?.content.all(usize::MAX).unwrap().to_vec())
}

fn base() -> NewMail {
    NewMail::new().from("ann@example.org").to("bob@example.net")
}

fn mailboxes_of(address: Option<&Parsed<'_>>) -> Vec<(String, String)> {
    let all = address.into_iter().flat_map(Parsed::iter);
    all.map(|one| (one.name().unwrap_or("").to_owned(), one.address().unwrap_or("").to_owned())).collect()
}

proptest! {
    #[test]
    fn no_text_breaks_out_of_the_place_that_it_was_put_in(text in hostile(), other in hostile(), address in hostile()) {
        let mails = [
            base().subject(text.clone()),
            base().to((text.clone(), "c@x.org")),
            base().cc(text.clone()),
            base().to((text.clone(), address.clone())),
            NewMail::new().from(text.clone()).to("a@x.org"),
            base().sender(text.clone()).reply_to(other.clone()),
            base().header("X-Own", &text),
            base().message_id(&text),
            base().in_reply_to(&text).references(&other),
            base().text(text.clone()).attach(Attachment::new(other.clone(), &text)),
            base().html(text.clone()).inline(&other, Attachment::new("a.txt", &text)),
            base().html(other.clone()).related(&text, Attachment::new("a.txt", &text).with_type(&other)),
            base().calendar(&text, other.clone()),
        ];
        for mail in mails {
            if let Some(octets) = built(mail) {
                check(&octets)?;
            }
        }
    }

    #[test]
    fn no_name_of_a_field_makes_another_field(name in hostile(), value in "[a-z ]{0,20}") {
        if let Some(octets) = built(base().header(&name, &value)) {
            let fields = crate::header::fields(&octets).count();
            prop_assert_eq!(fields, 8, "{:?}", name);
            prop_assert_eq!(MessageParser::new().parse(&octets).unwrap().headers().len(), 8);
        }
    }

    #[test]
    fn what_is_put_in_comes_out(
        subject in words(), name in words(), other in words(), text in "(\\PC{0,30}(\r\n)?){0,6}",
        file in file_name(), octets in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let mail = NewMail::new().from((name.clone(), "ann@example.org")).to([(other.clone(), "b@x.org"), (name.clone(), "c@x.org")])
            .subject(subject.clone()).text(text.clone()).attach(Attachment::new(format!("{file}.bin"), &octets));
        let mail = built(mail).unwrap();
        check(&mail)?;
        let read = MessageParser::new().parse(&mail).unwrap();
        prop_assert_eq!(read.subject(), Some(subject.as_str()));
        prop_assert_eq!(mailboxes_of(read.from()), [(name.clone(), "ann@example.org".to_owned())]);
        prop_assert_eq!(mailboxes_of(read.to()), [(other, "b@x.org".to_owned()), (name, "c@x.org".to_owned())]);
        let body = read.body_text(0).unwrap_or_default();
        prop_assert_eq!(body.as_ref(), text.as_str());
        let attached = read.attachment(0).unwrap();
        let file = format!("{file}.bin");
        prop_assert_eq!(attached.attachment_name(), Some(file.as_str()));
        prop_assert_eq!(attached.contents(), &octets[..]);
        prop_assert!(mail.is_ascii());
    }

    #[test]
    fn plain_fields_come_out_whatever_their_length(value in "[!-<>-~]{1,30}( [!-<>-~]{1,30}){0,40}") {
        let mail = built(base().header("X-Own", &value)).unwrap();
        let read = MessageParser::new().parse(&mail).unwrap();
        // mail-parser leaves the folding in fields that it does not know
        let own = read.header("X-Own").and_then(HeaderValue::as_text).map(|text| text.replace("\r\n", ""));
        prop_assert_eq!(own.as_deref(), Some(value.as_str()));
    }
}
