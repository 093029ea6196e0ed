//! What `postrider badmail` takes.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::arguments::Config;

/// Bad mail: what failed and can be told to nobody.
#[derive(Args, Debug)]
pub struct Badmail {
    /// What to do.
    #[command(subcommand)]
    pub what: What,
}

/// Where it is.
#[derive(Args, Clone, Debug, Default)]
pub struct Where {
    /// The settings that name the folder.
    #[command(flatten)]
    pub config: Config,
    /// Look into this folder, and not into that of the settings (report.badmail)
    #[arg(long, value_name = "FOLDER")]
    pub folder: Option<PathBuf>,
}

/// All that can be done with bad mail.
#[derive(Debug, Subcommand)]
pub enum What {
    /// Say what is there, the oldest first
    List {
        /// The folder.
        #[command(flatten)]
        place: Where,
        /// For programs: one object of JSON
        #[arg(long)]
        json: bool,
    },
    /// Say why one is there, and show its header
    Show {
        /// The folder.
        #[command(flatten)]
        place: Where,
        /// Its name, as list says it
        name: String,
        /// Show its body too
        #[arg(long)]
        all: bool,
        /// For programs: one object of JSON, without the mail
        #[arg(long, conflicts_with = "all")]
        json: bool,
    },
    /// Send it again to those whom it did not reach, by the daemon's socket, and remove it once the daemon has it
    Retry(Retry),
    /// Remove it for good
    Drop {
        /// The folder.
        #[command(flatten)]
        place: Where,
        /// Their names, as list says them
        #[arg(required = true, value_name = "NAME")]
        names: Vec<String>,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// What is sent again, and how.
#[derive(Args, Debug)]
pub struct Retry {
    /// The folder.
    #[command(flatten)]
    pub place: Where,
    /// Their names, as list says them
    #[arg(required = true, value_name = "NAME")]
    pub names: Vec<String>,
    /// Send it to this address and to nobody else
    #[arg(long, value_name = "ADDRESS")]
    pub to: Option<String>,
    /// Also what was perhaps mailed already (code perhaps_mailed or changed): it may come twice
    #[arg(long)]
    pub yes: bool,
    /// The daemon's socket for programs, and not that of the settings (send.socket)
    #[arg(long, value_name = "PATH")]
    pub socket: Option<PathBuf>,
}
