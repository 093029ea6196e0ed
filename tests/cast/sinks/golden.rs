//! The order of events, written down: ten mails, and every event that each of them meets, compared with `golden.txt`.
//!
//! Rule: the order is a promise. It is the same by SMTP and by LMTP, and by the door of the library but for the client's
//! dialogue. Who changes it on purpose runs this test with `GOLDEN=write`, and tells why.

use std::{
    future::{ready, Ready},
    sync::mpsc,
};

use postrider::{
    events::{
        Command, Connect, EndOfData, Kind, Message, Phase, PostCategorize, RcptTo, Submission, Talk, Verdict, KINDS,
    },
    rules::{AliasScope, Aliases, RcptNo, Scope, SessionSettings, Spool},
    Binding,
};
use postrider_actors::{
    budget::Budget,
    intake::{Intakes, StageFrom},
};
use tokio::io::AsyncWriteExt;

use super::{
    recorder::{record, Log},
    *,
};
use crate::{dialogue::Call, scripted::Act, world::UNKNOWN};

/// One mail: its name in the text, to whom it goes, and what its client says in the place of DATA, or before MAIL.
struct Case {
    name: &'static str,
    to: &'static [&'static str],
    before: &'static [&'static str],
    comes_to_data: bool,
}

const fn case(name: &'static str, to: &'static [&'static str]) -> Case {
    Case { name, to, before: &[], comes_to_data: true }
}

const ONE: &[&str] = &["a@one.example"];
const CASES: [Case; 10] = [
    case("one recipient", ONE),
    Case {
        before: &["NOOP", "VRFY a", "HELP", "ETRN one.example", "AUTH PLAIN", "STARTTLS", "XYZZY", "RSET"],
        ..case("three recipients in two hops", &["a@one.example", "b@two.example", "c@one.example"])
    },
    Case { comes_to_data: false, ..case("refused at connect", ONE) },
    Case { comes_to_data: false, ..case("refused at RCPT", ONE) },
    case("refused at end of data", ONE),
    case("discarded", ONE),
    case("held and released", ONE),
    case("forked", &["a@one.example", "b@two.example"]),
    case("expanded alias", &["team@home.example"]),
    case("bounced, with its report", ONE),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    Smtp,
    Lmtp,
    Library,
}

/// What makes the mail what its name says.
async fn judge(world: &World, name: &str) {
    match name {
        "refused at connect" => {
            let refuses = || |talk: Talk<Connect>| ready(talk.refuse(UNKNOWN));
            world.bind(Binding::new("judge", refuses).on(Connect)).await;
        }
        "refused at RCPT" => {
            let refuses = |mut rcpt: Command<RcptTo>| {
                rcpt.refuse(UNKNOWN);
                ready(rcpt.next())
            };
            world.bind(Binding::new("judge", move || refuses).on(RcptTo)).await;
        }
        "refused at end of data" => {
            let refuses = || |mail: Message<EndOfData>| ready(mail.reject(UNKNOWN));
            world.bind(Binding::new("judge", refuses).on(EndOfData)).await;
        }
        "discarded" => {
            let drops = || |mail: Message<Submission>| ready(mail.discard());
            world.bind(Binding::new("judge", drops).on(Submission)).await;
        }
        "held and released" => {
            let holds = |mut mail: Message<Submission>| {
                mail.hold("to be looked at");
                ready(mail.next())
            };
            world.bind(Binding::new("judge", move || holds).on(Submission)).await;
        }
        "forked" => world.bind(Binding::new("judge", || forks).on(PostCategorize)).await,
        "bounced, with its report" => world.always("one.example", Act::Reply(Scope::Recipient, UNKNOWN)),
        _ => {}
    }
}

fn forks(mut mail: Message<PostCategorize>) -> Ready<Verdict<PostCategorize>> {
    let fork = mail.fork(&[RcptNo(1)]).filter(|_| mail.envelope().generation == 0);
    ready(match fork {
        Some(fork) => mail.next().with(fork),
        None => mail.next(),
    })
}

fn habits() -> Habits {
    let mut scope = AliasScope::new("home.example");
    scope.local = ["home.example".parse().unwrap()].into_iter().collect();
    let mut aliases = Aliases::new(scope);
    let text = "team: ann@one.example, bob@two.example\n";
    aliases.read_aliases("aliases", text, &mut |_| Err("there is none".into())).unwrap();
    Habits { aliases, ..Habits::default() }
}

/// All that happens to one mail by one door.
async fn story(case: &Case, by: By) -> String {
    let habits = habits();
    let stage_from = StageFrom { always: 1 << 20, when_tight: 1 << 20 };
    let intakes = Intakes { budget: Budget::new(1 << 20), staging: habits.spool.staging(), stage_from };
    let (world, (tell, told)) = (World::new(habits), mpsc::channel());
    record(&world, &Log(tell.clone())).await;
    judge(&world, case.name).await;
    match by {
        By::Library => drop(world.send(case.to).await),
        _ => by_client(&world, intakes, case, by == By::Lmtp, &tell).await,
    }
    pass(MINUTE).await;
    if by == By::Library {
        release(&world, &tell).await;
    }
    let lines = told.try_iter();
    let seen = world.script.borrow().seen.clone();
    let tried = seen.iter().map(|seen| match seen.delivered.is_empty() {
        true => format!("(tried {} {} at {})", seen.id.0, seen.to.join(" "), seen.hop),
        false => format!("(delivered {} {} by {})", seen.id.0, seen.delivered.join(" "), seen.hop),
    });
    lines.chain(tried).map(|line| format!("{line}\n")).collect()
}

async fn release(world: &World, tell: &mpsc::Sender<String>) {
    for (id, why) in world.held().await {
        tell.send(format!("(released {}, held because: {})", id.0, why.reason)).unwrap();
        assert!(world.release(id).await);
    }
    pass(MINUTE).await;
}

/// What was said is looked at by its events alone.
async fn by_client(world: &World, intakes: Intakes, case: &Case, lmtp: bool, tell: &mpsc::Sender<String>) {
    let mut settings = SessionSettings::new("mail.example.org");
    settings.lmtp = lmtp;
    let mut call = Call::with(world, intakes, 1 << 16, settings);
    pass(SECOND).await;
    let hello = if lmtp { "LHLO" } else { "EHLO" };
    let mut said: Vec<String> = vec![format!("{hello} client.example")];
    said.extend(case.before.iter().map(|&line| line.into()));
    said.push("MAIL FROM:<me@home.example>".into());
    said.extend(case.to.iter().map(|to| format!("RCPT TO:<{to}>")));
    if case.comes_to_data {
        said.extend(["DATA".into(), "Subject: x\r\n\r\nbody\r\n.".into()]);
    }
    for line in said {
        if call.stream.write_all(format!("{line}\r\n").as_bytes()).await.is_err() {
            return; // it is not wanted
        }
        pass(SECOND).await;
    }
    pass(MINUTE).await;
    release(world, tell).await;
    call.say("QUIT\r\n").await;
    call.hear_all().await;
}

/// The client's part of the events.
fn is_dialogue(line: &str) -> bool {
    let kind = KINDS.iter().find(|kind| line.split(' ').next() == Some(kind.name()));
    kind.is_some_and(|kind| kind.phase() == Phase::Dialogue || *kind == Kind::EndOfData)
}

#[test]
fn each_mail_meets_its_events_in_the_order_that_is_written_down_whatever_its_door() {
    let golden = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cast/sinks/golden.txt");
    let all = std::rc::Rc::<std::cell::RefCell<String>>::default();
    let told = std::rc::Rc::clone(&all);
    run(|| async move {
        for case in &CASES {
            let (smtp, lmtp) = (story(case, By::Smtp).await, story(case, By::Lmtp).await);
            assert_eq!(smtp, lmtp, "{} by SMTP and by LMTP", case.name);
            if case.comes_to_data && case.name != "refused at end of data" {
                let library = story(case, By::Library).await;
                let rest: String = smtp.split_inclusive('\n').filter(|line| !is_dialogue(line)).collect();
                assert_eq!(library, rest, "{} by the library and by SMTP", case.name);
            }
            told.borrow_mut().push_str(&format!("# {}\n{smtp}\n", case.name));
        }
    });
    if std::env::var_os("GOLDEN").is_some() {
        std::fs::write(&golden, &*all.borrow()).unwrap();
    }
    assert_eq!(*all.borrow(), std::fs::read_to_string(&golden).unwrap(), "what is written down is on the right");
}
