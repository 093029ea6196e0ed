//! What a sender is told of its mail, now, later, and when it is long done.

use postrider::{
    events::{Categorize, Message, Submission},
    rules::{RcptNo, Scope},
    Binding,
};

use super::*;

/// In short, for a test.
fn short(status: &DeliveryStatus) -> &'static str {
    match status {
        DeliveryStatus::Queued => "queued",
        DeliveryStatus::Deferred { .. } => "deferred",
        DeliveryStatus::Delivered => "delivered",
        DeliveryStatus::Expanded => "expanded",
        DeliveryStatus::Failed { .. } => "failed",
        DeliveryStatus::PerhapsDelivered { until: Some(_), .. } => "perhaps, tried again",
        DeliveryStatus::PerhapsDelivered { until: None, .. } => "perhaps",
        DeliveryStatus::Held { .. } => "held",
        DeliveryStatus::Discarded => "discarded",
        _ => "?",
    }
}

async fn shorts(program: &Program, id: QueueId) -> Vec<&'static str> {
    program.statuses(id).await.unwrap().iter().map(short).collect()
}

#[test]
fn whoever_watches_hears_each_change_and_the_end_of_each_recipient() {
    run(|| async {
        let program = Program::new(World::new(Habits::default()));
        program.world.tell(
            "mx.example",
            [Act::Late(SECOND, Box::new(Act::Some(vec![1, 2], BUSY))), Act::Some(vec![1], UNKNOWN)],
        );
        let to = ["a@mx.example", "b@mx.example", "c@mx.example"];
        let id = program.send(&to, Terms::default()).await.unwrap().id;
        let MailOf { recipients, mut changes } = program.watch(id).await.unwrap();
        let named: Vec<_> = recipients.iter().map(|(_, to, status)| (to.as_str(), short(status))).collect();
        assert_eq!(named, to.map(|to| (to, "queued")));
        let mut heard = Vec::new();
        while let Some((no, status)) = changes.recv().await {
            heard.push((no.0, short(&status)));
        }
        let (mut first, second) = (heard[..3].to_vec(), &heard[3..]);
        first.sort_unstable();
        assert_eq!(first, [(0, "delivered"), (1, "deferred"), (2, "deferred")]);
        let mut second = second.to_vec();
        second.sort_unstable();
        assert_eq!(second, [(1, "failed"), (2, "delivered")]);
    });
}

#[test]
fn what_became_of_a_mail_is_known_a_day_after_its_end_and_after_a_restart() {
    run(|| async {
        let habits = Habits::default();
        let control = habits.spool.control();
        let program = Program::new(World::new(habits));
        program.world.tell("mx.example", [Act::Some(vec![1], UNKNOWN)]);
        let id = program.send(&["a@mx.example", "b@mx.example"], Terms::default()).await.unwrap().id;
        pass(MINUTE).await;
        assert_eq!(shorts(&program, id).await, ["delivered", "failed"]);
        let clock = program.world.clock;
        let again = Program::new(World::at(Habits { spool: control.reopen(), ..Habits::default() }, clock));
        let found = again.status(id).await.unwrap();
        let DeliveryStatus::Failed { why } = &found.recipients[1].2 else { panic!("it failed") };
        assert_eq!((why.reply.code, found.recipients[1].1.as_str()), (550, "b@mx.example"));
        pass(DAY + MINUTE).await;
        assert!(again.status(id).await.is_none(), "it is forgotten");
        assert!(again.status(QueueId(77)).await.is_none());
    });
}

#[test]
fn who_may_have_the_mail_is_said_to_while_it_is_tried_and_when_it_is_given_up() {
    run(|| async {
        let retry = postrider::rules::Retry { give_up: 20 * MINUTE, ..Default::default() };
        let program = Program::new(World::new(Habits { retry, ..Habits::default() }));
        program.world.always("mx.example", Act::CutAfterDot);
        let id = program.send(&["a@mx.example"], Terms::default()).await.unwrap().id;
        pass(SECOND).await;
        assert_eq!(shorts(&program, id).await, ["perhaps, tried again"]);
        let mut changes = program.watch(id).await.unwrap().changes;
        pass(60 * MINUTE).await;
        let mut last = None;
        while let Some((_, status)) = changes.recv().await {
            last = Some(short(&status));
        }
        assert_eq!(last, Some("perhaps"));
        assert_eq!(shorts(&program, id).await, ["perhaps"]);
    });
}

#[test]
fn a_held_mail_says_so_and_goes_on_when_it_is_released() {
    run(|| async {
        let program = Program::new(World::new(Habits { hold_perhaps: true, ..Habits::default() }));
        program.world.tell("mx.example", [Act::CutAfterDot]);
        let id = program.send(&["a@mx.example"], Terms::default()).await.unwrap().id;
        pass(MINUTE).await;
        assert_eq!(shorts(&program, id).await, ["held"]);
        let mut changes = program.watch(id).await.unwrap().changes;
        assert!(program.world.release(id).await);
        let mut heard = Vec::new();
        while let Some((no, status)) = changes.recv().await {
            assert_eq!(no, RcptNo(0));
            heard.push(short(&status));
        }
        assert_eq!(heard, ["queued", "delivered"]);
    });
}

#[test]
fn whoever_does_not_listen_costs_no_more_than_its_room_and_hears_the_end_all_the_same() {
    run(|| async {
        let program = Program::new(World::new(Habits::default()));
        program.world.tell("mx.example", vec![Act::Reply(Scope::Recipient, BUSY); 25]);
        let id = program.send(&["a@mx.example"], Terms::default()).await.unwrap().id;
        let mut changes = program.watch(id).await.unwrap().changes;
        pass(5 * DAY).await;
        let mut heard = Vec::new();
        while let Some((_, status)) = changes.recv().await {
            heard.push(short(&status));
        }
        assert!(heard.len() <= 18, "{}", heard.len());
        assert_eq!(heard.last(), Some(&"delivered"));
    });
}

#[test]
fn whom_a_sink_has_taken_out_did_not_get_the_mail_and_is_not_said_to_have() {
    run(|| async {
        let program = Program::new(World::new(Habits::default()));
        let takes_out = || {
            |mut mail: Message<Categorize>| async move {
                if mail.envelope().recipients.len() == 1 {
                    return mail.discard();
                }
                mail.recipients_mut().remove(RcptNo(0));
                mail.next()
            }
        };
        program.world.bind(Binding::new("takes-out", takes_out).on(Categorize)).await;
        let two = program.send(&["a@mx.example", "b@mx.example"], Terms::default()).await.unwrap().id;
        let one = program.send(&["c@mx.example"], Terms::default()).await.unwrap().id;
        pass(MINUTE).await;
        assert_eq!(program.world.delivered(), ["b@mx.example"]);
        assert_eq!(shorts(&program, two).await, ["discarded", "delivered"]);
        assert_eq!(shorts(&program, one).await, ["discarded"]);
    });
}

#[test]
fn whoever_a_draft_names_twice_gets_the_mail_once() {
    run(|| async {
        let program = Program::new(World::new(Habits::default()));
        let to = ["a@mx.example", "b@mx.example", "a@MX.example", "A@mx.example"];
        let id = program.send(&to, Terms::default()).await.unwrap().id;
        pass(MINUTE).await;
        let mut delivered = program.world.delivered();
        delivered.sort();
        assert_eq!(delivered, ["A@mx.example", "a@mx.example", "b@mx.example"]);
        assert_eq!(shorts(&program, id).await, ["delivered"; 3]);
    });
}

#[test]
fn whoever_a_sink_refused_at_submission_is_failed_for_as_long_as_the_mail_is_remembered() {
    run(|| async {
        let program = Program::new(World::new(Habits::default()));
        let refuses = || {
            |mut mail: Message<Submission>| async move {
                mail.refuse(RcptNo(0), UNKNOWN);
                mail.next()
            }
        };
        program.world.bind(Binding::new("refuses", refuses).on(Submission)).await;
        let id = program.send(&["a@mx.example", "b@mx.example"], Terms::default()).await.unwrap().id;
        pass(60 * MINUTE).await;
        assert_eq!(shorts(&program, id).await, ["failed", "delivered"]);
    });
}

#[test]
fn a_swept_mail_was_delivered_to_nobody_and_whoever_watched_it_hears_that() {
    run(|| async {
        let program = Program::new(World::new(Habits::default()));
        let id = program.prepare("a@mx.example").await;
        let mut changes = program.watch(id).await.unwrap().changes;
        pass(LIVES.ticket + MINUTE).await;
        assert_eq!(changes.recv().await.map(|(_, status)| short(&status)), Some("discarded"));
        assert!(changes.recv().await.is_none());
        assert_eq!(shorts(&program, id).await, ["discarded"]);
    });
}

#[test]
fn when_a_mail_is_forgotten_before_its_end_nobody_is_said_to_have_it_who_has_not() {
    run(|| async {
        let program = Program::new(World::new(Habits::default()));
        program.world.tell("mx.example", [Act::Some(vec![1, 2], BUSY), Act::Some(vec![1], UNKNOWN)]);
        program.world.always("mx.example", Act::Reply(Scope::Recipient, BUSY));
        let id = program.send(&["a@mx.example", "b@mx.example", "c@busy.example"], Terms::default()).await.unwrap().id;
        program.world.always("busy.example", Act::Reply(Scope::Recipient, BUSY));
        pass(DAY + 60 * MINUTE).await;
        let found = program.status(id).await.map(|found| found.recipients).unwrap_or_default();
        assert!(found.iter().all(|(.., status)| !matches!(status, DeliveryStatus::Delivered)), "{found:?}");
    });
}

#[test]
fn whoever_only_asks_leaves_nothing_behind_and_whoever_watches_does() {
    run(|| async {
        let program = Program::new(World::new(Habits::default()));
        program.world.always("mx.example", Act::Reply(Scope::Recipient, BUSY));
        let id = program.send(&["a@mx.example"], Terms::default()).await.unwrap().id;
        pass(MINUTE).await;
        let asked = program.status(id).await.unwrap();
        assert!(!asked.recipients[0].2.is_final() && asked.changes.is_closed(), "nobody is kept who would say more");
        assert!(!program.watch(id).await.unwrap().changes.is_closed());
    });
}
