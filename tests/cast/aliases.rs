//! Others stand for a name: whatever happens on the way, each of them gets the mail once, and the name is at its end.

use std::{collections::BTreeMap, time::Duration};

use postrider::rules::{AliasScope, Aliases, Notify, Recipient};

use crate::world::{address, draft, pass, run, Act, Habits, World, DAY, MINUTE, SECOND};

const TEXT: &str = "team: ann@one.example, bob@two.example, inner\ninner: carol@one.example, bob@two.example\n\
                    list: dora@one.example, emil@two.example\nowner-list: olga@one.example\n\
                    loop: loop2, fritz@one.example\nloop2: loop\n";

fn aliases() -> Aliases {
    let mut scope = AliasScope::new("home.example");
    scope.local = ["home.example".parse().unwrap()].into_iter().collect();
    let mut aliases = Aliases::new(scope);
    aliases.read_aliases("aliases", TEXT, &mut |_| Err("there is none".into())).unwrap();
    aliases
}

fn habits() -> Habits {
    Habits { aliases: aliases(), ..Habits::default() }
}

fn sorted(world: &World) -> Vec<String> {
    let mut delivered = world.delivered();
    delivered.sort();
    delivered
}

#[test]
fn whoever_is_named_by_several_lists_gets_the_mail_once() {
    run(|| async {
        let habits = habits();
        let control = habits.spool.control();
        let world = World::new(habits);
        world.send(&["team@home.example", "carol@one.example", "inner@home.example"]).await.unwrap();
        pass(MINUTE).await;
        assert_eq!(sorted(&world), ["ann@one.example", "bob@two.example", "carol@one.example"]);
        pass(DAY).await;
        assert_eq!((world.delivered().len(), control.used()), (3, 0), "nothing is left of it");
    });
}

#[test]
fn failures_of_a_list_with_an_owner_are_told_to_the_owner_and_of_others_to_the_sender() {
    run(|| async {
        let world = World::new(habits());
        let unknown = || Act::Reply(postrider::rules::Scope::Recipient, crate::world::UNKNOWN);
        world.tell("two.example", [unknown()]);
        world.send(&["list@home.example"]).await.unwrap();
        pass(MINUTE).await;
        assert_eq!(sorted(&world), ["dora@one.example", "olga@one.example"]);
        world.tell("two.example", [unknown()]);
        world.send(&["team@home.example"]).await.unwrap();
        pass(MINUTE).await;
        assert!(sorted(&world).contains(&"me@home.example".into()), "{:?}", world.delivered());
    });
}

#[test]
fn a_loop_is_reported_and_those_beside_it_get_the_mail() {
    run(|| async {
        let world = World::new(habits());
        world.send(&["loop@home.example"]).await.unwrap();
        pass(MINUTE).await;
        assert_eq!(sorted(&world), ["fritz@one.example", "me@home.example"]);
        let report = world.script.borrow().contents.iter().find(|text| text.contains("delivery-status")).cloned();
        assert!(report.unwrap().contains("The alias leads back to itself"));
        pass(DAY).await;
        assert_eq!(world.delivered().len(), 2);
    });
}

#[test]
fn a_list_is_confirmed_once_to_a_sender_who_asked_for_it() {
    run(|| async {
        let habits = habits();
        let control = habits.spool.control();
        let world = World::new(habits);
        let mut mail = draft(world.clock.now(), Some("me@sender.example"), &[]);
        let notify = Some(Notify { success: true, failure: true, delay: false });
        let team = Recipient { notify, ..address("team@home.example").into() };
        mail.envelope.recipients.add(team);
        world.submit(mail).await.unwrap();
        pass(MINUTE).await;
        let expected = ["ann@one.example", "bob@two.example", "carol@one.example", "me@sender.example"];
        assert_eq!(sorted(&world), expected);
        let report = world.script.borrow().contents.iter().find(|text| text.contains("delivery-status")).cloned();
        assert!(report.unwrap().contains("Action: expanded"));
        pass(DAY).await;
        assert_eq!((world.delivered().len(), control.used()), (4, 0));
    });
}

/// The first world ends after `crash`, whatever it was doing; what two worlds have delivered.
fn through_a_crash(crash: Duration) -> Vec<String> {
    let first = Habits { takes: Duration::from_millis(10), ..habits() };
    let control = first.spool.control();
    run(|| async {
        let world = World::new(first);
        for hop in ["one.example", "two.example"] {
            world.always(hop, Act::Hang);
        }
        let mail = draft(world.clock.now(), Some("me@home.example"), &["team@home.example", "list@home.example"]);
        let sent = tokio::task::spawn_local(async move { world.submit(mail).await });
        pass(crash).await;
        drop(sent);
    });
    let mut delivered = Vec::new();
    run(|| async {
        let world = World::new(Habits { spool: control.reopen(), ..habits() });
        pass(MINUTE).await;
        delivered = sorted(&world);
        pass(DAY).await;
        assert_eq!((world.delivered().len(), control.used()), (delivered.len(), 0));
    });
    delivered
}

#[test]
fn a_crash_at_any_step_of_an_expansion_loses_nobody_and_doubles_nobody() {
    let all = ["ann@one.example", "bob@two.example", "carol@one.example", "dora@one.example", "emil@two.example"];
    let mut ends = BTreeMap::<usize, usize>::new();
    for step in 0..15 {
        let delivered = through_a_crash(Duration::from_millis(1 + 3 * step));
        assert_eq!(delivered, all, "crash in step {step}");
        *ends.entry(delivered.len()).or_default() += 1;
    }
    assert_eq!(ends[&all.len()], 15);
}

#[test]
fn without_space_for_an_expansion_the_mail_waits_and_is_expanded_later() {
    run(|| async {
        let habits = habits();
        let control = habits.spool.control();
        let world = World::new(habits);
        world.send(&["ann@one.example"]).await.unwrap();
        control.refuse_spare(true);
        world.send(&["team@home.example"]).await.unwrap();
        pass(10 * SECOND).await;
        assert_eq!(world.delivered(), ["ann@one.example"]);
        control.refuse_spare(false);
        pass(10 * SECOND).await;
        assert_eq!(world.delivered().len(), 4);
    });
}
