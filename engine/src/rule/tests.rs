//! What rules mean, which texts are none, and that a rule that is written is read as itself.

use proptest::prelude::*;

use super::*;
use crate::{Envelope, Piece, SideFile};

fn rule(text: &str) -> Rule {
    text.parse().unwrap_or_else(|error| panic!("{error}"))
}

fn address(text: &str) -> Address {
    text.parse().unwrap()
}

fn wrong(text: &str) -> (usize, RuleProblem) {
    let error = text.parse::<Rule>().expect_err(text);
    (error.at, error.problem)
}

fn draft() -> Draft {
    let mut envelope = Envelope { door: Door::Smtp, sender: Some(address("Ann@Example.com")), ..Envelope::default() };
    envelope.peer.helo = Some("mail.Example.com".into());
    envelope.peer.ip = "::ffff:192.0.2.7".parse().ok();
    envelope.recipients = ["bob@x.org", "team@bücher.example"].into_iter().map(address).collect();
    let header =
        b"Received: x\r\nSubject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?= to\r\n all\r\nX-Raw: a \xff b\r\n\r\nX-Body: y\r\n";
    Draft::new(envelope, Content::new(&header[..]))
}

#[test]
fn every_condition_holds_for_what_it_says() {
    let draft = draft();
    let subject = Subject::from(&draft);
    let table = [
        ("", true),
        ("EHLO=mail.example.com", true),
        ("helo = *EXAMPLE.com.", true),
        ("LHLO=*", true),
        ("EHLO=example.com", false),
        ("EHLO=*.mail.example.com", false),
        ("MAIL FROM=*", true),
        ("mail  from = ann@example.COM", true),
        ("MAIL FROM=<ann@example.com>", true),
        ("MAIL FROM=a*n", true),
        ("MAIL FROM=*nn@*", true),
        ("MAIL FROM=an@*", false),
        ("MAIL FROM=*@*.example.com", false),
        ("MAIL FROM=*@*example.com", true),
        ("MAIL FROM=<>", false),
        ("RCPT TO=*@xn--bcher-kva.example", true),
        ("RCPT TO=Team@*Bücher.example", true),
        ("RCPT TO=*@y.org", false),
        ("HEADER subject=*", true),
        ("HEADER Subject=grüsse*", false),
        ("HEADER Subject=GRÜßE to all", true),
        ("HEADER Subject==?UTF-8?q?*to all", true),
        ("HEADER X-Raw=a*B", true),
        ("HEADER X-Body=*", false),
        ("CLIENT=192.0.2.0/24", true),
        ("CLIENT=::ffff:192.0.2.0/120, 10.0.0.1", true),
        ("CLIENT=10.0.0.0/8,2001:db8::/32", false),
        ("DOOR=lmtp, SMTP", true),
        ("DOOR=library", false),
        ("AUTHENTICATED=no", true),
        ("AUTHENTICATED=YES", false),
        ("EHLO=*;MAIL FROM=ann;RCPT TO=bob;", true),
        ("EHLO=*;MAIL FROM=ann;RCPT TO=ann", false),
        ("HEADER Subject=*;DOOR=list", false),
    ];
    for (text, holds) in table {
        assert_eq!(rule(text).matches(&subject), holds, "{text}");
        assert_eq!(rule(&rule(text).to_string()), rule(text), "{text}");
    }
}

#[test]
fn a_condition_on_what_is_not_known_yet_does_not_hold() {
    let all = ["EHLO=*", "MAIL FROM=*", "RCPT TO=*", "HEADER a=*", "CLIENT=::/0", "DOOR=smtp", "AUTHENTICATED=no"];
    for text in all {
        assert!(!rule(text).matches(&Subject::default()), "{text}");
    }
    assert!(Rule::default().matches(&Subject::default()) && Rule::default().is_always());
    let peer = Peer::default();
    let subject = Subject { peer: Some(&peer), ..Subject::default() };
    assert!(!rule("CLIENT=0.0.0.0/0,::/0").matches(&subject) && rule("AUTHENTICATED=no").matches(&subject));
}

#[test]
fn only_a_star_alone_and_the_null_pattern_match_the_null_sender() {
    let null = Subject { sender: Some(None), ..Subject::default() };
    for (text, holds) in [("*", true), ("<>", true), ("*@*", false), ("**", false), ("<*>", false)] {
        assert_eq!(rule(&format!("MAIL FROM={text}")).matches(&null), holds, "{text}");
    }
}

#[test]
fn names_are_compared_by_what_they_mean() {
    let table = [
        (r#""a;b"@x"#, r#""a;b"@x"#, true),
        (r#""a b""#, r#""A\ b"@x"#, true),
        (r#"joe@x"#, r#""joe"@x"#, true),
        (r#""joe"@x"#, "JOE@x", true),
        (r#""a@*"@x"#, r#""a@b"@x"#, true),
        (r#""\*"@x"#, "*@x", true),
        (r#""\*"@x"#, "a@x", false),
        ("ünal@*", "Ünal@x", true),
        ("bounce+*=*@x", "bounce+ann=y.org@x", true),
        ("postmaster", "Postmaster", true),
        ("postmaster@x", "postmaster", false),
        ("*@[192.0.2.1]", "a@[192.0.2.1]", true),
    ];
    for (pattern, text, holds) in table {
        let recipient = Recipient::from(address(text));
        let subject = Subject { recipients: (&recipient).into(), ..Subject::default() };
        assert_eq!(rule(&format!("RCPT TO={pattern}")).matches(&subject), holds, "{pattern} {text}");
    }
}

#[test]
fn quotes_hide_semicolons_and_keep_blanks() {
    let content = Content::new("A: x; y = \"z\"\r\nB:\r\n\r\n");
    let subject = Subject { header: Some(&content), ..Subject::default() };
    for text in [r#"HEADER a="x; y*""#, r#"HEADER a=x";" y = "\"z\"""#, r#"HEADER b="""#, r#"HEADER a="*= *""#] {
        assert!(rule(text).matches(&subject), "{text}");
    }
    assert!(!rule(r#"HEADER a=" x*""#).matches(&subject));
}

#[test]
fn what_is_no_rule_is_refused_with_place_and_remedy() {
    use RuleProblem::*;
    let table = [
        ("RCPT T=*", 5, Unknown),
        ("FROM=*", 0, Unknown),
        ("EHLO x=*", 5, Unknown),
        ("MAIL=*", 4, Unknown),
        ("EHLO=*; =x", 8, Unknown),
        ("EHLO=*;;DOOR=smtp", 7, Empty),
        ("MAIL FROM", 9, NoEquals),
        ("HEADER=x", 6, NoField),
        ("HEADER a b=x", 9, NoField),
        ("HEADER a:=x", 7, NoField),
        ("MAIL FROM= ", 10, NoText),
        ("HEADER a=\"x", 9, OpenQuote),
        ("EHLO=a*b", 6, StarInDomain),
        ("MAIL FROM=a@*b*", 14, StarInDomain),
        ("MAIL FROM=@x", 10, NoName),
        ("MAIL FROM=a@", 12, NoDomain),
        ("RCPT TO=<>", 8, NullRecipient),
        ("CLIENT=1.2.3.4, 5", 16, Network),
        ("DOOR=smtp,window", 10, Door),
        ("AUTHENTICATED=maybe", 14, YesNo),
    ];
    for (text, at, problem) in table {
        assert_eq!(wrong(text), (at, problem), "{text}");
    }
    let error = "RCPT T=*".parse::<Rule>().unwrap_err();
    let said = "RCPT T=*: unknown condition at 5: write EHLO, MAIL FROM, RCPT TO, HEADER <name>, CLIENT, DOOR or \
                AUTHENTICATED";
    assert_eq!(error.to_string(), said);
    assert!("DOOR=x\r\n"
        .parse::<Rule>()
        .unwrap_err()
        .to_string()
        .ends_with("write smtp, lmtp, library, pickup, report, list or sink"));
}

#[test]
fn rules_and_their_conditions_have_limits() {
    assert!("DOOR=smtp;".repeat(MAX_CONDITIONS).parse::<Rule>().is_ok());
    assert_eq!(wrong(&"DOOR=smtp;".repeat(MAX_CONDITIONS + 1)), (10 * MAX_CONDITIONS, RuleProblem::TooMany));
    let name = |octets: usize| format!("MAIL FROM={}", "x".repeat(octets - 10));
    assert!(name(MAX_RULE).parse::<Rule>().is_ok());
    assert_eq!(wrong(&name(MAX_RULE + 1)), (MAX_RULE, RuleProblem::TooLong));
}

#[test]
fn the_header_is_read_over_the_seams_of_memory_and_no_side_file_is_opened() {
    struct Untouchable;
    impl SideFile for Untouchable {
        fn name(&self) -> &str {
            "untouchable"
        }
        fn read_at(&self, _: u64, _: &mut [u8]) -> std::io::Result<usize> {
            panic!("a rule reads no file")
        }
    }
    let side = Piece::Side(Arc::new(Untouchable), 0..100);
    let memory = |text: &'static str| Piece::Memory(text.into());
    let content =
        Content::from_pieces(vec![memory("R: x\r\nSub"), memory("ject: y\r"), memory("\n z\r\nCut: c"), side]);
    let subject = Subject { header: Some(&content), ..Subject::default() };
    assert!(rule("HEADER subject=y z").matches(&subject) && rule("HEADER R=x").matches(&subject));
    assert!(!rule("HEADER cut=*").matches(&subject));
}

/// Whether a pattern matches, said in the simplest way.
fn naive(pattern: &[u8], text: &[u8]) -> bool {
    match (pattern, text) {
        ([], text) => text.is_empty(),
        ([b'*', rest @ ..], text) => (0..=text.len()).any(|from| naive(rest, &text[from..])),
        ([first, rest @ ..], [c, behind @ ..]) => first == c && naive(rest, behind),
        _ => false,
    }
}

proptest! {
    #[test]
    fn stars_match_what_they_always_did(pattern in "[ab*]{1,7}", text in "[ab]{0,9}") {
        let content = Content::new(format!("T: {text}\r\n\r\n"));
        let subject = Subject { header: Some(&content), ..Subject::default() };
        let matches = rule(&format!("HEADER t={pattern}")).matches(&subject);
        prop_assert_eq!(matches, naive(pattern.as_bytes(), text.as_bytes()), "{} {}", pattern, text);
    }

    #[test]
    fn what_a_rule_prints_is_read_as_the_same_rule(
        begin in prop::sample::select(vec!["EHLO=", "MAIL FROM=", "RCPT TO=", "HEADER a=", ""]),
        value in "\\PC{0,12}|[a-cA-C@.*;<>=\"\\\\ \t\r\n]{0,12}|\"([a-c*;@<> ]|\\\\\\*|\\\\\"){0,9}\"(@[*]?[a-z.]{1,5})?",
    ) {
        if let Ok(read) = format!("{begin}{value}").parse::<Rule>() {
            let written = read.to_string();
            prop_assert_eq!(written.parse::<Rule>().map_err(|error| error.to_string()), Ok(read), "{}", written);
        }
    }

    #[test]
    fn no_text_is_more_than_refused(text in "\\PC*|(EHLO|MAIL FROM|RCPT TO|HEADER a|DOOR|CLIENT|[=;@\"*\\\\< ]){0,12}") {
        if let Err(error) = text.parse::<Rule>() {
            prop_assert!(error.at <= text.len() && text.is_char_boundary(error.at), "{}", error);
        }
    }
}
