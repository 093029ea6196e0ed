//! A report to the sender about what became of recipients (RFC 3464 in the envelope of RFC 6522; RFC 6533).
//!
//! Nothing that came from outside, be it an address, a parameter or a reply, can leave the field or line it is put in.
//! Who asked not to be told is not told; a report about a report is never made.

mod compose;
mod fields;
mod returned;
mod status;
mod words;

use crate::{
    envelope::MOST_GENERATIONS, news::wants_to_know, Address, Body, Door, Draft, Envelope, Fate, Moment, News,
    Recipient, Recipients, Story,
};
use returned::Returned;

/// What a report says about us, how much of the mail it returns, and who gets it besides the sender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportSettings {
    /// Our host name: `Reporting-MTA`, and the right-hand side of the `Message-ID`.
    pub host: String,
    /// Who is asked for help: the `From` of a report.
    pub from: Address,
    /// Content of more octets than this comes back as its header only.
    pub return_limit: u64,
    /// Gets each report of a failure as well.
    pub copy_to: Option<Address>,
    /// Is told of failures of which nobody else can be told.
    pub alert: Option<Address>,
}

impl ReportSettings {
    /// Content up to this size comes back whole: 50 KiB, as Postfix has it.
    pub const RETURN_LIMIT: u64 = 50 * 1024;

    /// The settings of this host, with `postmaster` at its name.
    ///
    /// # Errors
    /// [`crate::AddressError`] if there can be no address at that name.
    pub fn new(host: &str) -> Result<Self, crate::AddressError> {
        Ok(Self::from(host, Address::parse(&format!("postmaster@{host}"))?))
    }

    /// The settings of this host, with another address for help.
    pub fn from(host: &str, from: Address) -> Self {
        ReportSettings { host: host.into(), from, return_limit: Self::RETURN_LIMIT, copy_to: None, alert: None }
    }
}

/// One recipient of whom the report tells.
struct Addressee<'a> {
    recipient: &'a Recipient,
    story: &'a Story,
}

/// Whom a report is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reader {
    /// Who sent the mail.
    Sender,
    /// Who looks after this host: the mail has no sender.
    Keeper,
}

/// What a report is made of.
struct Report<'a> {
    news: &'a News,
    settings: &'a ReportSettings,
    told: Vec<Addressee<'a>>,
    to: Vec<Address>,
    reader: Reader,
    now: Moment,
    seed: u64,
}

/// A report of this news as a new mail to the sender; `None`: nobody is to be told.
///
/// `seed` chooses the boundary between the parts, so that nobody outside can foretell it; if the returned mail contains it
/// all the same, another is taken. The `Message-ID` is unique without it: a recipient comes to each end once.
pub fn report(news: &News, settings: &ReportSettings, now: Moment, seed: u64) -> Option<Draft> {
    let sender = news.draft.envelope.sender.clone()?;
    let told = addressees(news, wants_to_know);
    let copy = settings.copy_to.clone().filter(|copy| *copy != sender && has(&told, Fate::Failed));
    let to = [sender].into_iter().chain(copy).collect();
    Report { news, settings, told, to, reader: Reader::Sender, now, seed }.draft()
}

/// The property by which an alert is known, to whomever an alias leads it: there is none about an alert.
pub(crate) const ALERT: &str = "postrider.alert";

/// The same about a mail that has no sender, for whoever looks after this host; `None`: nobody does, or they have caused
/// it, or nothing has failed.
pub fn alert(news: &News, settings: &ReportSettings, now: Moment, seed: u64) -> Option<Draft> {
    let to = settings.alert.clone().filter(|_| news.draft.envelope.sender.is_none())?;
    let told = addressees(news, |_, fate| fate == Fate::Failed);
    let is_alert = news.draft.envelope.properties.contains_key(ALERT);
    if is_alert || told.iter().any(|told| told.recipient.address.as_str().eq_ignore_ascii_case(to.as_str())) {
        return None;
    }
    let mut alert = Report { news, settings, told, to: vec![to], reader: Reader::Keeper, now, seed }.draft()?;
    alert.envelope.properties.insert(ALERT.into(), String::new());
    Some(alert)
}

fn addressees(news: &News, wants: impl Fn(&Recipient, Fate) -> bool) -> Vec<Addressee<'_>> {
    let told = news.who.iter().filter_map(|(no, story)| {
        let recipient = news.draft.envelope.recipients.get(*no)?;
        wants(recipient, story.fate).then_some(Addressee { recipient, story })
    });
    told.collect()
}

fn has(told: &[Addressee<'_>], fate: Fate) -> bool {
    told.iter().any(|told| told.story.fate == fate)
}

impl Report<'_> {
    fn draft(&self) -> Option<Draft> {
        let generation = self.news.draft.envelope.generation.saturating_add(1);
        if self.told.is_empty() || generation > MOST_GENERATIONS {
            return None; // reports about copies of reports, and so on: a loop, and nobody's news
        }
        // RET says what comes back with a failure; with other news it is the header (RFC 3461, 4.3).
        let limit = has(&self.told, Fate::Failed).then_some(self.settings.return_limit);
        let returned = Returned::of(&self.news.draft, limit);
        let smtputf8 = self.needs_utf8();
        let envelope = Envelope {
            recipients: Recipients::from_iter(self.to.iter().cloned()),
            door: Door::Report,
            body: if returned.is_ascii() && !smtputf8 { Body::SevenBit } else { Body::EightBitMime },
            smtputf8,
            arrived: self.now,
            generation,
            ..Envelope::default()
        };
        Some(Draft::new(envelope, self.content(returned)))
    }

    /// An address in its header is not ASCII (RFC 6533).
    fn needs_utf8(&self) -> bool {
        !self.settings.from.is_ascii() || !self.to.iter().all(Address::is_ascii)
    }
}

#[cfg(test)]
mod tests;
