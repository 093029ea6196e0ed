//! What the tests of the whole daemon share: the process itself, a next hop that writes down what it takes, a client,
//! and load. Included by `#[path]` into the test targets that need it.
#![allow(dead_code)] // each test target uses its part

pub mod client;
pub mod home;
pub mod load;
pub mod names;
pub mod process;
pub mod sink;

use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

/// Asks until the answer is yes, and says whether it came in time.
pub fn within(time: Duration, mut ask: impl FnMut() -> bool) -> bool {
    let begin = Instant::now();
    loop {
        if ask() {
            return true;
        }
        if begin.elapsed() > time {
            return false;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A port of 127.0.0.1 on which nobody listens.
pub fn free_port() -> u16 {
    let socket = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    socket.local_addr().expect("a bound socket has an address").port()
}

/// Seconds, for what a test prints.
pub fn seconds(time: Duration) -> String {
    format!("{:.2} s", time.as_secs_f64())
}
