//! A folder for each domain: who comes where, and what one of them in trouble costs the others.

use std::os::unix::fs::symlink;

use postrider_engine::{Address, Envelope, Outcome};

use super::*;

/// A place for domains below this folder.
fn by_domain(home: &Home, path: &str) -> Arc<DropSettings> {
    let mut settings = home.1.clone();
    (settings.place, settings.host) = (place(&home.0.path().join(path)), "mail.example.org".into());
    Arc::new(settings)
}

fn mail_to(to: &[&str]) -> Draft {
    let mut draft = mail(0, TEXT);
    let mut envelope = Envelope::default();
    envelope.sender = draft.envelope.sender.clone();
    to.iter().for_each(|to| _ = envelope.recipients.add(to.parse::<Address>().unwrap()));
    draft.envelope = envelope;
    draft
}

/// The files in a folder of a domain, in order.
fn files(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|name| name.unwrap().path());
    let mut files: Vec<String> = names.map(|path| fs::read_to_string(path).unwrap()).collect();
    files.sort();
    files
}

#[tokio::test]
async fn a_mail_for_two_domains_is_one_file_in_each_with_its_own_receivers() {
    let (home, spool) = (Home::new(), Spool::default());
    let mut target = DropFolder::new(by_domain(&home, "{domain}/in"));
    let to = ["a@one.example", "b@two.example", "c@ONE.example", "d@bücher.example"];
    target.deliver(spool.lend(mail_to(&to))).await;
    let taken = [0, 1, 2, 3].map(|no| format!("{no} delivered: 250 2.0.0 put into the drop folder"));
    spool.played().came_to(&taken.each_ref().map(String::as_str));
    let file = |receivers: &str| format!("x-sender: a@x.org\r\n{receivers}{TEXT}");
    let one = file("x-receiver: a@one.example\r\nx-receiver: c@ONE.example\r\n");
    assert_eq!(files(&home.0.path().join("one.example/in")), [one]);
    assert_eq!(files(&home.0.path().join("two.example/in")), [file("x-receiver: b@two.example\r\n")]);
    assert_eq!(files(&home.0.path().join("xn--bcher-kva.example/in")), [file("x-receiver: d@bücher.example\r\n")]);
}

#[tokio::test]
async fn a_repetition_finds_the_file_in_each_folder() {
    let home = Home::new();
    for said in ["put into the drop folder", "it was in the drop folder already"] {
        let spool = Spool::default();
        DropFolder::new(by_domain(&home, "{domain}"))
            .deliver(spool.lend(mail_to(&["a@one.example", "b@two.example"])))
            .await;
        let [first, second] = [0, 1].map(|no| format!("{no} delivered: 250 2.0.0 {said}"));
        spool.played().came_to(&[&first, &second]);
    }
    assert_eq!(files(&home.0.path().join("one.example")).len(), 1);
}

#[tokio::test]
async fn a_folder_in_trouble_holds_up_its_domain_alone() {
    let (home, spool) = (Home::new(), Spool::default());
    fs::write(home.0.path().join("one.example"), "a file").unwrap();
    symlink("/tmp", home.0.path().join("link.example")).unwrap();
    let mut target = DropFolder::new(by_domain(&home, "{domain}"));
    target.deliver(spool.lend(mail_to(&["a@one.example", "b@link.example", "c@two.example"]))).await;
    let text = "(ours) 451 4.3.0 the folder cannot be used: opening it: Not a directory (os error 20)";
    let (one, link) = (format!("0 deferred Recipient: {text}"), format!("1 deferred Recipient: {text}"));
    spool.played().came_to(&[&one, &link, "2 delivered: 250 2.0.0 put into the drop folder"]);
}

#[tokio::test]
async fn a_base_that_is_not_there_is_a_hop_that_is_down_and_is_not_made() {
    let (home, spool) = (Home::new(), Spool::default());
    DropFolder::new(by_domain(&home, "none/{domain}")).deliver(spool.lend(mail_to(&["a@one.example"]))).await;
    spool.played().came_to(&[
        "0 deferred Hop: (ours) 451 4.3.0 the folder cannot be used: opening it: No such file or directory (os error 2)",
    ]);
    assert_eq!(home.names(), [""; 0]);
}

#[tokio::test]
async fn literals_and_the_bare_postmaster_have_folders_too() {
    let (home, spool) = (Home::new(), Spool::default());
    let mut target = DropFolder::new(by_domain(&home, "{domain}"));
    target.deliver(spool.lend(mail_to(&["postmaster", "a@[192.0.2.1]"]))).await;
    let mut names = home.names();
    names.sort();
    assert_eq!(names, ["[192.0.2.1]", "mail.example.org"]);
}

#[test]
fn a_domain_that_is_no_name_of_a_folder_fails_and_makes_nothing() {
    let home = Home::new();
    let is = by_domain(&home, "in/{domain}");
    fs::create_dir(home.0.path().join("in")).unwrap();
    for domain in ["", ".", "..", "../out", "a/b", ".hidden", "a\0b"] {
        let job = Job { domain: domain.to_owned(), ..job(mail(1, TEXT)) };
        let trouble = run(&is, &job, &mut Known::default(), &Unwatched).unwrap_err();
        let Outcome::Failed(why) = trouble.outcome(true) else { panic!("{domain:?}: {trouble}") };
        assert_eq!(why.reply.to_string(), "550 5.1.2 no folder can have the name of this domain", "{domain:?}");
    }
    assert_eq!((home.names(), fs::read_dir(home.0.path().join("in")).unwrap().count()), (vec!["in".to_owned()], 0));
}

#[test]
fn a_folder_that_was_removed_is_made_again() {
    let home = Home::new();
    let (is, mut known) = (by_domain(&home, "{domain}"), Known::default());
    for _ in 0..3 {
        let job = Job { domain: "one.example".to_owned(), ..job(mail(1, TEXT)) };
        assert_eq!(run(&is, &job, &mut known, &Unwatched).unwrap(), Done::Now);
        fs::remove_dir_all(home.0.path().join("one.example")).unwrap();
    }
}
