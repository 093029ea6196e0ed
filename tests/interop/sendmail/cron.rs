//! cron: a real daemon in the foreground, whose jobs say something.
//!
//! It has `/usr/sbin/sendmail` built in. It runs in a mount namespace of its own, where that is our command and where its tables
//! are none but those of the test; nothing of the machine is touched.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    process::{Child, Stdio},
};

use super::place::Place;
use crate::daemon::home::daemon;

/// Mounts what cron is to find, private to it, and becomes cron.
const NAMESPACE: &str = r#"
set -e
mount --make-rprivate /
mount --bind "$POSTRIDER" "$(readlink -f /usr/sbin/sendmail)"
mount --bind "$TABLES" /var/spool/cron/crontabs
mount --bind "$NOTHING" /etc/cron.d
mount --bind /dev/null /etc/crontab
mount -t tmpfs none /run
exec cron -f
"#;

/// The daemon, which never outlives its test.
struct Cron(Child);

impl Cron {
    fn start(place: &Place, tables: &[(&str, &str)]) -> Self {
        let (folder, nothing) = (place.home.path("tables"), place.home.path("nothing"));
        fs::create_dir(&folder).expect("it is new");
        fs::create_dir(&nothing).expect("it is new");
        for (user, table) in tables {
            let file = folder.join(user);
            fs::write(&file, table).expect("the folder is ours");
            fs::set_permissions(&file, Permissions::from_mode(0o600)).expect("the file is ours");
            let owned = place.run("chown", &[&format!("{user}:"), &file.display().to_string()], "");
            assert_eq!(owned.code, 0, "this test needs root: {owned:?}");
        }
        let mut command = place.command("unshare");
        command
            .args(["-m", "sh", "-c", NAMESPACE])
            .env("POSTRIDER", daemon())
            .env("TABLES", folder)
            .env("NOTHING", nothing);
        command.stdin(Stdio::null()).stdout(Stdio::null());
        Cron(command.spawn().expect("util-linux is installed"))
    }
}

impl Drop for Cron {
    fn drop(&mut self) {
        let _ = self.0.kill(); // a mount of a namespace goes with the last who is in it
        let _ = self.0.wait();
    }
}

#[test]
#[ignore = "needs root, cron and a built daemon; .ci/run runs it"]
fn what_jobs_of_cron_say_comes_to_whom_their_tables_name_also_from_a_user_without_rights() {
    let place = Place::start("");
    let roots = "MAILTO=ann@b.example\n@reboot printf 'one\\n.\\n..\\n.dot\\n100\\%\\% Gr\\303\\274\\303\\237e\\n'\n";
    let nobodys = "MAILFROM=batch@a.example\n@reboot echo said by $(id -un)\n@reboot true\n";
    let mut cron = Cron::start(&place, &[("root", roots), ("nobody", nobodys)]);
    let mails = place.mails(2);
    assert!(matches!(cron.0.try_wait(), Ok(None)), "cron runs");
    let of =
        |who: &str| mails.iter().find(|mail| mail.receivers == [who]).unwrap_or_else(|| panic!("{who}: {mails:?}"));
    let (roots, nobodys) = (of("ann@b.example"), of("nobody@h.example"));
    roots.is_from_to("root@h.example", &["ann@b.example"]);
    assert_eq!(roots.body(), "one\r\n.\r\n..\r\n.dot\r\n100% Grüße\r\n");
    assert!(
        roots.field("From")[0].contains("Cron Daemon") && roots.field("Subject")[0].starts_with("Cron <root@"),
        "{}",
        roots.content
    );
    assert_eq!(
        (nobodys.sender.split('@').nth(1), nobodys.body()),
        (Some("h.example"), "said by nobody\r\n"),
        "{}",
        nobodys.content
    );
    let log = place.home.log();
    let uid = place.run("id", &["-u", "nobody"], "").out;
    for (sender, uid) in [(&roots.sender, "0"), (&nobodys.sender, uid.trim())] {
        let by = format!("by=\"uid:{uid}\"");
        assert!(
            log.lines().any(|line| line.contains(&format!("from=\"{sender}\"")) && line.contains(&by)),
            "{by}: {}",
            place.home.log_tail()
        );
    }
}
