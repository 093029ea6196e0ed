//! PHP: `mail()`, and PHPMailer, which calls sendmail or writes files.

use std::{fs, time::Duration};

use super::place::{Ended, Place};
use crate::daemon::within;

const TEXT: &str = "line one\r\n.\n..two dots\n.dot\nblank \t\nGrüße\n";

/// Runs this with `$sendmail` and `$pickup` set, and without the machine's own settings of PHP.
fn php(place: &Place, script: &str) -> Ended {
    let setting = format!("sendmail_path={} -t -i", place.sendmail());
    let pickup = place.home.path("pickup").display().to_string();
    let text = format!("$text = {};", quoted(TEXT));
    let script = format!("$sendmail = {}; $pickup = {}; {text} {script}", quoted(&place.sendmail()), quoted(&pickup));
    let ended = place.run(
        "php",
        &["-n", "-d", "extension=ctype", "-d", &setting, "-d", "display_errors=stderr", "-r", &script],
        "",
    );
    assert_eq!(ended.code, 0, "{ended:?}");
    ended
}

/// A text as PHP reads it, with its line ends.
fn quoted(text: &str) -> String {
    format!(
        "\"{}\"",
        text.replace('\\', "\\\\").replace('"', "\\\"").replace('\r', "\\r").replace('\n', "\\n").replace('\t', "\\t")
    )
}

#[test]
#[ignore = "needs PHP and a built daemon; .ci/run runs it"]
fn mail_of_php_reaches_all_that_its_header_names_and_says_true() {
    let place = Place::start("");
    let said = php(
        &place,
        "$headers = ['From' => 'Shop <shop@a.example>', 'Cc' => 'carol@c.example', 'Bcc' => 'blind@c.example', 'X-Mailer' => 'PHP'];
         var_export(mail('Ann <ann@b.example>, bob@b.example', 'Order 1', $text, $headers, '-fbounce@a.example'));",
    );
    assert_eq!((&*said.out, &*said.err), ("true", ""));
    let mail = place.mail();
    mail.is_from_to("bounce@a.example", &["ann@b.example", "blind@c.example", "bob@b.example", "carol@c.example"]);
    let header = "To: Ann <ann@b.example>, bob@b.example\r\nSubject: Order 1\r\nFrom: Shop <shop@a.example>\r\n\
                  Cc: carol@c.example\r\nX-Mailer: PHP\r\n\r\n";
    // PHP ends the text with a line end of its own.
    let text = format!("{}\r\n", TEXT.replace("\r\n", "\n").replace('\n', "\r\n"));
    assert!(mail.content.ends_with(&format!("{header}{text}")), "{}", mail.content);
}

#[test]
#[ignore = "needs PHP and a built daemon; .ci/run runs it"]
fn mail_of_php_says_false_when_nothing_was_taken() {
    let block = "[[sink]]\nkind = \"limits\"\nevents = [\"submission\"]\nsize = \"2 KiB\"\n";
    let mut place = Place::start(block);
    for refused in
        ["mail('ann@', 's', $text)", "mail('', 's', $text)", "mail('ann@b.example', 's', str_repeat($text, 99))"]
    {
        let said = php(&place, &format!("var_export({refused});"));
        assert_eq!(said.out, "false", "{refused}: {said:?}");
        assert!(said.err.contains("postrider: "), "{refused}: {said:?}");
    }
    place.stop();
    let said = php(&place, "var_export(mail('ann@b.example', 's', $text));");
    assert!(said.out == "false" && said.err.contains("no engine is there"), "{said:?}");
    assert!(place.has_no_mail());
}

const MAILER: &str = "require '/usr/share/php/libphp-phpmailer/autoload.php';
    $mail = new PHPMailer\\PHPMailer\\PHPMailer(true);
    $mail->isSendmail(); $mail->Sendmail = $sendmail; $mail->CharSet = 'UTF-8';
    $mail->setFrom('shop@a.example', 'Müller & Co.'); $mail->Sender = 'bounce@a.example';
    $mail->addAddress('ann@b.example', 'Ann'); $mail->addCC('carol@c.example'); $mail->addBCC('blind@c.example');
    $mail->Subject = 'Grüße'; $mail->Body = $text; $mail->Encoding = '8bit';
    $mail->addStringAttachment(str_repeat(\"\\0\\xff.\\n\", 999), 'a.bin');";

/// The three recipients, the text and the attachment.
fn is_of_phpmailer(mail: &super::place::Dropped, sender: &str) {
    mail.is_from_to(sender, &["ann@b.example", "blind@c.example", "carol@c.example"]);
    let text = TEXT.replace("\r\n", "\n").replace('\n', "\r\n");
    assert!(mail.body().contains(&format!("\r\n\r\n{text}")), "{}", mail.content);
    let read = mail_parser::MessageParser::default().parse(&mail.content).expect("a mail");
    assert_eq!(read.subject(), Some("Grüße"));
    let attached = read.attachment(0).expect("an attachment").contents().to_vec();
    assert_eq!(attached, b"\0\xff.\n".repeat(999));
}

#[test]
#[ignore = "needs PHPMailer and a built daemon; .ci/run runs it"]
fn phpmailer_sends_by_sendmail_with_an_attachment_and_hears_of_a_failure() {
    let mut place = Place::start("");
    assert_eq!(php(&place, &format!("{MAILER} var_export($mail->send());")).out, "true");
    is_of_phpmailer(&place.mail(), "bounce@a.example");
    place.stop();
    let failed = php(&place, &format!("{MAILER} try {{ $mail->send(); }} catch (Exception $e) {{ echo 'failed'; }}"));
    assert_eq!(failed.out, "failed", "{failed:?}");
    assert_eq!(place.mails(1).len(), 1);
}

#[test]
#[ignore = "needs PHPMailer and a built daemon; .ci/run runs it"]
fn a_message_of_phpmailer_that_is_written_into_a_pickup_folder_is_mailed_as_it_is() {
    let pickup = tempfile::tempdir().expect("a temporary folder");
    let folder = pickup.path().display();
    let place = Place::start(&format!("[[pickup]]\nfolder = \"{folder}\"\nscan = \"200 ms\"\nrest = \"300 ms\"\n"));
    let file = format!("{folder}/order.eml");
    php(&place, &format!("{MAILER} $mail->preSend(); file_put_contents('{file}', $mail->getSentMIMEMessage()); copy('{file}', 'sent');"));
    let mail = place.mail();
    is_of_phpmailer(&mail, "shop@a.example");
    let sent = fs::read_to_string(place.home.path("own/sent")).expect("it is UTF-8").replace('\n', "\r\n");
    let blind = "Bcc: blind@c.example\r\n";
    assert!(sent.contains(blind), "{sent}");
    assert!(mail.content.ends_with(&sent.replace(blind, "")), "{}\n----\n{sent}", mail.content);
    assert!(within(Duration::from_secs(10), || !fs::exists(&file).unwrap_or(true)), "the file is still there");
}
