//! Sinks in the dialogue of a client: what it hears, when it waits, and what happens when a sink fails or the engine stops.

use std::{
    future::{ready, Ready},
    sync::mpsc,
    time::Duration,
};

use postrider::{
    events::{
        Command, Connect, Disconnect, EndOfData, EndOfHeaders, Event, Looking, MailFrom, MaxMessageSize, Message, Noop,
        Oversize, RcptTo, Talk, Verdict,
    },
    rules::{Reply, SessionSettings},
    Binding, OnFault,
};
use postrider_actors::messages::Drain;
use tokio::{io::AsyncWriteExt, sync::oneshot, time::Instant};

use crate::{
    dialogue::{world, Call},
    world::{pass, run, MINUTE, SECOND},
};

const NO: Reply = Reply::new(550, 7, 1, "Not you");
const MAIL: &str = "MAIL FROM:<me@home.example>\r\nRCPT TO:<a@one.example>\r\nDATA\r\n";

fn now<E: Event>(verdict: Verdict<E>) -> Ready<Verdict<E>> {
    ready(verdict)
}

fn refuses_noop() -> impl FnMut(Command<Noop>) -> Ready<Verdict<Noop>> + Send {
    |mut noop: Command<Noop>| {
        noop.refuse(NO);
        now(noop.next())
    }
}

#[test]
fn a_sink_greets_and_a_client_that_it_does_not_want_hears_that_and_nothing_else() {
    run(|| async {
        let (world, intakes, _) = world();
        let greets = || {
            |mut talk: Talk<Connect>| {
                talk.append("Be brief");
                talk.properties_mut().set("seen", "yes").unwrap();
                now(talk.next())
            }
        };
        world.bind(Binding::new("greets", greets).on(Connect)).await;
        let reads = || {
            |mut noop: Command<Noop>| {
                let seen = noop.caller().properties.get("seen").unwrap_or("no").to_owned();
                noop.append(seen);
                now(noop.next())
            }
        };
        world.bind(Binding::new("reads", reads).on(Noop)).await;
        let mut call = Call::to(&world, intakes.clone(), 4096);
        let heard = call.hear("220 ").await;
        assert_eq!(heard, "220-mail.example.org ESMTP Postrider\r\n220 Be brief\r\n");
        call.say("NOOP\r\n").await;
        assert_eq!(call.hear("250 ").await, "250-2.0.0 Ok\r\n250 2.0.0 yes\r\n");
        world.unbind("greets").await;
        world.bind(Binding::new("refuses", || |talk: Talk<Connect>| now(talk.refuse(NO))).on(Connect)).await;
        let mut call = Call::to(&world, intakes, 4096);
        assert_eq!(call.hear_all().await, "550 5.7.1 Not you\r\n");
        assert!(call.over.await.is_err(), "its seat is free again");
    });
}

#[test]
fn a_sink_that_is_bound_while_a_client_is_there_takes_part_from_its_next_command() {
    run(|| async {
        let (world, intakes, _) = world();
        let mut call = Call::to(&world, intakes, 4096);
        call.greet().await;
        call.say("NOOP\r\n").await;
        call.hear("250 ").await;
        world.bind(Binding::new("refuses", refuses_noop).on(Noop)).await;
        // What came before the binding is read with what was bound then.
        pass(SECOND).await;
        call.say("RSET\r\n").await;
        call.hear("250 ").await;
        call.say("NOOP\r\n").await;
        assert_eq!(call.hear("\r\n").await, "550 5.7.1 Not you\r\n");
        world.unbind("refuses").await;
        call.say("RSET\r\n").await;
        call.hear("250 ").await;
        call.say("NOOP\r\n").await;
        assert!(call.hear("\r\n").await.starts_with("250 "));
    });
}

#[test]
fn a_sink_that_fails_costs_the_command_and_the_client_is_told_to_come_again() {
    run(|| async {
        let (world, intakes, _) = world();
        let fails = || |_: Command<MailFrom>| -> Ready<Verdict<MailFrom>> { panic!("a sink") };
        world.bind(Binding::new("fails", fails).on(MailFrom).on_fault(OnFault::Refuse)).await;
        let mut call = Call::to(&world, intakes.clone(), 4096);
        call.greet().await;
        call.say(&format!("{MAIL}QUIT\r\n")).await;
        let heard = call.hear_all().await;
        assert!(heard.starts_with("451 4.3.0 ") && heard.ends_with("221 2.0.0 Bye\r\n"), "{heard}");
        assert_eq!(heard.matches("503 5.5.1 Say MAIL first").count(), 2, "{heard}");
        let fails = || |_: Talk<Connect>| -> Ready<Verdict<Connect>> { panic!("a sink") };
        world.bind(Binding::new("falls", fails).on(Connect).on_fault(OnFault::Refuse)).await;
        let mut call = Call::to(&world, intakes, 4096);
        assert!(call.hear_all().await.starts_with("421 4.3.0 "));
    });
}

#[test]
fn a_sink_sees_a_header_once_and_a_mail_that_it_refuses_is_read_to_its_end() {
    run(|| async {
        let (world, intakes, _) = world();
        let (headers, seen) = mpsc::channel();
        let looks = move || {
            let headers = headers.clone();
            move |mail: Looking<EndOfHeaders>| {
                let header = String::from_utf8(mail.header().head(1 << 16).unwrap()).unwrap();
                let refuses = header.contains("spam");
                headers.send(header).unwrap();
                now(if refuses { mail.reject(NO) } else { mail.next() })
            }
        };
        world.bind(Binding::new("looks", looks).on(EndOfHeaders)).await;
        let mut call = Call::to(&world, intakes, 4096);
        call.greet().await;
        for header in ["A: spam\r\n\r\nbody\r\n\r\nbody\r\n", "A: spam\r\n", "A: b\r\n\r\n", "A: b\r\n c\r\n"] {
            call.say(&format!("{MAIL}{header}.\r\nNOOP\r\n")).await;
            let heard = call.hear("\r\n250 2.0.0 Ok\r\n").await;
            let refused = heard.contains("550 5.7.1 Not you");
            assert_eq!(refused, header.contains("spam"), "{header:?}: {heard}");
        }
        let begin: Vec<String> = seen.try_iter().map(|header: String| header.trim_end().to_owned()).collect();
        assert_eq!(begin, ["A: spam", "A: spam", "A: b", "A: b\r\n c"]);
        pass(MINUTE).await;
        assert_eq!(world.counts().accepted, 2);
    });
}

#[test]
fn a_session_that_a_sink_ends_at_the_header_is_over_before_the_body() {
    run(|| async {
        let (world, intakes, _) = world();
        let ends = || |mail: Looking<EndOfHeaders>| now(mail.drop_session(NO));
        world.bind(Binding::new("ends", ends).on(EndOfHeaders)).await;
        let mut call = Call::to(&world, intakes, 4096);
        call.greet().await;
        call.say(&format!("{MAIL}A: b\r\n\r\n")).await;
        assert!(call.hear_all().await.ends_with("550 5.7.1 Not you\r\n"));
    });
}

#[test]
fn a_sink_lets_a_mail_be_larger_than_others() {
    run(|| async {
        let (world, intakes, _) = world();
        let allows = || {
            |mut mail: Oversize| {
                mail.allow(100);
                now(mail.next())
            }
        };
        world.bind(Binding::new("allows", allows).on(MaxMessageSize)).await;
        let mut settings = SessionSettings::new("mail.example.org");
        settings.limits.message_size = 50;
        let mut call = Call::with(&world, intakes, 4096, settings);
        call.greet().await;
        for (octets, reply) in [(90, "250 2.0.0 Ok: queued"), (120, "552 5.3.4 ")] {
            call.say(&format!("{MAIL}\r\n{}\r\n.\r\n", "x".repeat(octets))).await;
            let heard = call.hear(reply).await;
            assert!(heard.contains("354 "), "{octets}: {heard}");
        }
    });
}

#[test]
fn the_end_of_a_session_is_told_once_whoever_ended_it() {
    run(|| async {
        let (world, intakes, _) = world();
        let (tell, told) = mpsc::channel();
        let counts = move || {
            let tell = tell.clone();
            move |talk: Talk<Disconnect>| {
                tell.send(()).unwrap();
                now(talk.next())
            }
        };
        world.bind(Binding::new("counts", counts).on(Disconnect)).await;
        let mut call = Call::to(&world, intakes.clone(), 4096);
        call.greet().await;
        call.say("QUIT\r\n").await;
        call.hear_all().await;
        assert!(call.over.await.is_err());
        assert_eq!(told.try_iter().count(), 1);
        let call = Call::to(&world, intakes, 4096);
        drop(call.stream);
        assert!(call.over.await.is_err());
        assert_eq!(told.try_iter().count(), 1);
    });
}

fn slow(
) -> impl FnMut(Command<Noop>) -> std::pin::Pin<Box<dyn std::future::Future<Output = Verdict<Noop>> + Send>> + Send {
    |noop: Command<Noop>| {
        Box::pin(async move {
            tokio::time::sleep(10 * SECOND).await;
            noop.next()
        })
    }
}

#[test]
fn an_engine_that_stops_does_not_wait_for_a_sink() {
    run(|| async {
        let (world, intakes, _) = world();
        world.bind(Binding::new("slow", slow).on(Noop)).await;
        let mut call = Call::to(&world, intakes, 4096);
        call.greet().await;
        call.say("NOOP\r\n").await;
        pass(SECOND).await;
        let begun = Instant::now();
        let (answer, ended) = oneshot::channel();
        call.connection.do_send(Drain(answer));
        assert!(call.hear_all().await.starts_with("421 4.3.2 "));
        assert!(ended.await.is_err() && begun.elapsed() < SECOND, "{:?}", begun.elapsed());
    });
}

#[test]
fn nothing_is_read_from_a_client_while_a_sink_works() {
    run(|| async {
        let (world, intakes, _) = world();
        world.bind(Binding::new("slow", slow).on(Noop)).await;
        let mut call = Call::to(&world, intakes, 256);
        call.greet().await;
        call.say("NOOP\r\n").await;
        pass(SECOND).await;
        let flood = "RSET\r\n".repeat(100);
        let sent = tokio::time::timeout(Duration::from_secs(5), call.stream.write_all(flood.as_bytes())).await;
        assert!(sent.is_err(), "there is room for 256 octets only, and nobody reads");
        assert!(call.hear("250 ").await.starts_with("250 2.0.0 Ok\r\n"), "then it goes on");
    });
}

#[test]
fn in_lmtp_each_recipient_hears_what_sinks_made_of_it() {
    run(|| async {
        let (world, intakes, _) = world();
        let refuses = || {
            |mut mail: Message<EndOfData>| {
                let second = mail.envelope().recipients.numbers().nth(1).unwrap();
                mail.refuse(second, NO);
                now(mail.next())
            }
        };
        world.bind(Binding::new("refuses", refuses).on(EndOfData)).await;
        let adds = || {
            |mut rcpt: Command<RcptTo>| {
                if let Some(named) = rcpt.recipient().cloned().filter(|named| named.domain() == "two.example") {
                    rcpt.add_recipient(named);
                }
                now(rcpt.next())
            }
        };
        world.bind(Binding::new("adds", adds).on(RcptTo)).await;
        let mut settings = SessionSettings::new("mail.example.org");
        settings.lmtp = true;
        let mut call = Call::with(&world, intakes, 4096, settings);
        call.hear("220 ").await;
        call.say("LHLO client.example\r\nMAIL FROM:<me@home.example>\r\nRCPT TO:<a@one.example>\r\n").await;
        call.say("RCPT TO:<b@two.example>\r\nDATA\r\nSubject: x\r\n\r\n.\r\nQUIT\r\n").await;
        let heard = call.hear_all().await;
        let each = "250 2.1.5 <a@one.example> Ok: queued as 00000001\r\n550 5.7.1 Not you\r\n221 ";
        assert!(heard.contains(each), "{heard}");
        pass(MINUTE).await;
        assert_eq!(world.delivered(), ["a@one.example"]);
    });
}
