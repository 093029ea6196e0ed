//! Python: messages of its email package, through sendmail and by SMTP.

use std::fs;

use super::place::Place;

/// Writes a message to the file `sent`, as octets, and sends it in the way of its first argument. (By SMTP, Python itself puts `>`
/// before a line with `From`.)
const SCRIPT: &str = r#"
import smtplib, subprocess, sys
from email.message import EmailMessage
from email import policy
way, where, lines = sys.argv[1:]
message = EmailMessage(policy=policy.default.clone(linesep=lines.replace('CR', '\r').replace('LF', '\n')))
message['From'] = 'Jürgen <me@a.example>'
message['To'] = 'Ann <ann@b.example>'
message['Bcc'] = 'blind@c.example'
message['Subject'] = 'Grüße ' * 20
message['Message-ID'] = '<1@a.example>'
message['Date'] = 'Fri, 20 Nov 2026 10:00:00 +0000'
message.set_content('.\n..\n.dot\nblank \n' + ('From here\n' if way == 'sendmail' else '') + 'ä' * 70 + '\n', cte='8bit')
message.add_attachment(bytes(range(256)), maintype='application', subtype='octet-stream', filename='a.bin')
open('sent', 'wb').write(message.as_bytes())
if way == 'sendmail':
    sys.exit(subprocess.run([where, '-t', '-oi'], input=message.as_bytes()).returncode)
with smtplib.SMTP('127.0.0.1', int(where), local_hostname='smtplib.example') as client:
    refused = client.send_message(message)
    sys.exit(repr(refused) if refused else 0)
"#;

fn goes(way: &str, lines: &str) {
    let place = Place::start("");
    let to = if way == "sendmail" { place.sendmail() } else { place.port().to_string() };
    let ended = place.run("python3", &["-c", SCRIPT, way, &to, lines], "");
    assert_eq!((ended.code, &*ended.err), (0, ""), "{way} {lines}");
    let mail = place.mail();
    let sender = if way == "sendmail" { &*place.caller() } else { "me@a.example" };
    mail.is_from_to(sender, &["ann@b.example", "blind@c.example"]);
    let sent = fs::read_to_string(place.home.path("own/sent")).expect("it is UTF-8");
    let sent = sent.replace("\r\n", "\n").replace('\n', "\r\n").replace("Bcc: blind@c.example\r\n", "");
    assert!(mail.content.ends_with(&sent), "{way} {lines}: {}\n----\n{sent}", mail.content);
    let read = mail_parser::MessageParser::default().parse(&mail.content).expect("a mail");
    assert_eq!(read.attachment(0).expect("an attachment").contents(), (0..=255).collect::<Vec<u8>>());
}

#[test]
#[ignore = "needs Python and a built daemon; .ci/run runs it"]
fn a_message_of_pythons_email_package_is_the_same_through_sendmail_and_by_smtp() {
    for (way, lines) in [("sendmail", "LF"), ("sendmail", "CRLF"), ("smtp", "LF"), ("smtp", "CRLF")] {
        goes(way, lines);
    }
}

#[test]
#[ignore = "needs Python and a built daemon; .ci/run runs it"]
fn python_hears_the_code_of_a_mail_that_was_not_taken() {
    let mut place = Place::start("");
    let script = "import subprocess, sys; sys.exit(subprocess.run([sys.argv[1], '-t', '-oi'], input=sys.argv[2].encode()).returncode)";
    let call = |place: &Place, mail: &str| place.run("python3", &["-c", script, &place.sendmail(), mail], "").code;
    assert_eq!(call(&place, "Subject: nobody\n\ntext\n"), 65);
    assert_eq!(call(&place, "To: ann@\n\ntext\n"), 67);
    place.stop();
    assert_eq!(call(&place, "To: ann@b.example\n\ntext\n"), 71);
    assert!(place.has_no_mail());
}
