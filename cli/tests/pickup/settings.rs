//! Settings of folders that cannot be: the daemon does not start, says why and what to do, and ends with 78.

use std::{fs, path::Path};

use crate::{
    daemon::{call, Ended, Home},
    mail, put, AT_SIGHT,
};

/// What `serve` and `check` say, which is the same.
fn refused(home: &Home) -> Ended {
    let postrider = Path::new(env!("CARGO_BIN_EXE_postrider"));
    let settings = home.path("settings.toml");
    let of = |what| call(home.command(postrider, &[what, "--config", settings.to_str().unwrap()]), b"");
    let (checked, served) = (of("check"), of("serve"));
    assert_eq!((served.code, &served.err), (78, &checked.err), "{served:?}");
    assert_eq!(checked.code, 78, "{checked:?}");
    assert!(!home.path("spool").exists(), "nothing is made");
    served
}

#[test]
fn a_folder_that_cannot_be_is_told_of_with_the_remedy() {
    for (more, problem, remedy) in [
        ("form = \"outbox\"\n", "pickup[1].form: \"outbox\" is no value for it", "\"pickup\" or \"replay\""),
        ("dots = \"doubled\"\n", "pickup[1].dots: \"doubled\" is no value for it", "\"plain\" or \"stuffed\""),
        ("mode = \"rwx\"\n", "pickup[1].mode: \"rwx\" is no value for it", "in octal from \"0700\" to \"1777\""),
        ("recipients = 0\n", "pickup[1].recipients: 0 is out of bounds", "it is from 1 to 10000"),
        ("rests = \"1 s\"\n", "pickup[1].rests: there is no such key", "did you mean pickup[1].rest?"),
        ("[[pickup]]\nform = \"replay\"\n", "pickup[2].folder: it is missing", "write the folder in quotes"),
        ("[[pickup]]\nfolder = \"HOME/pickup\"\n", "pickup is named twice", "name each folder once"),
        ("[[pickup]]\nfolder = \"HOME/pickup/high\"\n", "pickup/high is within another pickup folder", "choose"),
        ("[[pickup]]\nfolder = \"HOME/link\"\n", "link are one folder", "name each folder once"),
        ("[[pickup]]\nfolder = \"HOME/spool\"\n", "spool is the folder of the spool", "choose"),
        ("[[pickup]]\nfolder = \"HOME/spool/pickup\"\n", "spool/pickup is within the folder of the spool", "choose"),
        ("[[pickup]]\nfolder = \"HOME\"\n", "has the folder of the spool in it", "choose"),
        ("[[pickup]]\nfolder = \"HOME/drop\"\n", "drop is a drop folder", "choose"),
        ("[[pickup]]\nfolder = \"HOME/settings.toml\"\n", "settings.toml cannot be written: ", "no file is in the way"),
        ("[report]\nbadmail = \"off\"\n", "report.badmail is off", "set report.badmail to a folder"),
        ("[report]\nbadmail = \"HOME/pickup\"\n", "pickup is the folder of bad mail", "choose"),
    ] {
        let home = Home::new("");
        std::os::unix::fs::symlink(home.path("pickup"), home.path("link")).unwrap();
        let place = home.path("").display().to_string();
        let more = more.replace("HOME", place.trim_end_matches('/'));
        home.set(&format!("[[pickup]]\nfolder = {:?}\n{more}", home.path("pickup")));
        let said = refused(&home);
        assert!(said.err.contains(problem) && said.err.contains(remedy), "{more}: {}", said.err);
        assert_eq!(said.err.lines().count(), 1, "{}", said.err);
    }
}

#[test]
fn of_two_daemons_with_one_folder_the_second_ends_and_says_why_and_the_first_goes_on() {
    let mut first = Home::with_pickup_and(AT_SIGHT);
    first.start();
    let second = Home::new("");
    second.set(&format!("[[pickup]]\nfolder = {:?}\n", first.path("pickup")));
    let settings = second.path("settings.toml");
    let serve = ["serve", "--config", settings.to_str().unwrap()];
    let said = call(second.command(Path::new(env!("CARGO_BIN_EXE_postrider")), &serve), b"");
    assert_eq!(said.code, 78, "{said:?}");
    let folder = first.path("pickup").display().to_string();
    assert!(said.err.contains(&folder) && said.err.contains("one engine at a time may have it"), "{said:?}");
    put(&first, "a", mail("still here"));
    assert!(first.mail().contains("Subject: still here\n"));
    assert!(fs::read_dir(second.path("drop")).unwrap().next().is_none());
}
