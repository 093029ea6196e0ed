//! `postrider pickup check`: what a pickup folder would make of a file, without mailing it.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    time::SystemTime,
};

use clap::{Args, Subcommand, ValueEnum};
use postrider::{
    rules::{
        pickup::{read_file, Dots, FileForm, FileProblem, FileRules, MAX_ENVELOPE},
        Making,
    },
    settings, Address, Draft, Settings,
};
use serde_json::json;

use crate::{
    arguments::Config,
    exit,
    failure::{Done, Failure},
    page::{self, counted, shown, size, Page},
};

/// Its command line.
#[derive(Args, Debug)]
pub struct Pickup {
    /// What to do.
    #[command(subcommand)]
    pub what: What,
}

/// What can be done with a file.
#[derive(Debug, Subcommand)]
pub enum What {
    /// Say from whom and to whom a file would be mailed, or why it is no mail; nothing is mailed
    ///
    /// A file in a folder of the settings is read as that folder reads it, any other as --form and --dots say.
    Check(Check),
}

/// Which file, and how it is read.
#[derive(Args, Debug)]
pub struct Check {
    /// The settings.
    #[command(flatten)]
    config: Config,
    /// The file; - is standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What kind of file it is
    #[arg(long, value_enum)]
    form: Option<Form>,
    /// What a dot at the beginning of a line is
    #[arg(long, value_enum)]
    dots: Option<DotsAre>,
    /// For programs: one object of JSON
    #[arg(long)]
    json: bool,
}

/// See `pickup.form`.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Form {
    Pickup,
    Replay,
}

/// See `pickup.dots`.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum DotsAre {
    Plain,
    Stuffed,
}

/// `postrider pickup ...`
pub fn pickup(how: &Pickup) -> Done {
    let What::Check(how) = &how.what;
    let settings = how.config.load().map_err(|wrong| Failure::new(exit::SETTINGS, wrong))?;
    let rules = how.rules(&settings);
    let octets = how.octets(&rules)?;
    let making = Making { now: SystemTime::now().into(), host: &settings.hostname, unique: 0 };
    let read = read_file(&octets, &rules, &making);
    let mut page = Page::new();
    match (&read, how.json) {
        (Ok(draft), true) => page.json(&of_mail(draft))?,
        (Ok(draft), false) => show(&mut page, draft, &octets)?,
        (Err(problem), true) => page.json(&of_problem(problem))?,
        (Err(_), false) => {}
    }
    page.end()?;
    read.map(drop).map_err(|problem| Failure::new(exit::DATA, told(&how.file, &problem)))
}

impl Check {
    fn rules(&self, settings: &Settings) -> FileRules {
        let folder = self.file.parent().and_then(|folder| folder.canonicalize().ok());
        let is_of = |one: &&settings::Pickup| folder.is_some() && one.folder.canonicalize().ok() == folder;
        let known = settings.pickup.iter().find(is_of).cloned();
        let mut rules = settings.file_rules(&known.unwrap_or_else(|| settings::Pickup::new("")));
        match self.form {
            Some(Form::Pickup) => rules.form = FileForm::Pickup,
            Some(Form::Replay) => rules.form = FileForm::Replay,
            None => {}
        }
        match self.dots {
            Some(DotsAre::Plain) => rules.dots = Dots::Plain,
            Some(DotsAre::Stuffed) => rules.dots = Dots::Stuffed,
            None => {}
        }
        rules
    }

    /// No more than a little above what may be read.
    fn octets(&self, rules: &FileRules) -> Result<Vec<u8>, Failure> {
        let most = rules.limits.message_size.saturating_add(MAX_ENVELOPE as u64).saturating_add(1);
        let mut octets = Vec::new();
        let read = match self.file == Path::new("-") {
            true => io::stdin().take(most).read_to_end(&mut octets),
            false => File::open(&self.file).and_then(|file| file.take(most).read_to_end(&mut octets)),
        };
        let code = |error: &io::Error| match error.kind() {
            io::ErrorKind::NotFound => exit::NO_INPUT,
            io::ErrorKind::PermissionDenied => exit::NOT_PERMITTED,
            _ => exit::IO,
        };
        read.map_err(|error| Failure::new(code(&error), format_args!("{}: {error}", self.file.display())))?;
        Ok(octets)
    }
}

fn show(page: &mut Page, draft: &Draft, octets: &[u8]) -> Done {
    let envelope = &draft.envelope;
    page.line(format_args!("from       {}", shown(envelope.sender.as_ref().map_or("<>", Address::as_str))))?;
    for (_, recipient) in envelope.recipients.iter() {
        page.line(format_args!("to         {}", shown(recipient.address.as_str())))?;
    }
    let recipients = counted(envelope.recipients.len(), "recipient");
    page.line(format_args!("it would be mailed: {}, {recipients}", size(draft.content.len())))?;
    note_of_empty_header(page, octets)
}

/// People put an empty line between the envelope and the header, and then the header is text.
fn note_of_empty_header(page: &mut Page, octets: &[u8]) -> Done {
    let above = octets.split(|octet| *octet == b'\n').take_while(|line| {
        let is_envelope = line.get(..2).is_some_and(|begin| begin.eq_ignore_ascii_case(b"x-"));
        is_envelope || line.first().is_some_and(|first| matches!(first, b' ' | b'\t'))
    });
    let lines = above.count();
    match octets.split(|octet| *octet == b'\n').nth(lines) {
        Some(b"" | b"\r") if lines > 0 => page
            .line("note: an empty line follows the lines of the envelope, so the mail has no header but what is added"),
        _ => Ok(()),
    }
}

fn of_mail(draft: &Draft) -> serde_json::Value {
    let recipients: Vec<&str> = draft.envelope.recipients.iter().map(|(_, one)| one.address.as_str()).collect();
    json!({
        "mail": true,
        "sender": draft.envelope.sender.as_ref().map(Address::as_str),
        "recipients": recipients,
        "octets": draft.content.len(),
    })
}

fn of_problem(problem: &FileProblem) -> serde_json::Value {
    json!({
        "mail": false,
        "code": problem.code.as_str(),
        "text": problem.text,
        "field": problem.field,
        "line": problem.line,
    })
}

fn told(file: &Path, problem: &FileProblem) -> String {
    let line = problem.line.map(|line| format!(" line {line}:")).unwrap_or_default();
    let field = problem.field.as_deref().map(|field| format!(" {}:", shown(field))).unwrap_or_default();
    format!("{}:{line}{field} {} ({})", file.display(), page::told(&problem.text), problem.code)
}
