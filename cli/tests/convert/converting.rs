//! What is made of what, and how it fails.

use std::{
    fs,
    io::Write,
    process::{Command, Stdio},
};

use postrider::convert::{
    rtf::{compressed, encapsulate_html, from_text},
    tnef::{from_mime, mime::Part},
    Limits,
};

use super::{code, err, made, mails::exchange, piped};

const RTF: &[u8] = br"{\rtf1\ansi Gr\'fc\'dfe {\b Ann}}";
const HTML: &str = "<!DOCTYPE html><meta charset=utf-8><p>Gr\u{fc}\u{df}e <b>Ann</b>";

fn compressed_rtf() -> Vec<u8> {
    compressed::compress(RTF, compressed::Compression::Lzfu)
}

fn tnef() -> Vec<u8> {
    from_mime(&Part::text("text/plain", "Gr\u{fc}\u{df}e Ann".into()), Limits::default()).unwrap().output.to_octets()
}

#[test]
fn each_format_becomes_what_can_be_made_of_it_and_nothing_else() {
    let formats = [
        ("rtf", RTF.to_vec(), "html text compressed-rtf"),
        ("compressed-rtf", compressed_rtf(), "html text rtf"),
        ("html", HTML.into(), "text rtf compressed-rtf"),
        ("text", "Gr\u{fc}\u{df}e Ann\n".into(), "html rtf compressed-rtf"),
        ("tnef", tnef(), "mime text"),
        ("mime", exchange(&tnef()), "mime text"),
    ];
    for (from, input, makes) in formats {
        for to in ["rtf", "compressed-rtf", "html", "text", "mime"] {
            if !makes.split(' ').any(|one| one == to) {
                let output = piped(&["convert", "--from", from, "--to", to], &input);
                assert!(code(&output) == 64 && output.stdout.is_empty(), "{from} {to}: {output:?}");
                assert!(err(&output).contains(&format!("--to {}", makes.replace(' ', " or "))), "{}", err(&output));
                continue;
            }
            let output = made(&["convert", "--from", from, "--to", to], &input);
            // Back to a text, it says the same.
            let text = match to {
                "text" | "mime" => output,
                _ => made(&["convert", "--from", to, "--to", "text"], &output),
            };
            let text = String::from_utf8(text).unwrap();
            // A mail has it in quoted-printable.
            assert!(
                ["Gr\u{fc}\u{df}e Ann", "Gr=C3=BC=C3=9Fe Ann"].iter().any(|said| text.contains(said)),
                "{from} {to}: {text}"
            );
        }
    }
}

#[test]
fn the_first_octets_say_what_it_is_and_where_they_do_not_it_has_to_be_said() {
    for input in [RTF, &compressed_rtf(), HTML.as_bytes()] {
        assert_eq!(made(&["convert", "--to", "text"], input), "Gr\u{fc}\u{df}e Ann\n".as_bytes());
    }
    assert!(made(&["convert", "--to", "eml"], &tnef()).starts_with(b"MIME-Version: 1.0\r\n"));
    let output = piped(&["convert", "--to", "text"], b"<p>Hello");
    assert!(code(&output) == 64 && err(&output).contains("say --from rtf"), "{output:?}");
}

#[test]
fn the_name_of_a_file_says_what_its_octets_do_not() {
    let folder = tempfile::tempdir().unwrap();
    let convert = |name: &str, octets: &[u8], to: &str| {
        let file = folder.path().join(name);
        fs::write(&file, octets).unwrap();
        String::from_utf8(made(&["convert", "--to", to, file.to_str().unwrap()], b"")).unwrap()
    };
    assert_eq!(convert("a.htm", b"<p>Hello", "text"), "Hello\n");
    assert_eq!(convert("a.EML", b"Subject: x\n\nHello\n", "text"), "Hello\n");
    assert!(convert("a.txt", b"Hello", "html").contains("Hello"));
    assert!(convert("page.txt", b"<!-- x --><html><p>Hello", "rtf").contains("fromhtml"), "octets go before a name");
    assert_eq!(convert("a.rtf", &[b"\xEF\xBB\xBF", RTF].concat(), "text"), "Gr\u{fc}\u{df}e Ann\n");
    let empty = piped(&["convert", "--to", "text"], b"");
    assert!(code(&empty) == 65 && err(&empty).contains("it is empty"), "{empty:?}");
}

#[test]
fn help_says_what_becomes_of_what() {
    let help = String::from_utf8(made(&["convert", "--help"], b"")).unwrap();
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    for said in [
        "tnef (winmail.dat) becomes mime and text",
        "mime (or eml, a whole mail) becomes mime",
        "with --wrap also text",
    ] {
        assert!(help.contains(said), "{said}: {help}");
    }
    let output = piped(&["convert", "--from", "text", "--to", "text"], b"a");
    assert!(code(&output) == 64 && err(&output).contains("--wrap"), "{output:?}");
}

#[test]
fn html_out_of_rtf_is_the_html_that_was_put_in_unless_it_is_to_be_what_the_rtf_shows() {
    let page = "<p class=\"x\">Hello <i>Bob</i></p>";
    let rtf = encapsulate_html(page, Limits::default()).unwrap();
    assert_eq!(made(&["convert", "--to", "html"], &rtf), page.as_bytes());
    let drawn = String::from_utf8(made(&["convert", "--to", "html", "--drawn"], &rtf)).unwrap();
    assert!(
        drawn.contains("<meta charset=\"utf-8\">") && drawn.contains("Hello") && !drawn.contains("class"),
        "{drawn}"
    );
    let rtf = from_text("a  b\nc", Limits::default()).unwrap();
    assert_eq!(made(&["convert", "--to", "text"], &rtf), b"a  b\nc\n");
}

#[test]
fn rtf_of_html_holds_the_page_unless_it_is_to_look_like_it() {
    let page = b"<p>Hello <b>Bob</b></p><table><tr><td>a</td><td>b</td></tr></table>";
    let holds = String::from_utf8(made(&["convert", "--from", "html", "--to", "rtf"], page)).unwrap();
    let drawn = String::from_utf8(made(&["convert", "--from", "html", "--to", "rtf", "--drawn"], page)).unwrap();
    assert!(holds.contains("\\fromhtml1") && holds.contains("htmltag"), "{holds}");
    assert!(!drawn.contains("fromhtml") && drawn.contains("\\trowd") && drawn.contains("Bob"), "{drawn}");
    let output = piped(&["convert", "--from", "html", "--to", "rtf", "--drawn"], b"<p>a<IMG src=x alt=words>");
    assert!(code(&output) == 0 && err(&output).contains("pictures of the page are left out"), "{output:?}");
    made(&["convert", "--from", "html", "--to", "rtf"], b"<p>a<img src=x alt=words>");
}

#[test]
fn a_page_that_says_another_character_set_than_it_is_in_now_begins_with_a_mark() {
    let page = "<meta charset=koi8-r><p>\u{41f}\u{440}\u{438}\u{432}\u{435}\u{442}";
    let rtf = encapsulate_html(page, Limits::default()).unwrap();
    let output = piped(&["convert", "--to", "html"], &rtf);
    assert_eq!((code(&output), String::from_utf8(output.stdout).unwrap()), (0, format!("\u{feff}{page}")));
}

#[test]
fn characters_are_what_is_said_and_what_is_guessed_is_told() {
    let convert = |from, charset: &[&str], input: &[u8]| {
        let output = piped(&[&["convert", "--from", from, "--to", "text"], charset].concat(), input);
        assert_eq!(code(&output), 0, "{output:?}");
        (String::from_utf8(output.stdout.clone()).unwrap(), err(&output))
    };
    assert_eq!(convert("html", &["--charset", "koi8-r"], b"<p>\xf0"), ("\u{41f}\n".into(), "".into()));
    assert_eq!(convert("html", &[], b"<meta charset=koi8-r><p>\xf0"), ("\u{41f}\n".into(), "".into()));
    let (text, told) = convert("html", &[], b"<p>\xfc");
    assert!(text == "\u{fc}\n" && told.contains("windows-1252") && told.contains("--charset"), "{text} {told}");
    let output = piped(&["convert", "--from", "text", "--to", "html", "--charset", "koi9"], b"a");
    assert!(code(&output) == 64 && err(&output).contains("koi9"), "{output:?}");
}

#[test]
fn lines_are_as_long_as_is_said() {
    let words = "word ".repeat(40);
    let longest = |arguments: &[&str], input: &str| {
        let output = made(&[&["convert", "--to", "text"], arguments].concat(), input.as_bytes());
        String::from_utf8(output).unwrap().lines().map(|line| line.trim_end().len()).max().unwrap()
    };
    let page = format!("<html><p>{words}");
    assert!((70..=78).contains(&longest(&[], &page)));
    assert!((35..=40).contains(&longest(&["--wrap", "40"], &page)));
    assert_eq!(longest(&["--wrap", "0"], &page), 199);
    let rtf = format!("{{\\rtf1 {words}}}");
    assert_eq!(longest(&[], &rtf), 199);
    assert!((35..=40).contains(&longest(&["--wrap", "40"], &rtf)));
    assert!((35..=40).contains(&longest(&["--from", "text", "--wrap", "40"], &words)));
}

#[test]
fn what_is_wrong_is_told_and_the_rest_is_written_unless_it_is_to_fail() {
    let output = piped(&["convert", "--to", "text"], br"{\rtf1 Hello {\b Bo");
    assert_eq!((code(&output), &*output.stdout), (0, &b"Hello Bo\n"[..]), "{output:?}");
    let told = err(&output);
    assert!(told.starts_with("postrider: standard input: octet ") && told.lines().count() == 1, "{told}");
    let output = piped(&["convert", "--to", "text", "--strict"], br"{\rtf1 Hello {\b Bo");
    assert!(code(&output) == 65 && output.stdout.is_empty() && err(&output).contains("--strict"), "{output:?}");
    made(&["convert", "--to", "text", "--strict"], RTF);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("out.txt");
    let output = piped(&["convert", "--to", "text", "--strict", "-o", file.to_str().unwrap()], br"{\rtf1 Hello {\b Bo");
    assert!(code(&output) == 65 && !file.exists());
}

#[test]
fn what_cannot_be_converted_has_a_code_and_a_remedy() {
    let big = format!("{{\\rtf1 {}}}", "a".repeat(5000));
    let table: [(&[&str], &[u8], i32, &str); 7] = [
        (&["--from", "rtf", "--to", "text"], b"Hello", 65, "--from"),
        (&["--from", "tnef", "--to", "mime"], b"Hello", 65, "78 9F 3E 22"),
        (&["--from", "rtf", "--to", "text", "--max-output", "1KiB"], big.as_bytes(), 65, "--max-output"),
        (&["--to", "text", "/nowhere/a.rtf"], b"", 66, "/nowhere/a.rtf"),
        (&["--to", "text", "-o", "/nowhere/a.txt"], RTF, 73, "/nowhere/a.txt"),
        (&["--to", "html", "--wrap", "70"], RTF, 64, "--wrap"),
        (&["--to", "text", "--drawn"], b"<html>", 64, "--drawn"),
    ];
    for (arguments, input, expected, said) in table {
        let output = piped(&[&["convert"], arguments].concat(), input);
        assert_eq!(code(&output), expected, "{arguments:?}: {output:?}");
        assert!(output.stdout.is_empty() && err(&output).contains(said), "{arguments:?}: {output:?}");
    }
}

#[test]
fn a_file_and_standard_input_are_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let (input, output) = (folder.path().join("a.rtf"), folder.path().join("a.txt"));
    fs::write(&input, RTF).unwrap();
    let input = input.to_str().unwrap();
    assert!(made(&["convert", "--to", "text", "-o", output.to_str().unwrap(), input], b"").is_empty());
    assert_eq!(fs::read(&output).unwrap(), made(&["convert", "--to", "text", "-"], RTF));
    assert_eq!(made(&["convert", "--to", "text", "-o", "-", input], b""), fs::read(&output).unwrap());
}

#[test]
fn what_cannot_be_written_whole_leaves_what_was_there() {
    let folder = tempfile::tempdir().unwrap();
    let (old, new) = (folder.path().join("old.html"), folder.path().join("new.html"));
    fs::write(&old, "mine").unwrap();
    for file in [&old, &new] {
        // No file may have more than a few octets, as on a disk that is full; the shell keeps the signal away.
        let script = "trap '' XFSZ; ulimit -f 8; exec \"$0\" convert --from text --to html -o \"$1\"";
        let mut child = Command::new("sh")
            .args(["-c", script, env!("CARGO_BIN_EXE_postrider"), file.to_str().unwrap()])
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all("Hello\n".repeat(10_000).as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(code(&output) == 73 && err(&output).contains(file.to_str().unwrap()), "{output:?}");
    }
    assert_eq!(fs::read(&old).unwrap(), b"mine");
    assert_eq!(super::names(folder.path()), ["old.html"]);
    let full = piped(&["convert", "--from", "text", "--to", "html", "-o", "/dev/full"], b"Hello");
    assert!(code(&full) == 74 && err(&full).contains("free some space"), "{full:?}");
}

#[test]
fn a_link_stays_and_standard_output_is_written_to_whatever_it_is_called() {
    let folder = tempfile::tempdir().unwrap();
    let (file, link) = (folder.path().join("a.txt"), folder.path().join("link.txt"));
    fs::write(&file, "old").unwrap();
    std::os::unix::fs::symlink(&file, &link).unwrap();
    made(&["convert", "--to", "text", "-o", link.to_str().unwrap()], RTF);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(fs::read_to_string(&file).unwrap(), "Gr\u{fc}\u{df}e Ann\n");
    assert_eq!(made(&["convert", "--to", "text", "-o", "/dev/stdout"], RTF), "Gr\u{fc}\u{df}e Ann\n".as_bytes());
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let text = "Hello\n".repeat(1 << 17);
    let mut child = Command::new(env!("CARGO_BIN_EXE_postrider"))
        .args(["convert", "--from", "text", "--to", "html"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!((code(&output), &*err(&output)), (0, ""));
}
