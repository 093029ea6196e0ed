//! The sinks of the stock: which there are, to which events each may be bound, and how it is made.
//!
//! Rule: what is made here was made once when the settings were read, so it can be.

use std::sync::Arc;

use postrider_actors::chain::{AnyBinding, Binding};
use postrider_engine::{
    events::{Categorize, Connect, EndOfData, Kind, MailFrom, PostCategorize, PreCategorize, RcptTo, Sink, Submission},
    BindingSettings,
};
use postrider_sinks::events::{
    dns_block_list::LookUpAddresses, AttachmentBlock, AttachmentBlockSettings, DnsBlockList, DnsBlockListSettings,
    Greylist, GreylistSettings, HeaderChange, HeaderEdit, Journal, JournalSettings, Limits, LimitsSettings, LoopGuard,
    LoopGuardSettings, RateLimit, RateLimitSettings, Rewrite, RewriteSettings, SubmissionFixUps,
    SubmissionFixUpsSettings,
};

use super::{
    super::reader::Section,
    converting::{self, Converting},
    keys, Means,
};

/// All kinds, as they are written.
pub(super) fn kinds() -> Vec<&'static str> {
    KINDS.into_iter().chain(converting::KINDS).collect()
}

const KINDS: [&str; 10] = [
    "submission_fix_ups",
    "loop_guard",
    "header_edit",
    "journal",
    "limits",
    "rewrite",
    "attachment_block",
    "dns_block_list",
    "greylist",
    "rate_limit",
];

pub(super) const MAILS: &[Kind] =
    &[Kind::Submission, Kind::EndOfData, Kind::PreCategorize, Kind::Categorize, Kind::PostCategorize];
const BEFORE: &[Kind] = &[Kind::Submission, Kind::EndOfData];
const REWRITTEN: &[Kind] = &[Kind::Categorize, Kind::Submission, Kind::EndOfData, Kind::PostCategorize];
const COUNTED: &[Kind] = &[Kind::RcptTo, Kind::MailFrom, Kind::EndOfData, Kind::Submission];
const LIMITED: &[Kind] = &[Kind::Submission, Kind::MailFrom, Kind::RcptTo, Kind::EndOfData];
const LISTED: &[Kind] = &[Kind::RcptTo, Kind::Connect, Kind::MailFrom, Kind::EndOfData, Kind::Submission];
const GREYLISTED: &[Kind] = &[Kind::RcptTo];

/// A sink of the stock, as it is asked for.
#[derive(Clone, Debug)]
pub(super) enum Stock {
    FixUps(SubmissionFixUpsSettings),
    LoopGuard(LoopGuardSettings),
    HeaderEdit(Vec<HeaderChange>),
    Journal(JournalSettings),
    Limits(LimitsSettings),
    Rewrite(RewriteSettings),
    AttachmentBlock(AttachmentBlockSettings),
    DnsBlockList(DnsBlockListSettings),
    Greylist(GreylistSettings),
    RateLimit(RateLimitSettings),
    Converting(Converting),
}

impl Stock {
    /// The events that it may be bound to; the first is the default.
    pub fn events(&self) -> &'static [Kind] {
        match self {
            Stock::FixUps(_) | Stock::LoopGuard(_) => BEFORE,
            Stock::HeaderEdit(_) | Stock::Journal(_) | Stock::AttachmentBlock(_) => MAILS,
            Stock::Converting(is) => is.events(),
            Stock::Limits(_) => LIMITED,
            Stock::Rewrite(_) => REWRITTEN,
            Stock::DnsBlockList(_) => LISTED,
            Stock::Greylist(_) => GREYLISTED,
            Stock::RateLimit(_) => COUNTED,
        }
    }

    /// It has a memory of which there must be one.
    pub fn remembers(&self) -> bool {
        matches!(self, Stock::Greylist(_) | Stock::RateLimit(_))
    }

    /// `None`: something is wrong with it, and was said.
    pub fn read(kind: &str, hostname: &str, from: &mut Section<'_>) -> Option<Self> {
        let stock = match kind {
            "submission_fix_ups" => Stock::FixUps(keys::fix_ups(hostname, from)),
            "loop_guard" => Stock::LoopGuard(keys::loop_guard(hostname, from)),
            "header_edit" => Stock::HeaderEdit(from.sections("edit").into_iter().filter_map(keys::edit).collect()),
            "journal" => Stock::Journal(keys::journal(from)?),
            "limits" => Stock::Limits(keys::limits(from)),
            "rewrite" => Stock::Rewrite(keys::rewrite(from)),
            "attachment_block" => Stock::AttachmentBlock(keys::attachment_block(from)),
            "dns_block_list" => Stock::DnsBlockList(keys::dns_block_list(from)),
            "greylist" => Stock::Greylist(keys::greylist(from)?),
            "rate_limit" => Stock::RateLimit(keys::rate_limit(from)),
            _ => Stock::Converting(read_converting(kind, from)?),
        };
        match stock.check() {
            Ok(()) => Some(stock),
            Err(problem) => {
                from.complain("kind", problem, "see docs/sinks.md for what this sink needs");
                None
            }
        }
    }

    /// Whether it can be made at all.
    fn check(&self) -> Result<(), String> {
        fn said<T, E: std::fmt::Display>(made: Result<T, E>) -> Result<(), String> {
            made.map(drop).map_err(|error| error.to_string())
        }
        match self {
            Stock::FixUps(is) => said(SubmissionFixUps::new(is.clone())),
            Stock::LoopGuard(is) => said(LoopGuard::new(is.clone())),
            Stock::HeaderEdit(edits) => said(HeaderEdit::new(edits.clone())),
            Stock::Rewrite(is) => said(Rewrite::new(is.clone())),
            Stock::AttachmentBlock(is) => said(AttachmentBlock::new(is.clone())),
            Stock::DnsBlockList(is) => said(is.check()),
            Stock::Greylist(is) => said(Greylist::new(is.clone())),
            Stock::RateLimit(is) => said(RateLimit::new(is.clone())),
            Stock::Journal(_) | Stock::Limits(_) | Stock::Converting(_) => Ok(()),
        }
    }

    /// To be bound to these events. What was checked can be made; a sink that could not is bound to nothing, and refused.
    pub fn bind(&self, settings: BindingSettings, events: &[Kind], means: &Means) -> AnyBinding {
        match self.clone() {
            Stock::FixUps(is) => made(SubmissionFixUps::new(is), settings, events, before),
            Stock::LoopGuard(is) => made(LoopGuard::new(is), settings, events, before),
            Stock::HeaderEdit(edits) => made(HeaderEdit::new(edits), settings, events, mails),
            Stock::Journal(is) => made(Ok::<_, ()>(Journal::new(is)), settings, events, mails),
            Stock::Limits(is) => made(Ok::<_, ()>(Limits::new(is)), settings, events, commands),
            Stock::Rewrite(is) => made(Rewrite::new(is), settings, events, rewritten),
            Stock::AttachmentBlock(is) => made(AttachmentBlock::new(is), settings, events, mails),
            Stock::DnsBlockList(is) => {
                let resolver: Arc<dyn LookUpAddresses> = Arc::clone(&means.resolver) as _;
                made(DnsBlockList::new(is, resolver), settings, events, listed)
            }
            Stock::Greylist(is) => made(Greylist::new(is), settings, events, |binding, _| binding.on(RcptTo)),
            Stock::RateLimit(is) => made(RateLimit::new(is), settings, events, commands),
            Stock::Converting(is) => is.bind(settings, events, &means.converters),
        }
    }
}

/// The last that it can be; what it is not, is said.
fn read_converting(kind: &str, from: &mut Section<'_>) -> Option<Converting> {
    let read = Converting::read(kind, from);
    if read.is_none() && converting::LEFT_OUT.contains(&kind) {
        let remedy = "build postrider with features = [\"convert\"], or remove the section";
        from.complain("kind", "sinks that convert mails need the feature convert", remedy);
    } else if read.is_none() {
        let there_are = format!("there are {}", kinds().join(", "));
        from.complain("kind", format!("{kind:?} is no sink of the stock"), there_are);
    }
    read
}

type On<S> = fn(Binding<S>, Kind) -> Binding<S>;

pub(super) fn made<S: Clone + Send + Sync + 'static, E>(
    sink: Result<S, E>,
    settings: BindingSettings,
    events: &[Kind],
    on: On<S>,
) -> AnyBinding {
    match sink {
        Ok(sink) => {
            let binding = Binding::new("", move || sink.clone()).settings(settings);
            events.iter().fold(binding, |binding, kind| on(binding, *kind)).into()
        }
        Err(_) => Binding::actor("").settings(settings).into(),
    }
}

fn before<S: Sink<EndOfData> + Sink<Submission>>(binding: Binding<S>, kind: Kind) -> Binding<S> {
    match kind {
        Kind::EndOfData => binding.on(EndOfData),
        Kind::Submission => binding.on(Submission),
        _ => binding,
    }
}

pub(super) fn mails<S>(binding: Binding<S>, kind: Kind) -> Binding<S>
where
    S: Sink<EndOfData> + Sink<Submission> + Sink<PreCategorize> + Sink<Categorize> + Sink<PostCategorize>,
{
    match kind {
        Kind::PreCategorize => binding.on(PreCategorize),
        Kind::Categorize => binding.on(Categorize),
        Kind::PostCategorize => binding.on(PostCategorize),
        _ => before(binding, kind),
    }
}

pub(super) fn rewritten<S>(binding: Binding<S>, kind: Kind) -> Binding<S>
where
    S: Sink<EndOfData> + Sink<Submission> + Sink<Categorize> + Sink<PostCategorize>,
{
    match kind {
        Kind::Categorize => binding.on(Categorize),
        Kind::PostCategorize => binding.on(PostCategorize),
        _ => before(binding, kind),
    }
}

fn commands<S>(binding: Binding<S>, kind: Kind) -> Binding<S>
where
    S: Sink<MailFrom> + Sink<RcptTo> + Sink<EndOfData> + Sink<Submission>,
{
    match kind {
        Kind::MailFrom => binding.on(MailFrom),
        Kind::RcptTo => binding.on(RcptTo),
        _ => before(binding, kind),
    }
}

fn listed(binding: Binding<DnsBlockList>, kind: Kind) -> Binding<DnsBlockList> {
    match kind {
        Kind::Connect => binding.on(Connect),
        _ => commands(binding, kind),
    }
}
