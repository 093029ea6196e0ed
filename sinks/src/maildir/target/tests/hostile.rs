//! Names and folders that are made to lead elsewhere.

use std::os::unix::fs::symlink;

use super::*;

#[test]
fn a_name_that_is_no_folder_is_nobodys() {
    let mut home = Home::new();
    let names = ["a/b", "/etc/passwd", "\"..\"", "\".\"", "\"../ann\"", "\"\"", "\".ssh\"", "\"..+x\""];
    for name in names {
        let end = word(home.deliver(&job(3, &format!("{name}@example.org"))));
        assert_eq!(end, "failed 550 5.1.1 no such user here", "{name}");
    }
    assert!(!home.folder.path().join("mail").exists(), "nothing was made");
}

#[test]
fn a_trap_in_tmp_is_replaced_and_not_written_through() {
    let mut home = Home::new();
    home.deliver(&job(1, "ann@example.org")).unwrap();
    let victim = home.folder.path().join("victim");
    let trap = home.path("ann/tmp").join("1000.S0000000000000007Q00000003R0.host.example");
    for hard in [false, true] {
        fs::write(&victim, "precious").unwrap();
        match hard {
            true => fs::hard_link(&victim, &trap).unwrap(),
            false => symlink(&victim, &trap).unwrap(),
        }
        assert_eq!(word(home.deliver(&job(3, "ann@example.org"))), "Now");
        assert_eq!(fs::read_to_string(&victim).unwrap(), "precious");
        let name = home.path("ann/new").join(trap.file_name().unwrap());
        assert!(fs::symlink_metadata(&name).unwrap().is_file());
        fs::remove_file(name).unwrap();
    }
}

#[test]
fn a_folder_that_leads_elsewhere_is_not_followed() {
    for folder in ["", "tmp", "new", "cur"] {
        let mut home = Home::new();
        home.deliver(&job(1, "ann@example.org")).unwrap();
        let (path, elsewhere) = (home.path("ann").join(folder), home.folder.path().join("elsewhere"));
        fs::rename(path.components().as_path(), &elsewhere).unwrap();
        symlink(&elsewhere, path.components().as_path()).unwrap();
        let end = word(home.deliver(&job(3, "ann@example.org")));
        assert!(end.starts_with("deferred 451 4.3.0 the mailbox cannot be used: opening it"), "{folder}: {end}");
        assert!(!end.contains(home.folder.path().to_str().unwrap()), "strangers hear no paths: {end}");
    }
}

#[test]
fn a_file_in_place_of_a_folder_delays_and_loses_nothing() {
    let mut home = Home::new();
    fs::create_dir_all(home.path("ann")).unwrap();
    fs::write(home.path("ann/new"), "x").unwrap();
    assert!(word(home.deliver(&job(3, "ann@example.org"))).starts_with("deferred 451 4.3.0"));
    fs::remove_file(home.path("ann/new")).unwrap();
    assert_eq!(word(home.deliver(&job(3, "ann@example.org"))), "Now");
}

#[test]
fn who_has_no_folder_is_unknown_where_folders_make_users() {
    let mut home = Home::new();
    home.settings.users.users = Users::Folder;
    let end = word(home.deliver(&job(3, "ann@example.org")));
    assert!(end.starts_with("deferred 451 4.3.0"), "the disk may not be there: {end}");
    fs::create_dir_all(home.path("ann")).unwrap();
    assert_eq!(word(home.deliver(&job(3, "ann@example.org"))), "Now");
    assert_eq!(word(home.deliver(&job(3, "carl@example.org"))), "failed 550 5.1.1 no such user here");
}

#[test]
fn links_among_the_folders_of_a_reader_are_passed_over() {
    let mut home = Home::new();
    home.deliver(&job(1, "ann@example.org")).unwrap();
    symlink("/", home.path("ann/.Root")).unwrap();
    fs::write(home.path("ann/.file"), "x").unwrap();
    home.restarted();
    assert_eq!(word(home.deliver(&job(3, "ann@example.org"))), "Now");
}
