//! What an operator asks through the socket is what the engine says when it is called.

use postrider::{AdminError, Change, Flush, QueueId};

use super::*;
use crate::fake::{engine, HELLO};

const SINK: &str = "[[sink]]\nkind = \"loop_guard\"\n";

#[test]
fn an_operator_hears_what_the_engine_says_when_it_is_called() {
    let home = Home::new();
    let (engine, client) = (home.start_with(SINK), home.connect());
    let sent: Vec<QueueId> = (0..3).map(|_| client.send_blocking(mail("bob@keep.example")).unwrap().id()).collect();
    let portion = client.queue_blocking(None, 1000).unwrap();
    assert_eq!((portion.lines.iter().map(|mail| mail.id).collect::<Vec<_>>(), portion.next), (sent.clone(), None));
    assert_eq!(client.audit_blocking().unwrap().on_disk, block_on(engine.audit()).unwrap().on_disk);
    assert_eq!(client.held_blocking().unwrap(), block_on(engine.held()).unwrap());
    assert!(!client.release_blocking(sent[0]).unwrap());
    assert_eq!(client.flush_blocking(Flush::Domain("nobody.example".into())).unwrap(), 0);
    let enabled = || client.bindings_blocking().unwrap().iter().map(|sink| sink.enabled).collect::<Vec<_>>();
    assert_eq!(enabled(), [true]);
    client.suspend_blocking("loop_guard").unwrap();
    assert_eq!((enabled(), block_on(engine.bindings()).unwrap()[0].settings.enabled), (vec![false], false));
    block_on(engine.change_binding("loop_guard", Change::Enabled(true))).unwrap();
    assert_eq!(enabled(), [true]);
    assert!(matches!(client.resume_blocking("other"), Err(AdminError::NoSuchSink(text)) if text.contains("other")));
    drain(&engine);
    let gone = client.audit_blocking().unwrap_err();
    assert!(matches!(gone, AdminError::NoEngine { .. }) && gone.is_temporary(), "{gone:?}");
}

#[test]
fn a_long_queue_is_listed_whole_in_portions_of_any_size() {
    let home = Home::new();
    let (engine, client) = (home.start(), home.connect());
    let sent: Vec<QueueId> = (0..150).map(|_| client.send_blocking(mail("bob@keep.example")).unwrap().id()).collect();
    for limit in [1, 49, 64, 150, usize::MAX] {
        let (mut listed, mut after) = (Vec::new(), None);
        loop {
            let portion = client.queue_blocking(after, limit).unwrap();
            assert!(portion.lines.len() <= limit);
            listed.extend(portion.lines.iter().map(|mail| mail.id));
            after = portion.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(listed, sent, "{limit}");
    }
    drain(&engine);
}

#[test]
fn an_engine_of_an_older_version_is_told_from_one_that_is_not_there() {
    let home = Home::new();
    let played = engine(&home.socket(), vec![HELLO], |_, guest| {
        let (code, tag) = ("unknown_request", guest.request().unwrap());
        let rest = "\"temporary\":false,\"text\":\"there are send, redeem\"";
        guest.say(&format!("{{\"is\":\"error\",\"tag\":{tag},\"code\":\"{code}\",{rest}}}\n"));
    });
    let refused = home.connect().held_blocking().unwrap_err();
    assert!(matches!(&refused, AdminError::Refused { text, .. } if text.contains("redeem")), "{refused:?}");
    assert!(!refused.is_temporary());
    played.join().unwrap();
}

#[test]
fn what_was_asked_when_the_connection_broke_is_asked_again_because_it_does_no_harm_twice() {
    let home = Home::new();
    let played = engine(&home.socket(), vec![HELLO, HELLO], |turn, guest| {
        let tag = guest.request().unwrap();
        match turn {
            0 => guest
                .say(&format!("{{\"is\":\"held\",\"tag\":{tag},\"id\":\"2A\",\"by\":\"fault\",\"reason\":\"x\"}}\n")),
            _ => guest.say(&format!("{{\"is\":\"end\",\"tag\":{tag},\"count\":0,\"next\":null}}\n")),
        }
    });
    assert_eq!(home.connect().held_blocking().unwrap(), [], "half a list is none");
    played.join().unwrap();
}
