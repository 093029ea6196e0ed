//! What the daemon is told on its command line. Whatever is wrong is one line with the way to write it.

use std::{ffi::OsString, path::PathBuf};

/// What `--help` prints.
pub const HELP: &str = "\
Postrider: takes mail by SMTP, keeps it on disk before it says so, and hands it on or
puts it into mailboxes.

usage: daemon [--config FILE] [--smart-host HOST:PORT]... [--check]

  --config FILE           read the settings from this file of TOML; without it, listen on
                          127.0.0.1:2525, take mail from this machine for any domain, put
                          that for this host and localhost into ./postrider-data/mail, and
                          keep all data in ./postrider-data
  --smart-host HOST:PORT  hand all mail for which there is no route to this host; given more
                          than once, hosts are tried in this order; without it and without a
                          route, mail is kept queued
  --check                 check the settings, print what is wrong, start nothing
  --help                  print this

Variables named POSTRIDER_... stand above the file: POSTRIDER_SPOOL__FOLDER is spool.folder.
All settings are explained in docs/configuration.md, running it in docs/operations.md.
";

/// The command line, read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arguments {
    /// `--config FILE`
    pub config: Option<PathBuf>,
    /// Every `--smart-host HOST:PORT`, in their order, as they were written.
    pub smart_hosts: Vec<String>,
    /// `--check`
    pub check: bool,
    /// `--help`
    pub help: bool,
}

impl Arguments {
    /// Reads the arguments behind the name of the program. `--name value` and `--name=value` are the same.
    ///
    /// # Errors
    /// One line: what is wrong and what to write instead.
    pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, String> {
        let mut read = Arguments::default();
        let mut rest = arguments.into_iter();
        while let Some(argument) = rest.next() {
            let text = argument.to_str().unwrap_or_default();
            let (name, value) = match text.split_once('=') {
                Some((name, value)) => (name, Some(OsString::from(value))),
                None => (text, None),
            };
            match name {
                "--config" => {
                    let file = take(value, &mut rest).ok_or("--config: the file is missing; write --config FILE")?;
                    if read.config.replace(file.into()).is_some() {
                        return Err("--config: it is given twice; there is one file".into());
                    }
                }
                "--smart-host" => {
                    const MISSING: &str = "--smart-host: the host is missing; write --smart-host HOST:PORT";
                    let host = take(value, &mut rest).and_then(|host| host.into_string().ok()).ok_or(MISSING)?;
                    read.smart_hosts.push(host);
                }
                "--check" if value.is_none() => read.check = true,
                "--help" | "-h" if value.is_none() => read.help = true,
                _ => return Err(format!("{:?}: there is no such argument; see --help", argument.to_string_lossy())),
            }
        }
        Ok(read)
    }
}

/// The value of an argument: behind its `=`, or the next one. What looks like another argument is none.
fn take(value: Option<OsString>, rest: &mut impl Iterator<Item = OsString>) -> Option<OsString> {
    let value = value.or_else(|| rest.next())?;
    (!value.is_empty() && !value.to_string_lossy().starts_with("--")).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Arguments, String> {
        Arguments::parse(arguments.iter().map(OsString::from))
    }

    #[test]
    fn arguments_are_read_in_both_spellings() {
        let read = parse(&["--config", "a.toml", "--smart-host=b:25", "--smart-host", "[::1]:26", "--check"]).unwrap();
        let hosts = vec!["b:25".into(), "[::1]:26".into()];
        assert_eq!(read, Arguments { config: Some("a.toml".into()), smart_hosts: hosts, check: true, help: false });
        assert_eq!(parse(&[]).unwrap(), Arguments::default());
        assert!(parse(&["-h"]).unwrap().help);
    }

    #[test]
    fn what_cannot_be_meant_is_refused_in_one_line() {
        for arguments in [
            &["--config"][..],
            &["--config", "--check"],
            &["--config="],
            &["--config", "a", "--config", "b"],
            &["--smart-host"],
            &["--check=yes"],
            &["--smarthost", "a"],
            &["a.toml"],
            &["--bad\nline"],
        ] {
            let wrong = parse(arguments).unwrap_err();
            assert!(wrong.contains("; ") && !wrong.contains('\n'), "{arguments:?}: {wrong}");
        }
    }
}
