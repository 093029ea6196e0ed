//! Settings of mail that ends here.

use std::path::Path;

use postrider_engine::{session::settings::RelayPolicy, Address, Recipient};

use super::{tests::named, *};

fn complaint(text: &str) -> String {
    named(text).unwrap_err().to_string()
}

fn hop(settings: &Settings, address: &str) -> String {
    let recipient = Recipient::from(Address::parse(address).unwrap());
    settings.routes().unwrap().route(&recipient).hop.to_string()
}

fn user(settings: &Settings, address: &str) -> Option<String> {
    let local = settings.local().unwrap().unwrap();
    local.users.find(&Address::parse(address).unwrap(), &local.place).ok().map(|user| user.to_string())
}

#[test]
fn local_domains_are_short_for_routes() {
    let text = "local_domains = [\"example.org\", \".example.org\"]\nsmart_host = \"a\"\n\
        [[route]]\ndomain = \"lists.example.org\"\nto = \"b\"\n[[route]]\ndomain = \"example.net\"\nto = \"maildir\"";
    let settings = named(text).unwrap();
    for (address, hop_name) in [
        ("x@Example.ORG", "maildir"),
        ("x@a.example.org", "maildir"),
        ("x@lists.example.org", "smtp b:25"),
        ("x@example.net", "maildir"),
        ("x@example.com", "smtp a:25"),
        ("postmaster", "maildir"),
    ] {
        assert_eq!(hop(&settings, address), hop_name, "{address}");
    }
    assert_eq!(named("").unwrap().local(), Ok(None), "nothing is asked of a host without local users");
    assert_eq!(settings.session().relay, RelayPolicy::new(settings.relay.networks.clone(), [""; 0]), "nobody relays");
}

#[test]
fn a_mistake_about_mailboxes_names_its_key_and_its_remedy() {
    let table = [
        ("[maildir]\nusers = \"list\"", "maildir.users_file: it is missing; write the path of the list"),
        ("[maildir]\nusers = \"any\"\nusers_file = \"x\"", "maildir.users_file: the list is not used; remove it, or write users = \"list\""),
        ("local_domains = \"a b\"", "local_domains: \"a b\" is no value for it; write a domain, \".example.org\" for all below one, \"[192.0.2.1]\", or \"*\" for all others"),
        ("local_domains = [\"a\", \"A\"]", "local_domains: a is there twice, or a route is for it as well; keep one of the two"),
        ("local_domains = \"a\"\n[[route]]\ndomain = \"a\"\nto = \"keep\"", "local_domains: a is there twice, or a route is for it as well; keep one of the two"),
        ("local_domains = \"a\"\n[maildir]\nfolder = \"/var/mail\"", "maildir.folder: /var/mail is no place for mailboxes: it has no {user}; write a path as in \"/var/mail/{domain}/{user}\""),
        ("[maildir]\ncatch_all = \"../x\"", "maildir.catch_all: \"../x\" is no value for it; write the name of a local user, as in \"ann\""),
        ("[maildir]\ntag = \"ab\"", "maildir.tag: \"ab\" is no value for it; write one character that is no letter and no digit, as in \"+\", or \"\" for no tags"),
        ("[maildir]\nmode = \"0600\"", "maildir.mode: \"0600\" is no value for it; write a mode in octal from \"0700\" to \"0777\""),
        ("[maildir]\nmode = 700", "maildir.mode: 700 is no value for it; write a mode in octal from \"0700\" to \"0777\""),
        ("[maildir]\nowner = \"ann\"", "maildir.owner: \"ann\" is no value for it; write the numbers of a user and a group, as in \"5000:5000\""),
        ("[maildir]\nquota_messages = 0", "maildir.quota_messages: 0 is out of bounds; it is from 1 to 18446744073709551615"),
        ("[maildir]\nuser = \"any\"", "maildir.user: there is no such key; did you mean maildir.users?"),
    ];
    for (text, line) in table {
        assert_eq!(complaint(text), line, "{text}");
    }
}

#[test]
fn the_list_of_users_is_read_at_start_and_checked() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("users");
    let text = |file: &Path, more: &str| {
        let (mail, file) = (folder.path().join("mail/{user}"), file.display());
        format!("local_domains = \"a\"\n[maildir]\nfolder = \"{}\"\nusers_file = \"{file}\"\n{more}", mail.display())
    };
    std::fs::write(&file, "Ann\nbob # and others\n").unwrap();
    let settings = named(&text(&file, "catch_all = \"Bob\"\ntag = \"\"")).unwrap();
    assert_eq!(settings.check_machine(), Ok(()));
    for (address, name) in [("ann@a", "ann"), ("ANN@a", "ann"), ("ann+x@a", "bob"), ("postmaster@a", "bob")] {
        assert_eq!(user(&settings, address).as_deref(), Some(name), "{address}");
    }
    let exact = named(&text(&file, "case_sensitive = true")).unwrap();
    assert_eq!((user(&exact, "ann@a"), user(&exact, "Ann@a")), (None, Some("Ann".into())));
    std::fs::write(&file, "ann\na/b\n").unwrap();
    let wrong = settings.check_machine().unwrap_err().to_string();
    assert!(
        wrong.starts_with("maildir.users_file: ") && wrong.contains("line 2: the name of a user has no /"),
        "{wrong}"
    );
    let missing = named(&text(&folder.path().join("none"), "")).unwrap().check_machine().unwrap_err().to_string();
    assert!(missing.contains("there is no such file; check the path"), "{missing}");
}

#[test]
fn a_folder_for_mail_that_cannot_be_written_is_said_before_anything_starts() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let mut settings = named("local_domains = \"a\"").unwrap();
    settings.spool.folder = folder.path().join("spool");
    assert_eq!(settings.check_machine(), Ok(()), "mail lies in the folder of the spool by default");
    settings.maildir.folder = Some(file.join("{user}"));
    let wrong = settings.check_machine().unwrap_err().to_string();
    assert!(wrong.starts_with("maildir.folder: ") && wrong.contains("no file is in the way"), "{wrong}");
}

#[test]
fn without_a_file_everybody_at_this_host_has_a_mailbox() {
    let merged = source::merge("the environment", "", [("POSTRIDER_HOSTNAME".into(), "post.example".into())]).unwrap();
    let settings = Settings::read(Source { no_file: true, ..merged }).unwrap();
    for (address, hop_name) in [("a@post.example", "maildir"), ("a@localhost", "maildir"), ("a@b.example", "keep")] {
        assert_eq!(hop(&settings, address), hop_name, "{address}");
    }
    assert_eq!(user(&settings, "Ann+x@localhost").as_deref(), Some("ann"));
    assert_eq!(user(&settings, "postmaster").as_deref(), Some("postmaster"));
    assert!(settings.notes()[0].starts_with("no smart host is known: mail for other domains is kept queued"));
    let none = [("POSTRIDER_LOCAL_DOMAINS".into(), String::new())];
    let merged = source::merge("the environment", super::tests::NAME, none).unwrap();
    assert_eq!(Settings::read(Source { no_file: true, ..merged }).unwrap().local(), Ok(None));
}

#[test]
fn a_host_without_a_postmaster_is_told_so() {
    let folder = tempfile::tempdir().unwrap();
    let text = |more: &str| {
        let mail = folder.path().join("{user}");
        format!("smart_host = \"a\"\nlocal_domains = \"a\"\n[maildir]\nfolder = \"{}\"\n{more}", mail.display())
    };
    assert!(named(&text("")).unwrap().notes()[0].starts_with("there is no mailbox for postmaster: set"));
    assert_eq!(named(&text("postmaster = \"ann\"")).unwrap().notes(), [""; 0]);
    std::fs::create_dir(folder.path().join("postmaster")).unwrap();
    assert_eq!(named(&text("")).unwrap().notes(), [""; 0]);
}
