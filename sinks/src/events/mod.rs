//! The stock of sinks for events: what most who run mail want done to it, ready to be bound.
//!
//! Rule: each is made of settings that are plain data, and says at once if they make no sense. What a sink remembers it
//! owns: no lock, and one guest where memory must be one (`BindingSettings::pool` of 1). `docs/sinks.md` tells each one's
//! story.

mod aged;
pub mod attachment_block;
#[cfg(feature = "convert")]
pub mod conversion;
pub mod dns_block_list;
#[cfg(test)]
mod given;
mod greylist;
mod header_edit;
mod journal;
mod limits;
mod loop_guard;
mod network;
mod rate_limit;
mod rewrite;
mod submission_fix_ups;
mod time;

pub use attachment_block::{AttachmentBlock, AttachmentBlockError, AttachmentBlockSettings, Treatment};
#[cfg(feature = "convert")]
pub use conversion::{
    PlainOnly, PlainOnlySettings, TextAlternative, TextAlternativeSettings, Unconvertible, UnpackTnef,
    UnpackTnefSettings,
};
pub use dns_block_list::{DnsBlockList, DnsBlockListError, DnsBlockListSettings};
pub use greylist::{Greylist, GreylistError, GreylistSettings, GREYLIST_ENTRIES};
pub use header_edit::{HeaderChange, HeaderEdit, HeaderEditError, MOST_EDITS};
pub use journal::{Journal, JournalForm, JournalSettings, JOURNALED, JOURNAL_REPORT};
pub use limits::{DomainLimits, Limits, LimitsSettings};
pub use loop_guard::{LoopGuard, LoopGuardError, LoopGuardSettings, MOST_OWN, MOST_RECEIVED};
pub use rate_limit::{Rate, RateBy, RateLimit, RateLimitError, RateLimitSettings, RATE_KEYS};
pub use rewrite::{Rewrite, RewriteError, RewriteSettings, MOST_ROUNDS};
pub use submission_fix_ups::{SubmissionFixUps, SubmissionFixUpsError, SubmissionFixUpsSettings};
pub use time::{since_start, wall_clock, Now};

#[cfg(test)]
mod tests {
    use postrider_engine::events::{
        Categorize, Connect, EndOfData, MailFrom, PostCategorize, PreCategorize, RcptTo, Sink, Submission,
    };

    use super::*;

    /// A binding makes guests of a prototype, on any thread.
    fn is_bindable<S: Clone + Send + Sync + 'static>() {}

    fn mails<S: Sink<EndOfData> + Sink<Submission> + Sink<PreCategorize> + Sink<Categorize> + Sink<PostCategorize>>() {
        before_commit::<S>();
    }

    fn before_commit<S: Sink<EndOfData> + Sink<Submission>>() {}

    fn recipients<S: Sink<EndOfData> + Sink<Submission> + Sink<Categorize> + Sink<PostCategorize>>() {}

    fn commands<S: Sink<MailFrom> + Sink<RcptTo> + Sink<EndOfData> + Sink<Submission>>() {}

    #[test]
    fn every_sink_can_be_bound_to_the_events_that_its_documentation_names() {
        is_bindable::<(Limits, Rewrite, Journal, HeaderEdit, LoopGuard, SubmissionFixUps, AttachmentBlock)>();
        is_bindable::<(DnsBlockList, Greylist, RateLimit)>();
        mails::<HeaderEdit>();
        mails::<Journal>();
        mails::<AttachmentBlock>();
        before_commit::<SubmissionFixUps>();
        before_commit::<LoopGuard>();
        recipients::<Rewrite>();
        commands::<Limits>();
        commands::<RateLimit>();
        commands::<DnsBlockList>();
        fn connects<S: Sink<Connect>>() {}
        fn rcpt<S: Sink<RcptTo>>() {}
        connects::<DnsBlockList>();
        rcpt::<Greylist>();
    }
}
