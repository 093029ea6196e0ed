//! What tests of whole mails look at.

use proptest::prelude::*;

use super::Tree;
use crate::{tnef, tnef::tags::tag, Allowance, Converted, Flaws, Limits};

/// The types of a mail's entities, with what is within in brackets.
pub(crate) fn shape(mail: &[u8]) -> String {
    let tree = Tree::read(mail, Limits::default()).unwrap().output;
    of(&tree, 0)
}

fn of(tree: &Tree<'_>, at: usize) -> String {
    let entity = &tree.entities()[at];
    let kind = &entity.content_type.media_type;
    if entity.parts.is_empty() {
        return kind.clone();
    }
    let parts: Vec<String> = entity.parts.iter().map(|part| of(tree, *part)).collect();
    format!("{kind}({})", parts.join(" "))
}

/// The octets of all leaves, decoded, with their types.
pub(crate) fn leaves(mail: &[u8]) -> Vec<(String, Vec<u8>)> {
    let tree = Tree::read(mail, Limits::default()).unwrap().output;
    let leaf = |one: &super::Entity| {
        let octets = tree.decoded(one, &mut Allowance::new(Limits::default()), &mut Flaws::default()).unwrap();
        (one.content_type.media_type.clone(), octets.into_owned())
    };
    tree.entities().iter().filter(|one| one.parts.is_empty()).map(leaf).collect()
}

/// The same as text.
pub(crate) fn texts(mail: &[u8]) -> Vec<(String, String)> {
    leaves(mail).into_iter().map(|(kind, octets)| (kind, String::from_utf8_lossy(&octets).into_owned())).collect()
}

/// Lines of a mail, as they are written in tests.
pub(crate) fn mail(lines: &str) -> Vec<u8> {
    lines.replace("\r\n", "\n").replace('\n', "\r\n").into_bytes()
}

/// The only result of a conversion that has no flaws.
pub(crate) fn flawless<T>(found: Result<Option<Converted<T>>, crate::ConvertError>) -> T {
    let Converted { output, flaws } = found.unwrap().unwrap();
    assert!(flaws.is_empty(), "{flaws:?}");
    output
}

/// A stream with these properties of text, and these files.
pub(crate) fn stream(properties: &[(u16, &str)], files: &[(&str, &[u8])]) -> Vec<u8> {
    use tnef::{Attachment, Message, Property, Value};
    let property = |(id, text): &(u16, &str)| match *id {
        tag::HTML => Property::new(tag::HTML, Value::Binary(text.as_bytes().to_vec().into())),
        id => Property::new(id, Value::text(text)),
    };
    let file = |(name, octets): &(&str, &'static [u8])| Attachment {
        properties: vec![
            Property::new(tag::ATTACH_LONG_FILENAME, Value::text(name)),
            Property::new(tag::ATTACH_DATA, Value::Binary((*octets).into())),
        ],
        ..Attachment::default()
    };
    let files: Vec<(&str, &'static [u8])> =
        files.iter().map(|(name, octets)| (*name, &*octets.to_vec().leak())).collect();
    Message {
        properties: properties.iter().map(property).collect(),
        attachments: files.iter().map(file).collect(),
        ..Message::default()
    }
    .to_octets()
}

/// Octets in base64, as a body has them.
pub(crate) fn base64(octets: &[u8]) -> String {
    let mut out = Vec::new();
    mail_builder::encoders::Base64Encoder::new().wrap_lines().encode_into(octets, &mut out);
    String::from_utf8(out).unwrap()
}

/// Lines of mails, in any order.
pub(crate) fn mails() -> impl Strategy<Value = Vec<u8>> {
    let line = prop_oneof![
        Just("Content-Type: multipart/mixed; boundary=a\r\n"),
        Just("Content-Type: multipart/alternative; boundary=\"a b\"\r\n"),
        Just("Content-Type: multipart/related; boundary=a\n"),
        Just("Content-Type: message/rfc822\r\n"),
        Just("Content-Type: text/html; charset=koi8-r\r\n"),
        Just("Content-Type: application/ms-tnef; name=winmail.dat\r\n"),
        Just("Content-Transfer-Encoding: base64\r\n"),
        Just("Content-Transfer-Encoding: quoted-printable\r\n"),
        Just("Content-Disposition: attachment; filename=\"a\"\r\n"),
        Just("DKIM-Signature: x\r\n y\r\n"),
        Just("\r\n"),
        Just("\r\n"),
        Just("\n"),
        Just("--a\r\n"),
        Just("--a\r\n"),
        Just("--a--\r\n"),
        Just("--a b\r\n"),
        Just("--a b--\n"),
        Just("eJ8+IgEABpAIAAQAAAAAAAEAAQ==\r\n"),
        Just("<p>=C3=A4 &amp; =\r\n"),
        Just("\u{e4}\0 x"),
    ];
    prop::collection::vec(line, 0..40).prop_map(|lines| lines.concat().into_bytes())
}
