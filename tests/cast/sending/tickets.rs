//! A prepared mail waits for its ticket, and takes effect once.

use super::*;

#[test]
fn a_prepared_mail_is_sent_when_its_ticket_is_redeemed_and_only_once() {
    run(|| async {
        let program = Program::new(World::new(Habits::default()));
        let id = program.prepare("a@mx.example").await;
        pass(DAY).await;
        assert!(program.world.delivered().is_empty());
        assert_eq!(program.world.audit().await.prepared, 1);
        assert_eq!(program.redeem(id).await, Some(TicketState::Redeemed));
        pass(SECOND / 2).await;
        assert_eq!(program.world.delivered(), ["a@mx.example"], "it goes at once");
        for _ in 0..3 {
            assert_eq!(program.redeem(id).await, Some(TicketState::Redeemed));
        }
        pass(DAY).await;
        assert_eq!(program.redeem(id).await, Some(TicketState::Redeemed));
        pass(DAY).await;
        assert_eq!(program.world.delivered(), ["a@mx.example"]);
    });
}

#[test]
fn a_hundred_who_redeem_one_ticket_at_once_send_its_mail_once() {
    run(|| async {
        let program = Program::new(World::new(Habits { takes: SECOND / 10, ..Habits::default() }));
        let id = program.prepare("a@mx.example").await;
        let all = futures_util::future::join_all((0..100).map(|_| program.redeem(id))).await;
        assert!(all.iter().all(|state| *state == Some(TicketState::Redeemed)));
        pass(DAY).await;
        assert_eq!(program.world.delivered(), ["a@mx.example"]);
    });
}

#[test]
fn a_ticket_is_redeemed_after_a_restart_and_what_was_redeemed_before_one_is_sent() {
    run(|| async {
        let habits = Habits::default();
        let control = habits.spool.control();
        let program = Program::new(World::new(habits));
        program.world.always("hang.example", Act::Hang);
        let (late, early) = (program.prepare("late@mx.example").await, program.prepare("early@hang.example").await);
        assert_eq!(program.redeem(early).await, Some(TicketState::Redeemed));
        let clock = program.world.clock;
        let again = Program::new(World::at(Habits { spool: control.reopen(), ..Habits::default() }, clock));
        pass(MINUTE).await;
        assert_eq!(again.world.delivered(), ["early@hang.example"]);
        assert_eq!(again.redeem(late).await, Some(TicketState::Redeemed));
        pass(MINUTE).await;
        assert_eq!(again.world.delivered(), ["early@hang.example", "late@mx.example"]);
    });
}

#[test]
fn a_ticket_that_nobody_redeems_is_swept_and_is_never_good_again() {
    run(|| async {
        let habits = Habits::default();
        let control = habits.spool.control();
        let program = Program::new(World::new(habits));
        let (swept, kept) = (program.prepare("swept@mx.example").await, program.prepare("kept@mx.example").await);
        pass(LIVES.ticket - MINUTE).await;
        assert_eq!(program.redeem(kept).await, Some(TicketState::Redeemed), "a minute before");
        pass(3 * MINUTE).await;
        assert_eq!(program.redeem(swept).await, Some(TicketState::Swept));
        assert_eq!(control.used(), 0, "its mail is gone");
        let clock = program.world.clock;
        let again = Program::new(World::at(Habits { spool: control.reopen(), ..Habits::default() }, clock));
        assert_eq!(again.redeem(swept).await, Some(TicketState::Swept));
        pass(LIVES.ticket + DAY).await;
        assert_eq!(again.redeem(swept).await, None, "nothing is known of it, and that is no success");
        assert_eq!(again.redeem(QueueId(999)).await, None);
        assert_eq!([program.world.delivered(), again.world.delivered()].concat(), ["kept@mx.example"]);
    });
}

#[test]
fn an_engine_that_was_off_when_a_ticket_was_over_sweeps_it_at_its_start() {
    run(|| async {
        let habits = Habits::default();
        let control = habits.spool.control();
        let program = Program::new(World::new(habits));
        let (id, clock) = (program.prepare("a@mx.example").await, program.world.clock);
        program.world.drain().await;
        pass(LIVES.ticket + DAY).await;
        let again = Program::new(World::at(Habits { spool: control.reopen(), ..Habits::default() }, clock));
        pass(SECOND).await;
        assert_eq!(again.redeem(id).await, Some(TicketState::Swept));
        assert!(again.world.delivered().is_empty());
    });
}
