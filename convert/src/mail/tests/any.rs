//! Octets that are no good mail: cut, damaged, or made of pieces.

use proptest::prelude::*;

use crate::{
    mail::{
        plain_only, signed,
        testing::{base64, leaves, mail, mails, stream},
        text_alternative, unpack_tnef, AlternativeOptions, Attachments, Missing, PlainOptions, SignedMail, TnefOptions,
        Tree,
    },
    tnef::tags::tag,
    ConvertError, Converted, Limits,
};

type Made = Result<Option<Converted<Vec<u8>>>, ConvertError>;

/// All that is made of a mail.
fn all(octets: &[u8], limits: Limits) -> Vec<(&'static str, Made)> {
    let plain = |attachments| PlainOptions::default().with_attachments(attachments).with_signed(SignedMail::Convert);
    let alternative = AlternativeOptions::default().with_signed(SignedMail::Convert);
    vec![
        ("tnef", unpack_tnef(octets, TnefOptions::default().with_signed(SignedMail::Convert), limits)),
        ("text", text_alternative(octets, alternative, limits)),
        ("both", text_alternative(octets, alternative.with_missing(Missing::Both), limits)),
        ("name", plain_only(octets, plain(Attachments::Name), limits)),
        ("drop", plain_only(octets, plain(Attachments::Drop), limits)),
        ("keep", plain_only(octets, plain(Attachments::Keep), limits)),
    ]
}

/// The fields of a mail that are not about its content.
fn fields(octets: &[u8]) -> Vec<u8> {
    let tree = Tree::read(octets, Limits::default()).unwrap().output;
    let others = tree.fields(tree.root()).filter(|field| !field.is_about_content() && !field.is("MIME-Version"));
    others.flat_map(|field| field.value.trim_ascii_end().to_vec()).collect()
}

/// What every result has to keep.
fn check(octets: &[u8]) {
    let _ = signed(octets, Limits::default()).unwrap();
    let before = leaves(octets);
    for (name, made) in all(octets, Limits::default()) {
        let found = match made {
            Ok(None) => continue,
            Ok(Some(found)) => found.output,
            Err(ConvertError::NotThis { .. }) if name == "tnef" => continue,
            Err(error) => panic!("{name}: {error} for {:?}", String::from_utf8_lossy(octets)),
        };
        let told = || format!("{name}: {:?} of {:?}", String::from_utf8_lossy(&found), String::from_utf8_lossy(octets));
        let (was, is) = (fields(octets), fields(&found));
        assert!(is.starts_with(&was) && (is == was || !matches!(name, "text" | "both")), "{}", told());
        let after = leaves(&found);
        if matches!(name, "text" | "both") {
            let mut rest = after.iter();
            assert!(before.iter().all(|leaf| rest.any(|one| one == leaf)), "{}", told());
            assert_eq!(after.len(), before.len() + 1, "{}", told());
        }
        if matches!(name, "name" | "drop") {
            assert!(after.len() == 1 && after[0].0 == "text/plain", "{}", told());
        }
    }
}

fn fixtures() -> Vec<Vec<u8>> {
    let tnef = stream(&[(tag::HTML, "<p>Hi <b>Bob</b>"), (tag::SUBJECT, "x")], &[("a.bin", b"12345")]);
    let exchange = format!(
        "Subject: s\nContent-Type: multipart/mixed; boundary=_1_\n\n--_1_\nContent-Type: text/plain\n\nHi\n--_1_\n\
         Content-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\n{}\n--_1_--\n",
        base64(&tnef)
    );
    let page = "Subject: s\nContent-Type: multipart/mixed; boundary=m\n\n--m\nContent-Type: multipart/related; boundary=r\n\n--r\n\
        Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n<p>Gr=C3=BC=C3=9Fe=\n <img src=3Dcid:p>\n\
        --r\nContent-Type: image/png\nContent-ID: <p>\n\nx\n--r--\n--m\nContent-Type: message/rfc822\n\nSubject: i\n\nx\n--m--\n";
    vec![mail(&exchange), mail(page), page.as_bytes().to_vec()]
}

#[test]
fn a_mail_that_ends_anywhere_gives_results_or_errors() {
    for whole in fixtures() {
        (0..=whole.len()).for_each(|end| check(&whole[..end]));
        for (name, made) in all(&whole, Limits::default()) {
            let Some(found) = made.unwrap() else { continue };
            // The whole one others read, too. (Of worse mails their debug build says that it cannot.)
            let parsed = mail_parser::MessageParser::new().parse(&found.output).unwrap();
            assert_eq!(parsed.subject(), Some("s"), "{name}");
        }
    }
    let real = include_bytes!("../../../tests/fixtures/mimekit/rich-text-head.eml");
    (0..=real.len()).for_each(|end| check(&real[..end]));
}

proptest! {
    #[test]
    fn any_mail_gives_results_or_errors(octets in prop_oneof![mails(), prop::collection::vec(any::<u8>(), 0..300)]) {
        check(&octets);
    }

    #[test]
    fn a_bit_that_is_another_gives_results_or_errors(at in any::<prop::sample::Index>(), bit in 0..8_u8, which in 0..3_usize) {
        let mut octets = fixtures().swap_remove(which);
        let at = at.index(octets.len());
        octets[at] ^= 1 << bit;
        check(&octets);
    }

    #[test]
    fn limits_are_kept_whatever_the_mail_is(octets in mails(), output in 0..4000_usize, work in 0..20_000_u64) {
        let limits = Limits::default().with_output(output).with_work(work).with_depth(4).with_parts(8);
        for (_, made) in all(&octets, limits) {
            if let Ok(Some(found)) = made {
                prop_assert!(found.output.len() <= output);
            }
        }
    }
}
