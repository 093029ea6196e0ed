//! What the settings ask for and this program cannot do, because it was built without a feature of this crate.

use postrider_engine::{Convertible, Next};

use super::{Settings, SettingsError};

/// The features that settings can ask for.
#[derive(Clone, Copy)]
struct Built {
    convert: bool,
    dns: bool,
    listen: bool,
    maildir: bool,
}

/// Those of this program.
const BUILT: Built = Built {
    convert: cfg!(feature = "convert"),
    dns: cfg!(feature = "dns"),
    listen: cfg!(feature = "listen"),
    maildir: cfg!(feature = "maildir"),
};

impl Settings {
    /// One line for each key.
    pub(super) fn left_out(&self) -> Vec<SettingsError> {
        self.beyond(BUILT)
    }

    fn beyond(&self, is: Built) -> Vec<SettingsError> {
        let leads = |to: fn(&Next) -> bool| self.routes.iter().any(|route| to(&route.next));
        let (dns, listen, maildir) = ((is.dns, "dns"), (is.listen, "listen"), (is.maildir, "maildir"));
        let convert = (is.convert, "convert");
        // The default asks for it where it is there.
        let converts = |which: Convertible| matches!(which, Convertible::Intact | Convertible::Always);
        let asked = [
            ("listen.sockets", "clients by SMTP need", listen, !self.listen.sockets.is_empty()),
            ("listen.lmtp", "clients by LMTP need", listen, !self.listen.lmtp.is_empty()),
            ("route.to", "\"mx\" needs", dns, leads(|next| *next == Next::Direct)),
            ("dns.servers", "asking them needs", dns, !self.dns.servers.is_empty()),
            ("route.to", "\"maildir\" needs", maildir, leads(|next| *next == Next::Maildir)),
            ("route.to", "a drop folder needs", maildir, leads(|next| matches!(next, Next::Drop { .. }))),
            ("delivery.downgrade", "converting mail needs", convert, converts(self.delivery.downgrade)),
            (
                "route.downgrade",
                "converting mail needs",
                convert,
                self.routes.iter().any(|route| {
                    converts(route.delivery.downgrade) && route.delivery.downgrade != self.delivery.downgrade
                }),
            ),
            ("pickup.folder", "folders of files need", maildir, !self.pickup.is_empty()),
            ("local_domains", "mailboxes need", maildir, !self.local_domains.is_empty()),
        ];
        let missing = asked.into_iter().filter(|(_, _, (is_built, _), is_asked)| *is_asked && !is_built);
        let error = |(key, what, (_, feature), _): (&str, &str, (bool, &str), bool)| {
            let remedy = format!("build the program with postrider's feature {feature}, or take this out");
            SettingsError::new(key, format!("{what} the feature {feature}, which was left out of this program"), remedy)
        };
        missing.map(error).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::tests::named;

    const NOTHING: Built = Built { convert: false, dns: false, listen: false, maildir: false };
    /// A way in that every program has.
    const BY_PROGRAMS: &str = "listen.sockets = []\nsend.socket = \"/run/send\"\n";

    #[test]
    fn what_was_left_out_is_refused_where_it_is_asked_for() {
        let route = |to: &str| format!("{BY_PROGRAMS}[[route]]\ndomain = \"a.example\"\nto = \"{to}\"");
        let table = [
            ("listen.sockets = \"127.0.0.1:25\"".into(), "listen.sockets: clients by SMTP need the feature listen,"),
            (format!("{BY_PROGRAMS}listen.lmtp = \"/x\""), "listen.lmtp: clients by LMTP need the feature listen,"),
            (route("mx"), "route.to: \"mx\" needs the feature dns,"),
            (format!("{BY_PROGRAMS}dns.servers = \"127.0.0.1:53\""), "dns.servers: asking them needs the feature dns,"),
            (
                format!("{BY_PROGRAMS}delivery.downgrade = \"always\""),
                "delivery.downgrade: converting mail needs the feature convert,",
            ),
            (
                format!("{}\ndowngrade = \"intact\"", route("keep")),
                "route.downgrade: converting mail needs the feature convert,",
            ),
            (route("maildir"), "route.to: \"maildir\" needs the feature maildir,"),
            (
                format!("{BY_PROGRAMS}[[pickup]]\nfolder = \"/p\""),
                "pickup.folder: folders of files need the feature maildir,",
            ),
            (route("drop:/x"), "route.to: a drop folder needs the feature maildir,"),
            (
                format!("{BY_PROGRAMS}local_domains = \"a.example\""),
                "local_domains: mailboxes need the feature maildir,",
            ),
        ];
        for (text, line) in table {
            let settings = named(&text).unwrap();
            let wrong: Vec<String> = settings.beyond(NOTHING).iter().map(ToString::to_string).collect();
            assert!(wrong.len() == 1 && wrong[0].starts_with(line), "{text}: {wrong:?}");
            assert_eq!(settings.left_out(), []);
        }
        assert_eq!(named(&format!("{BY_PROGRAMS}smart_host = \"a\"")).unwrap().beyond(NOTHING), []);
        assert_eq!(Settings::embedded("spool").beyond(NOTHING), []);
    }
}
