//! `sendmail -bs`: a dialogue on standard input and output.

use crate::daemon::Home;

fn codes(out: &str) -> Vec<&str> {
    out.lines().filter(|line| line.as_bytes().get(3) != Some(&b'-')).map(|line| &line[..3]).collect()
}

const DIALOGUE: &str =
    "EHLO me\nMAIL FROM:<me@a.example>\nRCPT TO:<ann@b.example>\nRCPT TO:<no address>\nDATA\nSubject: one\nBcc: x@y\n\
                        \n..dot\n.\nMAIL FROM:<>\nRCPT TO:<bob@c.example>\nDATA\nno header\n.\nQUIT\n";

#[test]
fn two_mails_go_in_one_dialogue_and_what_is_wrong_is_refused() {
    for ends in ["\r\n", "\n"] {
        let home = Home::started("");
        let ended = home.send(&["-bs"], DIALOGUE.replace('\n', ends));
        assert_eq!(ended.code, 0, "{}", ended.err);
        let expected = ["220", "250", "250", "250", "501", "354", "250", "250", "250", "354", "250", "221"];
        assert_eq!(codes(&ended.out), expected, "{}", ended.out);
        assert!(ended.out.contains("queued as "), "{}", ended.out);
        let mails = home.delivered(2);
        let of = |who: &str| mails.iter().find(|mail| mail.contains(&format!("x-receiver: {who}\n"))).unwrap();
        let (one, two) = (of("ann@b.example"), of("bob@c.example"));
        assert!(one.ends_with("\n\n.dot\n") && one.contains("\nSubject: one\n") && !one.contains("Bcc"), "{one}");
        assert!(two.ends_with("\n\nno header\n") && two.starts_with("x-sender: <>\n"), "{two}");
    }
}

#[test]
fn while_the_daemon_is_down_a_mail_is_put_off_or_waits_in_the_pickup_folder() {
    let home = Home::new("");
    let ended = home.send(&["-bs"], DIALOGUE);
    assert_eq!(codes(&ended.out)[6], "451", "{}", ended.out);
    let home = Home::with_pickup();
    let ended = home.send(&["-bs"], DIALOGUE);
    assert_eq!(codes(&ended.out)[6], "250", "{}", ended.out);
    assert_eq!(home.waiting().len(), 2);
}

#[test]
fn an_input_that_ends_within_a_mail_sends_nothing() {
    let home = Home::started("");
    let cut = &DIALOGUE[..DIALOGUE.find("dot").unwrap()];
    let ended = home.send(&["-bs"], cut);
    assert_eq!(ended.code, 65, "{}", ended.err);
    assert!(home.delivered(0).is_empty());
}
