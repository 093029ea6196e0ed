//! The test kit, used as a program's tests would use it: each script of a peer, and time that passes only when told.
#![allow(clippy::unwrap_used, clippy::expect_used)] // helpers of tests fail as tests do

mod checks;
mod converting;
mod crashes;
mod downgrade;
mod engines;
mod peers;
mod retries;
mod sockets;
mod time;

use std::time::Duration;

use postrider::testing::{draft, TestEngine};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);

const HELLO: &str = "Subject: Hello\r\nMessage-ID: <1@home.example>\r\n\r\nHi!\r\n";

/// Sends a mail from `me@home.example`.
fn send(engine: &TestEngine, to: &[&str]) {
    engine.send(draft("me@home.example", to, HELLO)).expect("it is taken");
}
