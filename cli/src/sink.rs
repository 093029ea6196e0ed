//! `postrider sink`: which sinks take part, what they have done, and keeping one out for a while.

use clap::{Args, Subcommand};
use postrider::{rules::program::admin::Sink as Bound, Client};

use crate::{
    failure::Done,
    page::{counted, shown, value, Page},
    queue::Form,
    reach::Reach,
};

/// Its command line.
#[derive(Args, Clone, Debug)]
pub struct Sink {
    /// Where the daemon is.
    #[command(flatten)]
    pub reach: Reach,
    /// What to do.
    #[command(subcommand)]
    pub what: What,
}

/// What can be asked about sinks.
#[derive(Clone, Debug, Subcommand)]
pub enum What {
    /// List the sinks that are bound, in the order in which a mail meets them
    List(Form),
    /// A sink takes part no more, until it is resumed, or the daemon starts or reads its settings again
    Suspend {
        /// Its id, as `list` shows it
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// A sink takes part again, and its faults are forgotten
    Resume {
        /// Its id, as `list` shows it
        #[arg(value_name = "NAME")]
        name: String,
    },
}

/// Does it.
pub fn sink(asked: &Sink) -> Done {
    let daemon = asked.reach.daemon()?;
    let mut page = Page::new();
    match &asked.what {
        What::List(form) => list(&daemon, *form, &mut page)?,
        What::Suspend { name } => {
            daemon.suspend_blocking(name)?;
            page.line(format_args!("{} takes part no more; `postrider sink resume` brings it back", shown(name)))?;
        }
        What::Resume { name } => {
            daemon.resume_blocking(name)?;
            page.line(format_args!("{} takes part again", shown(name)))?;
        }
    }
    page.end()
}

fn list(daemon: &Client, form: Form, page: &mut Page) -> Done {
    let sinks = daemon.bindings_blocking()?;
    if form.json {
        return sinks.iter().try_for_each(|sink| page.json(&value(sink)));
    }
    if sinks.is_empty() {
        return page.line("no sink is bound");
    }
    let names: Vec<String> = sinks.iter().map(|sink| shown(&sink.id)).collect();
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0).max(4) + 2;
    let state = "STATE";
    page.line(format_args!("{:<width$}{state:<11}{:>8}{:>10}{:>8}  EVENTS", "NAME", "PRIORITY", "SERVED", "FAULTS"))?;
    for (sink, name) in sinks.iter().zip(names) {
        let Bound { priority, served, faults, .. } = sink;
        let (state, events) = (state_of(sink), sink.events.join(" "));
        page.line(format_args!("{name:<width$}{state:<11}{priority:>8}{served:>10}{faults:>8}  {events}"))?;
    }
    let failing = sinks.iter().filter(|sink| state_of(sink) == "failing").count();
    let off = sinks.iter().filter(|sink| !sink.enabled).count();
    page.line(format_args!("{}: {off} off, {failing} failing", counted(sinks.len(), "sink")))
}

fn state_of(sink: &Bound) -> &'static str {
    match (sink.enabled, sink.suspended) {
        (false, _) => "off",
        (true, true) => "failing",
        (true, false) => "on",
    }
}
