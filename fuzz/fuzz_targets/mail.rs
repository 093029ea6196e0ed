//! Any octets as a whole mail: its parts lie within each other, what is not touched is written as it was, and each conversion
//! gives a mail or an error; within the limits.

#![no_main]

use libfuzzer_sys::fuzz_target;
use postrider_convert::{
    mail::{
        plain_only, signed, text_alternative, unpack_tnef, AlternativeOptions, Attachments, Entity, Missing, PlainOptions,
        SignedMail, TnefOptions, Tree,
    },
    Allowance, ConvertError, Converted, Flaws, Limits,
};

const MOST: usize = 1 << 18;

fn limits() -> Limits {
    Limits::default().with_output(MOST).with_work(1 << 21).with_depth(8).with_parts(64)
}

/// The octets of all leaves.
fn leaves(mail: &[u8]) -> Vec<Vec<u8>> {
    let (mut allowance, mut flaws) = (Allowance::new(Limits::default()), Flaws::default());
    let tree = Tree::read(mail, Limits::default()).expect("any octets are a mail").output;
    let leaves = tree.entities().iter().filter(|entity| entity.parts.is_empty());
    leaves.map(|leaf| tree.decoded(leaf, &mut allowance, &mut flaws).expect("it is small").into_owned()).collect()
}

/// Entities lie within each other, and a mail with nothing changed is that mail.
fn tree(mail: &[u8]) {
    let Ok(Converted { output: tree, .. }) = Tree::read(mail, limits()) else { return };
    assert!(tree.entities().len() <= 64);
    assert_eq!(tree.root().range(), 0..mail.len());
    for entity in tree.entities() {
        let mut end = entity.body.start;
        for part in entity.parts.iter().map(|part| &tree.entities()[*part]) {
            assert!(part.header.start >= end && part.depth == entity.depth + 1);
            end = part.body.end;
        }
        assert!(end <= entity.body.end);
    }
    let mut allowance = Allowance::new(Limits::default());
    assert_eq!(tree.edit().write(&mut allowance).as_deref(), Ok(mail));
    // Each part can go, and the others stay.
    let is_part = |one: &&Entity| one.parent.is_some_and(|at| tree.entities()[at].is_multipart());
    if let Some(part) = tree.entities().iter().rfind(is_part) {
        let mut editor = tree.edit();
        editor.drop(part);
        editor.field(tree.root(), "X-Fuzz", b"1");
        assert!(editor.write(&mut allowance).is_ok());
    }
}

/// The same result again, within the limits.
fn made(
    mail: &[u8],
    convert: impl Fn(&[u8]) -> Result<Option<Converted<Vec<u8>>>, ConvertError>,
) -> Option<Vec<u8>> {
    let made = convert(mail);
    assert_eq!(made, convert(mail));
    let made = made.ok()??.output;
    assert!(made.len() <= MOST);
    Some(made)
}

fuzz_target!(|data: &[u8]| {
    let Some((how, mail)) = data.split_first() else { return };
    let choice = [SignedMail::Leave, SignedMail::LeaveDkim, SignedMail::Convert, SignedMail::Convert][usize::from(how & 3)];
    let attachments = [Attachments::Name, Attachments::Drop, Attachments::Keep, Attachments::Name][usize::from(how >> 2 & 3)];
    tree(mail);
    let found = signed(mail, limits());
    made(mail, |mail| unpack_tnef(mail, TnefOptions::default().with_signed(choice), limits()));
    let alternative = AlternativeOptions::default().with_missing(Missing::Both).with_signed(choice);
    if let Some(both) = made(mail, |mail| text_alternative(mail, alternative, limits())) {
        assert!(found.is_ok_and(|found| !choice.leaves(found)));
        let after = leaves(&both);
        let mut rest = after.iter();
        assert!(leaves(mail).iter().all(|leaf| rest.any(|one| one == leaf)), "a part is lost");
    }
    let plain = PlainOptions::default().with_attachments(attachments).with_signed(choice);
    if let Some(text) = made(mail, |mail| plain_only(mail, plain, limits())) {
        let tree = Tree::read(&text, Limits::default()).expect("any octets are a mail").output;
        assert!(attachments == Attachments::Keep || (tree.root().is("text/plain") && tree.entities().len() == 1));
    }
});
