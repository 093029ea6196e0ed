//! Standings by examples: what facts add up to.

use proptest::prelude::*;

use super::*;
use crate::{Fate, How, Reply, Scope, Success};

const MAIL: crate::QueueId = crate::QueueId(1);

fn standing(recipients: u32) -> Standing {
    Standing::new((0..recipients).map(RcptNo))
}

fn finished(how: How) -> Fact {
    Fact::Finished { mail: MAIL, recipients: vec![RcptNo(0)], how }
}

fn refusal() -> How {
    How::Failed(Diagnosis::own(Scope::Recipient, Reply::new(550, 1, 1, "no such user")))
}

fn scheduled(recipients: Vec<RcptNo>, due: u64) -> Fact {
    Fact::Schedule { mail: MAIL, recipients, attempts: 1, due: Moment(due), last: None, perhaps: false }
}

#[test]
fn the_first_end_of_a_recipient_is_its_only_one() {
    let mut standing = standing(2);
    standing.note(&finished(How::Delivered));
    standing.note(&finished(refusal()));
    assert_eq!(standing.left(), [(RcptNo(1), None)], "no report on what was delivered");
}

#[test]
fn a_failure_is_left_until_it_is_reported() {
    let mut standing = standing(1);
    standing.note(&finished(refusal()));
    standing.note(&finished(How::Delivered));
    assert!(!standing.is_done());
    standing.note(&Fact::Reported { mail: MAIL, recipients: vec![RcptNo(0)] });
    assert!(standing.is_done());
}

#[test]
fn a_dot_without_an_answer_is_in_doubt_until_the_next_answer() {
    let mut standing = standing(1);
    standing.note(&Fact::Attempting { mail: MAIL, recipients: vec![RcptNo(0)], host: "mx".into() });
    assert_eq!(standing.in_doubt().collect::<Vec<_>>(), [(RcptNo(0), "mx")]);
    standing.note(&scheduled(vec![RcptNo(0)], 5));
    assert_eq!(standing.in_doubt().count(), 0);
    assert_eq!(standing.left(), [(RcptNo(0), Some(Moment(5)))]);
}

#[test]
fn an_expanded_recipient_comes_back_neither_by_expansion_nor_by_the_draft_of_the_stage() {
    let mut standing = standing(2);
    standing.note(&Fact::Expanded { mail: MAIL, from: RcptNo(0), into: vec![RcptNo(2), RcptNo(3)] });
    standing.note(&Fact::Expanded { mail: MAIL, from: RcptNo(2), into: vec![RcptNo(0)] });
    assert_eq!(standing.left(), [(RcptNo(1), None), (RcptNo(3), None)]);
}

#[test]
fn the_facts_of_a_standing_bring_a_new_one_to_it() {
    let mut old = standing(4);
    old.note(&finished(How::Delivered));
    old.note(&Fact::Attempting { mail: MAIL, recipients: vec![RcptNo(1)], host: "mx".into() });
    old.note(&scheduled(vec![RcptNo(2)], 7));
    old.note(&Fact::Finished { mail: MAIL, recipients: vec![RcptNo(3)], how: refusal() });
    old.note(&Fact::Fault { mail: MAIL });
    old.note(&Fact::Warned { mail: MAIL, recipients: vec![RcptNo(2)] });
    let mut new = standing(4);
    old.facts(MAIL, (0..4).map(RcptNo)).iter().for_each(|fact| new.note(fact));
    assert_eq!(new, old);
}

#[test]
fn a_released_mail_starts_with_a_clean_record() {
    let mut standing = standing(1);
    standing.note(&Fact::Fault { mail: MAIL });
    standing.note(&Fact::Held { mail: MAIL, why: HeldWhy { by: crate::HeldBy::Fault, reason: "poison".into() } });
    assert!(standing.held().is_some() && standing.faults() == 1);
    standing.note(&Fact::Released { mail: MAIL });
    assert!(standing.held().is_none() && standing.faults() == 0);
}

#[test]
fn a_number_that_has_no_next_one_is_given_to_nobody() {
    let mut standing = Standing::new([RcptNo(0)].into_iter());
    let into = vec![RcptNo(1), RcptNo(u32::MAX)];
    standing.note(&Fact::Expanded { mail: MAIL, from: RcptNo(0), into });
    assert_eq!(standing.left(), [(RcptNo(1), None)]);
    assert_eq!(standing.known(), 1, "the draft of the stage says which numbers were given");
    let last = Standing::new([RcptNo(u32::MAX)].into_iter());
    assert_eq!(last.known(), u32::MAX, "no panic, whatever a disk says");
}

const SUCCESSES: [Success; 3] = [Success::Delivered, Success::Relayed, Success::Expanded];

/// Every thing that can happen to a recipient.
fn anything() -> impl Strategy<Value = Fact> {
    let who = prop::collection::vec(0..4_u32, 1..3);
    let said = prop::option::of(prop::sample::select(vec!["one", "other"]));
    (0..9_u8, who, said, 0..3_usize).prop_map(|(kind, who, said, good)| {
        let mut recipients: Vec<RcptNo> = who.into_iter().map(RcptNo).collect();
        recipients.sort();
        recipients.dedup();
        let last = said.map(|text| Diagnosis::own(Scope::Mail, Reply::new(450, 1, 1, text)));
        let (mail, perhaps) = (MAIL, said.is_some());
        let finished = |recipients, how| Fact::Finished { mail, recipients, how };
        match (kind, last.clone()) {
            (0, _) => finished(recipients, How::Delivered),
            (1, Some(why)) => finished(recipients, How::Failed(why)),
            (2 | 3, why) => finished(recipients, How::Confirm(SUCCESSES[good], why)),
            (4, _) => Fact::Attempting { mail, recipients, host: "mx".into() },
            (5, _) => Fact::Warned { mail, recipients },
            (6, _) => Fact::Reported { mail, recipients },
            _ => Fact::Schedule { mail, recipients, attempts: 3, due: Moment(7), last, perhaps },
        }
    })
}

proptest! {
    #[test]
    fn whatever_happened_the_facts_of_a_standing_bring_a_new_one_to_it(happened in prop::collection::vec(anything(), 0..12)) {
        let mut old = standing(4);
        happened.iter().for_each(|fact| old.note(fact));
        let mut new = Standing { advanced: old.advanced, ..standing(4) };
        old.facts(MAIL, (0..4).map(RcptNo)).iter().for_each(|fact| new.note(fact));
        prop_assert_eq!(&new.open, &old.open);
        let again = old.left().into_iter().map(|(no, _)| no);
        let mut moved = Standing::again(again, old.known);
        old.facts(MAIL, std::iter::empty()).iter().for_each(|fact| moved.note(fact));
        prop_assert_eq!(moved.marked(old.advanced).open, old.open);
    }
}

#[test]
fn a_success_that_is_to_be_told_is_left_until_it_is_told_and_is_offered_as_news_only() {
    for success in SUCCESSES {
        let mut standing = standing(2);
        let why = Diagnosis::own(Scope::Mail, Reply::new(250, 0, 0, "taken"));
        standing.note(&finished(How::Confirm(success, Some(Arc::clone(&why)))));
        standing.note(&finished(How::Delivered));
        let (mail, news) = offered(&standing);
        assert_eq!(mail.unwrap().draft().envelope.recipients.numbers().collect::<Vec<_>>(), [RcptNo(1)]);
        let story = news.unwrap().who.remove(&RcptNo(0)).unwrap();
        assert_eq!((story.fate, story.last), (Fate::from(success), Some(why)));
        standing.note(&Fact::Reported { mail: MAIL, recipients: vec![RcptNo(0), RcptNo(1)] });
        assert_eq!(standing.left(), [(RcptNo(1), None)], "who is not at its end is not told of");
    }
}

fn offered(standing: &Standing) -> (Option<Offered>, Option<News>) {
    let recipients = ["a@x", "b@x"].map(|name| crate::Address::parse(name).unwrap());
    let envelope = crate::Envelope { recipients: recipients.into_iter().collect(), ..crate::Envelope::default() };
    let hold = Hold::new(MAIL, Arc::new(|_| {}));
    standing.offer(Draft::new(envelope, crate::Content::new("x")), &[RcptNo(0), RcptNo(1)], hold)
}

#[test]
fn a_warning_is_known_to_whoever_tries_next() {
    let mut standing = standing(2);
    standing.note(&scheduled(vec![RcptNo(0)], 5));
    standing.note(&Fact::Warned { mail: MAIL, recipients: vec![RcptNo(0)] });
    standing.note(&scheduled(vec![RcptNo(0)], 9));
    assert!(standing.open[0].history().warned && !standing.open[1].history().warned);
}

#[test]
fn who_is_to_be_told_of_stays_whatever_the_draft_of_the_stage_names() {
    let mut standing = standing(2);
    standing.note(&finished(How::Confirm(Success::Expanded, None)));
    standing.note(&Fact::Expanded { mail: MAIL, from: RcptNo(0), into: vec![RcptNo(2)] });
    let mut recipients = crate::Recipients::from_iter(["a@x", "b@x"].map(|name| crate::Address::parse(name).unwrap()));
    recipients.expand(RcptNo(0), [crate::Address::parse("c@x").unwrap().into()]);
    let envelope = crate::Envelope { recipients, ..crate::Envelope::default() };
    let draft = Box::new(Draft::new(envelope, crate::Content::new("x")));
    standing.note(&Fact::Advanced { mail: MAIL, draft });
    assert_eq!(standing.left(), [(RcptNo(0), None), (RcptNo(1), None), (RcptNo(2), None)]);
}

#[test]
fn a_recipient_that_a_sink_added_beside_an_alias_is_open_behind_the_stage() {
    let mut standing = standing(1);
    standing.note(&Fact::Expanded { mail: MAIL, from: RcptNo(0), into: vec![RcptNo(2), RcptNo(3)] });
    let mut after = Draft::new(crate::Envelope::default(), crate::Content::default());
    let address = |text: &str| crate::Recipient::from(crate::Address::parse(text).unwrap());
    let list = vec![
        (RcptNo(1), address("boss@x.example")),
        (RcptNo(2), address("a@x.example")),
        (RcptNo(3), address("b@x.example")),
    ];
    after.envelope.recipients = crate::Recipients::restore(list, 4).unwrap();
    standing.note(&Fact::Advanced { mail: MAIL, draft: Box::new(after) });
    assert_eq!(standing.left(), [(RcptNo(1), None), (RcptNo(2), None), (RcptNo(3), None)]);
    assert_eq!(standing.known(), 4);
}

#[test]
fn who_may_not_have_it_yet_waits_and_news_of_an_end_does_not() {
    let envelope = Envelope { not_before: Some(Moment(90)), priority: QueuePriority::Low, ..Envelope::default() };
    let mut standing = standing(3).timed(&envelope);
    standing.note(&scheduled(vec![RcptNo(1)], 70));
    standing.note(&finished(refusal()));
    assert_eq!(standing.left(), [(RcptNo(0), None), (RcptNo(1), Some(Moment(70))), (RcptNo(2), Some(Moment(90)))]);
    assert_eq!(standing.priority(), QueuePriority::Low);
    standing.note(&Fact::Advanced { mail: MAIL, draft: Box::new(Draft::new(Envelope::default(), Default::default())) });
    assert_eq!((standing.priority(), standing.rests_until()), (QueuePriority::Normal, None));
    assert!(std::mem::size_of::<Standing>() <= 56, "a hundred thousand of them stand in memory");
}
