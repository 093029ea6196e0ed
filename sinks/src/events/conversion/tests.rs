//! What becomes of mails whose conversion ends in each way.

use bytes::Bytes;
use postrider_engine::{
    events::{Categorize, EndOfData, PostCategorize, PreCategorize, Submission, Turn},
    BoxFuture,
};

use super::*;
use crate::events::given::{mail, run};

/// Converts on the spot, or fails as a test says.
struct Here(Option<ConversionFault>);

impl Convert for Here {
    fn convert(
        &self,
        kind: &ConverterKind,
        content: &Content,
        most: usize,
    ) -> BoxFuture<'static, Result<Conversion, ConversionFault>> {
        let (octets, failed) = (content.len(), self.0.clone());
        let converted = match failed {
            Some(fault) => Err(fault),
            None if octets > most as u64 => Err(ConversionFault::TooLarge { octets, most }),
            None => kind.start().convert(&content.all(most).unwrap()).map_err(ConversionFault::from),
        };
        Box::pin(std::future::ready(converted))
    }
}

fn here(fault: Option<ConversionFault>) -> Arc<dyn Convert> {
    Arc::new(Here(fault))
}

const PAGE: &str = "Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n<p>Hello\r\n";

fn text(content: &Content) -> String {
    String::from_utf8(content.all(1 << 20).unwrap().to_vec()).unwrap()
}

#[tokio::test]
async fn a_page_gets_its_text_and_everybody_else_only_the_text() {
    let mut adds = TextAlternative::new(TextAlternativeSettings::default(), here(None));
    let (parts, turn) = run::<Submission>(&mut adds, mail(PAGE)).await;
    let both = text(&parts.draft.content);
    assert!(both.contains("multipart/alternative") && both.contains("\r\n\r\nHello\r\n") && both.contains("<p>Hello"));
    assert!(parts.changed && turn == Turn::Next);
    let mut plain = PlainOnly::new(PlainOnlySettings::default(), here(None));
    let (parts, _) = run::<PostCategorize>(&mut plain, parts.draft).await;
    let one = text(&parts.draft.content);
    assert!(one.contains("text/plain") && one.ends_with("Hello\r\n") && !one.contains("<p>"), "{one}");
}

#[tokio::test]
async fn a_mail_without_tnef_is_not_touched() {
    let mut unpacks = UnpackTnef::new(UnpackTnefSettings::default(), here(None));
    let (parts, turn) = run::<EndOfData>(&mut unpacks, mail(PAGE)).await;
    assert_eq!((text(&parts.draft.content).as_str(), parts.changed, turn), (PAGE, false, Turn::Next));
}

#[tokio::test]
async fn tnef_gives_way_to_what_it_holds() {
    use postrider_convert::tnef::{tags::tag, Message, Property, Value};
    let properties = vec![Property::new(tag::BODY, Value::text("Hello"))];
    let mut packed =
        b"Subject: s\r\nContent-Type: application/ms-tnef\r\nContent-Transfer-Encoding: binary\r\n\r\n".to_vec();
    packed.extend(Message { properties, ..Message::default() }.to_octets());
    let mut unpacks = UnpackTnef::new(UnpackTnefSettings::default(), here(None));
    let (parts, _) = run::<PreCategorize>(&mut unpacks, mail(Bytes::from(packed))).await;
    assert!(text(&parts.draft.content).ends_with("\r\n\r\nHello"));
}

#[tokio::test]
async fn a_fault_of_the_converter_is_one_of_the_sink_and_the_mail_is_as_it_was() {
    let table = [
        (ConversionFault::Panicked, Fault::Panicked),
        (ConversionFault::Overran, Fault::Overran),
        (NotConverted::TooMuch("x".into()).into(), Fault::NotThisMail),
        (ConversionFault::Busy, Fault::NoGuest),
        (ConversionFault::Gone, Fault::Gone),
        (ConversionFault::Unreadable("x".into()), Fault::Unable),
    ];
    for (why, fault) in table {
        let mut adds = TextAlternative::new(TextAlternativeSettings::default(), here(Some(why)));
        let (parts, turn) = run::<Categorize>(&mut adds, mail(PAGE)).await;
        assert_eq!((text(&parts.draft.content).as_str(), parts.changed, turn), (PAGE, false, Turn::Failed(fault)));
    }
}

#[tokio::test]
async fn what_cannot_be_converted_goes_on_or_is_refused_as_the_settings_say() {
    let impossible = ConversionFault::from(NotConverted::Impossible("it is no TNEF".into()));
    let table = [(Unconvertible::Pass, Turn::Next), (Unconvertible::Fail, Turn::Failed(Fault::NotThisMail))];
    for (unconvertible, expected) in table {
        let settings = UnpackTnefSettings { unconvertible, ..UnpackTnefSettings::default() };
        let mut unpacks = UnpackTnef::new(settings, here(Some(impossible.clone())));
        assert_eq!(run::<Submission>(&mut unpacks, mail(PAGE)).await.1, expected);
    }
    let settings = PlainOnlySettings { octets: 10, ..PlainOnlySettings::default() };
    let (_, turn) = run::<Submission>(&mut PlainOnly::new(settings, here(None)), mail(PAGE)).await;
    let Turn::Reject(reply) = turn else { panic!("{turn:?}") };
    assert!(reply.to_string().starts_with("554 5.6.5 The mail cannot be converted: the mail has 68 octets"), "{reply}");
}

#[tokio::test]
async fn who_takes_text_gets_a_mail_of_his_own_and_the_others_have_the_mail_as_it_came() {
    let domains: Vec<postrider_engine::Domains> = vec!["pager.example".parse().unwrap()];
    let plain =
        |fault| PlainOnly::new(PlainOnlySettings { domains: domains.clone(), ..Default::default() }, here(fault));
    let both = || crate::events::given::draft(PAGE, &["a@pager.example", "b@to.example"]);
    let (parts, turn) = run::<PostCategorize>(&mut plain(None), both()).await;
    assert_eq!((text(&parts.draft.content).as_str(), turn), (PAGE, Turn::Next));
    let to = |draft: &postrider_engine::Draft| {
        draft.envelope.recipients.iter().map(|(_, to)| to.address.to_string()).collect::<Vec<_>>()
    };
    assert_eq!((to(&parts.draft), to(&parts.made[0])), (vec!["b@to.example".into()], vec!["a@pager.example".into()]));
    assert!(text(&parts.made[0].content).ends_with("\r\n\r\nHello\r\n"));
    let (parts, _) = run::<PostCategorize>(&mut plain(None), mail(PAGE)).await;
    assert!(parts.made.is_empty() && text(&parts.draft.content) == PAGE, "nobody takes text only");
    let impossible = ConversionFault::from(NotConverted::Impossible("x".into()));
    let (parts, turn) = run::<Submission>(&mut plain(Some(impossible)), both()).await;
    let refused: Vec<String> = parts.refused.iter().map(|(_, reply)| reply.to_string()).collect();
    assert_eq!((turn, parts.made.len(), refused.len()), (Turn::Next, 0, 1), "for the others it goes on");
    assert!(refused[0].starts_with("554 5.6.5"), "{refused:?}");
}
