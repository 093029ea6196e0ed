//! The command line as clap reads it: each command, what it takes, and what its help says.

use std::{ffi::OsString, path::PathBuf};

use clap::{Args, Parser, Subcommand};

use crate::{queue::Queue, sink::Sink};

/// Carries mail: takes it by SMTP, LMTP, a socket and a folder, keeps it on disk before it says so, and hands it on.
#[derive(Debug, Parser)]
#[command(name = "postrider", version, propagate_version = true, arg_required_else_help = true)]
#[command(after_help = "Variables named POSTRIDER_... stand above the file: POSTRIDER_SPOOL__FOLDER is spool.folder.")]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Where the settings are.
#[derive(Args, Clone, Debug, Default)]
pub struct Config {
    /// Read the settings from this file of TOML; without it from that of POSTRIDER_CONFIG, else from /etc/postrider/postrider.toml
    /// if it is there
    #[arg(long, value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,
}

/// What the daemon is told.
#[derive(Args, Clone, Debug, Default)]
pub struct Serve {
    /// Its settings.
    #[command(flatten)]
    pub config: Config,
    /// Hand all mail for which there is no route to this host; more than one are tried in this order
    #[arg(long = "smart-host", value_name = "HOST:PORT")]
    pub smart_hosts: Vec<String>,
}

/// All commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the daemon
    ///
    /// Without a file of settings it listens on 127.0.0.1:2525, takes mail from this machine for any domain, puts that for this
    /// host and localhost into ./postrider-data/mail, and keeps all data in ./postrider-data.
    Serve(Serve),
    /// Check the settings, say what is wrong, start nothing
    Check(Serve),
    /// Look at the mail that a running daemon has on disk, and let it go
    Queue(Queue),
    /// Look at the sinks of a running daemon, and keep one out
    Sink(Sink),
    /// See to bad mail: what failed and can be told to nobody
    Badmail(crate::badmail::Badmail),
    /// Send the mail on standard input, as /usr/sbin/sendmail does
    ///
    /// It takes what programs pass to sendmail: -t, -i, -oi, -f ADDRESS, -F NAME, -N, -R, -V, -v, -bs, -bp, -bi and others, which
    /// docs/sendmail.md tells of. Under the names sendmail, mailq and newaliases the command does the same. It ends with 0 when the
    /// mail is safe on disk, and with 71 if nothing was taken and it may be tried again.
    #[command(disable_help_flag = true, disable_version_flag = true)]
    Sendmail {
        /// Options of sendmail, and behind them recipients
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENTS")]
        arguments: Vec<OsString>,
    },
    /// Look at a file as a pickup folder does
    Pickup(crate::pickup::Pickup),
    /// Convert RTF, compressed RTF, HTML, plain text, TNEF or a mail
    ///
    /// rtf and compressed-rtf become html, text and each other; html becomes text, rtf and compressed-rtf; text becomes html, rtf and
    /// compressed-rtf, with --wrap also text; tnef (winmail.dat) becomes mime and text; mime (or eml, a whole mail) becomes mime,
    /// with what its winmail.dat holds, and text. What is wrong with the input is said on standard error, and what can be read of it
    /// is written. An input has at most 1 GiB.
    Convert(crate::convert::Convert),
    /// Look into a winmail.dat, or into those of a mail, and take files out of it
    Tnef(crate::tnef::Tnef),
    /// Write completions for a shell to standard output
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// Write the manual pages into a folder
    Man {
        /// The folder, which is there
        folder: PathBuf,
    },
}
