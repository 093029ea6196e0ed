//! So much is under way at once: others wait in line, or hear that it is too much.

use super::*;

#[test]
fn who_comes_when_too_much_is_under_way_waits_or_goes_away_as_it_wishes() {
    run(|| async {
        let program = Program::new(World::new(Habits { takes: SECOND, ..Habits::default() }));
        let under_way: Vec<_> = (0..1000).map(|_| program.begin(&["a@mx.example"], Terms::default())).collect();
        let busy = program.send(&["b@mx.example"], Terms { or_busy: true, ..Terms::default() }).await;
        assert!(matches!(busy, Err(NotPosted::Busy)));
        assert!(program.send(&["c@mx.example"], Terms::default()).await.is_ok(), "it has waited");
        for answered in under_way {
            assert!(answered.await.unwrap().is_ok());
        }
        assert!(program.send(&["d@mx.example"], Terms { or_busy: true, ..Terms::default() }).await.is_ok());
    });
}

#[test]
fn who_goes_away_before_its_turn_has_not_sent_and_who_goes_later_has() {
    run(|| async {
        let program = Program::new(World::new(Habits { takes: SECOND, ..Habits::default() }));
        let first = program.begin(&["begun@mx.example"], Terms::default());
        let others: Vec<_> = (0..999).map(|_| program.begin(&["a@mx.example"], Terms::default())).collect();
        let waiting = program.begin(&["waiting@mx.example"], Terms::default());
        pass(SECOND / 10).await;
        drop((first, waiting));
        pass(DAY).await;
        drop(others);
        let delivered = program.world.delivered();
        assert_eq!(delivered.len(), 1000);
        assert!(delivered.contains(&"begun@mx.example".to_owned()));
    });
}

#[test]
fn when_the_engine_ends_what_was_begun_is_taken_and_who_waits_in_line_keeps_its_mail() {
    run(|| async {
        let program = Program::new(World::new(Habits { takes: SECOND, ..Habits::default() }));
        let begun: Vec<_> = (0..1000).map(|_| program.begin(&["a@mx.example"], Terms::default())).collect();
        let waiting = program.begin(&["b@mx.example"], Terms::default());
        let (answer, end) = oneshot::channel();
        program.clerk.do_send(postrider_actors::messages::Drain(answer));
        assert!(matches!(waiting.await.unwrap(), Err(NotPosted::Stopping)));
        let _ = end.await;
        for answered in begun {
            assert!(answered.await.unwrap().is_ok());
        }
        let late = program.send(&["c@mx.example"], Terms::default()).await;
        assert!(matches!(late, Err(NotPosted::Stopping)));
    });
}
