//! What is written into the log while a mail is in somebody's hands says of which mail it is, whoever writes it.
#![allow(clippy::unwrap_used, clippy::expect_used)] // helpers of tests fail as tests do

use std::{
    io,
    sync::{mpsc, Arc},
};

use postrider::{
    events::{Message, PreCategorize, Sink, Verdict},
    rules::{Conversion, Convert, Converter, ConverterKind, NotConverted},
    testing::{draft, Extension, TestEngine},
    Binding,
};
use tracing_subscriber::fmt::MakeWriter;

/// Where the log goes.
#[derive(Clone)]
struct Log(mpsc::Sender<Vec<u8>>);

impl io::Write for Log {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.0.send(octets.to_vec()).map_err(io::Error::other)?;
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for Log {
    type Writer = Log;

    fn make_writer(&'w self) -> Log {
        self.clone()
    }
}

/// Says what it does, and changes nothing.
struct Tells;

impl Converter for Tells {
    fn convert(&mut self, _: &[u8]) -> Result<Conversion, NotConverted> {
        tracing::info!("a converter tells");
        Ok(Conversion::default())
    }
}

/// Has mails converted by that.
#[derive(Clone)]
struct Asks(Arc<dyn Convert>, ConverterKind);

impl Sink<PreCategorize> for Asks {
    async fn on(&mut self, mail: Message<PreCategorize>) -> Verdict<PreCategorize> {
        tracing::info!("a sink tells");
        self.0.convert(&self.1, mail.content(), 1 << 20).await.expect("it is converted");
        mail.next()
    }
}

#[test]
fn what_a_sink_a_converter_and_a_target_tell_says_of_which_mail_it_is() {
    let (log, written) = mpsc::channel();
    tracing_subscriber::fmt().with_writer(Log(log)).with_ansi(false).init();
    let configure = |builder: postrider::Builder| {
        let sink = Asks(builder.converters(), ConverterKind::new("tells", || Tells));
        builder.bind(Binding::new("asks", move || sink.clone()).on(PreCategorize))
    };
    let engine = TestEngine::builder().configure(configure).start();
    engine.peer().offers(vec![Extension::Pipelining, Extension::EnhancedStatusCodes]);
    let id =
        engine.send(draft("me@home.example", ["ann@example.org"], "Subject: x\r\n\r\nf\u{fc}r Dich\r\n")).unwrap().id();

    let all = String::from_utf8(written.try_iter().flatten().collect()).unwrap();
    let line = |says: &str| all.lines().find(|line| line.contains(says)).expect(says);
    let sink = format!("sink{{sink=\"asks\" event=pre_categorize mail=\"{id}\"}}");
    assert!(line("a sink tells").contains(&sink), "{all}");
    assert!(line("a converter tells").contains(&format!("{sink}:conversion{{converter=\"tells\"}}")), "{all}");
    assert!(line("converted for a host that takes less").contains(&format!("delivery{{id={id}}}")), "{all}");
}
