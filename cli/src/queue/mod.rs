//! `postrider queue`: what the daemon has on disk, whether all of it is well, and letting it go.

pub mod list;

use clap::{Args, Subcommand};
use postrider::{
    rules::program::admin::{Audited, HeldLine},
    Client, Flush, QueueId,
};

use crate::{
    exit,
    failure::{Done, Failure},
    page::{counted, shown, value, Page},
    reach::Reach,
};

/// Its command line.
#[derive(Args, Clone, Debug)]
pub struct Queue {
    /// Where the daemon is.
    #[command(flatten)]
    pub reach: Reach,
    /// What to do.
    #[command(subcommand)]
    pub what: What,
}

/// How something is listed.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct Form {
    /// One object of JSON a line, whole, instead of columns for people
    #[arg(long)]
    pub json: bool,
}

/// What can be asked about the queue.
#[derive(Clone, Debug, Subcommand)]
pub enum What {
    /// List the mails that are on disk, with the recipients who have not got them
    List(list::List),
    /// Check that each mail on disk is accounted for
    ///
    /// Each is in somebody's hand, rests until it is due, is held or prepared. What is none of these is told, with exit code
    /// 70, and taken up again.
    Audit(Form),
    /// List the mails that wait for a person, and why
    Held(Form),
    /// Offer held mails again, at once
    Release {
        /// Their numbers, as `held` shows them
        #[arg(required = true, value_name = "ID", value_parser = id)]
        ids: Vec<QueueId>,
    },
    /// Make mail due now that waits for its time or its hop
    Flush(Which),
}

/// Which mail is to be due.
#[derive(Args, Clone, Debug)]
#[group(required = true, multiple = false)]
pub struct Which {
    /// All that waits
    #[arg(long)]
    all: bool,
    /// One mail
    #[arg(long, value_name = "ID", value_parser = id)]
    mail: Option<QueueId>,
    /// What is for this domain; with `@` before it also for all below it; `#NAME`: the routes with this `queue`
    #[arg(value_name = "DOMAIN", value_parser = asked)]
    domain: Option<Flush>,
}

impl Which {
    fn flush(&self) -> Flush {
        let mail = self.mail.map(Flush::Mail);
        mail.or_else(|| self.domain.clone()).unwrap_or(Flush::All)
    }
}

/// A number of a mail, as it is shown: hexadecimal.
pub fn id(text: &str) -> Result<QueueId, String> {
    let wrong = || "a number of a mail is hexadecimal, as `postrider queue list` shows it".to_owned();
    text.parse().map_err(|_| wrong())
}

fn asked(text: &str) -> Result<Flush, String> {
    Flush::parse(text).ok_or_else(|| "name a domain, @domain (with all below it) or #queue".to_owned())
}

/// Does it.
pub fn queue(asked: &Queue) -> Done {
    let daemon = asked.reach.daemon()?;
    match &asked.what {
        What::List(how) => list::list(&daemon, how),
        What::Audit(form) => audit(&daemon, *form),
        What::Held(form) => held(&daemon, *form),
        What::Release { ids } => release(&daemon, ids),
        What::Flush(which) => flush(&daemon, &which.flush()),
    }
}

fn audit(daemon: &Client, form: Form) -> Done {
    let audit = daemon.audit_blocking()?;
    let mut page = Page::new();
    let strays: Vec<String> = audit.strays.iter().map(ToString::to_string).collect();
    if form.json {
        page.json(&value(&Audited {
            on_disk: audit.on_disk,
            out: audit.out,
            resting: audit.resting,
            held: audit.held,
            prepared: audit.prepared,
            stray_count: strays.len(),
            strays: strays.clone(),
        }))?;
    } else {
        let on_disk = counted(audit.on_disk, "mail");
        let (out, resting, held, prepared) = (audit.out, audit.resting, audit.held, audit.prepared);
        page.line(format_args!("{on_disk} on disk: {out} out, {resting} resting, {held} held, {prepared} prepared"))?;
        if strays.is_empty() {
            page.line("each of them is accounted for")?;
        }
    }
    page.end()?;
    match strays.is_empty() {
        true => Ok(()),
        false => Err(Failure::new(exit::SOFTWARE, strayed(&strays))),
    }
}

fn strayed(strays: &[String]) -> String {
    let (count, all) = (counted(strays.len(), "mail"), strays.join(" "));
    format!("nothing would have become of {count}: {all}\ndue again now; it is a fault of the engine: keep its log and report it")
}

fn held(daemon: &Client, form: Form) -> Done {
    let held = daemon.held_blocking()?;
    let mut page = Page::new();
    let lines: Vec<HeldLine> = held.iter().map(|mail| HeldLine::of(mail.id, &mail.why)).collect();
    if form.json {
        lines.iter().try_for_each(|line| page.json(&value(line)))?;
        return page.end();
    }
    if lines.is_empty() {
        page.line("nothing is held")?;
        return page.end();
    }
    page.line(format_args!("{:<10}{:<10}{}", "ID", "BY", "WHY"))?;
    for HeldLine { id, by, reason, .. } in &lines {
        page.line(format_args!("{:<10}{:<10}{}", id.to_string(), shown(by), shown(reason)))?;
    }
    let held = counted(lines.len(), "mail");
    page.line(format_args!("{held} held; `postrider queue release ID` offers one again"))?;
    page.end()
}

/// All of them, also where some are not held.
fn release(daemon: &Client, ids: &[QueueId]) -> Done {
    let mut page = Page::new();
    let mut others = Vec::new();
    for id in ids {
        match daemon.release_blocking(*id)? {
            true => page.line(format_args!("{id} is released"))?,
            false => others.push(format!("no mail {id} is held; `postrider queue held` lists those that are")),
        }
    }
    page.end()?;
    match others.is_empty() {
        true => Ok(()),
        false => Err(Failure::new(exit::NO_INPUT, others.join("\n"))),
    }
}

fn flush(daemon: &Client, what: &Flush) -> Done {
    let due = daemon.flush_blocking(what.clone())?;
    if let (Flush::Mail(id), 0) = (what, due) {
        let text = "it is not there, held, or under way; `postrider queue list` shows what is";
        return Err(Failure::new(exit::NO_INPUT, format_args!("no mail {id} waits: {text}")));
    }
    let mut page = Page::new();
    match due {
        0 => page.line("nothing waits that is meant")?,
        1 => page.line("1 mail is due now")?,
        _ => page.line(format_args!("{due} mails are due now"))?,
    }
    page.end()
}
