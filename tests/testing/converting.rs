//! Mails are converted on threads of their own: what that does to a converter costs one mail its conversion.

use std::sync::Arc;

use postrider::{
    assert_delivered, assert_not_delivered,
    events::{Fault, Message, PreCategorize, Sink, Submission, Verdict},
    rules::{Conversion, ConversionFault, Convert, Converter, ConverterKind, NotConverted},
    sinks::events::{UnpackTnef, UnpackTnefSettings},
    testing::{draft, NotSent, TestEngine},
    Binding, OnFault, SendError,
};

use crate::{send, SECOND};

const MAIL_OF_OUTLOOK: &[u8] = include_bytes!("../../convert/tests/fixtures/mail/exchange.eml");

fn content(engine: &TestEngine) -> String {
    let taken = engine.peer().taken();
    String::from_utf8_lossy(&taken.last().expect("it was delivered").content).into_owned()
}

/// Settings of the kit with sinks of the stock.
fn with_sinks(sinks: &str) -> TestEngine {
    let text = format!("hostname = \"home.example\"\nsmart_host = [\"smart.example.org\"]\n{sinks}");
    TestEngine::builder().toml(&text).start()
}

#[test]
fn a_winmail_dat_is_unpacked_where_the_settings_say_so() {
    let engine = with_sinks("[[sink]]\nkind = \"unpack_tnef\"\nevents = [\"pre_categorize\"]\non_fault = \"bypass\"\n");
    engine.send(draft("me@home.example", ["ann@example.org"], MAIL_OF_OUTLOOK)).unwrap();
    assert_delivered!(engine, "ann@example.org", times = 1);
    let content = content(&engine);
    assert!(!content.contains("ms-tnef") && content.contains("multipart/"), "{content}");
}

#[test]
fn who_takes_text_only_gets_a_mail_of_his_own() {
    let engine = with_sinks("[[sink]]\nkind = \"plain_only\"\ndomains = [\"pager.example\"]\n");
    let page = "Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n<p>Hello <b>you</b>\r\n";
    engine.send(draft("me@home.example", ["ann@example.org", "b@pager.example"], page)).unwrap();
    assert_delivered!(engine, "ann@example.org", times = 1);
    assert_delivered!(engine, "b@pager.example", times = 1);
    let bodies: Vec<String> =
        engine.peer().taken().iter().map(|mail| String::from_utf8_lossy(&mail.content).into()).collect();
    assert!(bodies.iter().any(|body| body.contains("<b>you</b>")), "{bodies:?}");
    assert!(bodies.iter().any(|body| body.contains("text/plain") && !body.contains("<b>")), "{bodies:?}");
}

/// Does what the mail says.
struct Obeys;

impl Converter for Obeys {
    fn convert(&mut self, mail: &[u8]) -> Result<Conversion, NotConverted> {
        let says = |word: &str| mail.windows(word.len()).any(|here| here == word.as_bytes());
        assert!(!says("panic"), "as the mail says");
        match says("too much") {
            true => Err(NotConverted::TooMuch("as the mail says".into())),
            false => Ok(Conversion { mail: Some(mail.to_ascii_uppercase().into()), flaws: String::new() }),
        }
    }
}

/// Has mails converted by that.
#[derive(Clone)]
struct Obeying(Arc<dyn Convert>, ConverterKind);

impl Obeying {
    fn new(converters: Arc<dyn Convert>) -> Self {
        Obeying(converters, ConverterKind::new("obeys", || Obeys))
    }
}

impl Sink<Submission> for Obeying {
    async fn on(&mut self, mut mail: Message<Submission>) -> Verdict<Submission> {
        match self.0.convert(&self.1, mail.content(), 1 << 20).await {
            Ok(Conversion { mail: Some(converted), .. }) => {
                *mail.content_mut() = converted.into();
                mail.next()
            }
            Ok(Conversion { mail: None, .. }) => mail.next(),
            Err(ConversionFault::Panicked) => mail.failed(Fault::Panicked),
            Err(_) => mail.failed(Fault::Unable),
        }
    }
}

fn obeying(on_fault: OnFault) -> TestEngine {
    let configure = move |builder: postrider::Builder| {
        let sink = Obeying::new(builder.converters());
        builder.bind(Binding::new("obeys", move || sink.clone()).on(Submission).on_fault(on_fault))
    };
    TestEngine::builder().configure(configure).start()
}

#[test]
fn a_converter_that_panics_costs_one_mail_its_conversion_and_goes_by_the_binding() {
    let engine = obeying(OnFault::Bypass);
    for text in ["panic", "too much"] {
        engine.send(draft("me@home.example", ["ann@example.org"], format!("Subject: x\r\n\r\n{text}\r\n"))).unwrap();
        assert!(content(&engine).ends_with(&format!("{text}\r\n")), "it goes as it was");
    }
    send(&engine, &["bob@example.org"]);
    assert_delivered!(engine, "bob@example.org", times = 1);
    assert!(content(&engine).contains("SUBJECT: "), "the next is converted");
}

#[test]
fn where_the_binding_refuses_whoever_sends_it_keeps_it() {
    let engine = obeying(OnFault::Refuse);
    let sent = engine.send(draft("me@home.example", ["ann@example.org"], "Subject: x\r\n\r\npanic\r\n"));
    assert!(matches!(&sent, Err(NotSent::Send(SendError::Rejected(reply))) if reply.is_transient()), "{sent:?}");
    engine.advance(SECOND);
    assert_not_delivered!(engine, "ann@example.org");
    send(&engine, &["bob@example.org"]);
    assert_delivered!(engine, "bob@example.org", times = 1);
}

#[test]
fn a_sink_of_the_stock_is_bound_by_a_program_too_and_works_after_a_crash() {
    let configure = |builder: postrider::Builder| {
        let unpack = UnpackTnef::new(UnpackTnefSettings::default(), builder.converters());
        builder.bind(Binding::new("unpack", move || unpack.clone()).on(PreCategorize))
    };
    let mut engine = TestEngine::builder().configure(configure).start();
    for _ in 0..2 {
        engine.send(draft("me@home.example", ["ann@example.org"], MAIL_OF_OUTLOOK)).unwrap();
        assert!(!content(&engine).contains("ms-tnef"));
        engine.crash();
        engine.restart();
    }
    send(&engine, &["bob@example.org"]);
}
