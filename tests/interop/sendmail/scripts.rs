//! Scripts that open a pipe to sendmail, as logwatch and thousands of others do.

use super::place::Place;

/// As logwatch does: `-t` alone, a mail that it builds itself, and the exit code when the pipe is closed.
const PERL: &str = r#"
my ($sendmail, $to) = @ARGV;
open(MAIL, "|$sendmail -t") or die "no sendmail: $!";
print MAIL "To: $to\nFrom: Logwatch <logwatch>\nSubject: Logwatch for host (Linux)\nAuto-Submitted: auto-generated\n";
print MAIL "Precedence: bulk\nMIME-Version: 1.0\nContent-Transfer-Encoding: 8bit\nContent-Type: text/plain; charset=\"utf-8\"\n\n";
print MAIL " ################### Logwatch 7.5.6 ####################\n\n .dot\n..\n Gr\xc3\xbc\xc3\x9fe\n", "x" x 1500, "\n";
close(MAIL);
exit($? >> 8);
"#;

#[test]
#[ignore = "needs Perl and a built daemon; .ci/run runs it"]
fn a_perl_script_with_a_pipe_to_sendmail_t_sends_as_logwatch_does() {
    let mut place = Place::start("");
    let sendmail = place.sendmail();
    let ended = place.run("perl", &["-e", PERL, &sendmail, "root, admin@b.example"], "");
    assert_eq!((ended.code, &*ended.out, &*ended.err), (0, "", ""));
    let mail = place.mail();
    mail.is_from_to(&place.caller(), &["admin@b.example", "root@h.example"]);
    assert_eq!(mail.field("From"), ["Logwatch <logwatch@h.example>"]);
    let body = format!(
        " ################### Logwatch 7.5.6 ####################\r\n\r\n .dot\r\n..\r\n Grüße\r\n{}\r\n",
        "x".repeat(1500)
    );
    assert_eq!(mail.body(), body);
    assert_eq!(place.run("perl", &["-e", PERL, &sendmail, "admin@"], "").code, 67);
    place.stop();
    assert_eq!(place.run("perl", &["-e", PERL, &sendmail, "root"], "").code, 71);
    assert_eq!(place.mails(1).len(), 1);
}

#[test]
#[ignore = "needs a built daemon; .ci/run runs it"]
fn a_shell_script_finds_sendmail_in_its_path_and_its_here_document_is_a_mail() {
    let place = Place::start("");
    let script = "set -e\nsendmail -i -f me@a.example -F 'The Script' ann@b.example <<'END'\nSubject: done\n\nall went well\n.\n\nEND\n\
                  echo \"no header, one line\" | sendmail -r '' bob@b.example\n";
    let ended = place.run("sh", &["-c", script], "");
    assert_eq!((ended.code, &*ended.out, &*ended.err), (0, "", ""));
    let mails = place.mails(2);
    let of = |who: &str| mails.iter().find(|mail| mail.receivers == [who]).expect("a mail for each");
    assert_eq!(
        (&*of("ann@b.example").sender, of("ann@b.example").body()),
        ("me@a.example", "all went well\r\n.\r\n\r\n")
    );
    assert_eq!(of("ann@b.example").field("From"), ["The Script <me@a.example>"]);
    assert_eq!((&*of("bob@b.example").sender, of("bob@b.example").body()), ("<>", "no header, one line\r\n"));
}
