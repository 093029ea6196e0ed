//! Who stands in whose place: files as people write them, lists within lists, owners, loops.

mod graphs;

use std::collections::BTreeMap;

use super::*;
use crate::{Content, Door, Draft, Entry, Envelope, Fact, How, Notify, QueueId, RcptNo, Recipient, Recipients};

fn scope() -> AliasScope {
    let mut scope = AliasScope::new("home.example");
    scope.local = ["home.example", "also.example"].iter().map(|domain| domain.parse().unwrap()).collect();
    scope.virtual_domains = ["virtual.example"].iter().map(|domain| domain.parse().unwrap()).collect();
    scope
}

fn no_lists(path: &str) -> Result<String, String> {
    Err(format!("nobody wrote {path}"))
}

fn aliases(text: &str) -> Aliases {
    let mut aliases = Aliases::new(scope());
    aliases.read_aliases("aliases", text, &mut no_lists).unwrap();
    aliases
}

fn table(text: &str) -> Aliases {
    let mut aliases = Aliases::new(scope());
    aliases.read_table("table", text, &mut no_lists).unwrap();
    aliases
}

fn draft(to: &[&str]) -> Draft {
    let recipients = to.iter().map(|to| Recipient::from(Address::parse(to).unwrap())).collect();
    let sender = Some(Address::parse("sender@far.example").unwrap());
    Draft::new(Envelope { sender, recipients, ..Envelope::default() }, Content::new("x"))
}

fn entry(aliases: &Aliases, draft: &Draft) -> Option<Entry> {
    let mail = QueueId(7);
    aliases.expand(draft).map(|expansion| {
        let Expanded { draft, new, before, after } = expansion.apply(mail, draft);
        let advanced = Fact::Advanced { mail, draft: Box::new(draft) };
        Entry { new, facts: before.into_iter().chain([advanced]).chain(after).collect() }
    })
}

fn advanced(entry: &Entry) -> &Draft {
    let draft = entry.facts.iter().find_map(|fact| match fact {
        Fact::Advanced { draft, .. } => Some(&**draft),
        _ => None,
    });
    draft.expect("a stage that changed something ends with a draft")
}

fn failures(entry: &Entry) -> BTreeMap<RcptNo, String> {
    let failed = entry.facts.iter().filter_map(|fact| match fact {
        Fact::Finished { recipients, how: How::Failed(why), .. } => Some((recipients[0], why.reply.to_string())),
        _ => None,
    });
    failed.collect()
}

/// Who gets it, who does not and why, and the lists with their owners: one word each.
fn ends(aliases: &Aliases, to: &[&str]) -> Vec<String> {
    let draft = draft(to);
    let Some(entry) = entry(aliases, &draft) else { return vec!["as it is".into()] };
    let failed = failures(&entry);
    let shown = |(no, to): (RcptNo, &Recipient)| match failed.get(&no) {
        Some(why) => format!("{} fails: {}", to.address, &why[..9]),
        None => to.address.to_string(),
    };
    let mut ends: Vec<String> = advanced(&entry).envelope.recipients.iter().map(shown).collect();
    for list in &entry.new {
        let envelope = &list.draft().envelope;
        let sender = envelope.sender.as_ref().unwrap();
        ends.extend(envelope.recipients.iter().map(|(_, to)| format!("{} from {sender}", to.address)));
    }
    ends
}

#[test]
fn files_are_read_as_people_write_them() {
    let text = "# remark\n\npostmaster: ann\nTeam : bob,\n  carol@far.example, Dora <dora@far.example>\n\t# within\n\
                \"two words\": bob\nnobody: /dev/null\nemil: \\emil, fritz\nwhole@else.example: gerd\n";
    let aliases = aliases(text);
    let table: [(&[&str], &[&str]); 9] = [
        (&["ann@home.example"], &["as it is"]),
        (&["Postmaster"], &["ann@home.example"]),
        (&["TEAM@also.example"], &["bob@also.example", "carol@far.example", "dora@far.example"]),
        (&["team+x@home.example"], &["bob@home.example", "carol@far.example", "dora@far.example"]),
        (&["\"two words\"@home.example"], &["bob@home.example"]),
        (&["nobody@home.example"], &[]),
        (&["emil@home.example"], &["emil@home.example", "fritz@home.example"]),
        (&["whole@else.example", "team@else.example"], &["team@else.example", "gerd@home.example"]),
        (&["team@home.example", "bob@home.example"], &["bob@home.example", "carol@far.example", "dora@far.example"]),
    ];
    for (to, expected) in table {
        assert_eq!(ends(&aliases, to), expected, "{to:?}");
    }
}

#[test]
fn tables_rewrite_addresses_and_domains() {
    let text = "info@virtual.example ann, bob@far.example\n@old.example @new.example\nx@old.example gone@far.example\n\
                sales  carol\nloop@virtual.example loop@virtual.example\n";
    let aliases = table(text);
    let table: [(&str, &[&str]); 9] = [
        ("info@virtual.example", &["ann@home.example", "bob@far.example"]),
        ("Info+tag@VIRTUAL.example", &["ann@home.example", "bob@far.example"]),
        ("Dora+Ab@old.example", &["Dora+Ab@new.example"]),
        ("x@old.example", &["gone@far.example"]),
        ("sales@also.example", &["carol@also.example"]),
        ("sales@far.example", &["as it is"]),
        ("nobody@virtual.example", &["nobody@virtual.example fails: 550 5.1.1"]),
        ("loop@virtual.example", &["loop@virtual.example fails: 550 5.1.1"]),
        ("postmaster@virtual.example", &["postmaster@home.example"]),
    ];
    for (to, expected) in table {
        assert_eq!(ends(&aliases, &[to]), expected, "{to}");
    }
}

#[test]
fn a_line_that_cannot_be_used_is_an_error_with_its_place_and_a_remedy() {
    let table = [
        ("a: b\n\nx", "f, line 3: write a name, a colon"),
        ("a:", "f, line 1: write a name, a colon"),
        ("a: \"|/bin/run this\"", "f, line 1: \"|/bin/run this\" is a program"),
        ("a: |/bin/run", "f, line 1: \"|/bin/run\" is a program"),
        ("a: b,\n /var/mail/x", "f, line 1: \"/var/mail/x\" is a file"),
        ("a: b\nA: c", "f, line 2: \"A\" has a line already"),
        ("a: x@", "f, line 1: \"x@\" is no address"),
        ("a@b c: d", "f, line 1: \"a@b c\" is no address"),
        ("a: :include:/none", "f, line 1: the list /none cannot be read: nobody wrote /none"),
    ];
    for (text, expected) in table {
        let error = Aliases::new(scope()).read_aliases("f", text, &mut no_lists).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{text:?}: {error}");
    }
    let error = Aliases::new(scope()).read_table("f", "a@b.example", &mut no_lists).unwrap_err().to_string();
    assert!(error.starts_with("f, line 1: write an address and who stands for it"), "{error}");
}

#[test]
fn lists_are_included_and_those_that_include_each_other_are_an_error() {
    let mut lists = |path: &str| match path {
        "/list" => Ok("# members\nann, bob@far.example\n:include:/more\n".to_owned()),
        "/more" => Ok("\ncarol".to_owned()),
        "/self" => Ok("x\n:include:/self\n".to_owned()),
        "/empty" => Ok("# nobody yet\n".to_owned()),
        "/bad" => Ok("ann\n|run\n".to_owned()),
        _ => Err("no such file".to_owned()),
    };
    let mut aliases = Aliases::new(scope());
    aliases.read_aliases("f", "all: :include:/list", &mut lists).unwrap();
    aliases.read_aliases("g", "none: :include:/empty", &mut lists).unwrap();
    assert_eq!(aliases.check(), Ok(()));
    assert_eq!(ends(&aliases, &["none@home.example"]), ["none@home.example fails: 550 5.2.4"]);
    let expected = ["ann@home.example", "bob@far.example", "carol@home.example"];
    assert_eq!(ends(&aliases, &["all@home.example"]), expected);
    let mut wrong = |text: &str| Aliases::new(scope()).read_aliases("f", text, &mut lists).unwrap_err().to_string();
    assert!(wrong("a: :include:/self").contains("they include each other"));
    assert!(wrong("a: :include:/bad").starts_with("/bad, line 2: \"|run\" is a program"));
}

#[test]
fn a_way_that_leads_back_is_a_loop_for_those_on_it_and_for_nobody_else() {
    let aliases = aliases("a: b, carol\nb: a\nc: d\nd: e\ne: c\nself: self, x\n");
    assert_eq!(ends(&aliases, &["a@home.example"]), ["a@home.example fails: 550 5.4.6", "carol@home.example"]);
    assert_eq!(ends(&aliases, &["c@home.example"]), ["c@home.example fails: 550 5.4.6"]);
    assert_eq!(ends(&aliases, &["self@home.example"]), ["self@home.example", "x@home.example"]);
    assert!(matches!(aliases.check(), Err(AliasProblem::Loop(_))));
}

#[test]
fn a_domain_that_is_rewritten_without_end_is_found_when_it_is_used() {
    let aliases = table("@a.example @b.example\n@b.example @a.example\n");
    assert_eq!(aliases.check(), Ok(()), "no name is written down");
    assert_eq!(ends(&aliases, &["x@a.example"]), ["x@a.example fails: 550 5.4.6"]);
}

#[test]
fn deep_nesting_and_huge_lists_end() {
    let deep: String = (0..200).map(|n| format!("n{n}: n{}\n", n + 1)).collect();
    let deep = aliases(&deep);
    assert!(matches!(deep.check(), Err(AliasProblem::TooLarge(_))));
    assert!(ends(&deep, &["n0@home.example"])[0].ends_with("fails: 550 5.4.6"));
    let names: Vec<String> = (0..100).map(|n| format!("u{n}")).collect();
    let mut huge = aliases(&format!("all: {}", names.join(",")));
    assert_eq!(ends(&huge, &["all@home.example"]).len(), 100);
    huge.scope.most = 95;
    let all = ends(&huge, &["all@home.example"]);
    assert_eq!((all.len(), all.last().unwrap().as_str()), (96, "all@home.example fails: 550 5.2.4"));
}

#[test]
fn a_list_that_is_named_a_thousand_times_is_walked_once() {
    let names: Vec<String> = (0..90).map(|n| format!("u{n}")).collect();
    let mut list = aliases(&format!("list: {}", names.join(",")));
    list.scope.most = 100; // twice as many members may be looked at
    let to: Vec<String> = (0..1000).map(|n| format!("list+{n}@home.example")).collect();
    let ends = ends(&list, &to.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!((ends.len(), ends.iter().filter(|end| end.contains("fails")).count()), (90, 0));
    let doubling: String = (0..45).map(|n| format!("d{n}: d{0}, d{0}\n", n + 1)).collect();
    assert_eq!(aliases(&doubling).check(), Ok(()), "two to the power of 45 ways, each line once");
}

#[test]
fn where_each_address_has_members_of_its_own_the_work_is_bounded() {
    let mut table =
        table(&format!("@a.example {}\n", (0..50).map(|n| format!("@b{n}.example")).collect::<Vec<_>>().join(", ")));
    table.scope.most = 100;
    let to: Vec<String> = (0..20).map(|n| format!("u{n}@a.example")).collect();
    let ends = ends(&table, &to.iter().map(String::as_str).collect::<Vec<_>>());
    let failed = ends.iter().filter(|end| end.ends_with("fails: 550 5.2.4")).count();
    assert_eq!((ends.len() - failed, failed), (200, 16), "whoever is left out is told");
}

#[test]
fn members_of_a_list_with_an_owner_get_a_mail_of_their_own_from_him() {
    let aliases = aliases("list: ann, inner, bob@far.example\nowner-list: olga\ninner: carol\nowner-inner: paul\n");
    let expected = [
        "dora@far.example",
        "carol@home.example from owner-inner@home.example",
        "ann@home.example from owner-list@home.example",
        "bob@far.example from owner-list@home.example",
    ];
    assert_eq!(ends(&aliases, &["list@home.example", "dora@far.example"]), expected);
    let mut report = draft(&["list@home.example"]);
    report.envelope.sender = None;
    let entry = entry(&aliases, &report).unwrap();
    assert!(entry.new.is_empty(), "a report has no sender and gets none");
    assert_eq!(advanced(&entry).envelope.recipients.len(), 3);
}

#[test]
fn a_copy_for_the_members_of_a_list_is_not_expanded_again() {
    let aliases = aliases("ann: \\ann, x\n");
    let mut copy = draft(&["ann@home.example"]);
    assert!(aliases.expand(&copy).is_some());
    copy.envelope.door = Door::List;
    assert_eq!(aliases.expand(&copy), None);
}

#[test]
fn what_the_sender_asked_for_goes_on_to_those_who_stand_for_a_name() {
    let aliases = aliases("one: ann@far.example\nmany: ann@far.example, bob@far.example\n");
    let asked = Notify { success: true, failure: true, delay: false };
    let after = |to: &str, orcpt: Option<&str>| {
        let mut draft = draft(&[]);
        let recipient =
            Recipient { notify: Some(asked), orcpt: orcpt.map(Into::into), ..Address::parse(to).unwrap().into() };
        draft.envelope.recipients = Recipients::from_iter([recipient]);
        let entry = entry(&aliases, &draft).unwrap();
        let last = advanced(&entry).envelope.recipients.iter().last().map(|(_, to)| to.clone()).unwrap();
        (last.notify, last.orcpt)
    };
    let orcpt = "rfc822;one@home.example";
    assert_eq!(after("one@home.example", None), (Some(asked), Some(orcpt.into())));
    assert_eq!(after("one+a@home.example", None).1, Some("rfc822;one+2Ba@home.example".into()));
    assert_eq!(after("one@home.example", Some("rfc822;x@y")).1, Some("rfc822;x@y".into()));
    assert_eq!(after("many@home.example", None).0, Some(Notify { success: false, ..asked }));
}

#[test]
fn a_sender_who_asked_is_told_once_that_a_name_stands_for_several() {
    let aliases = aliases("one: ann\nmany: ann, bob\nlist: ann, bob\nowner-list: olga\n");
    let told = |to: &str, from: Option<&str>| {
        let mut draft = draft(&[]);
        let notify = Some(Notify { success: true, failure: true, delay: false });
        draft.envelope.sender = from.map(|from| Address::parse(from).unwrap());
        draft.envelope.recipients.add(Recipient { notify, ..Address::parse(to).unwrap().into() });
        let entry = entry(&aliases, &draft).unwrap();
        let mut standing = crate::Standing::new(draft.envelope.recipients.numbers());
        entry.facts.iter().for_each(|fact| standing.note(fact));
        let is_owed = standing.left().iter().any(|(no, _)| *no == RcptNo(0));
        let confirmed = entry.facts.iter().find_map(|fact| match fact {
            Fact::Finished { recipients, how: How::Confirm(success, None), .. } => Some((recipients[0], *success)),
            _ => None,
        });
        assert_eq!(is_owed, confirmed.is_some(), "who is confirmed is on the mail until the sender knows");
        confirmed.map(|(no, success)| (no.0, success))
    };
    let sender = Some("sender@far.example");
    assert_eq!(told("one@home.example", sender), None, "who stands for it answers for it");
    assert_eq!(told("many@home.example", sender), Some((0, crate::Success::Expanded)));
    assert_eq!(told("list@home.example", sender), Some((0, crate::Success::Delivered)));
    assert_eq!(told("many@home.example", None), None);
}
