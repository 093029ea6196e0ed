//! Aliases as settings give them: what is read at start, and what is said about lines that cannot be used.

use std::{fs, path::Path};

use postrider_engine::{Address, Content, Draft, Envelope};

use super::tests::named;

/// To whom mail for this address goes in the end, by these settings.
fn ends(text: &str, to: &str) -> Result<Vec<String>, String> {
    let aliases = named(text).map_err(|wrong| wrong.to_string())?.aliases().map_err(|wrong| wrong.to_string())?;
    let mut envelope = Envelope::default();
    envelope.sender = Address::parse("sender@far.example").ok();
    envelope.recipients.add(Address::parse(to).unwrap());
    let draft = Draft::new(envelope, Content::new("x"));
    let Some(expansion) = aliases.expand(&draft) else { return Ok(vec![to.into()]) };
    let recipients = expansion.apply(postrider_engine::QueueId(1), &draft).draft.envelope.recipients;
    Ok(recipients.iter().map(|(_, to)| to.address.to_string()).collect())
}

fn settings(folder: &Path, more: &str) -> String {
    format!(
        "{more}\nlocal_domains = [\"home.example\", \"also.example\"]\n[aliases]\nfiles = [\"{0}/aliases\"]\n\
         tables = [\"{0}/table\"]\ndomains = [\"virtual.example\"]\n",
        folder.display()
    )
}

#[test]
fn files_and_tables_are_read_with_the_lists_they_include() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("aliases", &format!("team: ann, :include:{}/list\n", folder.path().display()));
    write("list", "bob@far.example\ncarol");
    write("table", "info@virtual.example ann\n");
    let text = settings(folder.path(), "");
    let table: [(&str, &[&str]); 4] = [
        ("team@also.example", &["ann@also.example", "bob@far.example", "carol@also.example"]),
        ("team@far.example", &["team@far.example"]),
        ("info@virtual.example", &["ann@home.example"]),
        ("nobody@virtual.example", &["nobody@virtual.example"]),
    ];
    for (to, expected) in table {
        assert_eq!(ends(&text, to).unwrap(), expected, "{to}");
    }
    let lmtp = "[[route]]\ndomain = \"box.example\"\nto = \"lmtp:/run/lmtp\"\n";
    let with_route = format!("{text}{lmtp}");
    assert_eq!(ends(&with_route, "team@box.example").unwrap()[0], "ann@box.example", "whose mail ends in a service");
}

#[test]
fn a_line_that_cannot_be_used_and_a_file_that_cannot_be_read_are_said_before_anything_starts() {
    let folder = tempfile::tempdir().unwrap();
    let text = settings(folder.path(), "");
    let complaint = || named(&text).unwrap().check_machine().unwrap_err().to_string();
    assert!(complaint().starts_with("aliases.files: ") && complaint().contains("cannot be read: "), "{}", complaint());
    fs::write(folder.path().join("aliases"), "a: b\nb: |run\n").unwrap();
    assert!(complaint().contains("aliases, line 2: \"|run\" is a program"), "{}", complaint());
    fs::write(folder.path().join("aliases"), "a: b\nb: a\n").unwrap();
    fs::write(folder.path().join("table"), "").unwrap();
    assert!(complaint().contains("leads back to itself"), "{}", complaint());
    fs::write(folder.path().join("aliases"), "a: :include:relative\n").unwrap();
    assert!(complaint().contains("its path must begin with /"), "{}", complaint());
    fs::write(folder.path().join("aliases"), "a: :include:/dev/zero\n").unwrap();
    assert!(complaint().contains("it is no regular file"), "{}", complaint());
    let wrong = named("[aliases]\norigin = \".x\"").unwrap_err().to_string();
    assert_eq!(wrong, "aliases.origin: it is no one domain; write a domain, as in \"example.org\"");
}
