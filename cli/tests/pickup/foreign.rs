//! Files as other systems write them into a pickup folder, each in a folder with plain and in one with stuffed dots.
//!
//! Rule: every octet of what is delivered is compared, but for the time and the numbers of the trace field.

use std::fs;

use crate::{bad, daemon::Home, only_left};

/// What becomes of a file.
enum Comes {
    /// It is mailed with this content, lines ending with CRLF.
    As(String),
    /// It is bad mail, because of this.
    Bad(&'static str),
}

/// A file of one system, its envelope as the drop folder says it, and what is delivered.
struct Case {
    name: &'static str,
    file: Vec<u8>,
    envelope: &'static str,
    plain: Comes,
    stuffed: Comes,
}

/// As IIS finds files: written in place under their last names.
fn home(dots: &str) -> Home {
    let mut home = Home::with_pickup_and(&format!("dots = \"{dots}\"\nscan = \"100 ms\"\nrest = \"300 ms\"\n"));
    home.start();
    home
}

fn goes(case: &Case, dots: &str, comes: &Comes) {
    let home = home(dots);
    fs::write(home.path("pickup").join(case.name), &case.file).unwrap();
    match comes {
        Comes::Bad(code) => {
            let [(note, octets)] = &bad(&home, 1)[..] else { panic!("one bad mail") };
            assert_eq!((&note["code"], &note["file"]), (&(*code).into(), &case.name.into()), "{dots}");
            assert!(octets.as_deref() == Some(&case.file[..]), "{dots}: {} is not kept as it was", case.name);
            assert!(home.delivered(0).is_empty());
        }
        Comes::As(content) => {
            let [got] = &home.octets(1)[..] else { panic!("one mail") };
            let got = got.iter().map(|octet| char::from(*octet)).collect::<String>(); // one for each octet
            let (envelope, rest) = got.split_once("Received: ").expect("a trace field");
            assert_eq!(envelope.replace("\r\n", "\n"), case.envelope, "{} {dots}", case.name);
            let trace = rest.split_inclusive("\r\n").skip(1).take_while(|line| line.starts_with('\t')).map(str::len);
            let first = rest.find("\r\n").unwrap() + 2;
            let content: String = content.bytes().map(char::from).collect();
            assert_eq!(&rest[first + trace.sum::<usize>()..], content, "{} {dots}", case.name);
            only_left(&home, &[]);
        }
    }
}

fn both(case: &Case) {
    goes(case, "plain", &case.plain);
    goes(case, "stuffed", &case.stuffed);
}

fn crlf(text: &str) -> String {
    text.replace('\n', "\r\n")
}

/// MailKit: the example `SaveToPickupDirectory` of its documentation (SmtpExamples.cs): no lines of an envelope, the message as
/// `MimeMessage.WriteTo` writes it with `NewLineFormat.Dos` (with `Bcc`, and no line end behind a text that has none), through
/// `SmtpDataFilter`, which doubles dots and writes no last one.
#[test]
fn mailkits_example_with_byte_stuffing() {
    let header = "From: Joey <joey@friends.example>\nDate: Fri, 20 Nov 2026 10:00:00 +0000\nSubject: How you doin?\n\
                  Message-Id: <CX1SYDA9PQU4.JQ7T5LIKAPG72@joey>\nTo: Alice <alice@wonderland.example>,\n\tBob <bob@b.example>\n";
    let behind = "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n";
    let text = |dot: &str| format!("{dot}\n{dot}.\n{dot}net\nthe end");
    let file = crlf(&format!("{header}Bcc: Blind <blind@c.example>\n{behind}{}", text("..")));
    let comes = |dot| Comes::As(crlf(&format!("{header}{behind}{}\n", text(dot))));
    both(&Case {
        name: "4f1c6e0b-4ad6-4ac7-a6ee-4b9a51c3a3bd.eml",
        file: file.into_bytes(),
        envelope: "x-sender: joey@friends.example\nx-receiver: alice@wonderland.example\nx-receiver: bob@b.example\n\
                   x-receiver: blind@c.example\n",
        plain: comes(".."),
        stuffed: comes("."),
    });
}

/// System.Net.Mail with `SmtpDeliveryMethod.SpecifiedPickupDirectory` (the public sources of `SmtpClient.GetFileMailWriter`,
/// `Message.PrepareEnvelopeHeaders` and `MailAddress.Encode`): a GUID and `.eml`; `X-Sender` and an `X-Receiver` for each of To,
/// CC and Bcc in front, with names where addresses have them; no `Bcc` and no `Message-ID`.
fn system_net_mail(dot: &str) -> String {
    format!(
        "X-Sender: \"Shop, Inc.\" <shop@a.example>\nX-Receiver: \"Ann @ Work\" <ann@b.example>\n\
         X-Receiver: =?utf-8?Q?J=C3=BCrgen?= <juergen@c.example>\nX-Receiver: blind@d.example\n{}",
        system_net_mail_content(dot)
    )
}

fn system_net_mail_content(dot: &str) -> String {
    format!(
        "MIME-Version: 1.0\nFrom: \"Shop, Inc.\" <shop@a.example>\nTo: \"Ann @ Work\" <ann@b.example>,\n \
         =?utf-8?Q?J=C3=BCrgen?= <juergen@c.example>\nDate: 20 Nov 2026 10:00:00 +0000\nSubject: Order 1\n\
         Message-ID: <1@a.example>\nContent-Type: text/plain; charset=us-ascii\nContent-Transfer-Encoding: quoted-printable\n\n\
         {dot}dot=0D=0A=\n{dot}.\nthe end=\n\n"
    )
}

const SHOP: &str =
    "x-sender: shop@a.example\nx-receiver: ann@b.example\nx-receiver: juergen@c.example\nx-receiver: blind@d.example\n";

/// .NET Framework and .NET up to 5: `MailWriter` doubles dots.
#[test]
fn system_net_mail_of_the_net_framework_with_names_and_doubled_dots() {
    let comes = |dot| Comes::As(crlf(&system_net_mail_content(dot)));
    let file = crlf(&system_net_mail("..")).into_bytes();
    let name = "b1d6fb1c-0f4f-4a0e-9d6e-7a3b6c1d2e3f.eml";
    both(&Case { name, file, envelope: SHOP, plain: comes(".."), stuffed: comes(".") });
}

/// .NET of today: `encodeForTransport: false`, dots are text. Taken for stuffed, they lose one, and nobody could know it.
#[test]
fn system_net_mail_of_today_with_names_and_plain_dots() {
    let comes = |dot| Comes::As(crlf(&system_net_mail_content(dot)));
    let (file, name) = (crlf(&system_net_mail(".")).into_bytes(), "0c0ffee0-1111-4222-8333-444455556666.eml");
    both(&Case { name, file, envelope: SHOP, plain: comes("."), stuffed: comes("") });
}

/// CDOSYS with `cdoSendUsingPickup`: `x-sender` and `x-receiver` in small letters in front, then the header of CDO for Windows
/// 2000 as mails in public archives show it, folded with tabs, octets above 127 as they are.
#[test]
fn cdosys_with_an_envelope_and_octets_above_127() {
    let content = "thread-index: AdJ95xC3WthkIFbPRrOnrv7P2lwRYQ==\nThread-Topic: Auftrag\nFrom: <shop@a.example>\n\
                   To: <ann@b.example>,\n\t<bob@b.example>\nSubject: Auftrag\nDate: Fri, 20 Nov 2026 11:00:00 +0100\n\
                   Message-ID: <100BF803A65E45A2996F95459FD64A6A@shop>\nMIME-Version: 1.0\nContent-Type: text/plain;\n\
                   \tcharset=\"utf-8\"\nContent-Transfer-Encoding: 8bit\nX-Mailer: Microsoft CDO for Windows 2000\n\
                   Content-Class: urn:content-classes:message\nImportance: normal\nPriority: normal\n\
                   X-MimeOLE: Produced By Microsoft MimeOLE V6.2.9200.21989\n\nGrüße \t\n\n  €\n";
    let above = "x-sender: shop@a.example\nx-receiver: ann@b.example\nx-receiver: bob@b.example\n";
    both(&Case {
        name: "{9B1C3E52-7A0D-4C1E-8F21-0D5A6B7C8D9E}.eml",
        file: crlf(&format!("{above}{content}")).into_bytes(),
        envelope: above,
        plain: Comes::As(crlf(content)),
        stuffed: Comes::As(crlf(content)),
    });
}

/// CDONTS from an ASP page (Q201314, and the sample of Q221384): an `x-receiver` for each of To, Cc and Bcc, no field `Bcc`, dots
/// as they are, a sender without a domain. Taken for SMTP, the text would end at the lone dot: IIS cut it off in silence.
#[test]
fn cdonts_with_a_blind_copy_and_a_lone_dot() {
    let content =
        "From: <Sender>\nTo: <user1@valid.example>\nSubject: Testing.\nDate: Tue, 23 Feb 1999 16:22:16 -0500\n\
                   Message-ID: <0@web>\nX-Mailer: Microsoft CDO for Windows NT 1.2\n\nTesting\n.\nTesting\n";
    both(&Case {
        name: "0a5f00010000.eml",
        file: crlf(&format!(
            "x-sender: Sender\nx-receiver: user1@valid.example\nx-receiver: blind@c.example\n{content}"
        ))
        .into(),
        envelope: "x-sender: Sender@h.example\nx-receiver: user1@valid.example\nx-receiver: blind@c.example\n",
        plain: Comes::As(crlf(content)),
        stuffed: Comes::Bad("behind_the_dot"),
    });
}

/// Written by hand on Unix: lines end with LF, `Bcc` is a field, folding and dots and blanks at ends of lines are kept.
#[test]
fn a_file_with_bare_line_feeds_and_a_blind_copy_in_its_header() {
    let header =
        "From: me@a.example\nTo: you@b.example,\n   too@b.example\nSubject: by\n\thand \nDate: x\nMessage-ID: <y@a>\n";
    let text = "\n.\n..\n.dot\nblank \t\n";
    both(&Case {
        name: "letter",
        file: format!("{header}bcc: blind@c.example,\n  blinder@c.example\n{text}").into_bytes(),
        envelope: "x-sender: me@a.example\nx-receiver: you@b.example\nx-receiver: too@b.example\nx-receiver: blind@c.example\n\
                   x-receiver: blinder@c.example\n",
        plain: Comes::As(crlf(&format!("{header}{text}"))),
        stuffed: Comes::Bad("behind_the_dot"),
    });
}

/// PowerShell's `>` and `Out-File` up to version 5 write UTF-16 with a mark in front.
#[test]
fn a_file_in_utf_16_is_bad_mail_and_not_a_mail_of_noughts() {
    let text = crlf("From: me@a.example\nTo: you@b.example\nSubject: x\n\ntext\n");
    let file = [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    both(&Case { name: "mail.txt", file, envelope: "", plain: Comes::Bad("no_mail"), stuffed: Comes::Bad("no_mail") });
}
