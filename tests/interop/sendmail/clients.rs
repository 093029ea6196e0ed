//! Programs in which people write mail: mutt and mailx.

use super::place::Place;

const TEXT: &str = "Hello,\n.\n..\n.dot\nFrom here\nGrüße\n";

fn on_the_wire(text: &str) -> String {
    text.replace('\n', "\r\n")
}

#[test]
#[ignore = "needs mutt and a built daemon; .ci/run runs it"]
fn mutt_sends_a_text_with_an_attachment_and_says_when_it_could_not() {
    let mut place = Place::start("");
    let settings = format!(
        "set sendmail=\"{} -oem -oi\"\nset from=\"Me <me@a.example>\"\nset use_envelope_from=yes\nset envelope_from_address=\"bounce@a.example\"\n\
         set copy=no\nset allow_8bit=yes\nset send_charset=utf-8\nset charset=utf-8\n",
        place.sendmail()
    );
    let settings = place.file("muttrc", settings).display().to_string();
    let attached: Vec<u8> = (0..=255).cycle().take(5000).collect();
    let file = place.file("a.bin", &attached).display().to_string();
    let line = [
        "-n",
        "-F",
        &settings,
        "-s",
        "Grüße",
        "-c",
        "carol@c.example",
        "-b",
        "blind@c.example",
        "-a",
        &file,
        "--",
        "ann@b.example",
    ];
    let ended = place.run("mutt", &line, TEXT);
    assert_eq!((ended.code, &*ended.err), (0, ""), "{ended:?}");
    let mail = place.mail();
    mail.is_from_to("bounce@a.example", &["ann@b.example", "blind@c.example", "carol@c.example"]);
    assert!(!mail.content.contains("blind"), "{}", mail.content);
    assert_eq!(
        (&mail.field("From")[..], &mail.field("To")[..]),
        (&["Me <me@a.example>".to_owned()][..], &["ann@b.example".to_owned()][..])
    );
    assert!(mail.body().contains(&format!("\r\n\r\n{}", on_the_wire(TEXT))), "{}", mail.content);
    let read = mail_parser::MessageParser::default().parse(&mail.content).expect("a mail");
    assert_eq!(read.subject(), Some("Grüße"));
    assert_eq!(read.attachment(0).expect("an attachment").contents(), attached);
    place.stop();
    let ended = place.run("mutt", &line, TEXT);
    assert!(ended.code != 0 && format!("{}{}", ended.out, ended.err).contains("71"), "{ended:?}");
    assert_eq!(place.mails(1).len(), 1);
}

#[test]
#[ignore = "needs mailx and a built daemon; .ci/run runs it"]
fn mailx_sends_what_it_reads_and_says_when_it_could_not() {
    let mut place = Place::start("");
    let settings = place.file("mailrc", format!("set sendmail={}\n", place.sendmail()));
    let line = [
        "-s",
        "a report",
        "-r",
        "me@a.example",
        "-c",
        "carol@c.example",
        "-b",
        "blind@c.example",
        "ann@b.example",
        "bob",
    ];
    let send = |place: &Place| {
        let run = format!("MAILRC={} exec bsd-mailx \"$@\"", settings.display());
        place.run("sh", &[&["-c", &run, "mail"], &line[..]].concat(), TEXT)
    };
    let ended = send(&place);
    assert_eq!((ended.code, &*ended.err), (0, ""), "{ended:?}");
    let mail = place.mail();
    mail.is_from_to("me@a.example", &["ann@b.example", "blind@c.example", "bob@h.example", "carol@c.example"]);
    assert_eq!((&mail.field("Subject")[..], mail.body()), (&["a report".to_owned()][..], &*on_the_wire(TEXT)));
    assert!(!mail.content.contains("blind"), "{}", mail.content);
    place.stop();
    let ended = send(&place);
    assert!(
        ended.code == 1 && ended.err.contains("no engine is there") && ended.err.contains("error code 71"),
        "{ended:?}"
    );
    assert_eq!(place.mails(1).len(), 1);
}
