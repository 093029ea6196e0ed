//! Mail that ends here: who gets it, and that a crash neither loses a file nor makes a second one.

use std::{
    fs,
    path::{Path, PathBuf},
    thread::sleep,
    time::{Duration, Instant},
};

use crate::{
    account::Account,
    daemon::{
        client::Client,
        home::Home,
        load::{hash, Kind, Load},
        seconds,
        sink::Taken,
        within,
    },
};

/// The mail's name is `r<round>-<number>`: all of one round is for one user.
const KIND: Kind = Kind { threads: 8, mails: usize::MAX, domain: "live.example", octets: 6000 };

/// The files of one folder; none if it is not there.
fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(names) = fs::read_dir(folder) else { return Vec::new() };
    names.map(|name| name.expect("the folder can be read").path()).collect()
}

/// All mail of all users, wherever they keep it.
fn mail(folder: &Path) -> Vec<PathBuf> {
    files(folder).iter().flat_map(|user| [user.join("new"), user.join("cur")]).flat_map(|part| files(&part)).collect()
}

/// The text of the only mail in a mailbox, when it has come.
fn only(mailbox: &Path) -> String {
    within(Duration::from_secs(10), || !files(&mailbox.join("new")).is_empty());
    let found = files(&mailbox.join("new"));
    assert_eq!(found.len(), 1, "{}: {found:?}", mailbox.display());
    fs::read_to_string(&found[0]).expect("mail can be read")
}

#[test]
#[ignore = "needs seconds; .ci/run runs it"]
fn without_settings_mail_for_users_here_is_found_in_their_mailboxes() {
    let home = Home::new("", "");
    let daemon = home.start_without_settings();
    let mut client = Client::connect(daemon.address).expect("it listens");
    let to = ["Ann@localhost", "bob+shop@post.example", "carl@elsewhere.example"];
    client
        .send("me@example.org", &to, b"Subject: hello\r\n\r\nHello.\r\n")
        .expect("it answers")
        .expect("it takes mail");
    let folder = home.path("postrider-data/mail");
    for (user, to) in [("ann", to[0]), ("bob", to[1])] {
        let text = only(&folder.join(user));
        assert!(text.starts_with(&format!("Return-Path: <me@example.org>\nDelivered-To: {to}\nReceived: ")), "{text}");
        assert!(text.ends_with("\nSubject: hello\n\nHello.\n"), "{text}");
    }
    assert_eq!(files(&folder).len(), 2, "other domains are not ours");
    assert_eq!(daemon.drain(), Some(0));
}

#[test]
#[ignore = "needs seconds; .ci/run runs it"]
fn strangers_may_write_to_users_and_to_nobody_else() {
    let home = Home::new(
        "",
        "[relay]\nnetworks = [\"192.0.2.1\"]\ndomains = [\"bad.example\"]\n\
         [[route]]\ndomain = \"live.example\"\nto = \"maildir\"\n\
         [[route]]\ndomain = \"bad.example\"\nerror = \"550 5.1.6 they have moved\"",
    );
    let ann = home.spool().join("mail/ann");
    fs::create_dir_all(&ann).expect("folders can be made");
    let daemon = home.start();
    let mut client = Client::connect(daemon.address).expect("it listens");
    for (to, reply) in [
        ("ann+x@live.example", "250 2.1.5"),
        ("carl@live.example", "550 5.1.1"),
        ("\"../ann\"@live.example", "550 5.1.1"),
        ("ann@elsewhere.example", "550 5.7.1"),
    ] {
        let said = client.ask(to).expect("it answers");
        assert!(said.starts_with(reply), "{to}: {said}");
    }
    let mut client = Client::connect(daemon.address).expect("it listens");
    let sent = client.send("ann@live.example", &["x@bad.example"], b"Subject: lost\r\n\r\n").expect("it answers");
    sent.expect("it takes mail");
    let report = only(&ann);
    assert!(report.starts_with("Return-Path: <>\nDelivered-To: ann@live.example\n"), "{report}");
    assert!(report.contains("they have moved"), "{report}");
    assert_eq!(daemon.drain(), Some(0));
}

#[test]
#[ignore = "needs a minute; .ci/run runs it"]
fn kill_nine_under_load_leaves_one_file_for_each_recipient() {
    let (begin, rounds) = (Instant::now(), 15);
    let home = Home::new(
        "segment_size = \"4 MiB\"",
        "[maildir]\nusers = \"any\"\ntag = \"-\"\nline_ends = \"crlf\"\n\
         [[route]]\ndomain = \"live.example\"\nto = \"maildir\"\nretry = [\"200 ms\"]",
    );
    let (folder, mut promises) = (home.spool().join("mail"), Vec::new());
    for round in 0..rounds {
        let daemon = home.start();
        let load = Load::start(daemon.address, &format!("r{round}"), &KIND);
        sleep(Duration::from_millis(400 + hash(format!("{round}").as_bytes()) % 200));
        daemon.kill();
        promises.extend(load.wait().promises);
        some_are_read(&folder);
    }
    let daemon = home.start();
    let account = || {
        let mut account = Account::default();
        let read = |path: &PathBuf| Taken { content: fs::read(path).expect("mail can be read"), ..Taken::default() };
        account.take(mail(&folder).iter().map(read).collect());
        account
    };
    within(Duration::from_secs(60), || account().has_all(&promises));
    assert_eq!(daemon.drain(), Some(0), "{}", home.log_tail());
    let account = account();
    account.settle(&promises);
    println!(
        "{rounds} kills in {}: {} promised, {} in mailboxes",
        seconds(begin.elapsed()),
        promises.len(),
        account.mails()
    );
    assert_eq!(account.repeated(), Vec::<&str>::new(), "delivered twice");
    assert!(promises.len() > rounds, "there was no load");
}

#[test]
#[ignore = "needs a minute; .ci/run runs it"]
fn kill_nine_while_names_are_expanded_leaves_one_file_for_each_who_stands_for_a_name() {
    let (rounds, domains) = (10, ["one.example", "two.example", "three.example"]);
    let folder = tempfile::tempdir().expect("there is a place for files");
    let table = folder.path().join("table");
    let members = domains.map(|domain| format!("@{domain}")).join(", ");
    fs::write(&table, format!("@live.example {members}, @one.example\n")).expect("files can be written");
    let home = Home::new(
        "segment_size = \"4 MiB\"",
        &format!(
            "[maildir]\nusers = \"any\"\ntag = \"-\"\nline_ends = \"crlf\"\nfolder = \"{}/{{domain}}/{{user}}\"\n\
             [aliases]\ntables = [\"{}\"]\ndomains = [\"live.example\"]\n\
             [[route]]\ndomain = [\"{}\"]\nto = \"maildir\"\nretry = [\"200 ms\"]",
            folder.path().display(),
            table.display(),
            domains.join("\", \"")
        ),
    );
    let mut promises = Vec::new();
    for round in 0..rounds {
        let daemon = home.start();
        let load = Load::start(daemon.address, &format!("r{round}"), &KIND);
        sleep(Duration::from_millis(300 + hash(format!("{round}").as_bytes()) % 300));
        daemon.kill();
        promises.extend(load.wait().promises);
    }
    let daemon = home.start();
    let account = |domain: &str| {
        let mut account = Account::default();
        let read = |path: &PathBuf| Taken { content: fs::read(path).expect("mail can be read"), ..Taken::default() };
        account.take(mail(&folder.path().join(domain)).iter().map(read).collect());
        account
    };
    for domain in domains {
        within(Duration::from_secs(60), || account(domain).has_all(&promises));
    }
    assert_eq!(daemon.drain(), Some(0), "{}", home.log_tail());
    for domain in domains {
        account(domain).settle(&promises);
        assert_eq!(account(domain).repeated(), Vec::<&str>::new(), "twice in {domain}");
    }
    println!("{rounds} kills: {} promised, each in {} mailboxes", promises.len(), domains.len());
    assert!(promises.len() > rounds, "there was no load");
}

/// Users read half of what they have, as mail programs do.
fn some_are_read(folder: &Path) {
    for file in files(folder).iter().flat_map(|user| files(&user.join("new"))).step_by(2) {
        let name = file.file_name().and_then(|name| name.to_str()).expect("names are text");
        let cur = file.with_file_name("../cur").join(format!("{name}:2,S"));
        fs::rename(&file, cur).expect("the user may move mail");
    }
}
