//! How the daemon starts and ends when something is wrong: exit codes and one clear line.

use std::{
    process::Output,
    time::{Duration, Instant},
};

use crate::daemon::{
    client::Client,
    home::{route, Home},
    load::content,
    seconds,
    sink::{Mood, Sink},
    within,
};

/// What the command says besides the first line of its log, which says what settings were read.
fn one_line(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let said: Vec<&str> =
        text.lines().filter(|line| !line.contains(" INFO postrider::serve: postrider starts ")).collect();
    assert_eq!(said.len(), 1, "one line is enough: {text:?}");
    format!("{}\n", said[0])
}

#[test]
#[ignore = "needs seconds; .ci/run runs it"]
fn a_second_daemon_on_the_same_spool_says_who_has_it() {
    let home = Home::new("segment_size = \"1 MiB\"", &route("*", 9, ""));
    let first = home.start();
    let second = home.run(&[]);
    let text = one_line(&second);
    print!("{text}");
    assert_eq!(second.status.code(), Some(78));
    assert!(text.contains(&format!("process {}", first.id())), "{text}");
    assert!(text.contains(&home.spool().display().to_string()), "{text}");
    drop(first);
    home.start(); // a lock that outlives its owner would be worse than none
}

#[test]
#[ignore = "needs seconds; .ci/run runs it"]
fn a_wrong_setting_is_one_clear_line_and_exit_code_78() {
    let home = Home::new("min_free = \"1 GB\"", "");
    let ended = home.run(&[]);
    let text = one_line(&ended);
    print!("{text}");
    assert_eq!(ended.status.code(), Some(78));
    assert!(text.contains("spool.min_free"), "{text}");
    assert!(!home.spool().exists(), "nothing is made before the settings are good");
}

#[test]
#[ignore = "needs seconds; .ci/run runs it"]
fn an_address_in_use_is_one_clear_line_and_exit_code_78() {
    let sink = Sink::start();
    let home = Home::new("", "");
    let spool = home.spool().display();
    let port = sink.port;
    home.settings(&format!(
        "hostname = \"a.example\"\nsmart_host = \"127.0.0.1:9\"\n[listen]\nsockets = [\"127.0.0.1:{port}\"]\n\
         [spool]\nfolder = \"{spool}\"\n"
    ));
    let ended = home.run(&[]);
    let text = one_line(&ended);
    print!("{text}");
    assert_eq!(ended.status.code(), Some(78));
    assert!(text.contains(&format!("127.0.0.1:{port}")) && text.contains("in use"), "{text}");
}

#[test]
#[ignore = "needs seconds; .ci/run runs it"]
fn a_second_sigterm_ends_at_once_and_loses_nothing() {
    let sink = Sink::start();
    sink.set(Mood::HangsAfterTheDot);
    let home = Home::new("segment_size = \"1 MiB\"", &route("*", sink.port, "retry = [\"200 ms\"]"));
    let mut daemon = home.start();
    let mut client = Client::connect(daemon.address).expect("the daemon listens");
    let mail = content("one", 2000);
    client.send("sender@from.example", &["one@live.example"], &mail).expect("it answers").expect("it takes mail");
    assert!(within(Duration::from_secs(10), || sink.dots() > 0), "the mail is on its way");
    daemon.terminate();
    assert_eq!(daemon.wait(Duration::from_secs(1)), None, "it waits for the delivery");
    let second = Instant::now();
    daemon.terminate();
    assert_eq!(daemon.wait(Duration::from_secs(5)), Some(75));
    println!("the second SIGTERM took {}", seconds(second.elapsed()));
    sink.set(Mood::CutsAfterTheDot); // the attempt of before comes to nothing
    within(Duration::from_millis(200), || false);
    sink.set(Mood::Takes);
    let daemon = home.start();
    let taken = sink.next(Duration::from_secs(10)).expect("the mail arrives after all");
    assert!(taken.content.ends_with(&mail), "unchanged");
    assert_eq!(daemon.drain(), Some(0));
}
