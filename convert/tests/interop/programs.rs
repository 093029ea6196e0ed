//! The programs, as they are called.
//!
//! Rule: each has its own folder, its own settings and a bounded time.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

/// Seconds that a program has.
const LIMIT: &str = "120";

/// What a program says. One that is missing, or takes too long, fails the test.
pub(crate) fn run(program: &str, arguments: &[&str]) -> Output {
    let bounded = ["-k", "5", LIMIT, program];
    let output = Command::new("timeout").args(bounded).args(arguments).output();
    let output = output.unwrap_or_else(|error| panic!("timeout: {error}"));
    // What `timeout` says of one that it cannot start, or has ended.
    assert!(!matches!(output.status.code(), Some(124..=127 | 137)), "{program}: {output:?}");
    output
}

/// What LibreOffice makes of each of these documents, with the filter that it reads with and that it writes with.
pub(crate) fn libreoffice(documents: &[Vec<u8>], end: &str, reads: &str, writes: &str) -> Vec<Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (settings, into) = (format!("-env:UserInstallation=file://{}", path("settings")), path("into"));
    let reads = format!("--infilter={reads}");
    let mut arguments = vec![settings.as_str(), "--headless", &reads, "--convert-to", writes, "--outdir", &into];
    let names: Vec<_> = (0..documents.len()).map(|at| path(&format!("{at}.{end}"))).collect();
    names.iter().zip(documents).for_each(|(name, content)| fs::write(name, content).unwrap());
    arguments.extend(names.iter().map(String::as_str));
    let output = run("soffice", &arguments);
    assert!(output.status.success(), "{output:?}");
    let end = writes.split(':').next().unwrap();
    let made = |at: usize| fs::read(Path::new(&into).join(format!("{at}.{end}")));
    (0..documents.len()).map(|at| made(at).unwrap_or_else(|error| panic!("{at}: {error}: {output:?}"))).collect()
}

/// The page that unrtf makes of a document. (Its text is ASCII, with question marks.)
pub(crate) fn unrtf(document: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("document.rtf");
    fs::write(&path, document).unwrap();
    let output = run("unrtf", &["--html", "--nopict", "--quiet", path.to_str().unwrap()]);
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}
