//! Mail that a real next hop cannot take as it is: a Postfix that offers neither 8BITMIME nor SMTPUTF8.
//!
//! Rule: what arrives is ASCII, and Python's email package reads in it what it reads in the mail that was sent.

use std::{fs, process::Command};

use crate::{
    daemon::home::{route, Home},
    mail::{shown, Mail, LONG},
    peers::Peer,
    senders,
};

/// What Python's email package sees in a mail: the subject, who it is from, and each leaf with its octets.
const READ: &str = "
import email, email.policy, sys
mail = email.message_from_bytes(open(sys.argv[1], 'rb').read(), policy=email.policy.SMTPUTF8)
# Of names it gives the octets of UTF-8 that stand there unencoded as they are.
names = [a.display_name.encode('utf-8', 'surrogateescape').decode() for a in mail['from'].addresses]
print(repr(str(mail['subject'])), repr(names))
for part in mail.walk():
    if not part.is_multipart():
        print(part.get_content_type(), repr(part.get_filename()), repr(part.get_payload(decode=True)))
";

fn read(home: &Home, content: &[u8]) -> String {
    let file = home.path("mail.eml");
    fs::write(&file, content).expect("it can be written");
    let output = Command::new("python3").args(["-c", READ]).arg(&file).output().expect("python3 is installed");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("it writes UTF-8")
}

/// The same mail with a header beyond ASCII and parts of all kinds.
fn international() -> Mail {
    let content = "X-Test-Mark: international\r\nFrom: Jörg Müller <sender@from.example>\r\nTo: <joe@hop.example>\r\n\
        Subject: Grüße aus Köln, und ein langer Betreff, der nicht auf eine Zeile paßt: 日本語\r\n\
        Date: Fri, 20 Nov 2026 10:00:00 +0000\r\nMessage-ID: <international@from.example>\r\nMIME-Version: 1.0\r\n\
        Content-Type: multipart/mixed; boundary=outer\r\n\r\n\
        --outer\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nFür Dich = \t\r\n.\r\n\r\n\
        --outer\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\
        Subject: inner\r\nFrom: <a@from.example>\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\
        Content-Transfer-Encoding: 8bit\r\n\r\n<p>Это письмо</p>\r\n\
        --outer\r\nContent-Type: application/x-data\r\nContent-Disposition: attachment; filename=\"Übersicht.dat\"\r\n\
        Content-Transfer-Encoding: 8bit\r\n\r\nдаta\r\n--outer--\r\n";
    Mail { mark: "international".into(), content: content.as_bytes().to_vec() }
}

fn arrives_in_ascii(mail: &Mail, options: &str) {
    let hop = Peer::start("postfix-maildir", &["--set", "smtpd_discard_ehlo_keywords=8bitmime, smtputf8, chunking"]);
    let home = Home::new("segment_size = \"4 MiB\"", &route("*", hop.port, "retry = [\"500 ms\"]"));
    let daemon = home.start();
    senders::smtplib(daemon.address, &["joe@hop.example"], options, mail);
    let arrived = hop.mails(1);
    assert_eq!(arrived.len(), 1, "arrived\n{}", home.log_tail());
    assert_eq!(daemon.drain(), Some(0), "{}", home.log_tail());
    assert!(mail.is_in(&arrived[0]) && arrived[0].is_ascii(), "not ASCII:\n{}", shown(&arrived));
    assert_eq!(read(&home, &arrived[0]), read(&home, &mail.content), "{}", shown(&arrived));
}

#[test]
#[ignore = "needs mail programs; .ci/run runs it"]
fn a_mail_of_eight_bits_reaches_a_postfix_of_seven() {
    arrives_in_ascii(&Mail::new("eight", LONG), "BODY=8BITMIME");
}

#[test]
#[ignore = "needs mail programs; .ci/run runs it"]
fn an_international_mail_reaches_a_postfix_of_seven_bits() {
    arrives_in_ascii(&international(), "BODY=8BITMIME SMTPUTF8");
}
