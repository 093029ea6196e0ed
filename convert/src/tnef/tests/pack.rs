//! From a tree of parts to a stream, and back.

use proptest::{collection::vec, option, prelude::*};

use crate::{
    tnef::{
        from_mime,
        mime::{Content, Disposition, Field, FieldValue, Part},
        tags::tag,
        to_mime, FileTime, Mailbox, Property, Value,
    },
    Limits, Trouble,
};

fn back(tree: &Part<'_>) -> Part<'static> {
    let message = from_mime(tree, Limits::default()).unwrap();
    assert!(message.flaws.is_empty(), "{:?}", message.flaws);
    let octets = message.output.to_octets();
    let again = to_mime(&octets, Limits::default()).unwrap();
    assert!(again.flaws.is_empty(), "{:?}", again.flaws);
    again.output.into_owned()
}

fn html(text: &str) -> Part<'static> {
    let mut part = Part::text("text/html", text.to_owned());
    part.parameters[0].1 = "UTF-8".into();
    part
}

fn file() -> impl Strategy<Value = Part<'static>> {
    let name = "[a-zÄ-Ü]{1,12}\\.[a-z]{3}";
    (name, vec(any::<u8>(), 0..50), option::of(0..10_000_000_000_i64)).prop_map(|(name, octets, time)| Part {
        media_type: "application/x-any".into(),
        disposition: Some(Disposition::Attachment),
        file_name: Some(name),
        modified: time.map(FileTime::of_unix),
        content: Content::Octets(octets.into()),
        ..Part::default()
    })
}

fn body() -> impl Strategy<Value = Part<'static>> {
    ("[a-zä€😀 \n]{1,40}", "[a-zä ]{1,20}", any::<bool>(), any::<bool>()).prop_map(
        |(text, page, has_page, has_picture)| {
            let plain = Part::text("text/plain", text);
            if !has_page {
                return plain;
            }
            let picture = Part {
                media_type: "image/png".into(),
                disposition: Some(Disposition::Inline),
                content_id: Some("1@x".into()),
                content: Content::Octets(b"\x89PNG".as_slice().into()),
                ..Part::default()
            };
            let page = html(&format!("<p>{page}<img src='cid:1@x'></p>"));
            let both = Part::multipart("multipart/alternative", vec![plain, page]);
            if !has_picture {
                return both;
            }
            let mut related = Part::multipart("multipart/related", vec![both, picture]);
            related.parameters.push(("type", "multipart/alternative".into()));
            related
        },
    )
}

fn mailbox() -> impl Strategy<Value = Mailbox> {
    (option::of("[A-Zä]{1,8} [a-z]{1,8}"), "[a-z]{1,8}@[a-z]{1,8}\\.test")
        .prop_map(|(name, address)| Mailbox { name, address: Some(address) })
}

fn message() -> impl Strategy<Value = Part<'static>> {
    (body(), vec(file(), 0..3), mailbox(), vec(mailbox(), 1..4), "[a-zä€]{1,30}", 0..10_000_000_000_i64).prop_map(
        |(body, files, from, to, subject, time)| {
            let mut whole =
                if files.is_empty() { body } else { Part::multipart("multipart/mixed", [vec![body], files].concat()) };
            whole.fields = vec![
                Field { name: "Date", value: FieldValue::Date(FileTime::of_unix(time)) },
                Field { name: "From", value: FieldValue::Mailboxes(vec![from]) },
                Field { name: "To", value: FieldValue::Mailboxes(to) },
                Field { name: "Subject", value: FieldValue::Text(subject) },
                Field { name: "Message-ID", value: FieldValue::Ids(vec!["1@a.test".into()]) },
                Field { name: "References", value: FieldValue::Ids(vec!["2@a.test".into(), "3@a.test".into()]) },
                Field { name: "Importance", value: FieldValue::Word("high") },
                Field { name: "X-Priority", value: FieldValue::Word("1") },
                Field { name: "Sensitivity", value: FieldValue::Word("Company-Confidential") },
            ];
            whole
        },
    )
}

fn within(message: Part<'static>) -> Part<'static> {
    let inner = Part {
        media_type: "message/rfc822".into(),
        disposition: Some(Disposition::Attachment),
        content: Content::Message(Box::new(message)),
        ..Part::default()
    };
    Part::multipart("multipart/mixed", vec![Part::text("text/plain", "see below".into()), inner])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn a_tree_comes_back_as_it_was(tree in message()) {
        prop_assert_eq!(back(&tree), tree.clone());
        let tree = within(tree);
        prop_assert_eq!(back(&tree), tree);
    }
}

#[test]
fn the_richest_body_is_the_native_one() {
    let [plain, page] = [Part::text("text/plain", "Hello".into()), html("<p>Hello</p>")];
    let both = Part::multipart("multipart/alternative", vec![plain.clone(), page]);
    for (tree, expected) in [(plain, 1), (both, 3)] {
        let message = from_mime(&tree, Limits::default()).unwrap().output;
        let native: Vec<_> = message.properties.iter().filter(|one| one.id == tag::NATIVE_BODY).collect();
        assert_eq!(native, [&Property::new(tag::NATIVE_BODY, Value::I32(expected))]);
    }
}

#[test]
fn other_character_sets_become_unicode_and_unknown_ones_a_flaw() {
    let latin = |name: &str| Part {
        media_type: "text/plain".into(),
        parameters: vec![("charset", name.to_owned())],
        content: Content::Octets(b"Gr\xfc\xdfe".as_slice().into()),
        ..Part::default()
    };
    assert_eq!(back(&latin("iso-8859-1")).octets(), Some("Grüße".as_bytes()));
    let tree = latin("x-nobody");
    assert!(from_mime(&tree, Limits::default()).unwrap().flaws.has(Trouble::UnknownCharset));
}

#[test]
fn a_tree_is_packed_within_the_limits() {
    let tree = Part::text("text/plain", "x".repeat(100_000));
    assert!(from_mime(&tree, Limits::default().with_output(50_000)).is_err());
    let mut deep = Part::text("text/plain", "x".into());
    (0..300).for_each(|_| deep = within(std::mem::take(&mut deep)));
    assert!(from_mime(&deep, Limits::default()).unwrap().flaws.has(Trouble::TooDeep));
}
