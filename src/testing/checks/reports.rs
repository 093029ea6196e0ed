//! What senders were told (RFC 3464), as their peers took it.

use std::fmt;

use super::{assert, CheckFailed, Taken, Witness};

/// What a report says about one recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reported {
    /// To whom the report went.
    pub to: String,
    /// About whom it is: the address of `Final-Recipient`.
    pub recipient: String,
    /// `failed`, `delayed`, `delivered`, `relayed` or `expanded`.
    pub action: String,
    /// As `5.1.1`.
    pub status: String,
}

impl fmt::Display for Reported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} was told that {} is {} ({})", self.to, self.recipient, self.action, self.status)
    }
}

/// All that senders were told, report by report.
pub fn reports(witness: &(impl Witness + ?Sized)) -> Vec<Reported> {
    witness.taken().iter().filter(|mail| mail.sender.is_empty()).flat_map(read).collect()
}

/// The groups of fields that are about a recipient (RFC 3464, 2.3).
fn read(mail: &Taken) -> Vec<Reported> {
    let text = mail.text();
    let Some((_, status)) = text.split_once("delivery-status") else { return Vec::new() };
    let to = mail.recipients.first().map(|to| to.address.clone()).unwrap_or_default();
    let group = |group: &str| {
        let recipient = field(group, "Final-Recipient")?;
        let recipient = recipient.split_once(';').map_or(recipient.as_str(), |(_, address)| address).trim().to_owned();
        let (action, status) = (field(group, "Action")?, field(group, "Status").unwrap_or_default());
        Some(Reported { to: to.clone(), recipient, action: action.to_ascii_lowercase(), status })
    };
    status.split("\r\n\r\n").filter_map(group).collect()
}

fn field(group: &str, name: &str) -> Option<String> {
    group.split("\r\n").find_map(|line| {
        let (field, value) = line.split_once(':')?;
        field.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    })
}

/// What a sender should have been told: what [`assert_reported!`](crate::assert_reported) makes.
#[derive(Clone, Debug)]
#[must_use = "nothing is checked before check or assert"]
pub struct ReportCheck {
    about: String,
    action: String,
    status: Option<String>,
    to: Option<String>,
    times: Option<usize>,
}

impl ReportCheck {
    /// Somebody was told this about an address: `failed`, `delayed`, `delivered`, `relayed` or `expanded`.
    pub fn new(about: impl Into<String>, action: impl Into<String>) -> Self {
        ReportCheck { about: about.into(), action: action.into(), status: None, to: None, times: None }
    }

    /// Only reports with this status count, as `5.1.1`.
    pub fn status(mut self, status: impl Into<String>) -> Self {
        self.status = Some(status.into());
        self
    }

    /// Only reports to this address count.
    pub fn to(mut self, to: impl Into<String>) -> Self {
        self.to = Some(to.into());
        self
    }

    /// So often, not once or more often.
    pub fn times(mut self, times: usize) -> Self {
        self.times = Some(times);
        self
    }

    /// Whether it is so.
    ///
    /// # Errors
    /// [`CheckFailed`]: nobody was told, or not as often.
    pub fn check(&self, witness: &(impl Witness + ?Sized)) -> Result<(), CheckFailed> {
        let all = reports(witness);
        let fits = |report: &&Reported| {
            report.recipient.eq_ignore_ascii_case(&self.about)
                && report.action == self.action
                && self.status.as_ref().is_none_or(|status| *status == report.status)
                && self.to.as_ref().is_none_or(|to| to.eq_ignore_ascii_case(&report.to))
        };
        let found = all.iter().filter(fits).count();
        if self.times.map_or(found > 0, |times| times == found) {
            return Ok(());
        }
        let told: String = all.iter().map(|report| format!("\n  {report}")).collect();
        let often = self.times.map(|times| format!(" {times} times")).unwrap_or_default();
        let (action, about) = (&self.action, &self.about);
        let what = format!(
            "a report that {about} is {action} was found {found} times, and should be{often}; there are:{told}"
        );
        Err(CheckFailed::new(what, witness))
    }

    /// Fails the test unless it is so.
    #[track_caller]
    pub fn assert(&self, witness: &(impl Witness + ?Sized)) {
        assert(self.check(witness));
    }
}
