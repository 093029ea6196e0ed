//! `postrider tnef`: what is in a `winmail.dat`.
//!
//! Rule: what the stream says reaches a terminal as text only, and a folder only under names that are names.

mod extract;
mod held;
mod list;
mod name;
mod value;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use postrider::convert::ConvertError;

use crate::{
    convert::{self, whole, Bounds},
    exit,
    failure::{Done, Failure},
};

/// Streams of TNEF.
#[derive(Args, Debug)]
pub struct Tnef {
    /// What to do.
    #[command(subcommand)]
    pub what: What,
}

/// What can be done with a stream.
#[derive(Debug, Subcommand)]
pub enum What {
    /// Say what is in a winmail.dat: the mail, its bodies, its attachments, its properties
    List(List),
    /// Write the attachments of a winmail.dat into a folder
    ///
    /// Messages within the message are written as .eml. postrider convert --to mime makes one mail of all of it.
    Extract(Extract),
}

/// What is listed, and how.
#[derive(Args, Debug)]
pub struct List {
    /// The file; without it, and for -, standard input
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// For programs: one object of JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    bounds: Bounds,
}

/// What is written, and where.
#[derive(Args, Debug)]
pub struct Extract {
    /// The file; without it, and for -, standard input
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// The folder, which is there
    #[arg(short = 'C', long, value_name = "FOLDER", default_value = ".")]
    into: PathBuf,
    /// Also the bodies, as body.txt, body.html and such
    #[arg(long)]
    bodies: bool,
    /// Replace what is there under the same names
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    bounds: Bounds,
}

/// Why there is nothing to be seen, and what to do. People give the mail that they have.
fn failed(file: &str, octets: &[u8], error: &ConvertError) -> Failure {
    if matches!(error, ConvertError::NotThis { .. }) && whole::is_mail(octets) {
        let text = format!(
            "{file}: this is a whole mail: postrider convert --to mime makes one with what its winmail.dat holds"
        );
        return Failure::new(exit::DATA, text);
    }
    convert::failed(file, error)
}

/// `postrider tnef ...`
pub fn tnef(how: &Tnef) -> Done {
    match &how.what {
        What::List(how) => list::list(how),
        What::Extract(how) => extract::extract(how),
    }
}
