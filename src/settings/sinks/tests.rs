//! `[[sink]]`: every key is read and documented, and what is wrong is said.

use std::collections::BTreeSet;

use super::super::{reader::Findings, source, tests::NAME, Settings};

const DOCS: &str = include_str!("../../../docs/sinks.md");

fn read(text: &str) -> Result<Settings, String> {
    Settings::from_toml(&format!("{NAME}{text}")).map_err(|wrong| wrong.to_string())
}

fn examples() -> impl Iterator<Item = &'static str> {
    DOCS.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap())
}

#[test]
fn every_example_of_the_documentation_is_read() {
    let kinds: BTreeSet<String> = examples()
        .flat_map(|example| read(example).unwrap_or_else(|wrong| panic!("{example}\n{wrong}")).sinks)
        .map(|sink| sink.id().to_owned())
        .collect();
    assert_eq!(kinds, super::stock::kinds().into_iter().map(str::to_owned).collect());
}

#[test]
fn every_key_of_a_sink_is_documented() {
    let findings = Findings::default();
    let all: String = examples().collect();
    Settings::sections(source::merge("", &format!("{NAME}{all}"), []).unwrap(), &findings);
    let keys = findings.keys().into_iter().filter_map(|key| key.strip_prefix("sink.").map(str::to_owned));
    for key in keys {
        let last = key.rsplit('.').next().unwrap();
        assert!(DOCS.contains(&format!("`{last}`")), "{key} is not in docs/sinks.md");
    }
}

#[test]
fn what_is_wrong_with_a_sink_is_said() {
    let table = [
        ("kind = \"limit\"", "is no sink of the stock"),
        ("id = \"x\"", "sink[1].kind: it is missing"),
        ("kind = \"limits\"\nevents = [\"connect\"]", "limits takes no part in connect"),
        ("kind = \"limits\"\nevents = [\"eod\"]", "docs/events.md"),
        ("kind = \"limits\"\nrule = \"RCPT T=*\"", "RCPT T"),
        ("kind = \"limits\"\npriority = 40000", "32767"),
        ("kind = \"journal\"", "sink[1].address: it is missing"),
        ("kind = \"rate_limit\"\npool = 2", "sink[1].pool"),
        ("kind = \"rewrite\"\ntable = [\"a@b c@d\"]", "has no =>"),
        ("kind = \"header_edit\"\n[[sink.edit]]\ndo = \"change\"\nname = \"(\"", "sink[1].kind"),
        ("kind = \"limits\"\nsiez = \"1MiB\"", "siez"),
        ("kind = \"limits\"\n[[sink]]\nkind = \"limits\"", "bound twice"),
    ];
    for (text, said) in table {
        let wrong = read(&format!("[[sink]]\n{text}\n")).map(|read| format!("{:?}", read.sinks)).unwrap_err();
        assert!(wrong.contains(said), "{text}: {wrong}");
    }
}

#[test]
fn sinks_are_the_same_when_all_they_say_is() {
    let one = "[[sink]]\nkind = \"limits\"\nsize = \"1MiB\"\n";
    assert_eq!(read(one).unwrap().sinks, read(one).unwrap().sinks);
    assert_ne!(read(one).unwrap().sinks, read(&one.replace('1', "2")).unwrap().sinks);
}
