//! The memory spool behaves as every spool must.

use postrider_engine::{
    Batch, Content, Diagnosis, Door, Durability, Entry, Envelope, Fact, HeldBy, HeldWhy, How, Look, RcptNo, Reply,
    Scope, Seen,
};

use super::*;

fn draft(text: &'static str) -> Draft {
    let mut envelope = Envelope::default();
    envelope.recipients.add(postrider_engine::Address::parse("a@example.org").unwrap());
    envelope.door = Door::Smtp;
    Draft::new(envelope, Content::new(text))
}

fn batch(entries: Vec<Entry>, looks: Vec<Look>) -> Batch {
    Batch { entries, looks, durability: Durability::Synced }
}

fn delivered(mail: QueueId) -> Fact {
    Fact::Finished { mail, recipients: vec![RcptNo(0)], how: How::Delivered }
}

#[tokio::test]
async fn what_is_committed_can_be_looked_up_and_read_back_until_it_is_done() {
    let mut spool = Memory::new();
    let applied = spool.apply(batch(vec![Entry::mail(draft("one")), Entry::mail(draft("two"))], vec![])).await.unwrap();
    let ids: Vec<_> = applied.receipts.iter().flat_map(|receipt| receipt.as_ref().unwrap().ids().to_vec()).collect();
    assert_eq!(ids, [QueueId(1), QueueId(2)]);
    let seen = spool.apply(batch(vec![], vec![Look::Kept(ids[1], vec![RcptNo(0)])])).await.unwrap().seen;
    let [Seen::Kept(_, _, Some(kept))] = &seen[..] else { panic!("it is kept") };
    let read = spool.reader().fetch(ids[1], kept.place).await.unwrap();
    assert_eq!(read.content.head(10).unwrap(), b"two");
    spool.apply(batch(vec![Entry::facts(vec![delivered(ids[1])])], vec![])).await.unwrap();
    assert!(matches!(spool.reader().fetch(ids[1], kept.place).await, Err(FetchError::Moved)));
    assert_eq!(spool.control().reopen().take_mails(), [ids[0]]);
}

#[tokio::test]
async fn new_mail_is_refused_without_space_and_facts_are_not() {
    let mut spool = Memory::new();
    spool.control().limit(3);
    let applied = spool.apply(batch(vec![Entry::mail(draft("one")), Entry::mail(draft("two"))], vec![])).await.unwrap();
    assert!(applied.receipts[0].is_ok() && applied.receipts[1].is_err());
    let entry = Entry { new: Entry::mail(draft("report")).new, facts: vec![delivered(QueueId(1))] };
    assert!(spool.apply(batch(vec![entry], vec![])).await.unwrap().receipts[0].is_ok());
    assert_eq!(spool.control().used(), 6);
}

#[tokio::test]
async fn a_failed_spool_answers_nothing_more() {
    let mut spool = Memory::new();
    spool.control().fail("the disk burns");
    let failed = spool.apply(batch(vec![Entry::mail(draft("one"))], vec![])).await.err().unwrap();
    assert_eq!(&*failed.reason, "the disk burns");
}

#[tokio::test]
async fn held_mails_are_listed() {
    let mut spool = Memory::new();
    spool.apply(batch(vec![Entry::mail(draft("one"))], vec![])).await.unwrap();
    let why = HeldWhy { by: HeldBy::Operator, reason: "to look at".into() };
    let held = Fact::Held { mail: QueueId(1), why: why.clone() };
    let seen = spool.apply(batch(vec![Entry::facts(vec![held])], vec![Look::Held])).await.unwrap().seen;
    assert!(matches!(&seen[..], [Seen::Held(list)] if list[..] == [(QueueId(1), why)]));
}

#[tokio::test]
async fn mails_are_counted_off_by_their_numbers_a_few_at_a_time() {
    let mut spool = Memory::new();
    let five = (0..5).map(|_| Entry::mail(draft("one"))).collect();
    let behind = |after, most| Look::Behind(QueueId(after), most);
    let seen =
        spool.apply(batch(five, vec![behind(0, 3), behind(3, 3), behind(5, 3), behind(0, 0)])).await.unwrap().seen;
    let ids = seen.into_iter().map(|seen| match seen {
        Seen::Behind(ids) => ids.into_iter().map(|id| id.0).collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    });
    assert_eq!(ids.collect::<Vec<_>>(), [vec![1, 2, 3], vec![4, 5], vec![], vec![]]);
}

#[tokio::test]
async fn an_unreported_failure_keeps_the_mail() {
    let mut spool = Memory::new();
    spool.apply(batch(vec![Entry::mail(draft("one"))], vec![])).await.unwrap();
    let why = Diagnosis::own(Scope::Recipient, Reply::new(550, 1, 1, "no such user"));
    let failed = Fact::Finished { mail: QueueId(1), recipients: vec![RcptNo(0)], how: How::Failed(why) };
    spool.apply(batch(vec![Entry::facts(vec![failed])], vec![])).await.unwrap();
    assert_eq!(spool.control().reopen().take_mails(), [QueueId(1)]);
}

#[tokio::test]
async fn staged_content_travels_with_its_mail() {
    let mut spool = Memory::new();
    let mut staged = spool.staging().begin().await.unwrap();
    staged.append("large ".into()).await.unwrap();
    staged.append("body".into()).await.unwrap();
    let mut mail = draft("Subject: x\r\n\r\n");
    mail.content.push(staged.seal().await.unwrap());
    spool.apply(batch(vec![Entry::mail(mail)], vec![])).await.unwrap();
    let place = Place { segment: 0, offset: 0, length: 0 };
    let read = spool.reader().fetch(QueueId(1), place).await.unwrap();
    assert_eq!(read.content.head(100).unwrap(), b"Subject: x\r\n\r\nlarge body");
}

#[tokio::test]
async fn a_spool_that_is_opened_again_is_the_same_and_its_mails_are_old() {
    let mut spool = Memory::new();
    let new = spool.origin();
    spool.apply(batch(vec![Entry::mail(draft("one"))], vec![])).await.unwrap();
    let again = spool.control().reopen().origin();
    assert_eq!((new.first, again.first, again.spool), (QueueId(1), QueueId(2), new.spool));
    assert_ne!(Memory::new().origin().spool, new.spool, "another spool is another");
}

#[tokio::test(start_paused = true)]
async fn a_prompt_spool_has_answered_before_the_call_returns_and_is_slow_in_tokios_time() {
    let mut spool = Memory::new().prompt();
    let begun = tokio::time::Instant::now();
    let applied = futures_util::FutureExt::now_or_never(spool.apply(batch(vec![Entry::mail(draft("one"))], vec![])));
    let id = applied.unwrap().unwrap().receipts[0].as_ref().unwrap().ids()[0];
    let place = Place { segment: 0, offset: 0, length: 0 };
    let read = futures_util::FutureExt::now_or_never(spool.reader().fetch(id, place));
    assert_eq!(read.unwrap().unwrap().content.head(10).unwrap(), b"one");
    assert!(begun.elapsed().is_zero());
    spool.control().slow(Duration::from_secs(3600));
    spool.apply(batch(vec![Entry::mail(draft("two"))], vec![])).await.unwrap();
    assert_eq!(begun.elapsed(), Duration::from_secs(3600));
}
