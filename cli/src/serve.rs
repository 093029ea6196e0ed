//! The daemon: settings from a file, read again on SIGHUP, log lines to standard error, an orderly end on SIGTERM or SIGINT.
//!
//! A second signal ends it at once; even then nothing that was promised is lost. Exit codes are in docs/command.md.

use std::{io::Write, path::Path, process::ExitCode, time::Duration};

use postrider::{End, Engine, ReloadError};
use tokio::signal::unix::{signal, SignalKind};
use tracing::{error, info, warn};
use tracing_subscriber::EnvFilter;

use crate::{arguments::Serve, exit, failure::Failure};

/// `postrider serve`, until it ends.
pub fn serve(how: &Serve) -> ExitCode {
    start(how).unwrap_or_else(|failure| failure.tell())
}

fn start(how: &Serve) -> Result<ExitCode, Failure> {
    let settings = how.checked()?;
    let wrong = |error: &dyn std::fmt::Display| Failure::new(exit::SETTINGS, error);
    log_to_standard_error(&settings.log.filter);
    info!(settings = how.config.named(), "postrider starts");
    settings.notes().iter().for_each(|note| warn!("{note}"));
    postrider::raise_descriptor_limit();
    let deadline = settings.drain.deadline;
    let mailboxes = settings.mailbox_of("you", "localhost");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| wrong(&error))?;
    let engine = Engine::builder(settings).start().map_err(|error| wrong(&error))?;
    greet(&engine, mailboxes.as_deref());
    Ok(runtime.block_on(run(engine, how, deadline)))
}

fn log_to_standard_error(filter: &str) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(filter));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(false).init();
}

/// What to try it with, and where to look then. Nobody has to read it.
fn greet(engine: &Engine, mailbox: Option<&Path>) {
    let addresses: Vec<String> = engine.addresses().iter().map(ToString::to_string).collect();
    let mut lines = vec![format!("postrider is ready on {}", addresses.join(", "))];
    lines.extend(engine.lmtp().iter().map(|socket| format!("for LMTP on {socket}")));
    lines.extend(engine.socket().map(|socket| format!("for programs on {}", socket.display())));
    lines.extend(engine.settings().pickup.iter().map(|one| format!("for files in {}", one.folder.display())));
    match (engine.addresses().first(), mailbox) {
        (Some(address), Some(mailbox)) => {
            lines.push(format!("try it: swaks --server {address} --from me@example.org --to you@localhost"));
            lines.push(format!("then look into {}", mailbox.join("new").display()));
        }
        (Some(address), None) => {
            lines.push(format!("try it: swaks --server {address} --from me@example.org --to you@example.com"));
        }
        (None, _) => {}
    }
    lines.push(String::new());
    let _ = std::io::stdout().write_all(lines.join("\n").as_bytes());
}

/// Until a signal, or until the engine ends by itself.
async fn run(engine: Engine, how: &Serve, deadline: Duration) -> ExitCode {
    let signals = || -> std::io::Result<_> {
        Ok((signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?, signal(SignalKind::hangup())?))
    };
    let Ok((mut terminate, mut interrupt, mut hangup)) = signals() else {
        return Failure::new(exit::SYSTEM, "signals cannot be received").tell();
    };
    loop {
        tokio::select! {
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
            _ = hangup.recv() => reload(&engine, how).await,
            end = engine.ended() => return code(&end),
        }
    }
    info!("stopping; a second signal ends it at once");
    tokio::select! {
        _ = terminate.recv() => ExitCode::from(exit::TEMPORARY),
        _ = interrupt.recv() => ExitCode::from(exit::TEMPORARY),
        end = engine.drain(deadline) => code(&end),
    }
}

/// Reads the settings again; the engine checks them against this machine. Wrong ones change nothing, and the log says why.
async fn reload(engine: &Engine, how: &Serve) {
    let settings = match how.load() {
        Ok(settings) => settings,
        Err(wrong) => return not_reloaded(&wrong.into()),
    };
    settings.notes().iter().for_each(|note| warn!("{note}"));
    match engine.reload(settings).await {
        Ok(notes) => notes.iter().for_each(|note| warn!("{note}")),
        Err(error) => not_reloaded(&error),
    }
}

fn not_reloaded(error: &ReloadError) {
    for line in error.to_string().lines() {
        error!("the old settings stay in force: {line}");
    }
}

fn code(end: &End) -> ExitCode {
    match end {
        End::Drained => ExitCode::from(exit::OK),
        End::Failed { reason } => {
            error!(%reason, "the engine has failed; nothing that was promised is lost");
            ExitCode::from(exit::IO)
        }
        _ => {
            warn!("not everything came to its end before the deadline; it is taken up at the next start");
            ExitCode::from(exit::TEMPORARY)
        }
    }
}
