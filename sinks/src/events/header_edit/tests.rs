//! What edits make of headers.

use postrider_engine::{
    events::{PostCategorize, PreCategorize, Submission},
    header::MAX_HEADER,
};

use super::*;
use crate::events::given::{mail, parts, text};

fn s(text: &str) -> String {
    text.to_owned()
}

fn sink(changes: Vec<HeaderChange>) -> HeaderEdit {
    HeaderEdit::new(changes).unwrap()
}

const MAIL: &str = "Received: by a\r\nSubject: Hello\r\n world\r\nX-A: 1\r\nX-B: 2\r\nx-a: 3\r\n\r\nX-A: body\r\n";

#[tokio::test]
async fn fields_are_put_where_the_settings_say() {
    let (name, value) = (s("X-N"), s("v"));
    for (change, after) in [
        (HeaderChange::Add { name: name.clone(), value: value.clone() }, "X-N: v\r\nA: 1\r\nB: 2\r\n\r\n"),
        (HeaderChange::Append { name: name.clone(), value: value.clone() }, "A: 1\r\nB: 2\r\nX-N: v\r\n\r\n"),
        (
            HeaderChange::InsertAt { index: 1, name: name.clone(), value: value.clone() },
            "A: 1\r\nX-N: v\r\nB: 2\r\n\r\n",
        ),
        (HeaderChange::Default { name, value: value.clone() }, "A: 1\r\nB: 2\r\nX-N: v\r\n\r\n"),
        (HeaderChange::Default { name: s("a"), value }, "A: 1\r\nB: 2\r\n\r\n"),
    ] {
        let done = parts::<Submission>(&mut sink(vec![change]), mail("A: 1\r\nB: 2\r\n\r\n")).await;
        assert_eq!(text(&done.draft.content), after);
    }
}

#[tokio::test]
async fn values_are_changed_by_pattern_and_the_rest_stays_octet_for_octet() {
    let change = HeaderChange::Change { name: s("subject"), value: s("(?i)hello (\\w+)"), with: s("[x] $1") };
    let done = parts::<PostCategorize>(&mut sink(vec![change]), mail(MAIL)).await;
    assert_eq!(text(&done.draft.content), MAIL.replace("Hello\r\n world", "[x] world"));
}

#[tokio::test]
async fn fields_are_taken_out_by_name_and_by_pattern_but_never_from_the_body() {
    let by_name = HeaderChange::Remove { name: s("X-a") };
    let done = parts::<PreCategorize>(&mut sink(vec![by_name]), mail(MAIL)).await;
    assert_eq!(text(&done.draft.content), MAIL.replace("X-A: 1\r\n", "").replace("x-a: 3\r\n", ""));
    let by_value = HeaderChange::RemoveMatching { name: s("x-.*"), value: s("^[23]$") };
    let done = parts::<Submission>(&mut sink(vec![by_value]), mail(MAIL)).await;
    assert_eq!(text(&done.draft.content), MAIL.replace("X-B: 2\r\nx-a: 3\r\n", ""));
    let a_name_is_no_pattern = HeaderChange::Remove { name: s("X.A") };
    assert!(!parts::<Submission>(&mut sink(vec![a_name_is_no_pattern]), mail(MAIL)).await.changed);
}

#[tokio::test]
async fn a_mail_on_which_an_edit_cannot_be_made_stays_whole_and_is_held() {
    let mut sink = sink(vec![
        HeaderChange::Remove { name: s("X-A") },
        HeaderChange::Add { name: s("X-N"), value: "v".repeat(900) },
    ]);
    let large = format!("X-A: {}\r\n\r\n", "a ".repeat(MAX_HEADER / 2));
    let done = parts::<Submission>(&mut sink, mail(large.clone())).await;
    assert!(done.held.is_some() && !done.changed);
    assert_eq!(done.draft.content.all(2 * MAX_HEADER).unwrap(), large);
}

#[tokio::test]
async fn what_a_value_holds_cannot_become_a_field() {
    let change = HeaderChange::Change { name: s("Subject"), value: s("world"), with: s("x\r\nBcc: a@b") };
    let done = parts::<Submission>(&mut sink(vec![change]), mail(MAIL)).await;
    assert!(done.held.is_some());
    assert_eq!(text(&done.draft.content), MAIL);
}

#[tokio::test]
async fn text_beyond_ascii_is_encoded_unless_the_mail_may_have_it() {
    let change = || vec![HeaderChange::Append { name: s("X-N"), value: s("ä") }];
    let done = parts::<Submission>(&mut sink(change()), mail("A: b\r\n\r\n")).await;
    assert!(text(&done.draft.content).contains("X-N: =?utf-8?"));
    let mut utf8 = mail("A: b\r\n\r\n");
    utf8.envelope.smtputf8 = true;
    let done = parts::<Submission>(&mut sink(change()), utf8).await;
    assert!(text(&done.draft.content).contains("X-N: ä\r\n"));
}

#[test]
fn edits_that_make_no_sense_are_refused_with_their_number() {
    let fine = HeaderChange::Remove { name: s("(") };
    let with = |bad: HeaderChange| HeaderEdit::new(vec![fine.clone(), bad]).unwrap_err().to_string();
    let pattern = with(HeaderChange::RemoveMatching { name: s("("), value: s("") });
    assert!(pattern.starts_with("edit 2: the pattern \"(\" cannot be read"), "{pattern}");
    assert!(with(HeaderChange::Add { name: s("a b"), value: s("") }).starts_with("edit 2: \"a b\" is no name"));
    assert!(with(HeaderChange::Add { name: s("A"), value: s("\r\n") }).starts_with("edit 2: the value has a CR"));
    let many = vec![fine; MOST_EDITS + 1];
    assert_eq!(HeaderEdit::new(many).unwrap_err(), HeaderEditError::TooMany(MOST_EDITS + 1));
}
