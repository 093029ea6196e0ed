//! Which mails are found out, and which are not looked into.

use std::sync::LazyLock;

use postrider_engine::{
    events::{PreCategorize, Submission},
    MAX_HEADER,
};
use proptest::prelude::*;

use super::*;
use crate::events::given::{mail, parts, refused, text};

fn block(change: impl Fn(&mut AttachmentBlockSettings)) -> AttachmentBlock {
    let names = vec!["*.exe".to_owned(), "übel*".to_owned()];
    let types = vec!["application/x-msdownload".to_owned(), "video/*".to_owned()];
    let mut settings = AttachmentBlockSettings { names, types, ..AttachmentBlockSettings::default() };
    change(&mut settings);
    AttachmentBlock::new(settings).unwrap()
}

fn multipart(parts: &[&str]) -> String {
    let parts: String = parts.iter().map(|part| format!("--b\r\n{part}\r\n")).collect();
    format!("Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\nfoo\r\n{parts}--b--\r\n")
}

fn seen(sink: &AttachmentBlock, mail: impl Into<bytes::Bytes>) -> Seen {
    let AttachmentBlockSettings { parts, depth, .. } = sink.settings;
    sink.lists.look(mail.into(), Bounds { parts, depth })
}

const EXE: &str = "Content-Type: application/octet-stream; name=x.exe\r\n\r\nMZ";

#[test]
fn names_are_found_in_every_way_of_writing_them() {
    let sink = block(|_| {});
    for header in [
        "Content-Disposition: attachment; filename=x.exe",
        "Content-Disposition: inline; filename=\"X.EXE\"",
        "Content-Disposition : attachment; filename=x.exe",
        "no field\r\nContent-Disposition: attachment; filename=x.exe",
        "Content-Disposition: attachment;\r\n filename\r\n =\r\n x.exe",
        "Content-Disposition: attachment; filename (a comment) = x.exe",
        "Content-Disposition: attachment; filename=\"=?utf-8?B?eC4=?= =?utf-8?B?ZXhl?=\"",
        "Content-Disposition: attachment; filename=\"x.e\\xe\"",
        "content-type: text/plain; NAME=\"x.exe\"",
        "Content-Type: text/plain;\r\n\tname=\"x.exe. \"",
        "Content-Disposition: attachment; filename=\"C:\\\\x.exe\"",
        "Content-Disposition: attachment; filename=\"=?utf-8?B?eC5leGU=?=\"",
        "Content-Disposition: attachment; filename=\"=?utf-8?Q?=78.exe?=\"",
        "Content-Disposition: attachment; filename*=utf-8''x%2Eexe",
        "Content-Disposition: attachment; filename*0=\"x.\"; filename*1=\"exe\"",
        "Content-Disposition: attachment; filename*0*=utf-8''x%2E; filename*1=\"exe\"",
        "Content-Disposition: attachment; filename=a.txt; filename=x.exe",
        "Content-Type: text/plain; name=a.txt\r\nContent-Type: text/plain; name=x.exe",
        "Content-Disposition: attachment; filename=a.txt\r\nContent-Type: text/plain; name=x.exe",
    ] {
        let part = format!("{header}\r\n\r\nMZ");
        let Seen::Blocked(name) = seen(&sink, multipart(&["\r\nhi", &part])) else { panic!("{header}") };
        assert_eq!(name.to_lowercase(), "x.exe", "{header}");
    }
}

#[test]
fn a_mail_that_is_one_part_is_looked_at_as_well_and_harmless_ones_pass() {
    let sink = block(|_| {});
    assert_eq!(seen(&sink, EXE), Seen::Blocked("x.exe".into()));
    for fine in ["", "\r\n", "Subject: x.exe\r\n\r\nname=x.exe\r\n", "no header"] {
        assert_eq!(seen(&sink, fine), Seen::Nothing, "{fine:?}");
    }
    let fine = "Content-Type: application/pdf; name=\"x.exe.pdf\"\r\n\r\n%PDF";
    assert_eq!(seen(&sink, multipart(&[fine, "\r\nContent-Type: text/plain; name=x.exe"])), Seen::Nothing);
}

#[test]
fn types_are_found_and_names_beyond_ascii_too() {
    let sink = block(|_| {});
    for (header, found) in [
        ("Content-Type: APPLICATION/X-MsDownload", "application/x-msdownload"),
        ("Content-Type: video/mp4; name=a", "video/mp4"),
        ("Content-Disposition: attachment; filename*=iso-8859-1''%DCBEL.txt", "?BEL.txt"),
    ] {
        let part = format!("{header}\r\n\r\n");
        assert_eq!(seen(&sink, multipart(&[&part])), Seen::Blocked(found.into()), "{header}");
    }
}

#[test]
fn mails_within_mails_are_looked_into_however_they_are_encoded() {
    let sink = block(|_| {});
    let plain = multipart(&[&format!("Content-Type: message/rfc822\r\n\r\n{}", multipart(&[EXE]))]);
    assert_eq!(seen(&sink, plain), Seen::Blocked("x.exe".into()));
    let base64 = "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n\
                  Q29udGVudC1UeXBlOiBhL2I7IG5hbWU9eC5leGUNCg0KTVo=\r\n";
    assert_eq!(seen(&sink, multipart(&[base64])), Seen::Blocked("x.exe".into()));
    let quoted = "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
                  Content-Type: a/b; name=3Dx.=\r\nexe\r\n\r\nMZ\r\n";
    assert_eq!(seen(&sink, multipart(&[quoted])), Seen::Blocked("x.exe".into()));
    let digest = format!("Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\n{EXE}\r\n--b--\r\n");
    assert_eq!(seen(&sink, digest), Seen::Blocked("x.exe".into()));
}

#[test]
fn mails_that_can_be_read_in_two_ways_are_read_in_both() {
    let sink = block(|_| {});
    let two = format!(
        "Content-Type: multipart/mixed; boundary=a\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
         --a\r\n\r\nhi\r\n--a--\r\n--b\r\n{EXE}\r\n--b--\r\n"
    );
    assert_eq!(seen(&sink, two), Seen::Blocked("x.exe".into()));
    let bare_lf = multipart(&[EXE]).replace("\r\n", "\n");
    assert_eq!(seen(&sink, bare_lf), Seen::Blocked("x.exe".into()));
    let without_end = multipart(&[EXE]).replace("--b--\r\n", "");
    assert_eq!(seen(&sink, without_end), Seen::Blocked("x.exe".into()));
    let blanks = multipart(&[EXE]).replace("--b\r\n", "--b \t\r\n");
    assert_eq!(seen(&sink, blanks), Seen::Blocked("x.exe".into()));
}

#[test]
fn what_is_too_large_too_deep_or_too_much_is_not_called_harmless() {
    let sink = block(|settings| (settings.parts, settings.depth) = (10, 3));
    let wrap = |inner: String| format!("Content-Type: message/rfc822\r\n\r\n{inner}");
    let deep = |levels: usize| (0..levels).fold(String::from("\r\n"), |inner, _| wrap(inner));
    assert_eq!(seen(&sink, deep(3)), Seen::Nothing);
    assert_eq!(seen(&sink, deep(4)), Seen::Not(NotSeen::TooDeep.to_string()));
    assert_eq!(seen(&sink, multipart(&["\r\n"; 9])), Seen::Nothing);
    assert_eq!(seen(&sink, multipart(&["\r\n"; 10])), Seen::Not(NotSeen::TooManyParts.to_string()));
    let no_base64 = "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n\u{e4}!\r\n";
    assert_eq!(seen(&sink, no_base64), Seen::Not(NotSeen::Unreadable.to_string()));
}

#[test]
fn a_header_that_would_take_too_long_is_not_parsed_and_not_called_harmless() {
    let sink = block(|_| {});
    let many = |count: usize| (0..count).map(|n| format!(";a{n:05}*1=x")).collect::<String>();
    let field = |count| format!("Content-Type: a/b{}\r\n\r\n", many(count));
    let long = |octets: usize| format!("X: {}\r\n\r\n", "y".repeat(octets - 7));
    let limit = crate::mime::MAX_PART_HEADER;
    let within = |header: String| multipart(&[&format!("Content-Type: message/rfc822\r\n\r\n{header}")]);
    for fine in [field(100), multipart(&[&field(100)]), multipart(&[&long(limit)]), within(long(limit + 1))] {
        assert_eq!(seen(&sink, fine), Seen::Nothing);
    }
    let quoted = "Content - Disposition\t: a".to_owned() + &"n*1=\"x\"".repeat(101) + "\r\n\r\n";
    let folded = "Content-Type: a/b".to_owned() + &"\r\n n*1=x".repeat(101) + "\r\n\r\n";
    let large =
        [field(101), multipart(&[&field(101)]), multipart(&[&long(limit + 1)]), within(field(101)), quoted, folded];
    for mail in large.into_iter().chain([within(long(MAX_HEADER + 1)), multipart(&[&field(100_000)])]) {
        assert_eq!(seen(&sink, mail), Seen::Not(NotSeen::LargeHeader.to_string()));
    }
}

#[test]
fn a_hundred_thousand_mails_within_each_other_end_nothing() {
    let mut deep = "Content-Type: message/rfc822\r\n\r\n".repeat(100_000);
    deep.push_str(EXE);
    assert_eq!(seen(&block(|settings| settings.depth = 50), deep), Seen::Not(NotSeen::TooDeep.to_string()));
}

#[test]
fn a_mail_that_can_be_read_in_very_many_ways_costs_no_time() {
    let sink = block(|settings| settings.parts = 100_000);
    let boundaries: String = (0..10_000).map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\r\n")).collect();
    let mail = format!("{boundaries}\r\n{}", "line\r\n".repeat(30_000));
    assert_eq!(seen(&sink, mail), Seen::Not(NotSeen::TooManyParts.to_string()));
}

#[tokio::test]
async fn a_mail_is_treated_as_the_settings_say() {
    let treated = |treatment| block(move |settings| settings.blocked = treatment);
    let reply = refused::<Submission>(&mut treated(Treatment::Reject), mail(multipart(&[EXE]))).await;
    assert_eq!(reply.unwrap(), "554 5.7.1 The mail is not taken: attachment \"x.exe\"");
    let held = parts::<PreCategorize>(&mut treated(Treatment::Hold), mail(EXE)).await;
    assert_eq!((held.held.as_deref(), held.changed), (Some("attachments: attachment \"x.exe\""), false));
    let marked = parts::<Submission>(&mut treated(Treatment::Mark), mail(EXE)).await.draft;
    assert!(text(&marked.content).starts_with("X-Blocked-Attachment: attachment \"x.exe\"\r\nContent-Type: "));
    assert_eq!(marked.envelope.properties[BLOCKED], "attachment \"x.exe\"");
    let passed = parts::<Submission>(&mut treated(Treatment::Pass), mail(EXE)).await;
    assert!(!passed.changed && passed.held.is_none());
}

#[tokio::test]
async fn a_mail_that_cannot_be_looked_into_is_held_unless_the_settings_say_otherwise() {
    let mut sink = block(|settings| settings.octets = 10);
    assert!(parts::<Submission>(&mut sink, mail(EXE)).await.held.unwrap().contains("too large"));
    assert!(parts::<Submission>(&mut sink, mail("a: b\r\n\r\n")).await.held.is_none());
    sink.settings.not_seen = Treatment::Reject;
    assert!(refused::<Submission>(&mut sink, mail(EXE)).await.is_some());
}

#[test]
fn settings_that_make_no_sense_are_refused() {
    let with = |change: &dyn Fn(&mut AttachmentBlockSettings)| {
        let mut settings = AttachmentBlockSettings::default();
        change(&mut settings);
        AttachmentBlock::new(settings).map(drop).unwrap_err()
    };
    assert_eq!(with(&|settings| settings.names = vec!["a".into(); 501]), AttachmentBlockError::Names);
    assert_eq!(with(&|settings| settings.types = vec!["a".into(); 501]), AttachmentBlockError::Types);
    assert_eq!(with(&|settings| settings.parts = 0), AttachmentBlockError::Nothing);
}

proptest! {
    #[test]
    fn whatever_a_mail_is_made_of_looking_into_it_ends(
        lines in proptest::collection::vec(
            prop_oneof![
                Just("Content-Type: multipart/mixed; boundary=b"),
                Just("Content-Type: message/rfc822"),
                Just("Content-Transfer-Encoding: base64"),
                Just("Content-Transfer-Encoding: quoted-printable"),
                Just("--b"), Just("--b--"), Just(""), Just(" x=1"), Just("=3D=="), Just("\u{e4}"),
            ],
            0..60,
        )
    ) {
        static SINK: LazyLock<AttachmentBlock> = LazyLock::new(|| block(|_| {}));
        seen(&SINK, lines.join("\r\n"));
    }
}
