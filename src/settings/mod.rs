//! Settings: one TOML file, the environment over it, checked as a whole before anything starts.
//!
//! Whatever is wrong is said at once, one line each, with the key and the remedy. What the file does not say has a
//! default; every key is in `docs/configuration.md`, and a test keeps it so.

#![cfg_attr(not(feature = "toml"), allow(dead_code))] // without a way to read settings nobody calls what reads them

mod aliases;
mod convert;
mod error;
#[cfg(feature = "maildir")]
mod inbox;
mod keeping;
mod left_out;
mod local;
mod machine;
mod notes;
mod pickup;
mod places;
mod posting;
mod raw;
mod reader;
mod receiving;
mod reporting;
mod running;
mod sending;
mod sinks;
mod socket;
#[cfg(feature = "toml")]
mod source;
mod value;

use postrider_engine::{Domains, HostPort, Next};

pub use aliases::AliasFiles;
pub use error::{SettingsError, SettingsErrors};
#[cfg(feature = "maildir")]
pub use inbox::NoInbox;
pub use keeping::{Attempting, Queue, Spool};
pub use local::{Local, Maildir, UnknownUsers, UsersFrom};
pub use pickup::Pickup;
pub use posting::Send;
pub use receiving::{Limits, Listen, Relay, Session, Timeouts};
pub use reporting::Report;
pub use running::{Converters, Dns, Drain, Log};
pub use sending::{Delivery, DeliveryTimeouts, Route};
pub(crate) use sinks::Means;
pub use sinks::Sink;

use raw::Source;
use reader::{Findings, Section};
use value::Helo;

/// All settings. The default, in force where there is no file, listens on `127.0.0.1:2525` (with the feature `listen`) and
/// takes mail from loopback for any domain. It puts mail for users at this host into mailboxes and keeps all other queued
/// until a smart host is known; its data is in `postrider-data` in the working directory.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Settings {
    /// Our name: in the greeting, in EHLO, in `Received` fields and reports. By default, the name of the machine.
    pub hostname: String,
    /// Where all mail goes for which there is no route; none: it is kept queued.
    pub smart_host: Vec<HostPort>,
    /// Domains whose mail ends here, in the mailboxes of `[maildir]`.
    pub local_domains: Vec<Domains>,
    /// `[listen]`
    pub listen: Listen,
    /// `[relay]`
    pub relay: Relay,
    /// `[session]`
    pub session: Session,
    /// `[limits]`
    pub limits: Limits,
    /// `[timeouts]`
    pub timeouts: Timeouts,
    /// `[spool]`
    pub spool: Spool,
    /// `[queue]`
    pub queue: Queue,
    /// `[send]`
    pub send: Send,
    /// `[[pickup]]`
    pub pickup: Vec<Pickup>,
    /// `[delivery]`
    pub delivery: Delivery,
    /// `[delivery.timeouts]`
    pub delivery_timeouts: DeliveryTimeouts,
    /// `[[route]]`
    pub routes: Vec<Route>,
    /// `[dns]`
    pub dns: Dns,
    /// `[maildir]`
    pub maildir: Maildir,
    /// `[aliases]`
    pub aliases: AliasFiles,
    /// `[report]`
    pub report: Report,
    /// `[[sink]]`
    pub sinks: Vec<Sink>,
    /// `[converters]`
    pub converters: Converters,
    /// `[drain]`
    pub drain: Drain,
    /// `[log]`
    pub log: Log,
    /// Variables of the environment that look like ours and are none.
    ignored: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        let hostname = machine::hostname().unwrap_or_default();
        Settings {
            local_domains: local::own_domains(&hostname),
            hostname,
            smart_host: Vec::new(),
            listen: Listen::default(),
            relay: Relay::default(),
            session: Session::default(),
            limits: Limits::default(),
            timeouts: Timeouts::default(),
            spool: Spool::default(),
            queue: Queue::default(),
            send: Send::default(),
            pickup: Vec::new(),
            delivery: Delivery::default(),
            delivery_timeouts: DeliveryTimeouts::default(),
            routes: Vec::new(),
            dns: Dns::default(),
            maildir: Maildir::without_a_file(),
            aliases: AliasFiles::default(),
            report: Report::default(),
            sinks: Vec::new(),
            converters: Converters::default(),
            drain: Drain::default(),
            log: Log::default(),
            ignored: Vec::new(),
        }
    }
}

/// One file of the log of an embedded engine's spool: three are made at the first start.
const EMBEDDED_SEGMENT: u64 = 8 << 20;

impl Settings {
    /// Settings of an engine within a program that only sends: nothing listens, no mail ends here, and the spool in this
    /// folder is small to begin with. Add where the mail goes: [`Settings::with_smart_hosts`], or routes.
    ///
    /// ```
    /// # use postrider::Settings;
    /// let settings = Settings::embedded("mail-spool").with_smart_hosts(&["mail.example.org"])?;
    /// # Ok::<(), postrider::SettingsErrors>(())
    /// ```
    pub fn embedded(spool: impl Into<std::path::PathBuf>) -> Self {
        let mut settings = Settings { local_domains: Vec::new(), maildir: Maildir::default(), ..Settings::default() };
        settings.listen.sockets.clear();
        (settings.spool.folder, settings.spool.segment_size) = (spool.into(), EMBEDDED_SEGMENT);
        settings
    }

    /// These settings with other smart hosts, as `host:port`: what `--smart-host` says.
    ///
    /// # Errors
    /// Those that are no hosts, and a route for `*`, which would say the same twice.
    pub fn with_smart_hosts<T: AsRef<str>>(mut self, hosts: &[T]) -> Result<Self, SettingsErrors> {
        let mut wrong = SettingsErrors::default();
        self.smart_host.clear();
        for host in hosts.iter().map(AsRef::as_ref) {
            match host.parse() {
                Ok(host) => self.smart_host.push(host),
                Err(error) => {
                    let remedy = format!("{error}");
                    wrong.0.push(SettingsError::new("smart_host", format!("{host:?} is no value for it"), remedy));
                }
            }
        }
        wrong.or(())?;
        self.check()?;
        Ok(self)
    }

    fn sections(source: Source, findings: &Findings) -> Self {
        let mut root = Section::root(source.values, findings);
        let mut delivery = root.section("delivery");
        let delivery_timeouts = DeliveryTimeouts::read(delivery.section("timeouts"));
        let common = Delivery::read(&mut delivery, &Delivery::default());
        delivery.finish();
        let hostname = root.optional("hostname").map(|Helo(name)| name).or_else(machine::hostname).unwrap_or_default();
        let (domains, maildir) = match source.no_file {
            true => (local::own_domains(&hostname), Maildir::without_a_file()),
            false => (Vec::new(), Maildir::default()),
        };
        let settings = Settings {
            sinks: root.sections("sink").into_iter().filter_map(|sink| Sink::read(sink, &hostname)).collect(),
            hostname,
            local_domains: root.list("local_domains", domains),
            smart_host: root.list("smart_host", Vec::new()),
            listen: Listen::read(root.section("listen")),
            relay: Relay::read(root.section("relay")),
            session: Session::read(root.section("session")),
            limits: Limits::read(root.section("limits")),
            timeouts: Timeouts::read(root.section("timeouts")),
            spool: Spool::read(root.section("spool")),
            queue: Queue::read(root.section("queue")),
            send: Send::read(root.section("send")),
            pickup: root.sections("pickup").into_iter().filter_map(Pickup::read).collect(),
            delivery_timeouts,
            routes: root.sections("route").into_iter().filter_map(|route| Route::read(route, &common)).collect(),
            delivery: common,
            dns: Dns::read(root.section("dns")),
            maildir: Maildir::read(root.section("maildir"), maildir),
            aliases: AliasFiles::read(root.section("aliases")),
            report: Report::read(root.section("report")),
            converters: Converters::read(root.section("converters")),
            drain: Drain::read(root.section("drain")),
            log: Log::read(root.section("log")),
            ignored: source.ignored,
        };
        root.finish();
        settings
    }

    /// Checks what no key can say alone: the host name, the route table, the address of reports.
    ///
    /// # Errors
    /// Everything that is wrong, one line each.
    pub fn check(&self) -> Result<(), SettingsErrors> {
        let mut wrong = SettingsErrors::default();
        if self.hostname.is_empty() {
            let remedy = "write hostname = \"mail.example.org\" with the full name of this host";
            wrong.0.push(SettingsError::new("hostname", "it is missing, and the machine has none to tell", remedy));
        } else {
            wrong.0.extend(self.report().err());
        }
        wrong.0.extend(self.routes().err());
        wrong.0.extend(sinks::bound_twice(&self.sinks));
        wrong.0.extend(self.pickup_errors());
        wrong.0.extend(self.left_out());
        if self.has_locals() {
            wrong.0.extend(self.place().err());
        }
        wrong.or(())
    }

    /// Checks what the settings ask of this machine: folders that can be written or made, a list of users that can be
    /// read. Nothing is made.
    ///
    /// # Errors
    /// Everything that is wrong, one line each.
    pub fn check_machine(&self) -> Result<(), SettingsErrors> {
        let mut wrong = SettingsErrors::default();
        wrong.0.extend(machine::folder("spool.folder", &self.spool.folder).err());
        match self.local() {
            Ok(local) => {
                wrong.0.extend(local.and_then(|local| machine::folder("maildir.folder", local.place.base()).err()))
            }
            Err(error) => wrong.0.push(error),
        }
        wrong.0.extend(self.aliases().err());
        wrong.0.extend(self.pickup_on_machine());
        for route in &self.routes {
            if let Next::Drop { place, .. } = &route.next {
                wrong.0.extend(machine::drop_folder(&place.base()).err());
            }
        }
        wrong.or(())
    }
}

#[cfg(test)]
mod documented;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_aliases;
#[cfg(test)]
mod tests_local;
