//! What the settings ask for and this program cannot do, because it was built without a feature of this crate.

use postrider_engine::Next;

use super::{Settings, SettingsError};

/// The features that settings can ask for.
#[derive(Clone, Copy)]
struct Built {
    dns: bool,
    maildir: bool,
}

/// Those of this program.
const BUILT: Built = Built { dns: cfg!(feature = "dns"), maildir: cfg!(feature = "maildir") };

impl Settings {
    /// One line for each key.
    pub(super) fn left_out(&self) -> Vec<SettingsError> {
        self.beyond(BUILT)
    }

    fn beyond(&self, is: Built) -> Vec<SettingsError> {
        let leads = |to: fn(&Next) -> bool| self.routes.iter().any(|route| to(&route.next));
        let (dns, maildir) = ((is.dns, "dns"), (is.maildir, "maildir"));
        let asked = [
            ("route.to", "\"mx\" needs", dns, leads(|next| *next == Next::Direct)),
            ("dns.servers", "asking them needs", dns, !self.dns.servers.is_empty()),
            ("route.to", "\"maildir\" needs", maildir, leads(|next| *next == Next::Maildir)),
            ("route.to", "a drop folder needs", maildir, leads(|next| matches!(next, Next::Drop { .. }))),
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

    #[test]
    fn what_was_left_out_is_refused_where_it_is_asked_for() {
        let route = |to: &str| format!("[[route]]\ndomain = \"a.example\"\nto = \"{to}\"");
        let table = [
            (route("mx"), "route.to: \"mx\" needs the feature dns,"),
            ("[dns]\nservers = [\"127.0.0.1:53\"]".into(), "dns.servers: asking them needs the feature dns,"),
            (route("maildir"), "route.to: \"maildir\" needs the feature maildir,"),
            (route("drop:/x"), "route.to: a drop folder needs the feature maildir,"),
            ("local_domains = \"a.example\"".into(), "local_domains: mailboxes need the feature maildir,"),
        ];
        for (text, line) in table {
            let settings = named(&text).unwrap();
            let wrong: Vec<String> =
                settings.beyond(Built { dns: false, maildir: false }).iter().map(ToString::to_string).collect();
            assert!(wrong.len() == 1 && wrong[0].starts_with(line), "{text}: {wrong:?}");
            assert_eq!(settings.left_out(), []);
        }
        assert_eq!(named("smart_host = \"a\"").unwrap().beyond(Built { dns: false, maildir: false }), []);
    }
}
