//! Drop folders: what is listed, for whom it is, and how it goes away.

use super::*;

fn to(receiver: &str) -> String {
    format!("x-sender: a@x.org\r\nx-receiver: {receiver}\r\n{MAIL}")
}

#[test]
fn the_oldest_comes_first_and_what_is_no_message_is_not_seen() {
    let home = Home::new();
    home.put("b.eml", 30, MAIL);
    home.put("c.eml", 10, MAIL);
    home.put("a.eml", 20, MAIL);
    home.put(".d.eml.tmp", 5, MAIL);
    home.put("empty.eml", 5, "");
    fs::create_dir(home.path("archive")).unwrap();
    assert_eq!(listed(&home.drop_folder()), ["c.eml", "a.eml", "b.eml"]);
    assert_eq!(home.drop_folder().count().unwrap(), 3);
}

#[test]
fn a_message_says_what_its_header_and_its_envelope_say() {
    let home = Home::new();
    let mail = "X-Sender: <a@x.org>\r\nx-receiver: r0@y.org\r\nX-Receiver: <r1@y.org> NOTIFY=NEVER\r\n\
        Received: from x\r\n\tby y\r\nFrom: =?utf-8?Q?Ann_=C3=84?= <ann@example.org>, b@x.org\r\nTo: \"Bob\" <bob@example.net>\r\n\
        Cc: group: c@x.org, d@x.org;\r\nSubject: =?utf-8?B?w6RiYw==?=\r\nDate: Thu, 1 Jan 1970 01:00:07 +0100\r\n\
        Message-ID: <1@x>\r\nX-Note: one\r\n two\r\n\r\nHello.\r\n";
    home.put("a.eml", 42, mail);
    let message = home.drop_folder().get("a.eml").unwrap();
    let envelope = message.envelope().unwrap();
    assert_eq!((envelope.sender.as_deref(), &*envelope.recipients.join(" ")), (Some("a@x.org"), "r0@y.org r1@y.org"));
    let sender = message.sender().unwrap();
    assert_eq!((sender.name.as_deref(), sender.address.as_str()), (Some("Ann Ä"), "ann@example.org"));
    let recipients: Vec<&str> = message.recipients().map(|one| one.address.as_str()).collect();
    assert_eq!(recipients, ["bob@example.net", "c@x.org", "d@x.org"]);
    assert_eq!((message.subject(), message.message_id()), (Some("äbc"), Some("1@x")));
    let second = |second| Some(UNIX_EPOCH + Duration::from_secs(second));
    assert_eq!((message.date(), message.received()), (second(7), second(42)));
    assert_eq!((message.field("x-note").as_deref(), message.fields().count()), (Some("one two"), 8));
    let octets = message.octets().unwrap();
    assert!(octets.starts_with(b"Received: from x\r\n\tby y\r\nFrom"), "{octets:?}");
    assert_eq!(message.size(), octets.len() as u64);
    assert_eq!((message.flags(), message.is_new()), (MessageFlags::default(), true));
    assert_eq!(message.read().unwrap().text(), Some("Hello.\r\n"));
}

#[test]
fn a_null_sender_is_one_and_a_message_without_an_envelope_has_none() {
    let home = Home::new();
    home.put("null.eml", 1, format!("x-sender: <>\r\nx-receiver: r@y.org\r\n{MAIL}"));
    home.put("none.eml", 1, MAIL);
    let inbox = home.drop_folder();
    let null = inbox.get("null.eml").unwrap();
    assert_eq!(null.envelope().unwrap().sender, None);
    assert_eq!(null.envelope().unwrap().recipients, ["r@y.org"]);
    assert_eq!(inbox.get("none.eml").unwrap().envelope(), None);
}

#[test]
fn only_messages_for_the_address_are_seen_by_the_envelope_else_by_to_and_cc() {
    let home = Home::new();
    home.put("1.eml", 1, to("bob@example.net"));
    home.put("2.eml", 2, to("carol@example.net")); // though To says bob
    home.put("3.eml", 3, MAIL);
    home.put("4.eml", 4, to("BOB@Example.NET"));
    home.put("5.eml", 5, "To: x@y.org\r\nCc: Bob <bob@example.net>\r\n\r\n");
    home.put("6.eml", 6, "To: notbob@example.net\r\n\r\nbob@example.net");
    let inbox = home.drop_folder().only_for("bob@example.net".parse().unwrap());
    assert_eq!(listed(&inbox), ["1.eml", "3.eml", "4.eml", "5.eml"]);
    assert_eq!(inbox.count().unwrap(), 4);
    assert!(matches!(inbox.get("2.eml").unwrap_err().problem, MessageProblem::Gone));
    let deleted = inbox.messages().unwrap().delete_all();
    assert_eq!((deleted.deleted, deleted.failed.len()), (4, 0));
    assert_eq!(home.names(""), ["2.eml", "6.eml"]);
}

#[test]
fn a_message_that_is_deleted_is_gone_for_everybody_and_one_alone_deletes_it() {
    let home = Home::new();
    home.put("a.eml", 1, MAIL);
    let inbox = home.drop_folder();
    let [first, second] = [(); 2].map(|()| inbox.get("a.eml").unwrap());
    first.delete().unwrap();
    assert_eq!(home.names(""), [""; 0]);
    assert!(matches!(second.read().unwrap_err().problem, MessageProblem::Gone));
    assert!(matches!(second.delete().unwrap_err().problem, MessageProblem::Gone));
}

#[test]
fn readers_at_the_same_time_have_each_message_once() {
    let home = Home::new();
    for number in 0..200 {
        home.put(&format!("{number}.eml"), number, MAIL);
    }
    let inbox = home.drop_folder();
    let read = |inbox: Inbox| move || inbox.messages().unwrap().flatten().filter_map(|one| one.delete().ok()).count();
    let readers = [(); 4].map(|()| std::thread::spawn(read(inbox.clone())));
    assert_eq!(readers.map(|reader| reader.join().unwrap()).iter().sum::<usize>(), 200);
}

#[test]
fn those_that_were_listed_are_deleted_and_later_ones_and_what_is_no_mail_stay() {
    let home = Home::new();
    home.put("a.eml", 1, MAIL);
    home.put("b.eml", 2, MAIL);
    home.put("notes.txt", 3, "no mail at all");
    let messages = home.drop_folder().messages().unwrap();
    home.put("c.eml", 4, MAIL);
    let deleted = messages.delete_all();
    assert_eq!(deleted.deleted, 2);
    assert!(matches!(deleted.failed[..], [MessageError { problem: MessageProblem::NoMail, .. }]), "{deleted:?}");
    assert_eq!(home.names(""), ["c.eml", "notes.txt"]);
}

#[test]
fn a_listing_has_the_oldest_and_says_how_many_it_left_out() {
    let home = Home::new();
    for number in 0..10 {
        home.put(&format!("{number}.eml"), 100 - number, MAIL);
    }
    let messages = Messages::of(&home.drop_folder(), 3).unwrap();
    assert_eq!(messages.left_out(), 7);
    assert_eq!(messages.map(|one| one.unwrap().name().to_owned()).collect::<Vec<_>>(), ["9.eml", "8.eml", "7.eml"]);
}

#[test]
fn a_writer_that_does_not_rename_is_given_time() {
    let home = Home::new();
    fs::write(home.path("a.eml"), MAIL).unwrap();
    home.put("old.eml", 1, MAIL);
    assert_eq!(listed(&home.drop_folder().quiet_for(Duration::from_secs(60))), ["old.eml"]);
    assert_eq!(home.drop_folder().count().unwrap(), 2);
}
