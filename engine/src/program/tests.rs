//! Every line is read as it was written, and no line from outside does harm.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{
    Address, Body, DeliveryStatus, Diagnosis, Envelope, KeyHash, Moment, Notify, QueueId, QueuePriority, Recipient,
    Reply, Ret, Scope, Ticket,
};

const NOW: Moment = Moment(1_795_156_274_000);

fn asked(value: serde_json::Value) -> Result<Request, Code> {
    let framed = Request::parse(value.to_string().as_bytes()).unwrap();
    framed.request.map_err(|problem| problem.code)
}

fn envelope(value: serde_json::Value) -> Result<Envelope, Code> {
    match asked(value)? {
        Request::Send(send) => send.envelope(NOW, 3).map_err(|problem| problem.code),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_least_that_a_send_says_is_from_to_and_how_many_octets() {
    let least =
        json!({"do": "send", "tag": 1, "from": "ann@example.org", "to": [{"address": "bob@example.net"}], "octets": 9});
    let framed = Request::parse(least.to_string().as_bytes()).unwrap();
    assert_eq!((framed.octets, framed.request.as_ref().unwrap().tag()), (9, 1));
    let envelope = envelope(least).unwrap();
    assert_eq!(envelope.recipients.len(), 1);
    assert_eq!((envelope.arrived, envelope.smtputf8), (NOW, false));
}

#[test]
fn whoever_is_named_twice_gets_it_once_as_the_first_naming_says() {
    let to = json!([{"address": "b@x", "notify": []}, {"address": "B@x"}, {"address": "b@X"}]);
    let recipients =
        envelope(json!({"do": "send", "tag": 1, "from": "a@x", "to": to, "octets": 9})).unwrap().recipients;
    let named: Vec<_> = recipients.iter().map(|(_, one)| (one.address.as_str(), one.notify.is_some())).collect();
    assert_eq!(named, [("b@x", true), ("B@x", false)], "a domain has no case, a mailbox may have");
}

#[test]
fn an_envelope_is_checked_as_that_of_smtp_is() {
    let send = |more: serde_json::Value| {
        let mut request = json!({"do": "send", "tag": 1, "from": "a@x", "to": [{"address": "b@x"}], "octets": 9});
        request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        envelope(request)
    };
    let to = |address: &str| json!({"to": [{"address": address}]});
    assert!(send(json!({"from": null})).unwrap().sender.is_none());
    assert!(send(to("ü@x")).unwrap().smtputf8);
    let table = [
        (json!({"from": ""}), Code::BadAddress),
        (json!({"from": "postmaster"}), Code::BadAddress),
        (to("b@x\r\nRCPT TO:<c@x>"), Code::BadAddress),
        (to("<b@x>"), Code::BadAddress),
        (json!({"to": []}), Code::NoRecipient),
        (
            json!({"to": [{"address": "a@x"}, {"address": "b@x"}, {"address": "c@x"}, {"address": "d@x"}]}),
            Code::TooManyRecipients,
        ),
        (json!({"to": [{"address": "a@x", "orcpt": "rfc822;a b"}]}), Code::BadRequest),
        (json!({"envid": "a b"}), Code::BadRequest),
        (json!({"expires": NOW.0}), Code::Expired),
        (json!({"expires": NOW.0 + 5, "not_before": NOW.0 + 5}), Code::Expired),
        (json!({"colour": "red"}), Code::BadRequest),
        (json!({"priority": "urgent"}), Code::BadRequest),
    ];
    for (more, code) in table {
        assert_eq!(send(more.clone()).map(|_| ()), Err(code), "{more}");
    }
}

#[test]
fn a_request_that_is_refused_says_how_many_octets_follow_it_nevertheless() {
    let table = [
        (r#"{"do": "fly", "tag": 7, "octets": 5}"#, Code::UnknownRequest, Some(7), 5),
        (r#"{"do": "send", "tag": 7, "octets": 5}"#, Code::BadRequest, Some(7), 5),
        (r#"{"do": "ping", "octets": 5}"#, Code::BadRequest, None, 5),
        (r#"{"tag": 7}"#, Code::BadRequest, Some(7), 0),
        (r#"{"do": "ping", "tag": 7, "octets": 5}"#, Code::BadRequest, Some(7), 5),
        (r#"{"do": "redeem", "tag": 7, "ticket": "x"}"#, Code::BadRequest, Some(7), 0),
    ];
    for (line, code, tag, octets) in table {
        let framed = Request::parse(line.as_bytes()).unwrap();
        let problem = framed.request.unwrap_err();
        assert_eq!((problem.code, problem.tag, framed.octets), (code, tag, octets), "{line}");
        assert!(!problem.code.closes());
    }
    for line in ["", "EHLO x", "[]", "7", r#"{"tag": "x"}"#, r#"{"tag": 1, "octets": -1}"#, r#"{"tag": 1, "tag": 2}"#] {
        let problem = Request::parse(line.as_bytes()).unwrap_err();
        assert!(problem.code.closes(), "{line}");
    }
}

#[test]
fn a_key_is_the_same_as_text_and_as_its_hash() {
    let with = |key: Option<&str>, key_hash: Option<&str>| SendRequest {
        key: key.map(Into::into),
        key_hash: key_hash.map(Into::into),
        ..SendRequest::default()
    };
    let same = SendRequest::default().under(Some(KeyHash::of("welcome/42")));
    assert_eq!(with(Some("welcome/42"), None).key_hash(), same.key_hash());
    for wrong in
        [with(Some("a"), Some("b")), with(None, Some("b")), with(None, Some("+0000000000000000000000000000001"))]
    {
        assert_eq!(wrong.key_hash().unwrap_err().code, Code::BadRequest);
    }
    assert!(with(Some(&"k".repeat(MAX_KEY + 1)), None).key_hash().is_err());
}

#[test]
fn a_code_of_a_later_version_is_read_and_its_text_is_cut() {
    let later = r#"{"is": "error", "tag": 1, "code": "eclipse", "temporary": true, "text": "wait"}"#;
    let Some(Answer::Error(problem)) = Answer::parse(later.as_bytes()) else { panic!() };
    assert_eq!((problem.code, problem.temporary), (Code::Unknown, true));
    assert_eq!(Problem::new(Code::Busy, "ü".repeat(MAX_TEXT)).text.len(), MAX_TEXT);
}

prop_compose! {
    fn a_reply()(code in 200_u16..600, enhanced in proptest::option::of((2_u8..6, 0_u16..999, 0_u16..999)), text in "\\PC{0,9}") -> Reply {
        let enhanced = enhanced.map(|(class, subject, detail)| crate::Enhanced(class, subject, detail));
        Reply { code, enhanced, text: text.into() }
    }
}

fn a_status() -> impl Strategy<Value = DeliveryStatus> {
    let why = (a_reply(), proptest::option::of("[a-z]{1,5}"), 0..3).prop_map(|(reply, remote, scope)| {
        let scope = [Scope::Recipient, Scope::Mail, Scope::Hop][scope as usize];
        std::sync::Arc::new(Diagnosis { reply, remote: remote.map(Into::into), scope })
    });
    let why = why.boxed();
    let maybe = proptest::option::of(why.clone());
    prop_oneof![
        Just(DeliveryStatus::Queued),
        Just(DeliveryStatus::Delivered),
        Just(DeliveryStatus::Expanded),
        Just(DeliveryStatus::Discarded),
        (any::<u64>(), maybe.clone()).prop_map(|(until, why)| DeliveryStatus::Deferred { until: Moment(until), why }),
        why.prop_map(|why| DeliveryStatus::Failed { why }),
        (proptest::option::of(any::<u64>()), maybe)
            .prop_map(|(until, why)| DeliveryStatus::PerhapsDelivered { until: until.map(Moment), why }),
        "\\PC{0,9}".prop_map(|reason| DeliveryStatus::Held { reason: reason.into() }),
    ]
}

proptest! {
    #[test]
    fn an_answer_is_read_as_it_was_written(
        tag in any::<u64>(), id in any::<u64>(), number in any::<u32>(), status in a_status(), reply in a_reply(),
    ) {
        let (id, address) = (QueueId(id), Address::parse("ann@example.org").unwrap());
        let told = ProgramStatus::from(&status);
        prop_assert_eq!(DeliveryStatus::from(told.clone()), status);
        for answer in [
            Answer::Sent { tag, id, repeated: true, ticket: Some(Ticket::new(tag, id)) },
            Answer::Sent { tag, id, repeated: false, ticket: None },
            Answer::Redeemed { tag, id },
            Answer::Recipient { tag, number, address, status: told.clone() },
            Answer::Changed { tag, number, status: told },
            Answer::Over { tag, complete: true },
            Answer::Error(Problem::rejected(&reply).of(tag)),
            Answer::Bye { text: "later".into() },
        ] {
            let line = line(&answer);
            prop_assert_eq!(line.iter().filter(|octet| **octet == b'\n').count(), 1);
            prop_assert!(answer.tag().is_none_or(|its| its == tag));
            prop_assert_eq!(Answer::parse(&line), Some(answer));
        }
    }

    #[test]
    fn an_envelope_goes_through_a_line_and_is_the_same(
        null in any::<bool>(), notify in proptest::option::of(any::<[bool; 3]>()), flags in any::<[bool; 4]>(),
        later in proptest::option::of(1_u64..1 << 40), priority in 0..3, binary in any::<bool>(),
    ) {
        let mut envelope = Envelope { arrived: NOW, smtputf8: flags[0], ..Envelope::default() };
        envelope.sender = (!null).then(|| Address::parse("\"a b\"@example.org").unwrap());
        let mut recipient = Recipient::from(Address::parse("bob@example.net").unwrap());
        recipient.notify = notify.map(|[success, failure, delay]| Notify { success, failure, delay });
        recipient.orcpt = flags[1].then(|| "rfc822;bob+40x".into());
        envelope.recipients.add(recipient);
        envelope.ret = flags[2].then_some(if flags[3] { Ret::Full } else { Ret::Headers });
        envelope.envid = flags[3].then(|| "x+20y".into());
        envelope.priority = QueuePriority::ALL[priority as usize];
        envelope.not_before = later.map(|later| NOW + std::time::Duration::from_millis(later));
        envelope.expires = later.map(|later| NOW + std::time::Duration::from_millis(later + 1));
        envelope.body = if binary { Body::BinaryMime } else { Body::SevenBit };
        let request = Request::Send(Box::new(SendRequest { tag: 3, ..SendRequest::of(&envelope, 17) }));
        let framed = Request::parse(&line(&request)).unwrap();
        prop_assert_eq!(framed.octets, 17);
        prop_assert_eq!(framed.request.as_ref(), Ok(&request));
        let Ok(Request::Send(send)) = framed.request else { panic!() };
        prop_assert_eq!(send.body == BodyKind::Binary, binary);
        envelope.body = Body::SevenBit; // found out when its content comes
        prop_assert_eq!(send.envelope(NOW, 9), Ok(envelope));
    }

    #[test]
    fn hostile_lines_are_refused_and_nothing_else(octets in proptest::collection::vec(any::<u8>(), 0..99)) {
        let _ = Request::parse(&octets);
        let _ = Answer::parse(&octets);
    }

    #[test]
    fn requests_that_are_nearly_right_are_refused_with_their_tag(
        field in "(tag|from|to|octets|do|key|body|id|ticket)", what in "(send|redeem|status|watch|stop|ping|x)",
        value in "(null|true|-1|1e99|18446744073709551616|\"\"|\"ü\"|\\[\\]|\\{\\}|\\[\\[\\[\\[1\\]\\]\\]\\])",
    ) {
        let line = format!(r#"{{"do": "{what}", "tag": 5, "from": null, "to": [], "octets": 0, "{field}": {value}}}"#);
        if let Ok(Framed { request: Ok(Request::Send(send)), .. }) = Request::parse(line.as_bytes()) {
            prop_assert!(send.envelope(NOW, 9).is_err(), "it is for nobody");
        }
    }
}

#[test]
fn a_line_that_opens_a_million_brackets_is_refused() {
    let deep = format!(r#"{{"do": "send", "tag": 1, "to": {}"#, "[".repeat(MAX_LINE / 2));
    assert!(Request::parse(deep.as_bytes()).is_err());
}
