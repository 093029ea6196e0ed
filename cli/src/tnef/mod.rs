//! `postrider tnef`: what is in a `winmail.dat`, by itself or in its mail.
//!
//! Rule: what the stream says reaches a terminal as text only, and a folder only under names that are names.

mod extract;
mod held;
mod list;
mod name;
mod streams;
mod value;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::{convert::Bounds, failure::Done};

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
    /// Say what is in a winmail.dat, or in those of a mail: the mail, its bodies, its attachments, its properties
    List(List),
    /// Write the attachments of a winmail.dat, or of those of a mail, into a folder
    ///
    /// Messages within the message are written as .eml. postrider convert --to mime makes one mail of all of it.
    Extract(Extract),
}

/// What is listed, and how.
#[derive(Args, Debug)]
pub struct List {
    /// A winmail.dat, or a mail that has some; without it, and for -, standard input
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// For programs: one object of JSON a line, one for each winmail.dat
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    bounds: Bounds,
}

/// What is written, and where.
#[derive(Args, Debug)]
pub struct Extract {
    /// A winmail.dat, or a mail that has some; without it, and for -, standard input
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

/// `postrider tnef ...`
pub fn tnef(how: &Tnef) -> Done {
    match &how.what {
        What::List(how) => list::list(how),
        What::Extract(how) => extract::extract(how),
    }
}
