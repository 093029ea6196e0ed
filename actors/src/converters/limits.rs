//! Bounds of the pool.

use std::time::Duration;

/// How many, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConverterLimits {
    /// How many mails are converted at a time, each on a thread of its own; at least 1.
    pub hosts: usize,
    /// How many mails wait for a host; more are told that all are busy.
    pub waiting: usize,
    /// How long a mail waits for a host; then it is told that all are busy, which is no fault of the sink that asked. With the time
    /// of a conversion it should be less than a sink may take.
    pub waiting_limit: Duration,
    /// How long the conversion of one mail may take, from the moment its host has it.
    pub time_limit: Duration,
}

impl Default for ConverterLimits {
    /// As many hosts as the machine has processors, but four at most; 1,000 who wait, 8 seconds each; 20 seconds.
    fn default() -> Self {
        let hosts = std::thread::available_parallelism().map_or(1, usize::from).min(4);
        ConverterLimits {
            hosts,
            waiting: 1000,
            waiting_limit: Duration::from_secs(8),
            time_limit: Duration::from_secs(20),
        }
    }
}
