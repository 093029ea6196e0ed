//! Sinks at DATA and BDAT: refused content is read to its end, and a mail with a hole never comes of it.

use super::*;

const OPEN: &str = "HELO c\r\nMAIL FROM:<>\r\nRCPT TO:<x@here.example>\r\n";

/// What happens behind RCPT, but for the questions.
fn behind(settings: &SessionSettings, kinds: &[Kind], sinks: &dyn Sinks, text: &str) -> Vec<String> {
    let found = consulted(settings, kinds, sinks, format!("{OPEN}{text}").as_bytes());
    let told = found.iter().filter(|event| !matches!(event, Event::Ask(..))).flat_map(written);
    told.skip(3).collect()
}

/// Refuses the nth chunk.
struct Nth(std::cell::Cell<usize>, usize);

impl Sinks for Nth {
    fn asked(&self, _: &Asked) -> CommandEdits {
        let n = self.0.replace(self.0.get() + 1);
        // Each dialogue is held twice.
        if n % 3 == self.1 {
            refused(550, "No")
        } else {
            CommandEdits::default()
        }
    }
}

#[test]
fn no_chunk_of_a_mail_is_taken_when_a_sink_has_refused_one_and_their_octets_are_no_commands() {
    let no = "S: 550 5.7.1 No";
    let taken = "S: 250 2.0.0 6 octets taken";
    let (first, second, third) = (
        vec![no, no, no, "S: 250 2.0.0 Ok"],
        vec!["= Begin", taken, "= Abandon", no, no, "S: 250 2.0.0 Ok"],
        vec!["= Begin", taken, taken, "= Abandon", no, "S: 250 2.0.0 Ok"],
    );
    for (n, expected) in [first, second, third].into_iter().enumerate() {
        let text = "BDAT 6\r\nQUIT\r\nBDAT 6\r\nQUIT\r\nBDAT 6 LAST\r\nQUIT\r\nNOOP\r\n";
        let found = behind(&settings(), &[Kind::Bdat], &Nth(0.into(), n), text);
        assert_eq!(found, expected, "the chunk {n}");
    }
}

#[test]
fn a_refused_last_chunk_ends_the_mail_and_in_lmtp_each_recipient_hears_so() {
    let no = |_: &Asked| refused(450, "No");
    let found = behind(&settings(), &[Kind::Bdat], &no, "BDAT 1 LAST\r\nxMAIL FROM:<>\r\n");
    assert_eq!(found, ["S: 450 4.7.1 No", "S: 250 2.1.0 Sender ok"]);
    let settings = SessionSettings { lmtp: true, ..settings() };
    let text =
        "LHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<x@here.example>\r\nRCPT TO:<x@here.example>\r\nBDAT 1\r\nxBDAT 1 LAST\r\nx";
    let found = replies(&consulted(&settings, &[Kind::Bdat], &no, text.as_bytes()));
    assert_eq!(found[4..], ["450 4.7.1 No"; 3]);
}

#[test]
fn a_chunk_out_of_order_is_refused_in_the_words_of_the_sink_and_counts() {
    let mut settings = settings();
    settings.limits.errors = 2;
    let text = b"BDAT 6\r\nQUIT\r\nBDAT 6\r\nQUIT\r\n";
    let found = consulted(&settings, &[Kind::Bdat], &|_: &Asked| refused(550, "No"), text);
    assert_eq!(replies(&found), ["550 5.7.1 No", "421 4.7.0 Too many bad commands"]);
}

#[test]
fn a_chunk_whose_size_is_lost_ends_the_session_in_the_words_of_the_sink() {
    let found = consulted(&settings(), &[Kind::Bdat], &|_: &Asked| refused(550, "No"), b"BDAT x\r\nQUIT\r\n");
    assert_eq!((replies(&found), found.last()), (vec!["550 5.7.1 No".to_owned()], Some(&Event::Close)));
}

#[test]
fn a_refused_chunk_far_too_big_is_not_even_read() {
    let mut settings = settings();
    (settings.limits.message_size, settings.limits.drain) = (10, 20);
    let found = behind(&settings, &[Kind::Bdat], &|_: &Asked| refused(550, "No"), "BDAT 31\r\n");
    assert_eq!(found, ["S: 421 4.3.4 The mail is far too big", "= Close"]);
}

#[test]
fn lines_are_added_to_what_is_said_at_once_and_not_to_what_is_said_of_the_mail() {
    let more = |_: &Asked| CommandEdits {
        dialogue: DialogueEdits { appended: vec!["more".into()], ..DialogueEdits::default() },
        ..CommandEdits::default()
    };
    let found = behind(&settings(), &[Kind::Data], &more, "DATA\r\n.\r\n");
    let go = ["= Begin", "S: 354-End with a dot on a line of its own", "S: 354 more"];
    assert_eq!(found[..3], go);
    assert!(found[4].ends_with("queued as id.1"), "{found:?}");
    let found = behind(&settings(), &[Kind::Bdat], &more, "BDAT 1\r\nxBDAT 0 LAST\r\nNOOP\r\n");
    assert_eq!(found[1..3], ["S: 250-2.0.0 1 octets taken", "S: 250 2.0.0 more"]);
    assert!(found[4].ends_with("queued as id.1") && found[5] == "S: 250 2.0.0 Ok", "{found:?}");
}

#[test]
fn the_greeting_is_what_sinks_make_of_it() {
    let fresh = || Session::new(Arc::new(settings()), Peer::default(), "id");
    let greeted = |edits: DialogueEdits| {
        let mut session = fresh();
        let reply = session.greeted([("a", "b")].into_iter().collect(), &edits);
        assert_eq!(session.caller().properties.get("a"), Some("b"));
        (reply.to_string(), session.phase())
    };
    assert_eq!(fresh().native_greeting(), fresh().greeting());
    let native = "220 mx.here.example ESMTP Postrider";
    assert_eq!(greeted(DialogueEdits::default()), (native.to_owned(), Phase::Command));
    let appended = DialogueEdits { appended: vec!["more".into()], ..DialogueEdits::default() };
    assert_eq!(greeted(appended), (format!("{native} more"), Phase::Command));
    let refused = refused(554, "Not you").dialogue;
    assert_eq!(greeted(refused), ("554 5.7.1 Not you".to_owned(), Phase::Closed));
    let closed = DialogueEdits { closes: true, ..DialogueEdits::default() };
    assert_eq!(greeted(closed).1, Phase::Closed);
}

#[test]
fn start_tls_that_a_sink_refuses_is_not_begun_and_one_that_it_allows_discards_what_was_read_ahead() {
    let input = "STARTTLS\r\nNOOP\r\n";
    for (edits, rest) in [(refused(454, "No"), vec!["454 4.7.1 No", "250 2.0.0 Ok"]), (CommandEdits::default(), vec![])]
    {
        let mut session =
            Session::new(Arc::new(SessionSettings { starttls: true, ..settings() }), Peer::default(), "id");
        session.greeting();
        session.listen_to(KindSet::EMPTY.with(Kind::StartTls));
        let mut input = BytesMut::from(input);
        assert!(matches!(session.step(&mut input), Some(Action::Ask(_))));
        session.answered(Properties::default(), edits);
        let actions: Vec<Action> = std::iter::from_fn(|| session.step(&mut input)).collect();
        if rest.is_empty() {
            assert!(matches!(actions[..], [Action::Reply(_), Action::StartTls]) && input.is_empty(), "{actions:?}");
        } else {
            let said: Vec<String> = actions
                .iter()
                .map(|action| if let Action::Reply(reply) = action { reply.to_string() } else { String::new() })
                .collect();
            assert_eq!(said, rest);
        }
    }
}

#[test]
fn an_engine_that_stops_or_a_client_that_goes_ends_a_session_that_waits_for_its_sinks() {
    let mut session = Session::new(Arc::new(settings()), Peer::default(), "id");
    session.greeting();
    session.listen_to(KindSet::EMPTY.with(Kind::Noop));
    let mut input = BytesMut::from("NOOP\r\nNOOP\r\n");
    assert!(matches!(session.step(&mut input), Some(Action::Ask(_))));
    assert_eq!(session.stopping().code, 421);
    session.answered(Properties::default(), CommandEdits::default());
    assert!(session.step(&mut input).is_none(), "an answer that comes too late is none");
}
