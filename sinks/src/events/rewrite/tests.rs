//! What addresses become, and what stays with them.

use postrider_engine::events::{Categorize, Submission};

use super::*;
use crate::events::given::{address, draft, parts, recipients};

fn rewrite(table: &[(&str, &str)], patterns: &[(&str, &str)]) -> Rewrite {
    let lines = |lines: &[(&str, &str)]| lines.iter().map(|(from, to)| (from.to_string(), to.to_string())).collect();
    let settings = RewriteSettings { table: lines(table), patterns: lines(patterns), ..RewriteSettings::default() };
    Rewrite::new(settings).unwrap()
}

async fn rewritten(sink: &mut Rewrite, to: &[&str]) -> Vec<String> {
    recipients(&parts::<Submission>(sink, draft("", to)).await)
}

#[tokio::test]
async fn an_exact_address_counts_before_a_pattern_and_that_before_a_domain_and_that_before_the_rest() {
    let mut sink = rewrite(
        &[("boss@old.example", "ceo@new.example"), ("@old.example", "@mid.example"), ("*", "rest@new.example")],
        &[(r"(\w+)\.(\w+)@old\.example", "$2.$1@names.example"), (".*@(names|mid|new).example", "$0")],
    );
    let to = ["BOSS@Old.Example", "ada.king@old.example", "info@old.example", "x@else.example"];
    let came = ["ceo@new.example", "king.ada@names.example", "info@mid.example", "rest@new.example"];
    assert_eq!(rewritten(&mut sink, &to).await, came);
}

#[tokio::test]
async fn a_recipient_keeps_what_its_sender_asked_for_and_who_it_was_first() {
    let mut sink = rewrite(&[("@a.example", "@b.example")], &[]);
    let mut mail = draft("", &["keep@c.example"]);
    let list = &mut mail.envelope.recipients;
    let notify = Some(Notify::NEVER);
    list.add(Recipient { address: address("x+y@a.example"), notify, orcpt: None });
    list.add(Recipient { address: address("z@a.example"), notify: None, orcpt: Some("rfc822;first@x".into()) });
    let parts = parts::<Categorize>(&mut sink, mail).await;
    let all: Vec<_> = parts.draft.envelope.recipients.iter().collect();
    assert_eq!(all[0].0, RcptNo(0));
    let (x, z) = (all[1].1, all[2].1);
    assert_eq!((x.address.as_str(), x.notify), ("x+y@b.example", notify));
    assert_eq!(x.orcpt.as_deref(), Some("rfc822;x+2By@a.example"));
    assert_eq!((all[1].0, z.orcpt.as_deref()), (RcptNo(3), Some("rfc822;first@x")));
}

#[tokio::test]
async fn a_circle_leaves_the_address_as_it_came_and_a_long_way_is_gone_to_its_end() {
    let mut circle = rewrite(&[("a@x", "b@x"), ("b@x", "c@x"), ("c@x", "a@x")], &[]);
    assert_eq!(rewritten(&mut circle, &["a@x", "z@x"]).await, ["a@x", "z@x"]);
    let way: Vec<_> = (0..MOST_ROUNDS).map(|n| (format!("u{n}@x"), format!("u{}@x", n + 1))).collect();
    let way: Vec<_> = way.iter().map(|(from, to)| (&**from, &**to)).collect();
    assert_eq!(rewritten(&mut rewrite(&way, &[]), &["u0@x"]).await, ["u10@x"]);
}

#[tokio::test]
async fn many_that_become_one_get_one_mail_unless_they_asked_for_other_reports() {
    let mut sink = rewrite(&[("*", "all@x")], &[]);
    let mut mail = draft("", &["a@x", "b@x", "All@x"]);
    mail.envelope.recipients.add(Recipient { address: address("c@x"), notify: Some(Notify::NEVER), orcpt: None });
    let parts = parts::<Submission>(&mut sink, mail).await;
    assert_eq!(recipients(&parts), ["All@x", "all@x"]);
}

#[tokio::test]
async fn a_pattern_that_gives_no_address_leaves_it_and_nothing_else_is_looked_for() {
    let mut sink = rewrite(&[("*", "rest@x")], &[("(a)@x", "$1 @ x")]);
    assert_eq!(rewritten(&mut sink, &["a@x", "aa@x"]).await, ["a@x", "rest@x"]);
}

#[tokio::test]
async fn the_sender_is_rewritten_only_if_asked_for_and_the_null_one_never() {
    let mut sink = rewrite(&[("*", "rest@x")], &[]);
    let sender = |parts: postrider_engine::events::MessageParts| parts.draft.envelope.sender;
    let mail = || draft("", &["b@x"]);
    assert_eq!(sender(parts::<Submission>(&mut sink, mail()).await), Some(address("a@from.example")));
    sink.sender = true;
    assert_eq!(sender(parts::<Submission>(&mut sink, mail()).await), Some(address("rest@x")));
    let mut null = draft("", &["b@x"]);
    null.envelope.sender = None;
    assert_eq!(sender(parts::<Submission>(&mut sink, null).await), None);
}

#[tokio::test]
async fn a_mail_that_no_line_is_for_is_not_written_anew() {
    let mut sink = rewrite(&[("@a.example", "@b.example")], &[]);
    assert!(!parts::<Categorize>(&mut sink, draft("", &["x@c.example"])).await.changed);
}

#[test]
fn settings_that_make_no_sense_are_refused_with_the_line() {
    let with = |table: &[(&str, &str)], pattern: &str, rounds| {
        let table = table.iter().map(|(from, to)| (from.to_string(), to.to_string())).collect();
        let patterns = vec![(pattern.to_owned(), String::new())];
        Rewrite::new(RewriteSettings { table, patterns, rounds, ..RewriteSettings::default() }).map(drop).unwrap_err()
    };
    assert_eq!(with(&[("nobody", "a@x")], "", 1), RewriteError::From("nobody".into()));
    assert_eq!(with(&[("a@x", "*")], "", 1), RewriteError::To("*".into()));
    assert_eq!(with(&[("a@x", "b@x"), ("A@X", "c@x")], "", 1), RewriteError::Twice("A@X".into()));
    assert!(matches!(with(&[], "(", 1), RewriteError::Pattern(..)));
    assert_eq!(with(&[], "", 11), RewriteError::Rounds);
}
