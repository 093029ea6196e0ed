//! Parts where they stand, in good mails and in any.

use mail_parser::{MessageParser, MimeHeaders, PartType};
use proptest::prelude::*;

use super::{Entity, Tree};
use crate::{
    mail::{testing::mails, Encoding},
    Allowance, ConvertError, Converted, Flaws, Limits, Trouble,
};

pub(super) fn tree(mail: &[u8]) -> Converted<Tree<'_>> {
    Tree::read(mail, Limits::default()).unwrap()
}

/// The types of all entities, each behind as many dashes as it lies deep.
pub(super) fn shape(tree: &Tree<'_>) -> Vec<String> {
    tree.entities().iter().map(|one| format!("{}{}", "-".repeat(one.depth), one.content_type.media_type)).collect()
}

pub(super) fn text<'m>(tree: &Tree<'m>, at: usize) -> &'m str {
    std::str::from_utf8(tree.octets(tree.entities()[at].body.clone())).unwrap()
}

pub(super) const NESTED: &str = "Subject: x\r\nContent-Type: multipart/mixed; boundary=\"a\"\r\n\r\npreamble\r\n--a\r\n\
    Content-Type: multipart/alternative; boundary=ab\r\n\r\n--ab\r\n\r\none\r\n--ab\r\ncontent-type: TEXT/html\r\n\r\ntwo\r\n\
    --ab--\r\n\r\n--a\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\nthree\r\n--a\r\n\
    Content-Type: application/pdf; name=\"x.pdf\"\r\nContent-Transfer-Encoding: Base64\r\n\
    Content-Disposition: attachment; filename=y.pdf\r\nContent-ID: <i@x>\r\n\r\nJVBERg==\r\n--a-- \r\nepilogue";

#[test]
fn a_mail_is_taken_apart_where_its_boundaries_are() {
    let Converted { output: tree, flaws } = tree(NESTED.as_bytes());
    assert!(flaws.is_empty(), "{flaws:?}");
    assert_eq!(
        shape(&tree),
        [
            "multipart/mixed",
            "-multipart/alternative",
            "--text/plain",
            "--text/html",
            "-message/rfc822",
            "--text/plain",
            "-application/pdf"
        ]
    );
    assert_eq!([text(&tree, 2), text(&tree, 3), text(&tree, 5), text(&tree, 6)], ["one", "two", "three", "JVBERg=="]);
    let file = &tree.entities()[6];
    assert_eq!((file.encoding, file.file_name(), file.is_attachment()), (Encoding::Base64, Some("y.pdf"), true));
    assert_eq!((file.content_id.as_deref(), file.parent), (Some("i@x"), Some(0)));
    assert_eq!((tree.root().parts.as_slice(), tree.root().boundary()), ([1, 4, 6].as_slice(), Some("a")));
    let decoded = tree.decoded(file, &mut Allowance::new(Limits::default()), &mut Flaws::default()).unwrap();
    assert_eq!(decoded.as_ref(), b"%PDF");
    let names: Vec<_> = tree.fields(file).map(|field| String::from_utf8_lossy(field.name).into_owned()).collect();
    assert_eq!(names, ["Content-Type", "Content-Transfer-Encoding", "Content-Disposition", "Content-ID"]);
}

#[test]
fn lines_that_end_with_lf_are_lines() {
    let mail = NESTED.replace("\r\n", "\n");
    let tree = tree(mail.as_bytes()).output;
    assert_eq!(shape(&tree), shape(&super::tests::tree(NESTED.as_bytes()).output));
    assert_eq!([text(&tree, 2), text(&tree, 3), text(&tree, 5), text(&tree, 6)], ["one", "two", "three", "JVBERg=="]);
}

#[test]
fn what_cannot_be_taken_apart_is_a_leaf() {
    let table: [(&str, &[&str], Option<Trouble>); 9] = [
        ("", &["text/plain"], None),
        ("just text", &["text/plain"], None),
        ("Content-Type: multipart/mixed\r\n\r\n--a\r\n", &["multipart/mixed"], Some(Trouble::Malformed)),
        ("Content-Type: multipart/mixed; boundary=a\r\n\r\nx", &["multipart/mixed"], Some(Trouble::Malformed)),
        (
            "Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n\r\nx",
            &["multipart/mixed", "-text/plain"],
            Some(Trouble::Truncated),
        ),
        (
            "Content-Type: multipart/digest; boundary=a\r\n\r\n--a\r\n\r\n\r\nx\r\n--a--",
            &["multipart/digest", "-message/rfc822", "--text/plain"],
            None,
        ),
        (
            "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\nU3ViamVjdDogeA==",
            &["message/rfc822"],
            None,
        ),
        ("Content-Type: text\r\n\r\nx", &["text/plain"], None),
        ("Content-Type: \r\n\r\nx", &["text/plain"], None),
    ];
    for (mail, expected, trouble) in table {
        let Converted { output, flaws } = tree(mail.as_bytes());
        assert_eq!(shape(&output), expected, "{mail}");
        assert_eq!(flaws.iter().map(|flaw| flaw.trouble).next(), trouble, "{mail}");
    }
}

#[test]
fn depth_and_parts_have_limits() {
    let mut mail = Vec::new();
    for level in 0..1000 {
        mail.extend_from_slice(
            format!("Content-Type: multipart/mixed; boundary=b{level}\r\n\r\n--b{level}\r\n").as_bytes(),
        );
    }
    let Converted { output, flaws } = tree(&mail);
    assert_eq!((output.entities().len(), flaws.has(Trouble::TooDeep)), (super::MOST_DEPTH + 1, true));
    let limits = Limits::default().with_depth(3);
    assert_eq!(Tree::read(&mail, limits).unwrap().output.entities().len(), 4);

    let many = ["Content-Type: multipart/mixed; boundary=b\r\n\r\n", &"--b\r\n\r\nx\r\n".repeat(50), "--b--"].concat();
    assert_eq!(tree(many.as_bytes()).output.entities().len(), 51);
    assert_eq!(Tree::read(many.as_bytes(), Limits::default().with_parts(51)).unwrap().output.entities().len(), 51);
    let Converted { output, flaws } = Tree::read(many.as_bytes(), Limits::default().with_parts(50)).unwrap();
    assert_eq!((output.entities().len(), flaws.has(Trouble::TooMany)), (1, true));
    assert!(matches!(
        Tree::read(many.as_bytes(), Limits::default().with_work(100)),
        Err(ConvertError::TooMuchWork { .. })
    ));
    assert!(matches!(
        Tree::read(many.as_bytes(), Limits::default().with_output(100)),
        Err(ConvertError::TooLarge { .. })
    ));
}

#[test]
fn a_field_that_would_take_the_parser_long_is_not_given_to_it() {
    for count in [100, 200_000] {
        let parameters: String = (1..count).map(|at| format!(";a*{at}=x")).collect();
        let whole = |more| format!("Content-Type: multipart/mixed; boundary=b{parameters}{more}\r\n\r\n--b\r\n\r\nx");
        let Converted { output, flaws } = &tree(whole(";z=y").as_bytes()).map(|tree| shape(&tree));
        assert_eq!(
            (output.as_slice(), flaws.has(Trouble::Malformed)),
            (&["application/octet-stream".to_owned()][..], true)
        );
        assert_eq!(tree(whole("").as_bytes()).output.entities().len(), if count == 100 { 2 } else { 1 });
    }
}

proptest! {
    #[test]
    fn every_octet_is_in_one_part_of_each_level(mail in prop_oneof![mails(), prop::collection::vec(any::<u8>(), 0..200)]) {
        let tree = tree(&mail).output;
        prop_assert_eq!(tree.root().range(), 0..mail.len());
        for (at, entity) in tree.entities().iter().enumerate() {
            prop_assert!(entity.header.end <= entity.body.start && entity.body.start <= entity.body.end);
            let mut end = entity.body.start;
            for part in entity.parts.iter().map(|part| &tree.entities()[*part]) {
                prop_assert_eq!(part.parent, Some(at));
                prop_assert!(part.delimiter >= end && part.header.start >= part.delimiter);
                end = part.body.end;
            }
            prop_assert!(end <= entity.body.end);
            let fields: Vec<u8> = tree.fields(entity).flat_map(|field| tree.octets(field.range).to_vec()).collect();
            prop_assert_eq!(fields.as_slice(), tree.octets(entity.header.clone()));
        }
        prop_assert_eq!(tree.edit().write(&mut Allowance::new(Limits::default())).unwrap(), mail);
    }

    #[test]
    fn a_leaf_that_is_replaced_is_another_and_the_others_are_the_same(mail in mails(), which in any::<prop::sample::Index>()) {
        let before = tree(&mail).output;
        let leaves: Vec<usize> = (0..before.entities().len()).filter(|at| before.entities()[*at].parts.is_empty()).collect();
        let chosen = leaves[which.index(leaves.len())];
        let mut editor = before.edit();
        editor.body(&before.entities()[chosen], &b"new"[..]);
        editor.field(&before.entities()[chosen], "Content-Type", b"x/new");
        let written = editor.write(&mut Allowance::new(Limits::default())).unwrap();
        let after = tree(&written).output;
        prop_assert_eq!(after.entities().len(), before.entities().len(), "{:?}", String::from_utf8_lossy(&written));
        for (at, (old, new)) in before.entities().iter().zip(after.entities()).enumerate().filter(|(_, (old, _))| old.parts.is_empty()) {
            let (old, new) = (before.octets(old.body.clone()), (after.octets(new.body.clone()), &new.content_type.media_type));
            if at == chosen {
                prop_assert_eq!(new, (&b"new"[..], &"x/new".to_owned()));
            } else {
                prop_assert_eq!(new.0, old);
            }
        }
    }
}

#[test]
fn the_parser_of_others_sees_the_same_parts() {
    let parsed = MessageParser::new().parse(NESTED.as_bytes()).unwrap();
    let tree = tree(NESTED.as_bytes()).output;
    let theirs: Vec<_> = parsed
        .parts
        .iter()
        .filter(|part| !matches!(part.body, PartType::Multipart(_)))
        .map(|part| part.attachment_name())
        .collect();
    let ours = tree.entities().iter().filter(|one| !one.is_multipart() && one.parent.is_none_or(|at| at != 4));
    assert_eq!(theirs, ours.map(Entity::file_name).collect::<Vec<_>>());
}
