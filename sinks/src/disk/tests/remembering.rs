//! What is remembered beyond the life of a mail: it lasts as long as was promised, and costs nothing after that.

use std::sync::Arc;

use postrider_engine::{
    Batch, Durability, Entry, Fact, KeyHash, Look, Mail, Moment, NotWritten, QueueId, Remember, Seen, Spool,
    TicketState,
};

use super::{
    super::{faulty::*, *},
    harness::*,
};

fn sent(key: &str, until: u64) -> Entry {
    let key = (!key.is_empty()).then(|| KeyHash::of(key));
    let remember = Remember { key, prepared: false, owed: false, until: Moment(until) };
    Entry { new: vec![Mail::received(draft(1, "text")).remembered(remember)], facts: Vec::new() }
}

fn prepared(until: u64) -> Entry {
    let remember = Remember { key: None, prepared: true, owed: false, until: Moment(until) };
    Entry { new: vec![Mail::received(draft(1, "text")).remembered(remember)], facts: Vec::new() }
}

fn put(spool: &mut DiskSpool, entry: Entry) -> Result<QueueId, NotWritten> {
    spool.put(vec![entry]).remove(0).map(|receipt| receipt.ids()[0])
}

fn id_of(spool: &mut DiskSpool, key: &str) -> Option<u64> {
    let Seen::Key(_, id) = spool.look(Look::Key(KeyHash::of(key))) else { panic!("a key was asked for") };
    id.map(|id| id.0)
}

fn ticket(spool: &mut DiskSpool, id: QueueId) -> Option<TicketState> {
    let Seen::Ticket(_, state) = spool.look(Look::Ticket(id)) else { panic!("a ticket was asked for") };
    state
}

fn overdue(spool: &mut DiskSpool, now: u64) -> (Vec<QueueId>, Option<Moment>) {
    let Seen::Overdue(unredeemed, next) = spool.look(Look::Overdue(Moment(now))) else { panic!("what is over?") };
    (unredeemed, next)
}

#[test]
fn a_key_is_known_when_its_mail_is_long_done_and_after_a_restart() {
    let files = FaultyFiles::new();
    let mut spool = try_open(Arc::new(files.clone())).unwrap();
    let id = put(&mut spool, sent("welcome/42", 100)).unwrap();
    spool.facts(vec![delivered(id.0, &[0])]);
    assert_eq!(put(&mut spool, sent("welcome/42", 100)).unwrap_err(), NotWritten::KeyKnown(id));
    drop(spool);
    let mut spool = try_open(Arc::new(files.after_power_loss(&mut |_| 0))).unwrap();
    assert!(spool.take_mails().is_empty());
    assert_eq!(put(&mut spool, sent("welcome/42", 100)).unwrap_err(), NotWritten::KeyKnown(id));
    assert!(put(&mut spool, sent("welcome/43", 100)).is_ok());
}

#[test]
fn that_a_key_is_known_is_answered_only_when_its_mail_is_as_durable_as_was_asked() {
    let files = FaultyFiles::new();
    let mut spool = try_open(Arc::new(files.clone())).unwrap();
    let first = spool.try_put(vec![sent("k", 100)], Durability::Written).unwrap().receipts.remove(0).unwrap();
    assert_eq!(put(&mut spool, sent("k", 100)).unwrap_err(), NotWritten::KeyKnown(first.ids()[0]));
    let mut left = try_open(Arc::new(files.after_power_loss(&mut |_| 0))).unwrap();
    assert_eq!(left.take_mails(), first.ids());
    assert_eq!(id_of(&mut left, "k"), Some(first.ids()[0].0));
}

#[test]
fn of_two_mails_under_one_key_in_one_batch_one_is_written() {
    let mut spool = try_open(Arc::new(FaultyFiles::new())).unwrap();
    let entries = vec![sent("k", 100), Entry::mail(draft(1, "other")), sent("k", 100)];
    let receipts = spool.put(entries);
    let ids: Vec<_> = receipts.iter().map(|receipt| receipt.as_ref().map(|receipt| receipt.ids()[0].0)).collect();
    assert_eq!(ids, [Ok(1), Ok(2), Err(&NotWritten::KeyKnown(QueueId(1)))]);
    assert!(spool.kept(2).is_some() && spool.kept(3).is_none());
}

#[test]
fn a_key_is_forgotten_when_its_time_is_over_and_not_before() {
    let mut spool = try_open(Arc::new(FaultyFiles::new())).unwrap();
    put(&mut spool, sent("a", 100)).unwrap();
    put(&mut spool, sent("b", 200)).unwrap();
    assert_eq!(overdue(&mut spool, 99), (vec![], Some(Moment(100))));
    assert_eq!((id_of(&mut spool, "a"), id_of(&mut spool, "b")), (Some(1), Some(2)));
    assert_eq!(overdue(&mut spool, 100), (vec![], Some(Moment(200))));
    assert_eq!((id_of(&mut spool, "a"), id_of(&mut spool, "b")), (None, Some(2)));
    assert!(put(&mut spool, sent("a", 300)).is_ok());
}

#[test]
fn whoever_relies_on_nothing_makes_room_and_keys_are_refused_when_only_keys_are_left() {
    let settings = Settings { most_remembered: 2, ..small() };
    let mut spool = open(settings, Arc::new(FaultyFiles::new())).unwrap();
    let light = put(&mut spool, sent("", 100)).unwrap();
    put(&mut spool, sent("a", 50)).unwrap();
    put(&mut spool, sent("b", 50)).unwrap();
    assert_eq!(ticket(&mut spool, light), None, "it has made room");
    assert_eq!(put(&mut spool, sent("c", 50)).unwrap_err(), NotWritten::TooManyKeys);
    assert_eq!(put(&mut spool, prepared(50)).unwrap_err(), NotWritten::TooManyKeys);
    let unremembered = put(&mut spool, sent("", 100)).unwrap();
    assert!(spool.kept(unremembered.0).is_some());
    assert_eq!(put(&mut spool, sent("a", 50)).unwrap_err(), NotWritten::KeyKnown(QueueId(2)));
}

#[test]
fn the_first_of_redeeming_and_sweeping_counts() {
    for (first, second, state) in [(true, false, TicketState::Redeemed), (false, true, TicketState::Swept)] {
        let files = FaultyFiles::new();
        let mut spool = try_open(Arc::new(files.clone())).unwrap();
        let mail = put(&mut spool, prepared(100)).unwrap();
        assert_eq!(overdue(&mut spool, 100).0, [mail], "it is named and stays");
        for redeemed in [first, second, first] {
            let until = Moment(1_000);
            let fact = if redeemed { Fact::Redeemed { mail, until } } else { Fact::Swept { mail, until } };
            spool.facts(vec![fact]);
            assert_eq!(ticket(&mut spool, mail), Some(state));
            assert_eq!(spool.kept(mail.0).is_some(), first, "swept mail is gone");
        }
        assert_eq!(overdue(&mut spool, 999), (vec![], Some(Moment(1_000))));
        drop(spool);
        let mut again = try_open(Arc::new(files.after_power_loss(&mut |_| 0))).unwrap();
        assert_eq!((ticket(&mut again, mail), again.take_mails().len()), (Some(state), usize::from(first)));
    }
}

#[test]
fn what_is_remembered_outlives_its_segment_and_what_is_forgotten_gives_its_space_back() {
    let settings = Settings { compact_from: 2, compact_above: 2, ..small() };
    let files = FaultyFiles::new();
    let mut spool = open(settings, Arc::new(files.clone())).unwrap();
    let id = put(&mut spool, sent("kept", 1_000)).unwrap();
    spool.facts(vec![failed(id.0, &[0])]);
    spool.facts(vec![Fact::Reported { mail: id, recipients: vec![postrider_engine::RcptNo(0)] }]);
    let first = super::super::segment::segment_name(1);
    assert!(files.names().contains(&first));
    for round in 0..100 {
        let filler = spool.mail(draft(1, vec![b'x'; 5000]));
        spool.facts(vec![delivered(filler.0, &[0])]);
        spool.flush();
        if !files.names().contains(&first) {
            assert!(round > 1);
            break;
        }
    }
    assert!(!files.names().contains(&first), "its segment is free");
    let mut again = open(settings, Arc::new(files.after_power_loss(&mut |_| 0))).unwrap();
    assert_eq!(id_of(&mut again, "kept"), Some(id.0));
    let Seen::Status(_, Some(status)) = again.look(Look::Status(id)) else { panic!("it is remembered") };
    assert_eq!(status.ended.len(), 1, "that it failed is known");
    let names = wait(again.reader().recipients(id, status.names.unwrap())).unwrap();
    assert_eq!(names[0].1.as_str(), "to0@example.net");
    drop(again);
    let live = spool.gauge().read();
    overdue(&mut spool, 1_000);
    spool.mail(draft(1, "so that there is a sync"));
    let batch = Batch { entries: Vec::new(), looks: Vec::new(), durability: Durability::Synced };
    wait(spool.apply(batch)).unwrap();
    assert_eq!(id_of(&mut spool, "kept"), None);
    assert!(live.segments <= 4, "{live:?}");
}

#[test]
fn whoever_asks_for_a_sync_has_what_was_written_before_synced_though_his_own_batch_writes_nothing() {
    let nothing: [fn() -> Entry; 2] =
        [|| Entry::facts(vec![Fact::Redeemed { mail: QueueId(99), until: Moment(1) }]), || sent("k", 100)];
    for entry in nothing {
        let files = FaultyFiles::new();
        let mut spool = try_open(Arc::new(files.clone())).unwrap();
        let written = spool.try_put(vec![sent("k", 100)], Durability::Written).unwrap().receipts.remove(0).unwrap();
        spool.try_put(vec![entry()], Durability::Synced).unwrap();
        let mut left = try_open(Arc::new(files.after_power_loss(&mut |_| 0))).unwrap();
        assert_eq!(left.take_mails(), written.ids());
    }
}
