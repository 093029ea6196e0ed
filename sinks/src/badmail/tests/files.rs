//! Files that could not be made mail are kept with all that is known of them, whatever they are.

use postrider_engine::OpenFile;

use super::*;
use crate::disk::faulty::FaultyFiles;

pub(super) fn bad_file<'a>(octets: Option<&'a dyn OpenFile>, file: &'a str) -> BadFile<'a> {
    let text = "there is no From and no \"x-sender\": add one\n".to_owned();
    let why = Why { code: "no_sender", text, field: Some("From".to_owned()), line: Some(3) };
    let at = Moment(1_795_156_274_000);
    BadFile { name: "one-2", octets, file, folder: "/var/pickup", owner: Some(1000), size: None, why, at }
}

pub(super) fn file(disk: &FaultyFiles, name: &str, octets: &[u8]) -> Arc<dyn OpenFile> {
    let file = disk.create_new(name).unwrap();
    file.write_at(0, octets).unwrap();
    file
}

fn note(disk: &FaultyFiles) -> Value {
    serde_json::from_slice(&disk.octets("one-2.json").unwrap()).unwrap()
}

#[test]
fn a_file_is_kept_to_the_octet_with_its_reason() {
    let (disk, elsewhere) = (FaultyFiles::new(), FaultyFiles::new());
    let octets: Vec<u8> = (0..200_000_u32).map(|n| n as u8).collect();
    let from = file(&elsewhere, "x", &octets);
    let keeper = BadMailFolder::on(Arc::new(disk.clone()), 7);
    for _ in 0..2 {
        keeper.keep_file(&bad_file(Some(from.as_ref()), "caf\u{e9}\u{1b}[31m\u{fffd}\".eml")).unwrap();
    }
    assert_eq!(disk.names(), ["one-2.eml", "one-2.json"]);
    assert_eq!(disk.octets("one-2.eml").unwrap(), octets);
    let expected = serde_json::json!({
        "kind": "pickup", "code": "no_sender", "text": "there is no From and no \"x-sender\": add one\n",
        "field": "From", "line": 3, "file": "caf\u{e9}\u{1b}[31m\u{fffd}\".eml", "folder": "/var/pickup", "owner": 1000,
        "octets": 200_000, "when": "2026-11-20T06:31:14.000Z", "mail": "one-2.eml", "complete": true,
    });
    assert_eq!(note(&disk), expected);
}

#[test]
fn of_what_could_not_be_read_the_note_is_kept_alone() {
    let disk = FaultyFiles::new();
    let keeper = BadMailFolder::on(Arc::new(disk.clone()), 7);
    keeper.keep_file(&BadFile { size: Some(12), owner: None, ..bad_file(None, "link") }).unwrap();
    assert_eq!(disk.names(), ["one-2.json"]);
    let note = note(&disk);
    assert_eq!((&note["mail"], &note["complete"]), (&Value::Null, &false.into()));
    assert_eq!((&note["octets"], &note["owner"]), (&12.into(), &Value::Null));
}

#[test]
fn octets_that_were_kept_before_stay_when_they_cannot_be_read_any_more() {
    let (disk, elsewhere) = (FaultyFiles::new(), FaultyFiles::new());
    let keeper = BadMailFolder::on(Arc::new(disk.clone()), 7);
    let from = file(&elsewhere, "x", b"octets");
    keeper.keep_file(&bad_file(Some(from.as_ref()), "x")).unwrap();
    keeper.keep_file(&bad_file(None, "x")).unwrap();
    assert_eq!((disk.octets("one-2.eml").unwrap(), &note(&disk)["mail"]), (b"octets".to_vec(), &"one-2.eml".into()));
}

#[test]
fn a_name_that_could_lead_elsewhere_is_none() {
    let disk = FaultyFiles::new();
    let keeper = BadMailFolder::on(Arc::new(disk.clone()), 7);
    let long = "x".repeat(LONGEST_NAME + 1);
    for name in ["", "../x", "a/b", "a b", "caf\u{e9}", "a\0", &long] {
        let error = keeper.keep_file(&BadFile { name, ..bad_file(None, "x") }).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput, "{name:?}: {error}");
    }
    assert!(disk.names().is_empty());
    keeper.keep_file(&BadFile { name: &long[1..], ..bad_file(None, "x") }).unwrap();
}

#[test]
fn a_file_that_would_fill_the_disk_is_not_kept_and_leaves_nothing() {
    let (disk, elsewhere) = (FaultyFiles::new(), FaultyFiles::new());
    let from = file(&elsewhere, "x", &[b'x'; 1001]);
    disk.set_free(2001);
    let keeper = BadMailFolder::on(Arc::new(disk.clone()), 7);
    let error = keeper.keep_file(&bad_file(Some(from.as_ref()), "x")).unwrap_err();
    assert_eq!((error.kind(), disk.names()), (io::ErrorKind::StorageFull, vec![]));
    disk.set_free(3000);
    keeper.keep_file(&bad_file(Some(from.as_ref()), "x")).unwrap();
}
