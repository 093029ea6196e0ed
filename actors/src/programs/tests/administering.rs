//! What operators ask: who is answered, how lists are cut into portions, and that nobody else reaches anything.

use postrider_engine::{
    program::admin::{Portion, QueuedMail},
    Draft, Envelope, HeldBy, HeldWhy, Standing,
};

use super::*;
use crate::{
    chain::{AskBindings, BindError, ChangeBinding},
    messages::{AskAudit, AskHeld, AskQueue, Audit, FlushNow, Release},
};

thread_local! {
    /// What was asked of those behind the administration.
    static ASKED: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Plays spooler and switchboard: mails 1 to 150 are on disk, 1 to 7 are held.
struct Behind;

impl Actor for Behind {
    type Context = Context<Self>;
}

fn noted(what: impl Into<String>) {
    ASKED.with_borrow_mut(|asked| asked.push(what.into()));
}

macro_rules! answers {
    ($($message:ident: $handle:expr;)*) => {
        $(
            impl Handler<$message> for Behind {
                type Result = ();

                fn handle(&mut self, asked: $message, _: &mut Context<Self>) {
                    noted(stringify!($message));
                    #[allow(clippy::redundant_closure_call)]
                    ($handle)(asked);
                }
            }
        )*
    };
}

answers! {
    AskAudit: |AskAudit(answer): AskAudit| {
        let mut audit = Audit::default();
        (audit.on_disk, audit.strays) = (2000, (1..=2000).map(QueueId).collect());
        let _ = answer.send(audit);
    };
    AskHeld: |AskHeld(answer): AskHeld| {
        let why = HeldWhy { by: HeldBy::Policy, reason: "see to it".into() };
        let _ = answer.send((1..=7).rev().map(|id| (QueueId(id), why.clone())).collect());
    };
    Release: |Release(id, answer): Release| {
        let _ = answer.send((1..=7).contains(&id.0));
    };
    FlushNow: |FlushNow(what, answer): FlushNow| {
        noted(format!("{what:?}"));
        let _ = answer.send(3);
    };
    AskQueue: |AskQueue { after, most, answer }: AskQueue| {
        noted(format!("{most}"));
        let last = 150.min(after.0 + 64.min(most as u64));
        let mails = (after.0 + 1..=last).map(|id| mail(QueueId(id))).collect();
        let _ = answer.send(Portion::new(mails, (last < 150).then_some(QueueId(last))));
    };
    AskBindings: |AskBindings(answer): AskBindings| drop(answer.send(Vec::new()));
    ChangeBinding: |ChangeBinding(id, change, answer): ChangeBinding| {
        noted(format!("{change:?}"));
        let _ = answer.send(if id == "mine" { Ok(()) } else { Err(BindError::Unknown(id)) });
    };
}

fn mail(id: QueueId) -> QueuedMail {
    let draft = Draft::new(Envelope::default(), bytes::Bytes::new().into());
    QueuedMail::of(id, &Standing::new([RcptNo(0)].into_iter()), Ok(&draft), false)
}

pub(super) fn administration(owner: Option<u32>) -> Administration {
    let behind = Behind.start();
    Administration {
        owner,
        audits: behind.clone().recipient(),
        held: behind.clone().recipient(),
        releases: behind.clone().recipient(),
        queue: behind.clone().recipient(),
        flushes: behind.clone().recipient(),
        bindings: behind.clone().recipient(),
        changes: behind.recipient(),
    }
}

async fn operator(user: Option<u32>, owner: Option<u32>) -> Program {
    ASKED.take();
    let staging = Arc::new(NoStaging(StagingError::NoSpace));
    let mut program = Program::of(user, owner, (Duration::ZERO, 1 << 16, staging, 1 << 20));
    program.next().await;
    program
}

const ALL: [&str; 8] = [
    r#"{"do":"audit","tag":1}"#,
    r#"{"do":"held","tag":1}"#,
    r#"{"do":"release","tag":1,"id":"1"}"#,
    r#"{"do":"queue","tag":1}"#,
    r#"{"do":"flush","tag":1,"what":"all"}"#,
    r#"{"do":"sinks","tag":1}"#,
    r#"{"do":"suspend","tag":1,"sink":"mine"}"#,
    r#"{"do":"resume","tag":1,"sink":"mine"}"#,
];

#[test]
fn who_is_neither_root_nor_the_user_of_the_engine_reaches_nothing_and_may_send_all_the_same() {
    run(|| async {
        for (user, owner) in [(Some(1000), Some(990)), (None, Some(990)), (Some(0), None), (Some(1000), Some(0))] {
            let mut program = operator(user, owner).await;
            for request in ALL {
                program.say(&format!("{request}\n")).await;
                let answer = program.next().await;
                let start = r#"{"is":"error","tag":1,"code":"not_permitted","temporary":false,"text":"only root"#;
                assert!(answer.starts_with(start), "{request}: {answer}");
            }
            assert_eq!(ASKED.take(), [""; 0], "{user:?} at an engine of {owner:?}");
            program.say(&send(2, MAIL)).await;
            assert!(program.next().await.starts_with(r#"{"is":"sent","tag":2"#));
        }
    });
}

#[test]
fn root_and_the_user_of_the_engine_are_answered() {
    run(|| async {
        for user in [0, 990] {
            let mut program = operator(Some(user), Some(990)).await;
            for request in ALL {
                program.say(&format!("{request}\n")).await;
                let mut answer = program.next().await;
                while ["held", "mail"].iter().any(|is| answer.starts_with(&format!(r#"{{"is":"{is}""#))) {
                    answer = program.next().await;
                }
                assert!(!answer.contains("error") && answer.contains(r#""tag":1"#), "{request}: {answer}");
            }
            let asked = ASKED.take();
            for message in ["AskAudit", "AskHeld", "Release", "AskQueue", "FlushNow", "AskBindings", "ChangeBinding"] {
                assert!(asked.iter().any(|one| one == message), "{message}: {asked:?}");
            }
            assert!(asked.iter().any(|one| one == "Enabled(false)") && asked.iter().any(|one| one == "Enabled(true)"));
        }
    });
}

/// The numbers of the mails of a portion, and its last line.
async fn portion(program: &mut Program, request: &str) -> (Vec<u64>, String) {
    program.say(&format!("{request}\n")).await;
    let mut ids = Vec::new();
    loop {
        let line = program.next().await;
        match line.split_once(r#""id":""#) {
            Some((_, rest)) => ids.push(u64::from_str_radix(&rest[..8], 16).unwrap()),
            None => return (ids, line),
        }
    }
}

#[test]
fn a_list_comes_in_portions_each_of_which_says_where_it_goes_on() {
    run(|| async {
        let mut program = operator(Some(0), Some(990)).await;
        let (ids, end) = portion(&mut program, r#"{"do":"queue","tag":1}"#).await;
        assert_eq!(ids, (1..=100).collect::<Vec<_>>());
        assert_eq!(end, r#"{"is":"end","tag":1,"count":100,"next":"00000064"}"#);
        let asked: Vec<String> = ASKED.take().into_iter().filter(|one| one != "AskQueue").collect();
        assert_eq!(asked, ["100", "36"], "few at a time, and never more than is wanted");
        let (ids, end) = portion(&mut program, r#"{"do":"queue","tag":1,"after":"64"}"#).await;
        assert_eq!((ids.len(), &*end), (50, r#"{"is":"end","tag":1,"count":50,"next":null}"#));
        let (ids, end) = portion(&mut program, r#"{"do":"held","tag":1,"limit":5}"#).await;
        assert_eq!(ids, [1, 2, 3, 4, 5]);
        assert_eq!(end, r#"{"is":"end","tag":1,"count":5,"next":"00000005"}"#);
        let (ids, end) = portion(&mut program, r#"{"do":"held","tag":1,"limit":5,"after":"5"}"#).await;
        assert_eq!((ids, &*end), (vec![6, 7], r#"{"is":"end","tag":1,"count":2,"next":null}"#));
    });
}

#[test]
fn what_is_wrong_with_a_request_of_an_operator_is_said_with_what_to_do() {
    run(|| async {
        let mut program = operator(Some(990), Some(990)).await;
        for (request, said) in [
            (r#"{"do":"release","tag":1,"id":"8"}"#, r#""code":"not_held","temporary":false"#),
            (r#"{"do":"suspend","tag":1,"sink":"other"}"#, r#""code":"no_such_sink","temporary":false"#),
            (r#"{"do":"flush","tag":1,"what":{"for":"a b"}}"#, r#""code":"bad_request","temporary":false"#),
        ] {
            program.say(&format!("{request}\n")).await;
            let answer = program.next().await;
            assert!(answer.contains(said), "{request}: {answer}");
        }
        program.say("{\"do\":\"audit\",\"tag\":1}\n").await;
        let audit = program.next().await;
        assert!(audit.contains(r#""stray_count":2000"#), "{audit}");
        assert!(audit.contains(r#""000003E8"]"#), "a thousand are named: {}", audit.len());
    });
}
