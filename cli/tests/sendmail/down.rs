//! While nobody is there: the pickup folder, or a code that says that nothing was taken.

use crate::daemon::Home;

#[test]
fn without_a_daemon_and_a_folder_nothing_is_taken_and_it_says_so() {
    let home = Home::new("");
    let ended = home.send(&["x@b.example"], "Subject: s\n\n");
    assert_eq!(ended.code, 71, "75 would be a success for PHP");
    assert!(ended.err.contains("no engine is there"), "{}", ended.err);
}

#[test]
fn without_a_daemon_a_mail_waits_in_the_pickup_folder_with_its_envelope_and_goes_when_it_is_there() {
    let mut home = Home::with_pickup();
    let ended = home.send(&["-v", "-f", "me@a.example", "x@b.example", "root"], "Subject: s\n\n.dot\n");
    assert_eq!(ended.code, 0, "{}", ended.err);
    assert!(ended.out.starts_with("waits for the engine as "), "{}", ended.out);
    let [waiting] = &home.waiting()[..] else { panic!("one file") };
    for line in [
        "x-sender: <me@a.example>\n",
        "x-receiver: <x@b.example>\n",
        "x-receiver: <root@h.example>\n",
        "\nSubject: s\n\n.dot\n",
    ] {
        assert!(waiting.contains(line), "{line:?}: {waiting}");
    }
    home.start();
    let mail = home.mail();
    assert!(mail.contains("x-sender: me@a.example\n") && mail.ends_with("\nSubject: s\n\n.dot\n"), "{mail}");
    for name in ["Date: ", "Message-ID: ", "From: "] {
        assert_eq!(mail.lines().filter(|line| line.starts_with(name)).count(), 1, "{name}: {mail}");
    }
    assert!(home.waiting().is_empty());
}

#[test]
fn a_folder_that_cannot_be_used_is_told_of_behind_the_socket() {
    let home = Home::with_pickup();
    std::fs::remove_dir(home.path("pickup")).unwrap();
    let ended = home.send(&["x@b.example"], "Subject: s\n\n");
    assert_eq!(ended.code, 73, "{}", ended.err);
    assert!(ended.err.contains("no engine is there") && ended.err.contains("there is no folder"), "{}", ended.err);
}

#[test]
fn what_the_engine_would_put_aside_is_refused_and_not_put_into_the_folder() {
    let home = Home::with_pickup();
    let loops = home.send(&["x@b.example"], "Received: by a\n".repeat(60) + "\n");
    assert_eq!(loops.code, 65, "{}", loops.err);
    let many: Vec<String> = (0..1001).map(|n| format!("x{n}@b.example")).collect();
    let many = home.send(&many.iter().map(String::as_str).collect::<Vec<_>>(), "A: b\n\n");
    assert_eq!(many.code, 65, "{}", many.err);
    assert!(home.waiting().is_empty());
}

#[test]
fn the_list_of_what_waits_needs_the_daemon() {
    let ended = Home::new("").send(&["-bp"], "");
    assert_eq!(ended.code, 69);
    assert!(ended.err.contains("no engine is there at") && ended.err.contains("start it"), "{}", ended.err);
}

#[test]
fn where_no_more_keys_are_remembered_mail_goes_without_one_and_waits_in_no_folder() {
    let mut home = Home::with_pickup();
    let text = std::fs::read_to_string(home.path("settings.toml")).unwrap();
    std::fs::write(home.path("settings.toml"), text.replace("[send]\n", "[send]\nmost_remembered = 2\n")).unwrap();
    home.start();
    for number in 0..4 {
        let ended = home.send(&["-v", "x@b.example"], format!("Subject: {number}\n\n"));
        assert!(ended.code == 0 && ended.out.starts_with("queued as "), "{number}: {ended:?}");
    }
    assert_eq!(home.delivered(4).len(), 4);
}
