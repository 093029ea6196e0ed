//! The second part of a report: what became of whom, as fields for programs (RFC 3464, 2; RFC 6533, 3).

use super::{fields::Fields, Addressee, Report};
use crate::{Enhanced, Fate, Reply, Story};

impl Report<'_> {
    /// All of it: fields about the mail, then a group for each recipient.
    pub(super) fn status(&self) -> String {
        let envelope = &self.news.draft.envelope;
        let mut fields = Fields::new(self.needs_utf8());
        fields.add("Reporting-MTA", &format!("dns; {}", self.settings.host));
        if let Some(envid) = &envelope.envid {
            fields.add_xtext("Original-Envelope-Id", envid);
        }
        fields.add("Arrival-Date", &envelope.arrived.rfc5322());
        for told in &self.told {
            fields.end_group();
            self.recipient(told, &mut fields);
        }
        fields.into_text()
    }

    fn recipient(&self, told: &Addressee<'_>, fields: &mut Fields) {
        let Addressee { recipient, story } = told;
        if let Some(orcpt) = &recipient.orcpt {
            fields.add_xtext("Original-Recipient", orcpt);
        }
        fields.add_address("Final-Recipient", &recipient.address);
        fields.add("Action", action(story.fate));
        fields.add("Status", &story.status().to_string());
        if let Some(last) = &story.last {
            let said = match &last.remote {
                Some(host) => {
                    fields.add("Remote-MTA", &format!("dns; {host}"));
                    "smtp"
                }
                None => "X-Postrider",
            };
            fields.add("Diagnostic-Code", &format!("{said}; {}", last.reply));
        }
        if story.just_tried && story.attempts > 0 {
            fields.add("Last-Attempt-Date", &self.now.rfc5322());
        }
        if let (Fate::Delayed, Some(until)) = (story.fate, story.until) {
            fields.add("Will-Retry-Until", &until.rfc5322());
        }
        if story.perhaps {
            fields.add("X-Postrider-Perhaps-Delivered", "yes");
        }
    }
}

/// RFC 3464, 2.3.3.
fn action(fate: Fate) -> &'static str {
    match fate {
        Fate::Failed => "failed",
        Fate::Delayed => "delayed",
        Fate::Delivered => "delivered",
        Fate::Relayed => "relayed",
        Fate::Expanded => "expanded",
    }
}

impl Story {
    /// The enhanced code of what was said, if its class fits what is told; otherwise the class alone (RFC 3463).
    pub fn status(&self) -> Enhanced {
        let reply = self.last.as_ref().map(|last| &last.reply);
        let said = |classes: &[u8]| reply.and_then(|reply| reply.enhanced).filter(|said| classes.contains(&said.0));
        let (said, class) = match self.fate {
            Fate::Failed => (said(&[4, 5]), if reply.is_some_and(Reply::is_transient) { 4 } else { 5 }),
            Fate::Delayed => (said(&[4]), 4),
            Fate::Delivered | Fate::Relayed | Fate::Expanded => (said(&[2]), 2),
        };
        said.unwrap_or(Enhanced(class, 0, 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Diagnosis, Scope};

    #[test]
    fn a_status_says_what_the_action_says() {
        let table = [
            (Fate::Failed, Reply::new(550, 1, 1, ""), "5.1.1"),
            (Fate::Failed, Reply::plain(550, ""), "5.0.0"),
            (Fate::Failed, Reply::plain(451, ""), "4.0.0"),
            (Fate::Failed, Reply::new(451, 4, 1, ""), "4.4.1"),
            (Fate::Failed, Reply::new(250, 0, 0, ""), "5.0.0"),
            (Fate::Delayed, Reply::new(452, 2, 2, ""), "4.2.2"),
            (Fate::Delayed, Reply::new(554, 3, 2, ""), "4.0.0"),
            (Fate::Delayed, Reply::plain(450, ""), "4.0.0"),
            (Fate::Delivered, Reply::new(250, 1, 5, ""), "2.1.5"),
            (Fate::Relayed, Reply::plain(250, ""), "2.0.0"),
            (Fate::Expanded, Reply::new(550, 1, 1, ""), "2.0.0"),
        ];
        for (fate, reply, code) in table {
            let said = reply.to_string();
            let story = Story::of(fate, Some(Diagnosis::own(Scope::Mail, reply)));
            assert_eq!(story.status().to_string(), code, "{fate:?} {said}");
        }
        assert_eq!(Story::of(Fate::Delayed, None).status(), Enhanced(4, 0, 0));
    }
}
