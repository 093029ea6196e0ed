//! The keys of each sink of the stock. What is not written has the default of the sink itself.

use std::{path::PathBuf, time::Duration};

use postrider_engine::{Address, Domains};
use postrider_sinks::events::{
    dns_block_list::{Listed, Zone},
    AttachmentBlockSettings, DnsBlockListSettings, DomainLimits, GreylistSettings, HeaderChange, JournalForm,
    JournalSettings, LimitsSettings, LoopGuardSettings, Rate, RateBy, RateLimitSettings, RewriteSettings,
    SubmissionFixUpsSettings, Treatment,
};

use super::super::reader::Section;

pub(super) fn fix_ups(hostname: &str, from: &mut Section<'_>) -> SubmissionFixUpsSettings {
    let mut is = SubmissionFixUpsSettings::new(hostname);
    is.doors = from.list("doors", is.doors);
    is.identified = from.value("identified", is.identified);
    is.date = from.value("date", is.date);
    is.message_id = from.value("message_id", is.message_id);
    is.mime = from.value("mime", is.mime);
    is.received = from.value("received", is.received);
    is
}

pub(super) fn loop_guard(hostname: &str, from: &mut Section<'_>) -> LoopGuardSettings {
    let mut is = LoopGuardSettings::new(hostname);
    is.received = from.number("received", is.received, 1..=usize::MAX);
    is.own = from.number("own", is.own, 1..=usize::MAX);
    is.delivered_to = from.value("delivered_to", is.delivered_to);
    is.mark = from.value("mark", is.mark);
    is
}

/// What one edit does.
#[derive(Clone, Copy)]
enum Edit {
    Add,
    Append,
    Insert,
    Default,
    Change,
    Remove,
    RemoveMatching,
}

pub(super) fn edit(mut from: Section<'_>) -> Option<HeaderChange> {
    let words = [
        ("add", Some(Edit::Add)),
        ("append", Some(Edit::Append)),
        ("insert", Some(Edit::Insert)),
        ("default", Some(Edit::Default)),
        ("change", Some(Edit::Change)),
        ("remove", Some(Edit::Remove)),
        ("remove_matching", Some(Edit::RemoveMatching)),
    ];
    let edit = from.choice("do", None, &words);
    if edit.is_none() {
        from.complain("do", "it is missing", "write do = \"add\", or what else is to be done");
    }
    let name = from.value("name", String::new());
    let (value, with) = (from.value("value", String::new()), from.value("with", String::new()));
    let index = from.number("index", 0, 0..=usize::MAX);
    from.finish();
    Some(match edit? {
        Edit::Add => HeaderChange::Add { name, value },
        Edit::Append => HeaderChange::Append { name, value },
        Edit::Insert => HeaderChange::InsertAt { index, name, value },
        Edit::Default => HeaderChange::Default { name, value },
        Edit::Change => HeaderChange::Change { name, value, with },
        Edit::Remove => HeaderChange::Remove { name },
        Edit::RemoveMatching => HeaderChange::RemoveMatching { name, value },
    })
}

pub(super) fn journal(from: &mut Section<'_>) -> Option<JournalSettings> {
    let address: Option<Address> = from.optional("address");
    let (sender, reporter) = (from.optional("sender"), from.optional("from"));
    let form = from.choice("form", JournalForm::Copy, &[("copy", JournalForm::Copy), ("report", JournalForm::Report)]);
    let Some(address) = address else {
        from.complain("address", "it is missing", "write address = \"journal@archive.example.org\"");
        return None;
    };
    let mut is = JournalSettings::new(address);
    is.from = reporter.unwrap_or(is.from);
    (is.sender, is.form) = (sender, form);
    Some(is)
}

pub(super) fn limits(from: &mut Section<'_>) -> LimitsSettings {
    let mut is = LimitsSettings::default();
    is.size = size(from);
    is.recipients = from.optional("recipients");
    for mut line in from.sections("domain") {
        let domain: Option<Domains> = line.optional("domain");
        match domain {
            Some(domain) => {
                let mut limits = DomainLimits::new(domain);
                limits.size = size(&mut line);
                limits.recipients = line.optional("recipients");
                is.domains.push(limits);
            }
            None => line.complain("domain", "it is missing", "write domain = \"example.org\""),
        }
        line.finish();
    }
    is
}

fn size(from: &mut Section<'_>) -> Option<u64> {
    from.has("size").then(|| from.size("size", 0, 1..=u64::MAX))
}

/// Lines of two words with `=>` between.
fn pairs(from: &mut Section<'_>, key: &'static str) -> Vec<(String, String)> {
    let lines: Vec<String> = from.list(key, Vec::new());
    let mut pairs = Vec::new();
    for line in lines {
        match line.split_once("=>") {
            Some((left, right)) => pairs.push((left.trim().into(), right.trim().into())),
            None => from.complain(key, format!("{line:?} has no =>"), "write \"old@example.org => new@example.org\""),
        }
    }
    pairs
}

pub(super) fn rewrite(from: &mut Section<'_>) -> RewriteSettings {
    let mut is = RewriteSettings::default();
    (is.table, is.patterns) = (pairs(from, "table"), pairs(from, "patterns"));
    is.recipients = from.value("recipients", is.recipients);
    is.sender = from.value("sender", is.sender);
    is.rounds = from.number("rounds", is.rounds, 1..=is.rounds);
    is
}

pub(super) fn attachment_block(from: &mut Section<'_>) -> AttachmentBlockSettings {
    let words = [
        ("reject", Treatment::Reject),
        ("hold", Treatment::Hold),
        ("mark", Treatment::Mark),
        ("pass", Treatment::Pass),
    ];
    let mut is = AttachmentBlockSettings::default();
    (is.names, is.types) = (from.list("names", is.names), from.list("types", is.types));
    is.blocked = from.choice("blocked", is.blocked, &words);
    is.not_seen = from.choice("not_seen", is.not_seen, &words);
    let octets = from.size("octets", is.octets as u64, 1..=1 << 30);
    is.octets = usize::try_from(octets).unwrap_or(is.octets);
    is.parts = from.number("parts", is.parts, 1..=100_000);
    is.depth = from.number("depth", is.depth, 1..=100);
    is
}

pub(super) fn dns_block_list(from: &mut Section<'_>) -> DnsBlockListSettings {
    let mut is = DnsBlockListSettings::default();
    for mut line in from.sections("zone") {
        let name: Option<String> = line.optional("name");
        match name {
            Some(name) => {
                let mut zone = Zone::new(name);
                zone.weight = line.number("weight", zone.weight, -1000..=1000);
                zone.answers = answers(&mut line, zone.answers);
                is.zones.push(zone);
            }
            None => line.complain("name", "it is missing", "write name = \"zen.example.org\""),
        }
        line.finish();
    }
    is.threshold = from.number("threshold", is.threshold, 1..=1000);
    is.listed = from.choice("listed", is.listed, &[("refuse", Listed::Refuse), ("mark", Listed::Mark)]);
    is.exempt = from.list("exempt", is.exempt);
    is.spare_postmaster = from.value("spare_postmaster", is.spare_postmaster);
    is.time_limit = from.time("query_limit", is.time_limit, SECOND..=SECOND * 60);
    is.most_ttl = from.time("most_ttl", is.most_ttl, Duration::ZERO..=DAY);
    is.miss_ttl = from.time("miss_ttl", is.miss_ttl, Duration::ZERO..=DAY);
    is.cached = from.number("cached", is.cached, 1..=1_000_000);
    is
}

fn answers<T: std::str::FromStr>(from: &mut Section<'_>, default: Vec<T>) -> Vec<T> {
    let texts: Vec<String> = from.list("answers", Vec::new());
    if texts.is_empty() {
        return default;
    }
    let mut answers = Vec::new();
    for text in texts {
        match text.parse() {
            Ok(answer) => answers.push(answer),
            Err(_) => from.complain("answers", format!("{text:?} is no network"), "write \"127.0.0.2/32\""),
        }
    }
    answers
}

const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(86_400);

pub(super) fn greylist(from: &mut Section<'_>) -> Option<GreylistSettings> {
    let folder: Option<PathBuf> = from.optional("folder");
    let mut is = GreylistSettings::new(folder.clone().unwrap_or_default());
    is.delay = from.time("delay", is.delay, SECOND..=DAY);
    is.retry_until = from.time("retry_until", is.retry_until, SECOND..=DAY * 30);
    is.keep = from.time("keep", is.keep, DAY..=DAY * 400);
    is.v4_bits = from.number("v4_bits", is.v4_bits, 0..=32);
    is.v6_bits = from.number("v6_bits", is.v6_bits, 0..=128);
    is.successes = from.number("successes", is.successes, 1..=u32::MAX);
    is.entries = from.number("entries", is.entries, 1..=10_000_000);
    is.exempt = from.list("exempt", is.exempt);
    is.save_after = from.time("save_after", is.save_after, SECOND..=DAY);
    if folder.is_none() {
        from.complain("folder", "it is missing", "write folder = \"/var/lib/postrider/greylist\"");
    }
    folder.map(|_| is)
}

pub(super) fn rate_limit(from: &mut Section<'_>) -> RateLimitSettings {
    let words = [
        ("client", Some(RateBy::Network)),
        ("sender", Some(RateBy::Sender)),
        ("identity", Some(RateBy::Identity)),
        ("recipient", Some(RateBy::Recipient)),
    ];
    let mut is = RateLimitSettings::default();
    for mut line in from.sections("rate") {
        let by = line.choice("by", None, &words);
        let (most, within) = (line.number("most", 0, 0..=u32::MAX), line.time("within", SECOND * 60, SECOND..=DAY));
        match by {
            Some(by) if most > 0 => is.rates.push(Rate { by, most, within }),
            _ => line.complain("by", "a rate needs by and most", "write by = \"client\", most = 100, within = \"1m\""),
        }
        line.finish();
    }
    is.v4_bits = from.number("v4_bits", is.v4_bits, 0..=32);
    is.v6_bits = from.number("v6_bits", is.v6_bits, 0..=128);
    is.keys = from.number("keys", is.keys, 1..=10_000_000);
    is
}
