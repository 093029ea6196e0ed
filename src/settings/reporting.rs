//! Settings of what is told to senders, and of what becomes of mail whose sender cannot be told.
//!
//! Every field is the key of the same name; `docs/configuration.md` says more about each.

use std::{path::PathBuf, time::Duration};

use postrider_engine::{Address, ReportSettings};

use super::{
    raw::ValueKind,
    reader::Section,
    receiving::{DAY, GIB, HOUR},
    Settings, SettingsError,
};

/// `[report]`: what senders are told.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// Who is asked for help; `None`: `postmaster` at `hostname`.
    pub from: Option<Address>,
    /// Mails of more octets come back as their header only.
    pub return_limit: u64,
    /// The age of a mail at which its sender is told that it is late; zero: never.
    pub delay: Duration,
    /// Where mail goes of whose failure nobody can be told, from the folder of the spool on; `None`: it is not kept.
    pub badmail: Option<PathBuf>,
    /// Who is told of such mail.
    pub alert: Option<Address>,
    /// Who gets each report of a failure as well.
    pub copy_to: Option<Address>,
}

impl Default for Report {
    fn default() -> Self {
        Report {
            from: None,
            return_limit: ReportSettings::RETURN_LIMIT,
            delay: 4 * HOUR,
            badmail: Some("badmail".into()),
            alert: None,
            copy_to: None,
        }
    }
}

impl Report {
    pub(super) fn read(mut from: Section<'_>) -> Self {
        let is = Self::default();
        let report = Report {
            from: from.optional("from"),
            return_limit: from.size("return_limit", is.return_limit, 0..=GIB),
            delay: from.time("delay", is.delay, Duration::ZERO..=365 * DAY),
            badmail: badmail(&mut from, is.badmail),
            alert: from.optional("alert"),
            copy_to: from.optional("copy_to"),
        };
        if report.alert.is_some() && report.badmail.is_none() {
            from.complain(
                "alert",
                "nothing is ever bad mail: report.badmail is off",
                "set report.badmail, or remove it",
            );
        }
        from.finish();
        report
    }
}

/// A folder, or a word for none.
fn badmail(from: &mut Section<'_>, is: Option<PathBuf>) -> Option<PathBuf> {
    match from.any("badmail") {
        None => is,
        Some(ValueKind::String(word)) if matches!(word.trim(), "" | "off") => None,
        Some(other) => {
            from.put_back("badmail", other);
            from.optional("badmail").or(is)
        }
    }
}

impl Settings {
    /// What reports say about us, and who gets them besides the sender.
    ///
    /// # Errors
    /// There can be no `postmaster` at `hostname`, and `report.from` is not set.
    pub fn report(&self) -> Result<ReportSettings, SettingsError> {
        let is = &self.report;
        let mut report = match &is.from {
            Some(from) => ReportSettings::from(&self.hostname, from.clone()),
            None => ReportSettings::new(&self.hostname).map_err(|error| {
                let remedy = "write the address that senders are to ask for help, as in \"postmaster@example.org\"";
                SettingsError::new("report.from", error.to_string(), remedy)
            })?,
        };
        report.return_limit = is.return_limit;
        (report.copy_to, report.alert) = (is.copy_to.clone(), is.alert.clone());
        Ok(report)
    }

    /// Where bad mail goes, as a path of this machine.
    pub fn badmail(&self) -> Option<PathBuf> {
        self.report.badmail.as_ref().map(|folder| self.spool.folder.join(folder))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::named;

    #[test]
    fn bad_mail_is_in_the_spool_unless_it_is_elsewhere_or_off() {
        for (line, folder) in [
            ("", Some("postrider-data/badmail")),
            ("report.badmail = \"/var/bad\"", Some("/var/bad")),
            ("report.badmail = \"off\"", None),
            ("report.badmail = \"\"", None),
        ] {
            assert_eq!(named(line).unwrap().badmail(), folder.map(Into::into), "{line}");
        }
        let wrong = named("report.badmail = \"off\"\nreport.alert = \"a@example.org\"").unwrap_err();
        assert!(wrong.to_string().starts_with("report.alert: nothing is ever bad mail"), "{wrong}");
    }

    #[test]
    fn a_masquerade_is_one_domain_and_a_hop_of_its_own() {
        let wrong = named("delivery.masquerade = \".example.org\"").unwrap_err();
        assert_eq!(wrong.to_string().lines().count(), 1);
        let masked = named("smart_host = [\"mx.example.net\"]\ndelivery.masquerade = \"Example.org\"").unwrap();
        let routes = masked.routes().unwrap();
        assert!(routes.iter().any(|route| route.hop.as_str().ends_with(" masquerading example.org")));
    }
}
