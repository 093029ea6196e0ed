//! `postrider queue list`: portion by portion, so that a long queue needs no memory.

use clap::Args;
use postrider::{
    rules::program::admin::{MailPlace, QueuedMail, QueuedRecipient, USUAL_PORTION},
    Client, DeliveryStatus, QueueId,
};

use super::{id, Form};
use crate::{
    failure::Done,
    page::{counted, shown, size, time, value, Page},
};

/// What is listed, and how.
#[derive(Args, Clone, Debug, Default)]
pub struct List {
    /// Its form.
    #[command(flatten)]
    form: Form,
    /// So many mails at most; without it all
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..))]
    limit: Option<u64>,
    /// Only mails with larger numbers than this one
    #[arg(long, value_name = "ID", value_parser = id)]
    after: Option<QueueId>,
}

/// What was seen.
#[derive(Default)]
struct Sum {
    out: usize,
    resting: usize,
    held: usize,
    prepared: usize,
}

impl Sum {
    fn all(&self) -> usize {
        self.out + self.resting + self.held + self.prepared
    }

    fn add(&mut self, state: MailPlace) {
        match state {
            MailPlace::Held => self.held += 1,
            MailPlace::Prepared => self.prepared += 1,
            MailPlace::Resting => self.resting += 1,
            _ => self.out += 1,
        }
    }
}

/// Lists them.
pub fn list(daemon: &Client, how: &List) -> Done {
    let (mut page, mut sum, mut after) = (Page::new(), Sum::default(), how.after);
    let most = how.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
    loop {
        let portion = daemon.queue_blocking(after, USUAL_PORTION.min(most - sum.all()))?;
        for mail in &portion.lines {
            if !how.form.json && sum.all() == 0 {
                page.line(head())?;
            }
            sum.add(mail.state);
            match how.form.json {
                true => page.json(&value(mail))?,
                false => show(&mut page, mail)?,
            }
        }
        after = portion.next;
        if after.is_none() || sum.all() >= most {
            break;
        }
    }
    if !how.form.json {
        page.line(told(&sum, after))?;
    }
    page.end()
}

fn told(sum: &Sum, after: Option<QueueId>) -> String {
    let Sum { out, resting, held, prepared } = sum;
    let mails = counted(sum.all(), "mail");
    let more = after.map_or_else(String::new, |after| format!("; there may be more: --after {after}"));
    match sum.all() {
        0 => "no mail is on disk".into(),
        _ => format!("{mails}: {out} out, {resting} resting, {held} held, {prepared} prepared{more}"),
    }
}

fn head() -> String {
    columns("ID", "STATE", "SIZE", "ARRIVED (UTC)", "SENDER, AND RECIPIENTS WHO WAIT")
}

fn columns(id: &str, state: &str, size: &str, arrived: &str, sender: &str) -> String {
    format!("{id:<10}{state:<10}{size:>8}  {arrived:<22}{sender}")
}

fn show(page: &mut Page, mail: &QueuedMail) -> Done {
    let state = match mail.state {
        MailPlace::Held => "held",
        MailPlace::Prepared => "prepared",
        MailPlace::Resting => "resting",
        _ => "out",
    };
    let sender = match (&mail.damage, &mail.sender) {
        (Some(damage), _) => format!("its record cannot be read: {}", shown(damage)),
        (None, Some(sender)) => shown(sender),
        (None, None) => "<>".into(),
    };
    let octets = mail.octets.map_or_else(|| "?".into(), size);
    let arrived = mail.arrived.map_or_else(|| "?".into(), time);
    page.line(columns(&mail.id.to_string(), state, &octets, &arrived, &sender))?;
    mail.recipients.iter().try_for_each(|to| page.line(recipient(to)))?;
    match mail.open.saturating_sub(mail.recipients.len()) {
        0 => Ok(()),
        others => page.line(format_args!("          and {}", counted(others, "other"))),
    }
}

fn recipient(to: &QueuedRecipient) -> String {
    let address = to.address.as_deref().map_or_else(|| format!("recipient {}", to.number), shown);
    let status = DeliveryStatus::from(to.status.clone());
    format!("          {address}: {}", shown(&status.to_string()))
}
