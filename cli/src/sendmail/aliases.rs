//! `newaliases` and `sendmail -bi`: alias files are checked, and the daemon is asked to read them.
//!
//! Rule: there is no database to be made: the daemon reads the files themselves. Files that are wrong are told of and not read.

use std::fs;

use postrider::sinks::disk::holder;
use rustix::process::{kill_process, Pid, Signal};

use super::{place::Place, say};
use crate::{
    exit,
    failure::{Done, Failure},
};

/// Checks the files, and has the daemon read its settings again.
pub fn renew(place: &Place) -> Done {
    let aliases = place.settings.aliases().map_err(|wrong| Failure::new(exit::SETTINGS, wrong))?;
    let (files, tables) = (place.settings.aliases.files.len(), place.settings.aliases.tables.len());
    say(&format!("{} names in {files} alias files and {tables} tables", aliases.len()));
    let folder = &place.settings.spool.folder;
    let pid = holder(folder).map_err(|error| {
        let text = format!(
            "who has the spool {} cannot be found out: {error}; call it as the daemon's user",
            folder.display()
        );
        Failure::new(exit::NOT_PERMITTED, text)
    })?;
    match pid {
        // From the folder of whoever calls, a path that begins in the daemon's leads elsewhere.
        None if folder.is_relative() => {
            say("no daemon has a spool below this folder; if one runs in another (spool.folder is no whole path), send it SIGHUP");
        }
        None => say("the daemon is down; it reads them when it starts"),
        Some(pid) => ask(pid)?,
    }
    Ok(())
}

/// Sends SIGHUP to a process that waits for it: any other it would end.
fn ask(pid: u32) -> Done {
    let process = i32::try_from(pid).ok().and_then(Pid::from_raw).filter(|_| is_waiting_for_sighup(pid));
    let Some(process) = process else {
        let text = format!("process {pid} has the spool and does not read its settings again on SIGHUP; start it anew");
        return Err(Failure::new(exit::UNAVAILABLE, text));
    };
    kill_process(process, Signal::HUP).map_err(|error| {
        let text = format!("process {pid} cannot be asked to read its settings: {error}; call it as the daemon's user");
        Failure::new(exit::NOT_PERMITTED, text)
    })?;
    say(&format!("the daemon (process {pid}) reads its settings again; its log says whether they are good"));
    Ok(())
}

/// Its list of signals that it catches has the first one, SIGHUP.
fn is_waiting_for_sighup(pid: u32) -> bool {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    caught.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
}
