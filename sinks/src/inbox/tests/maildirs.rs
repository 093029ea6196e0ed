//! Maildirs: two folders, flags, and readers who move messages meanwhile.

use super::*;

#[test]
fn messages_are_in_new_and_cur_and_keep_their_name_whatever_their_flags_are() {
    let home = Home::with_maildir();
    home.put("new/2.b.host", 20, MAIL);
    home.put("cur/1.a.host:2,FS", 10, MAIL.replace("\r\n", "\n"));
    home.put("tmp/3.c.host", 5, MAIL);
    let inbox = home.maildir();
    assert_eq!(listed(&inbox), ["1.a.host", "2.b.host"]);
    let [a, b] = ["1.a.host", "2.b.host"].map(|name| inbox.get(name).unwrap());
    assert_eq!(a.flags(), MessageFlags { seen: true, flagged: true, ..MessageFlags::default() });
    assert_eq!((a.is_new(), b.is_new(), b.flags()), (false, true, MessageFlags::default()));
    assert_eq!((a.subject(), a.read().unwrap().text()), (Some("hi"), Some("Hello.\n")));
    assert_eq!(a.octets().unwrap(), MAIL.replace("\r\n", "\n").as_bytes());
}

#[test]
fn a_message_that_another_reader_moves_is_still_the_same() {
    let home = Home::with_maildir();
    home.put("new/1.a.host", 10, MAIL);
    let inbox = home.maildir();
    let (message, listing) = (inbox.get("1.a.host").unwrap(), inbox.messages().unwrap());
    fs::rename(home.path("new/1.a.host"), home.path("cur/1.a.host:2,")).unwrap();
    assert_eq!(message.read().unwrap().text(), Some("Hello.\r\n"));
    fs::rename(home.path("cur/1.a.host:2,"), home.path("cur/1.a.host:2,RS")).unwrap();
    let listed: Vec<Message> = listing.map(Result::unwrap).collect();
    assert!(listed.len() == 1 && listed[0].flags().replied && !listed[0].is_new(), "{listed:?}");
    message.delete().unwrap();
    assert_eq!(home.names("cur"), [""; 0]);
}

#[test]
fn a_message_that_is_found_twice_on_its_way_is_listed_once() {
    let home = Home::with_maildir();
    home.put("new/1.a.host", 10, MAIL);
    fs::hard_link(home.path("new/1.a.host"), home.path("cur/1.a.host:2,S")).unwrap();
    home.put("new/2.b.host", 5, MAIL);
    let messages: Vec<Message> = home.maildir().messages().unwrap().map(Result::unwrap).collect();
    assert_eq!(messages.iter().map(Message::name).collect::<Vec<_>>(), ["2.b.host", "1.a.host"]);
    assert!(messages[1].flags().seen, "it is the one that was moved");
}

#[test]
fn nothing_is_made_and_nothing_is_moved_by_reading() {
    let home = Home::with_maildir();
    home.put("new/1.a.host", 10, MAIL);
    home.maildir().messages().unwrap().for_each(|message| drop(message.unwrap().read().unwrap()));
    assert_eq!((home.names("new"), home.names("cur").len()), (vec!["1.a.host".into()], 0));
    let other = Home::new();
    let error = Inbox::maildir(other.path("")).unwrap_err();
    assert!(matches!(error, InboxError::NoMaildir { missing: "new", .. }), "{error}");
    assert_eq!(other.names(""), [""; 0]);
    let error = Inbox::maildir(other.path("none")).unwrap_err().to_string();
    assert!(error.contains("none cannot be read: No such file"), "{error}");
}
