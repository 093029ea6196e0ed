//! Mail programs that hand mail to the daemon. Each returns when the daemon has said 250, or panics.

use std::{
    fs,
    io::Write,
    net::SocketAddr,
    process::{Command, Stdio},
};

use crate::{mail::Mail, peers::Peer};

const FROM: &str = "sender@from.example";

/// Runs a program with this input; it has to succeed.
fn run(program: &str, arguments: &[&str], input: &[u8]) {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap_or_else(|_| panic!("{program} is not installed (see .ci/packages)"));
    child.stdin.take().expect("its input is a pipe").write_all(input).expect("it reads its input");
    let output = child.wait_with_output().expect("it ends");
    let (said, complained) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{program}: {}\n{said}\n{complained}", output.status);
}

/// swaks.
pub fn swaks(daemon: SocketAddr, to: &str, mail: &Mail) {
    let (server, port) = (daemon.ip().to_string(), daemon.port().to_string());
    swaks_with(&["--server", &server, "--port", &port, "--to", to], mail);
}

/// swaks by LMTP; it wants 250 for each recipient.
pub fn swaks_by_lmtp(place: &str, to: &[&str], mail: &Mail) {
    let to = to.join(",");
    let way = match place.split_once(':') {
        Some((server, port)) => vec!["--server", server, "--port", port],
        None => vec!["--socket", place],
    };
    swaks_with(&[&way[..], &["--protocol", "LMTP", "--to", &to]].concat(), mail);
}

fn swaks_with(arguments: &[&str], mail: &Mail) {
    // It doubles dots and makes CRLF of LF by itself, and ends the last line.
    let text: Vec<u8> = mail.content.iter().copied().filter(|octet| *octet != b'\r').collect();
    let text = text.strip_suffix(b"\n").expect("a mail ends with a line's end");
    run("swaks", &[arguments, &["--ehlo", "swaks.example", "--from", FROM, "--data", "-"]].concat(), text);
}

const SMTPLIB: &str = "
import smtplib, sys
port, sender, recipients, options = sys.argv[1], sys.argv[2], sys.argv[3].split(','), sys.argv[4].split()
with smtplib.SMTP('127.0.0.1', int(port), local_hostname='smtplib.example', timeout=60) as client:
    refused = client.sendmail(sender, recipients, sys.stdin.buffer.read(), options)
sys.exit(repr(refused) if refused else 0)
";

/// Python's smtplib, with parameters for MAIL.
pub fn smtplib(daemon: SocketAddr, to: &[&str], options: &str, mail: &Mail) {
    let arguments = ["-c", SMTPLIB, &daemon.port().to_string(), FROM, &to.join(","), options];
    run("python3", &arguments, &mail.content);
}

const LMTPLIB: &str = "
import smtplib, sys
place, sender, recipients = sys.argv[1], sys.argv[2], sys.argv[3].split(',')
host, port = (place, 0) if place.startswith('/') else place.rsplit(':', 1)
with smtplib.LMTP(host, int(port), local_hostname='smtplib.example') as client:
    client.ehlo_or_helo_if_needed()
    replies = [client.mail(sender, ['BODY=8BITMIME'])] + [client.rcpt(to) for to in recipients]
    replies.append(client.data(sys.stdin.buffer.read()))
    # It reads one reply to the dot; there is one for each recipient.
    replies += [client.getreply() for _ in recipients[1:]]
    last = [text.decode().split()[1] for _, text in replies[-len(recipients):]]
wrong = [reply for reply in replies if reply[0] != 250]
sys.exit(repr(wrong or last) if wrong or last != [f'<{to}>' for to in recipients] else 0)
";

/// Python's smtplib by LMTP, which is to be answered for each recipient in their order.
pub fn lmtplib(place: &str, to: &[&str], mail: &Mail) {
    run("python3", &["-c", LMTPLIB, place, FROM, &to.join(",")], &mail.content);
}

const ETRN: &str = "
import smtplib, sys
port, node, code = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
with smtplib.SMTP('127.0.0.1', port, local_hostname='smtplib.example', timeout=60) as client:
    client.ehlo()
    reply = client.docmd('ETRN', node)
sys.exit(0 if client.does_esmtp and reply[0] == code else repr(reply))
";

/// Asks for mail, and hears this code.
pub fn etrn(daemon: SocketAddr, node: &str, code: u16) {
    run("python3", &["-c", ETRN, &daemon.port().to_string(), node, &code.to_string()], b"");
}

/// smtp-source: many mails over many connections, each to a recipient with a number of its own.
pub fn smtp_source(daemon: SocketAddr, to: &str, mails: usize, sessions: usize, octets: usize) {
    let (mails, sessions, octets) = (mails.to_string(), sessions.to_string(), octets.to_string());
    let to_whom = ["-N", "-f", FROM, "-t", to, "-M", "source.example"];
    let what = ["-s", &sessions, "-m", &mails, "-l", &octets, &daemon.to_string()];
    run("smtp-source", &[&to_whom[..], &what[..]].concat(), b"");
}

/// smtp-source by LMTP: many mails over ten connections, each to three recipients: this one, and two
/// whose names have 2 and 3 in front.
pub fn smtp_source_by_lmtp(place: &str, to: &str, mails: usize) {
    let (mails, place) =
        (mails.to_string(), if place.starts_with('/') { format!("unix:{place}") } else { place.into() });
    run("smtp-source", &["-L", "-f", FROM, "-t", to, "-r", "3", "-s", "10", "-m", &mails, "-l", "3000", &place], b"");
}

/// Postfix's sendmail command, and so its queue and its SMTP client. Its mail is on the way when this returns.
pub fn postfix(instance: &Peer, to: &[&str], mail: &Mail) {
    let conf = instance.folder.join("conf").display().to_string();
    let text: Vec<u8> = mail.content.iter().copied().filter(|octet| *octet != b'\r').collect();
    // -i: a dot on a line of its own does not end the mail.
    let arguments = [&["-C", &conf, "-i", "-f", FROM][..], to].concat();
    assert!(fs::metadata("/usr/sbin/sendmail").is_ok(), "sendmail of Postfix is not installed (see .ci/packages)");
    run("/usr/sbin/sendmail", &arguments, &text);
}
