//! git send-email: what comes out of the drop folder is applied again.

use super::place::{Ended, Place};

/// Runs git where `name` is a repository of its own, with nothing of the machine's settings.
fn git(place: &Place, name: &str, arguments: &[&str]) -> Ended {
    let folder = place.home.path("own").join(name).display().to_string();
    let who = ["-c", "user.name=Me", "-c", "user.email=me@a.example", "-c", "init.defaultBranch=main"];
    let ended = place.run("env", &[&["GIT_CONFIG_NOSYSTEM=1", "git", "-C", &folder], &who[..], arguments].concat(), "");
    assert!(ended.code == 0 || arguments[0] == "send-email", "{arguments:?}: {ended:?}");
    ended
}

#[test]
#[ignore = "needs git send-email and a built daemon; .ci/run runs it"]
fn a_patch_with_lone_dots_and_from_lines_comes_out_of_git_send_email_so_that_git_am_applies_it() {
    let mut place = Place::start("");
    for name in ["one", "other"] {
        std::fs::create_dir(place.home.path("own").join(name)).expect("it is new");
        git(&place, name, &["init", "-q"]);
        place.file(&format!("{name}/text"), "first\n.\nlast\n");
        git(&place, name, &["add", "text"]);
        git(&place, name, &["commit", "-q", "-m", "first"]);
    }
    place.file("one/text", "first\n..\n\n.\nFrom here\n.From\nGrüße \t\nlast\n.\n");
    git(
        &place,
        "one",
        &["commit", "-q", "-a", "-m", "Change dots\n\n.\n.dot\nFrom the start, it was so.\n>From quoted"],
    );
    git(&place, "one", &["format-patch", "-q", "-1", "-o", "."]);
    let server = format!("--smtp-server={}", place.sendmail());
    let line = [
        "send-email",
        &server,
        "--from=Me <me@a.example>",
        "--to=list@b.example",
        "--cc=carol@c.example",
        "--bcc=blind@c.example",
        "--envelope-sender=bounce@a.example",
        "--confirm=never",
        "--suppress-cc=all",
        "--quiet",
        "0001-Change-dots.patch",
    ];
    let ended = git(&place, "one", &line);
    assert_eq!(ended.code, 0, "{ended:?}");
    let mail = place.mail();
    mail.is_from_to("bounce@a.example", &["blind@c.example", "carol@c.example", "list@b.example"]);
    place.file("other/mail", &mail.content);
    git(&place, "other", &["am", "-q", "mail"]);
    for what in ["HEAD^{tree}", "HEAD:text"] {
        assert_eq!(
            git(&place, "one", &["rev-parse", what]).out,
            git(&place, "other", &["rev-parse", what]).out,
            "{what}: {}",
            mail.content
        );
    }
    let told = |name: &str| git(&place, name, &["log", "-1", "--format=%B"]).out;
    assert_eq!(told("one"), told("other"));
    place.stop();
    assert_ne!(git(&place, "one", &line).code, 0);
    assert_eq!(place.mails(1).len(), 1);
}
