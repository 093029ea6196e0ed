//! The stock of sinks for events: what most who run mail want done to it, ready to be bound.
//!
//! Rule: each is made of settings that are plain data, and says at once if they make no sense. What a sink remembers it
//! owns: no lock, and one guest where memory must be one (`BindingSettings::pool` of 1). `docs/sinks.md` tells each one's
//! story.

mod aged;
pub mod dns_block_list;
#[cfg(test)]
mod given;
mod greylist;
mod journal;
mod limits;
mod network;
mod rate_limit;
mod rewrite;
mod time;

pub use dns_block_list::{DnsBlockList, DnsBlockListError, DnsBlockListSettings};
pub use greylist::{Greylist, GreylistError, GreylistSettings, GREYLIST_ENTRIES};
pub use journal::{Journal, JournalForm, JournalSettings, JOURNALED, JOURNAL_REPORT};
pub use limits::{DomainLimits, Limits, LimitsSettings};
pub use rate_limit::{Rate, RateBy, RateLimit, RateLimitError, RateLimitSettings, RATE_KEYS};
pub use rewrite::{Rewrite, RewriteError, RewriteSettings, MOST_ROUNDS};
pub use time::{since_start, wall_clock, Now};
