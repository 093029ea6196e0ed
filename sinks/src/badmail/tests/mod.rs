//! Bad mail is kept whole, and once, whatever it is made of.

mod files;
mod power;

use std::{collections::BTreeMap, fs, os::unix::fs::PermissionsExt, path::Path, sync::Arc};

use postrider_engine::{Content, Diagnosis, Draft, Fate, Moment, Piece, QueueId, RcptNo, Reply, Scope, Story};
use serde_json::Value;

use super::*;
use crate::relay::tests::{mail, side_file};

fn bad(who: &[u32], content: Content) -> Bad {
    let mut draft: Draft = mail(3, "");
    (draft.envelope.sender, draft.content) = (None, content);
    let said = "no \"such\" user\n\u{1}grüße";
    let why = Diagnosis::remote(Scope::Recipient, Reply::new(550, 1, 1, said), "mx.example.net");
    let story = Story { attempts: 2, ..Story::of(Fate::Failed, Some(why)) };
    let who: BTreeMap<RcptNo, Story> = who.iter().map(|no| (RcptNo(*no), story.clone())).collect();
    Bad { id: QueueId(0x2A), draft: Arc::new(draft), who, at: Moment(1_795_156_274_000) }
}

/// The bits of who may do what.
fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn bad_mail_is_kept_with_its_reason_beside_it_and_once() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("below/badmail");
    let keeper = BadMailFolder::new(&folder, 7);
    let large = vec![b'x'; 200_000];
    let pieces = vec![Piece::Memory("Subject: x\r\n\r\n".into()), Piece::Side(side_file(&large), 5..150_005)];
    for _ in 0..2 {
        keeper.keep(bad(&[1, 2], Content::from_pieces(pieces.clone()))).await.unwrap();
    }
    let name = "0000002A.1.0000000000000007";
    assert_eq!(names(&folder), [format!("{name}.eml"), format!("{name}.json")]);
    let kept = fs::read(folder.join(format!("{name}.eml"))).unwrap();
    assert_eq!(kept, [b"Subject: x\r\n\r\n", &large[..150_000]].concat());
    let note: Value = serde_json::from_slice(&fs::read(folder.join(format!("{name}.json"))).unwrap()).unwrap();
    assert_eq!((&note["id"], &note["sender"], &note["complete"]), (&"0000002A".into(), &Value::Null, &true.into()));
    assert_eq!((&note["kind"], &note["code"]), (&"undeliverable".into(), &"undeliverable".into()));
    assert_eq!(note["when"], "2026-11-20T06:31:14.000Z");
    let second = &note["recipients"][1];
    assert_eq!((&second["address"], &second["code"]), (&"r2@y.org".into(), &550.into()));
    assert_eq!((&second["status"], &second["text"]), (&"5.1.1".into(), &"no \"such\" user\n\u{1}grüße".into()));
}

#[tokio::test]
async fn what_is_lost_of_a_mail_is_said_and_the_rest_is_kept() {
    let home = tempfile::tempdir().unwrap();
    let pieces = vec![Piece::Memory("here".into()), Piece::Side(side_file(b"short"), 0..99)];
    BadMailFolder::new(home.path(), 7).keep(bad(&[0], Content::from_pieces(pieces))).await.unwrap();
    let [mail, note] = &names(home.path())[..] else { panic!("two files") };
    assert_eq!(fs::read(home.path().join(mail)).unwrap(), b"hereshort");
    assert!(fs::read_to_string(home.path().join(note)).unwrap().contains("\"complete\": false"));
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_an_error_with_its_name() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("file");
    fs::write(&folder, "in the way").unwrap();
    let error = BadMailFolder::new(&folder, 7).keep(bad(&[0], Content::new("x"))).await.unwrap_err();
    assert!(error.to_string().contains("/file: "), "{error}");
}

#[tokio::test]
async fn nobody_else_can_read_what_is_kept() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("below/badmail");
    BadMailFolder::new(&folder, 7).keep(bad(&[0], Content::new("x"))).await.unwrap();
    assert_eq!((mode(&home.path().join("below")), mode(&folder)), (0o700, 0o700));
    for name in names(&folder) {
        assert_eq!(mode(&folder.join(&name)), 0o600, "{name}");
    }
}

#[tokio::test]
async fn what_a_crash_left_half_written_is_in_nobodys_way() {
    let home = tempfile::tempdir().unwrap();
    let name = "0000002A.0.0000000000000007";
    for end in ["eml", "json"] {
        fs::write(home.path().join(format!("{name}.{end}.tmp")), "what lay here before, which is longer").unwrap();
    }
    BadMailFolder::new(home.path(), 7).keep(bad(&[0], Content::new("x"))).await.unwrap();
    assert_eq!(names(home.path()), [format!("{name}.eml"), format!("{name}.json")]);
    assert_eq!(fs::read(home.path().join(format!("{name}.eml"))).unwrap(), b"x");
}
