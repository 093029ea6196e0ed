//! The stock of sinks for events: what most who run mail want done to it, ready to be bound.
//!
//! Rule: each is made of settings that are plain data, and says at once if they make no sense. What a sink remembers it
//! owns: no lock, and one guest where memory must be one (`BindingSettings::pool` of 1). `docs/sinks.md` tells each one's
//! story.

mod aged;
pub mod attachment_block;
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
