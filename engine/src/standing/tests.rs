//! Standings by examples: what facts add up to.

use super::*;
use crate::{Reply, Scope};

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
    assert_eq!(standing.known(), 2);
    let last = Standing::new([RcptNo(u32::MAX)].into_iter());
    assert_eq!(last.known(), u32::MAX, "no panic, whatever a disk says");
}
