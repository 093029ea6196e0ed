//! Pictures of a page: beside it, or left out.

use std::{fs, os::unix::fs::symlink};

use super::{code, err, made, names, piped};

const RTF: &[u8] =
    br#"{\rtf1 See "cid:picture1@rtf"{\pict\pngblip\picw1\pich1 89504e470d0a1a0a}{\pict\jpegblip ffd8ff}}"#;

#[test]
fn pictures_lie_beside_the_page_and_the_page_finds_them() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("my page.html");
    made(&["convert", "--to", "html", "-o", page.to_str().unwrap()], RTF);
    assert_eq!(names(folder.path()), ["my page.html", "my page.picture1.png", "my page.picture2.jpg"]);
    assert_eq!(fs::read(folder.path().join("my page.picture1.png")).unwrap(), b"\x89PNG\r\n\x1a\n");
    let html = fs::read_to_string(&page).unwrap();
    assert!(
        html.contains("src=\"my%20page.picture1.png\"") && html.contains("src=\"my%20page.picture2.jpg\""),
        "{html}"
    );
    assert!(html.contains("&quot;cid:picture1@rtf&quot;"), "text stays: {html}");
    // Once more: what we wrote is replaced.
    made(&["convert", "--to", "html", "-o", page.to_str().unwrap()], RTF);
}

#[test]
fn a_picture_is_written_through_no_link() {
    let folder = tempfile::tempdir().unwrap();
    let elsewhere = folder.path().join("elsewhere");
    fs::write(&elsewhere, "mine").unwrap();
    let inside = folder.path().join("inside");
    fs::create_dir(&inside).unwrap();
    symlink(&elsewhere, inside.join("a.picture1.png")).unwrap();
    made(&["convert", "--to", "html", "-o", inside.join("a.html").to_str().unwrap()], RTF);
    assert_eq!(fs::read(&elsewhere).unwrap(), b"mine");
    assert_eq!(fs::read(inside.join("a.picture1.png")).unwrap(), b"\x89PNG\r\n\x1a\n");
}

#[test]
fn without_a_file_pictures_are_left_out_and_that_is_told() {
    let output = piped(&["convert", "--to", "html"], RTF);
    assert!(code(&output) == 0 && output.stdout.starts_with(b"<!DOCTYPE html>"));
    assert_eq!(
        err(&output),
        "postrider: standard input: 2 pictures left out: name a file with -o, and they are put beside it\n"
    );
}
