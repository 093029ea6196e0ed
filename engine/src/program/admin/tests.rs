//! Who may ask, how much is answered, and that every line is read as it was written.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{
    program::{line, Answer, Request, MAX_LINE},
    Diagnosis, Draft, Envelope, Fact, Flush, HeldBy, HeldWhy, How, RcptNo, Recipient, Reply, Scope, Standing,
};

fn asked(value: &serde_json::Value) -> Result<AdminRequest, Code> {
    match Request::parse(value.to_string().as_bytes()).unwrap().request {
        Ok(Request::Admin(request)) => Ok(request),
        Ok(other) => panic!("{other:?}"),
        Err(problem) => Err(problem.code),
    }
}

#[test]
fn only_root_and_the_user_of_the_engine_may_ask() {
    let table = [
        (Some(0), 990, true),
        (Some(990), 990, true),
        (Some(991), 990, false),
        (Some(1), 0, false),
        (Some(0), 0, true),
        (Some(u32::MAX), 990, false),
        (None, 990, false),
        (None, 0, false),
    ];
    for (user, owner, may) in table {
        assert_eq!(may_administer(user, owner), may, "{user:?} of an engine of {owner}");
    }
    let problem = not_permitted(990);
    assert!(problem.code == Code::NotPermitted && !problem.temporary && problem.text.contains("990"), "{problem:?}");
}

#[test]
fn a_portion_has_at_least_one_line_and_never_more_than_it_may() {
    for (asked, lines) in [(None, 100), (Some(0), 1), (Some(7), 7), (Some(1000), 1000), (Some(usize::MAX), 1000)] {
        assert_eq!(portion(asked), lines, "{asked:?}");
    }
}

#[test]
fn requests_of_operators_are_read_and_what_is_wrong_with_them_is_said() {
    let table = [
        (json!({"do": "audit", "tag": 1}), Ok(AdminRequest::Audit { tag: 1 })),
        (json!({"do": "held", "tag": 1}), Ok(AdminRequest::Held { tag: 1, after: None, limit: None })),
        (
            json!({"do": "queue", "tag": 1, "after": "2A", "limit": 5}),
            Ok(AdminRequest::Queue { tag: 1, after: Some(QueueId(42)), limit: Some(5) }),
        ),
        (json!({"do": "queue", "tag": 1, "after": null}), Ok(AdminRequest::Queue { tag: 1, after: None, limit: None })),
        (json!({"do": "release", "tag": 1, "id": "2A"}), Ok(AdminRequest::Release { tag: 1, id: QueueId(42) })),
        (json!({"do": "flush", "tag": 1, "what": "all"}), Ok(AdminRequest::Flush { tag: 1, what: WhichMail::All })),
        (
            json!({"do": "flush", "tag": 1, "what": {"mail": "2A"}}),
            Ok(AdminRequest::Flush { tag: 1, what: WhichMail::Mail(QueueId(42)) }),
        ),
        (json!({"do": "suspend", "tag": 1, "sink": "a"}), Ok(AdminRequest::Suspend { tag: 1, sink: "a".into() })),
        (json!({"do": "release", "tag": 1, "id": "xyz"}), Err(Code::BadRequest)),
        (json!({"do": "release", "tag": 1}), Err(Code::BadRequest)),
        (json!({"do": "queue", "tag": 1, "limit": -1}), Err(Code::BadRequest)),
        (json!({"do": "queue", "tag": 1, "lim": 1}), Err(Code::BadRequest)),
        (json!({"do": "flush", "tag": 1, "what": "everything"}), Err(Code::BadRequest)),
        (json!({"do": "audit"}), Err(Code::BadRequest)),
        (json!({"do": "audit", "tag": 1, "octets": 5}), Err(Code::BadRequest)),
        (json!({"do": "reboot", "tag": 1}), Err(Code::UnknownRequest)),
    ];
    for (value, expected) in table {
        assert_eq!(asked(&value), expected, "{value}");
    }
}

#[test]
fn every_request_that_is_known_by_name_can_be_read() {
    let all = json!({"tag": 1, "id": "2A", "what": "all", "sink": "a"});
    for name in KNOWN {
        let tries = [json!({}), json!({"id": all["id"]}), json!({"what": "all"}), json!({"sink": "a"})];
        let read = tries.into_iter().any(|mut value| {
            value["do"] = name.into();
            value["tag"] = 1.into();
            asked(&value).is_ok()
        });
        assert!(read, "{name}");
    }
}

#[test]
fn what_is_flushed_is_what_a_client_could_ask_for_or_one_mail() {
    let table = [
        (WhichMail::All, Some(Flush::All)),
        (WhichMail::For("example.org".into()), Some(Flush::Domain("example.org".into()))),
        (WhichMail::For("@example.org".into()), Some(Flush::Within("example.org".into()))),
        (WhichMail::For("#bulk".into()), Some(Flush::Queue("bulk".into()))),
        (WhichMail::For("a b".into()), None),
        (WhichMail::Mail(QueueId(42)), Some(Flush::Mail(QueueId(42)))),
    ];
    for (asked, flush) in table {
        assert_eq!(asked.flush(), flush, "{asked:?}");
        assert!(flush.is_none_or(|flush| WhichMail::from(flush) == asked));
    }
}

fn draft(recipients: u32) -> Draft {
    let one = |no| Recipient::from(format!("{}{no}@example.net", "x".repeat(50)).parse::<crate::Address>().unwrap());
    let sender = Some("ann@example.org".parse().unwrap());
    let recipients = (0..recipients).map(one).collect();
    Draft::new(
        Envelope { sender, recipients, ..Envelope::default() },
        bytes::Bytes::from_static(b"A: b\r\n\r\n").into(),
    )
}

#[test]
fn a_mail_says_where_it_is() {
    let (id, draft) = (QueueId(42), draft(1));
    let new = || Standing::new([RcptNo(0)].into_iter());
    let noted = |fact| {
        let mut standing = new();
        standing.note(&fact);
        standing
    };
    let held = noted(Fact::Held { mail: id, why: HeldWhy { by: HeldBy::Operator, reason: "why".into() } });
    let table = [
        (new(), true, MailPlace::Out),
        (new(), false, MailPlace::Resting),
        (held, true, MailPlace::Held),
        (new().prepared(true), false, MailPlace::Prepared),
    ];
    for (standing, is_out, state) in table {
        let mail = QueuedMail::of(id, &standing, Ok(&draft), is_out);
        assert_eq!((mail.state, mail.octets, mail.open), (state, Some(8), 1));
        assert_eq!(mail.sender.as_deref(), Some("ann@example.org"));
    }
    let damaged = QueuedMail::of(id, &new(), Err("a bad sum"), false);
    assert_eq!((damaged.arrived, damaged.damage.as_deref(), damaged.open), (None, Some("a bad sum"), 1));
}

#[test]
fn a_mail_for_very_many_with_very_long_replies_fits_into_a_line() {
    let (id, draft) = (QueueId(42), draft(5000));
    let mut standing = Standing::new((0..5000).map(RcptNo));
    let reply = Reply { code: 550, enhanced: None, text: "\u{1}".repeat(100_000).into() };
    let why = std::sync::Arc::new(Diagnosis { reply, remote: Some("\u{1}".repeat(9000).into()), scope: Scope::Mail });
    standing.note(&Fact::Finished { mail: id, recipients: (0..5000).map(RcptNo).collect(), how: How::Failed(why) });
    let mail = QueuedMail::of(id, &standing, Ok(&draft), false);
    assert_eq!((mail.open, mail.recipients.len()), (5000, MOST_NAMED));
    let octets = line(&Answer::from(AdminAnswer::Mail { tag: 1, mail: Box::new(mail) })).len();
    assert!(octets < MAX_LINE, "{octets}");
    let strays = vec![QueueId(u64::MAX).to_string(); MOST_STRAYS];
    let found = Audited { strays, ..Audited::default() };
    assert!(line(&Answer::from(AdminAnswer::Audited { tag: 1, found })).len() < MAX_LINE);
}

proptest! {
    #[test]
    fn a_request_and_an_answer_are_read_as_they_were_written(
        tag in any::<u64>(), id in any::<u64>(), after in proptest::option::of(any::<u64>()), text in "\\PC{0,9}",
        limit in proptest::option::of(any::<usize>()), count in any::<usize>(),
    ) {
        let (id, after) = (QueueId(id), after.map(QueueId));
        for request in [
            AdminRequest::Audit { tag }, AdminRequest::Held { tag, after, limit }, AdminRequest::Release { tag, id },
            AdminRequest::Queue { tag, after, limit }, AdminRequest::Sinks { tag },
            AdminRequest::Flush { tag, what: WhichMail::Hop(text.clone()) },
            AdminRequest::Flush { tag, what: WhichMail::Mail(id) },
            AdminRequest::Suspend { tag, sink: text.clone() }, AdminRequest::Resume { tag, sink: text.clone() },
        ] {
            prop_assert_eq!((request.tag(), request.clone().tagged(7).tag()), (tag, 7));
            let written = line(&Request::Admin(request.clone()));
            prop_assert_eq!(Request::parse(&written).unwrap().request, Ok(Request::Admin(request)));
        }
        let why = HeldWhy { by: HeldBy::Fault, reason: text.clone() };
        let mail = QueuedMail::of(id, &Standing::new([RcptNo(0)].into_iter()), Ok(&draft(1)), true);
        let sink = Sink::of(&crate::BindingSettings::new(text), &[crate::events::Kind::Connect]);
        prop_assert_eq!(HeldLine::of(id, &why).why(), why.clone());
        for answer in [
            AdminAnswer::Audited { tag, found: Audited { on_disk: count, ..Audited::default() } },
            AdminAnswer::Held { tag, mail: HeldLine::of(id, &why) }, AdminAnswer::Released { tag, id },
            AdminAnswer::Mail { tag, mail: Box::new(mail) }, AdminAnswer::Sink { tag, sink: Box::new(sink) },
            AdminAnswer::Flushed { tag, mails: count }, AdminAnswer::Done { tag },
            AdminAnswer::End { tag, count, next: after },
        ] {
            let answer = Answer::Admin(answer);
            prop_assert_eq!(answer.tag(), Some(tag));
            prop_assert_eq!(Answer::parse(&line(&answer)), Some(answer));
        }
    }
}
