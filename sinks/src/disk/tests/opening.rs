//! Who has a spool, and which spool it is.

use std::sync::Arc;

use postrider_engine::Spool;

use super::{super::*, basics::folder, harness::*};

#[test]
fn a_second_opener_is_told_who_has_the_folder() {
    let (_folder, files) = folder();
    let spool = try_open(files.clone()).unwrap();
    let Err(error) = try_open(files.clone()) else { panic!("it is in use") };
    assert!(matches!(error, OpenError::SpoolInUse { pid: Some(pid) } if pid == std::process::id()), "{error}");
    drop(spool);
    assert!(try_open(files).is_ok());
}

#[test]
fn who_has_a_spool_can_be_asked_without_taking_it() {
    let folder = tempfile::tempdir().unwrap();
    let files = || Arc::new(super::super::RealFiles::at(folder.path()).unwrap());
    assert_eq!(holder(folder.path()).unwrap(), None, "there is no spool");
    let spool = try_open(files()).unwrap();
    assert_eq!(holder(folder.path()).unwrap(), Some(std::process::id()));
    drop(spool);
    assert_eq!(holder(folder.path()).unwrap(), None, "nobody has it any more");
    std::fs::write(folder.path().join("lock"), "4194304\n").unwrap();
    assert_eq!(holder(folder.path()).unwrap(), None, "its process is gone");
    assert!(try_open(files()).is_ok());
}

#[test]
fn a_spool_that_is_opened_again_is_the_same_and_its_mails_are_old() {
    let (_folder, files) = folder();
    let mut spool = try_open(files.clone()).unwrap();
    let new = spool.origin();
    let id = spool.mail(draft(1, "x"));
    spool.facts(vec![delivered(id.0, &[0])]);
    drop(spool);
    let again = try_open(files).unwrap().origin();
    assert!(new.first <= id && id < again.first, "also when it is done");
    assert_eq!(new.spool, again.spool);
    let (_other, files) = folder();
    assert_ne!(try_open(files).unwrap().origin().spool, new.spool, "another spool is another");
}
